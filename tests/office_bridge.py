"""Run steps in LibreOffice, under the system's Python, which has `uno`.

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


def property_value(name, value):
    result = PropertyValue()
    result.Name, result.Value = name, value
    return result


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


class Bridge:
    def __init__(self, context):
        manager = context.ServiceManager
        self.desktop = manager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", context
        )
        self.dispatcher = manager.createInstanceWithContext(
            "com.sun.star.frame.DispatchHelper", context
        )

    def run_steps(self, order):
        properties = tuple(
            property_value(*pair) for pair in order.get("opened", {}).items()
        )
        self.book = self.desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(order["path"]), "_blank", 0, properties
        )
        if self.book is None:
            raise ValueError(f"LibreOffice cannot open {order['path']}.")
        try:
            return [getattr(self, step.pop("do"))(**step) for step in order["steps"]]
        finally:
            self.book.close(True)

    def dispatch(self, command, **arguments):
        self.dispatcher.executeDispatch(
            self.book.CurrentController.Frame,
            f".uno:{command}",
            "",
            0,
            tuple(property_value(name, value) for name, value in arguments.items()),
        )

    def select(self, sheet, cell):
        place = self.book.Sheets.getByName(sheet)
        cell_range = place.getCellRangeByName(cell)
        self.book.CurrentController.setActiveSheet(place)
        self.book.CurrentController.select(cell_range)
        return cell_range

    def type(self, sheet, cell, text):
        target = self.select(sheet, cell)
        self.dispatch("EnterString", StringName=text)
        return target.String

    def clear(self, sheet, cell):
        target = self.select(sheet, cell)
        self.dispatch("ClearContents")
        return target.String

    def read(self, sheet, cells):
        place = self.book.Sheets.getByName(sheet)
        return [place.getCellRangeByName(cell).String for cell in cells]

    def values(self, sheet, area):
        # The content, without the symbols of number formats.
        place = self.book.Sheets.getByName(sheet)
        return [list(row) for row in place.getCellRangeByName(area).getDataArray()]

    def set(self, sheet, cells):
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
        count = place.DrawPage.Count - before
        place.clearArrows()
        return count

    def validation(self, sheet, cell):
        place = self.book.Sheets.getByName(sheet)
        rule = place.getCellRangeByName(cell).Validation
        return [rule.Type.value, rule.getFormula1(), rule.ShowList]

    def filter(self, sheet, area, column, text):
        # As the arrow in a heading does it: only rows with this text stay visible.
        from com.sun.star.sheet import TableFilterField
        from com.sun.star.sheet.FilterOperator import EQUAL

        place = self.book.Sheets.getByName(sheet)
        cell_range = place.getCellRangeByName(area)
        field = TableFilterField()
        field.Field, field.Operator = column, EQUAL
        field.IsNumeric, field.StringValue = False, text
        descriptor = cell_range.createFilterDescriptor(True)
        descriptor.ContainsHeader = True
        descriptor.setFilterFields((field,))
        cell_range.filter(descriptor)
        address = cell_range.RangeAddress
        return [
            row + 1
            for row in range(address.StartRow + 1, address.EndRow + 1)
            if place.Rows.getByIndex(row).IsVisible
        ]

    def paste(self, sheet, source, to):
        self.select(sheet, source)
        self.dispatch("Copy")
        target = self.select(sheet, to)
        self.dispatch("Paste")
        return target.String

    def macro(self, name):
        # A ribbon button passes a control; any object will do.
        script = self.book.getScriptProvider().getScript(
            f"vnd.sun.star.script:{name}?language=Basic&location=document"
        )
        return script.invoke((self.book,), (), ())[0]

    def sheets(self):
        return [
            [sheet.Name, bool(sheet.IsVisible), bool(sheet.isProtected())]
            for sheet in (
                self.book.Sheets.getByIndex(index)
                for index in range(self.book.Sheets.Count)
            )
        ]

    def save(self, path):
        kind = path.rpartition(".")[2]
        self.book.storeToURL(
            uno.systemPathToFileUrl(path),
            (property_value("FilterName", FILTERS[kind]),),
        )


def main():
    bridge = Bridge(connect(sys.argv[1]))
    for line in sys.stdin:
        try:
            answer = {"answers": bridge.run_steps(json.loads(line))}
        except Exception:  # the test reports it
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
