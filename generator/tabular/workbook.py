"""Excel workbooks from outside, read strictly and within bounds.

Only what an export needs is read: the text that each cell shows. Every part is
unpacked up to a limit whatever the file claims, a document type (the way to
"billion laughs") is refused, and rows are counted as they come, so that no file
can hang or exhaust the machine.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from datetime import datetime, timedelta

from generator.tabular.rows import (
    CELL_LIMIT,
    LAST_COLUMN,
    LAST_ROW,
    TableRow,
    TableSheet,
    Unreadable,
    column_letters,
    tidy_text,
)
from generator.tabular.workbook_parts import (
    NumberStyles,
    WorkbookParts,
    WorkbookRefused,
    main_part,
    read_strings,
    read_styles,
    relations,
    unescaped,
    whole_number,
)

FILL_LIMIT = 200_000  # cells filled from merged ones
LOST_LIMIT = 200

_SHEET_TYPE = "/worksheet"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def read_workbook(archive: zipfile.ZipFile, file: str) -> list[TableSheet]:
    """Every visible sheet of a workbook, as text.

    Args:
        archive: The opened file.
        file: Its name, for messages.

    Raises:
        Unreadable: If it is damaged, hostile or too big.
    """
    try:
        return _sheets(WorkbookParts(archive))
    except WorkbookRefused as refused:
        raise Unreadable(
            f"{file} cannot be read: {refused}.",
            "Export it again, or open it in Excel and save it as a new .xlsx.",
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise Unreadable(
            f"{file} is damaged: it cannot be unpacked.", "Export it again."
        ) from None
    except RuntimeError:  # what zipfile raises for a part under a password
        raise Unreadable(
            f"{file} is protected with a password.",
            "Save a copy without the password.",
        ) from None


def _sheets(package: WorkbookParts) -> list[TableSheet]:
    main = main_part(package)
    targets = relations(package, main)
    listed: list[tuple[str, str, bool]] = []
    epoch = [datetime(1899, 12, 30)]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            link = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            kind, target = targets.get(link, ("", ""))
            if kind.endswith(_SHEET_TYPE):
                shown = attributes.get("state", "visible") == "visible"
                listed.append((attributes.get("name", ""), target, shown))
        elif tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch[0] = datetime(1904, 1, 1)

    package.parse(main, start)
    others = {kind.rpartition("/")[2]: target for kind, target in targets.values()}
    styles = read_styles(package, others.get("styles", ""))
    strings = read_strings(package, others.get("sharedStrings", ""))
    return [
        _SheetReader(tidy_text(name), strings, styles, epoch[0]).read(package, part)
        for name, part, shown in listed
        if shown
    ]


class _SheetReader:
    """One walk through a sheet: cells to the text a person sees in them."""

    def __init__(
        self, name: str, strings: list[str], styles: NumberStyles, epoch: datetime
    ) -> None:
        self.name = name
        self.strings = strings
        self.styles = styles
        self.epoch = epoch
        self.rows: dict[int, dict[int, str]] = {}
        self.merged: list[str] = []
        self.lost: list[tuple[str, str]] = []
        self.cells = 0
        self.row = 0
        self.column = -1
        self.kind = ""
        self.style = 0
        self.pieces: list[str] = []
        self.taking = False
        self.formula = False
        self.phonetic = False

    def read(self, package: WorkbookParts, part: str) -> TableSheet:
        package.parse(part, self._start, self._end, self._text)
        self._fill()
        rows = tuple(
            TableRow(n, self.rows[n]) for n in sorted(self.rows) if self.rows[n]
        )
        return TableSheet(self.name, rows, tuple(self.lost[:LOST_LIMIT]))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._place(attributes.get("r", ""))
            self.kind = attributes.get("t", "n")
            self.style = whole_number(attributes.get("s"))
            self.pieces = []
            self.formula = False
        elif tag == "v" or tag == "t":
            self.taking = not self.phonetic
        elif tag == "row":
            self.row = whole_number(attributes.get("r")) or self.row + 1
            self.column = -1
            if self.row > LAST_ROW:
                raise WorkbookRefused(f"its sheet {self.name} has a row {self.row}")
        elif tag == "f":
            self.formula = True
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "mergeCell" and len(self.merged) < FILL_LIMIT:
            self.merged.append(attributes.get("ref", ""))

    def _end(self, tag: str) -> None:
        if tag == "v" or tag == "t":
            self.taking = False
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c":
            self._keep()

    def _text(self, data: str) -> None:
        if self.taking:
            self.pieces.append(data)

    def _place(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            self.column += 1
        else:
            self.column = _column(match[1])
            self.row = int(match[2])
        if self.column >= LAST_COLUMN or self.row > LAST_ROW:
            raise WorkbookRefused(f"its sheet {self.name} has a cell {reference}")

    def _keep(self) -> None:
        raw = "".join(self.pieces)
        if not raw:
            if self.formula and self.kind != "str":
                self.lost.append((self._cell(), "a formula that was never worked out"))
            return
        self.cells += 1
        if self.cells > CELL_LIMIT:
            raise WorkbookRefused(
                f"its sheet {self.name} has more cells than any export"
            )
        if self.kind == "e":
            self.lost.append((self._cell(), f"the error {tidy_text(raw)}"))
            return
        shown = self._shown(raw)
        if shown:
            self.rows.setdefault(self.row, {})[self.column] = shown

    def _cell(self) -> str:
        return f"{column_letters(self.column)}{self.row}"

    def _shown(self, raw: str) -> str:
        if self.kind == "s":
            place = whole_number(raw.strip()) if raw.strip().isdigit() else -1
            if not 0 <= place < len(self.strings):
                raise WorkbookRefused(f"the text of its cell {self._cell()} is missing")
            return self.strings[place]
        if self.kind in ("inlineStr", "str"):
            return tidy_text(unescaped(raw))
        if self.kind == "b":
            return "True" if raw.strip() == "1" else "False"
        if self.kind == "d":
            return tidy_text(raw)
        return self._number(raw.strip())

    def _number(self, raw: str) -> str:
        try:
            number = float(raw)
        except ValueError:
            return tidy_text(raw)
        if not abs(number) < 1e300:
            return tidy_text(raw)
        if self.style in self.styles.dates and 0 < number < 2_958_466:
            return self._moment(number)
        if self.style in self.styles.percents:
            return f"{number * 100:.13g}"
        shown = str(int(raw)) if _is_whole(raw) else f"{number:.15g}"
        if number.is_integer() and abs(number) < 1e15:
            shown = str(int(number))
        return shown.zfill(self.styles.zeros.get(self.style, 0))

    def _moment(self, number: float) -> str:
        try:
            moment = self.epoch + timedelta(seconds=round(number * 86_400))
        except OverflowError:
            return f"{number:.15g}"
        if number < 1:
            return f"{moment:%H:%M}"
        if moment.hour or moment.minute or moment.second:
            return moment.isoformat(sep=" ")
        return moment.date().isoformat()

    def _fill(self) -> None:
        # A class code merged over its pupils' rows stands in every one of them.
        budget = FILL_LIMIT
        for reference in self.merged:
            first, _, last = reference.partition(":")
            top, bottom = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
            if top is None or bottom is None:
                continue
            column, row, end = _column(top[1]), int(top[2]), int(bottom[2])
            value = self.rows.get(row, {}).get(column)
            if value is None or end <= row or (budget := budget - (end - row)) < 0:
                continue
            for below in range(row + 1, end + 1):
                if below in self.rows:
                    self.rows[below].setdefault(column, value)


def _is_whole(raw: str) -> bool:
    return raw.lstrip("-").isdigit() and raw.isascii() and len(raw) < 300


def _column(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
