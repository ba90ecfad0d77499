"""Runs under the system's Python, which has `uno`: hands steps to LibreOffice.

Reads one order per line, `{"path", "steps"}`, and answers each with one line.
"""

import json
import sys
import time
import traceback

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

FILTERS = {
    "xlsx": "Calc MS Excel 2007 XML",
    "ods": "calc8",
    "xls": "MS Excel 97",
    "pdf": "calc_pdf_Export",
}


def prop(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def connect(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    for _ in range(240):
        try:
            return resolver.resolve(
                f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
            )
        except NoConnectException:
            time.sleep(0.25)
    raise SystemExit("LibreOffice did not start.")


class Desk:
    def __init__(self, context):
        manager = context.ServiceManager
        self.desktop = manager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", context
        )
        self.dispatcher = manager.createInstanceWithContext(
            "com.sun.star.frame.DispatchHelper", context
        )

    def play(self, order):
        said = tuple(prop(*each) for each in order.get("opened", {}).items())
        self.book = self.desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(order["path"]), "_blank", 0, said
        )
        if self.book is None:
            raise ValueError(f"LibreOffice cannot open {order['path']}.")
        try:
            return [getattr(self, step.pop("do"))(**step) for step in order["steps"]]
        finally:
            self.book.close(True)

    def go(self, command, **said):
        self.dispatcher.executeDispatch(
            self.book.CurrentController.Frame,
            f".uno:{command}",
            "",
            0,
            tuple(prop(name, value) for name, value in said.items()),
        )

    def at(self, sheet, cell):
        place = self.book.Sheets.getByName(sheet)
        found = place.getCellRangeByName(cell)
        self.book.CurrentController.setActiveSheet(place)
        self.book.CurrentController.select(found)
        return found

    def type(self, sheet, cell, text):
        found = self.at(sheet, cell)
        self.go("EnterString", StringName=text)
        return found.String

    def clear(self, sheet, cell):
        found = self.at(sheet, cell)
        self.go("ClearContents")
        return found.String

    def read(self, sheet, cells):
        place = self.book.Sheets.getByName(sheet)
        return [place.getCellRangeByName(cell).String for cell in cells]

    def values(self, sheet, area):
        # The content, not the look: symbols put in by number formats left out.
        place = self.book.Sheets.getByName(sheet)
        return [list(row) for row in place.getCellRangeByName(area).getDataArray()]

    def put(self, sheet, cells):
        place = self.book.Sheets.getByName(sheet)
        protected = place.isProtected()
        if protected:
            place.unprotect("")
        for cell, text in cells.items():
            place.getCellRangeByName(cell).String = text
        if protected:
            place.protect("")

    def calculate(self):
        self.book.calculateAll()

    def invalid(self, sheet):
        place = self.book.Sheets.getByName(sheet)
        before = place.DrawPage.Count
        place.showInvalid()
        found = place.DrawPage.Count - before
        place.clearArrows()
        return found

    def offers(self, sheet, cell):
        place = self.book.Sheets.getByName(sheet)
        rule = place.getCellRangeByName(cell).Validation
        return [rule.Type.value, rule.getFormula1(), rule.ShowList]

    def filter(self, sheet, area, column, text):
        # As the arrow in a heading does it: only rows with this text stay in sight.
        from com.sun.star.sheet import TableFilterField
        from com.sun.star.sheet.FilterOperator import EQUAL

        place = self.book.Sheets.getByName(sheet)
        found = place.getCellRangeByName(area)
        field = TableFilterField()
        field.Field, field.Operator = column, EQUAL
        field.IsNumeric, field.StringValue = False, text
        asked = found.createFilterDescriptor(True)
        asked.ContainsHeader = True
        asked.setFilterFields((field,))
        found.filter(asked)
        at = found.RangeAddress
        return [
            row + 1
            for row in range(at.StartRow + 1, at.EndRow + 1)
            if place.Rows.getByIndex(row).IsVisible
        ]

    def paste(self, sheet, source, to):
        self.at(sheet, source)
        self.go("Copy")
        found = self.at(sheet, to)
        self.go("Paste")
        return found.String

    def macro(self, name):
        # As a button of the ribbon does it, with a control: any object will do.
        found = self.book.getScriptProvider().getScript(
            f"vnd.sun.star.script:{name}?language=Basic&location=document"
        )
        return found.invoke((self.book,), (), ())[0]

    def sheets(self):
        return [
            [sheet.Name, bool(sheet.IsVisible), bool(sheet.isProtected())]
            for sheet in (
                self.book.Sheets.getByIndex(at) for at in range(self.book.Sheets.Count)
            )
        ]

    def save(self, path):
        kind = path.rpartition(".")[2]
        self.book.storeToURL(
            uno.systemPathToFileUrl(path), (prop("FilterName", FILTERS[kind]),)
        )


def main():
    desk = Desk(connect(sys.argv[1]))
    for line in sys.stdin:
        try:
            answer = {"answers": desk.play(json.loads(line))}
        except Exception:  # told to the test that asked
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
