"""Read an Excel workbook as text: what each cell of each visible sheet shows.

Sizes, cells and rows are limited, so that no file can hang or exhaust the machine.
"""

from __future__ import annotations

import re
import zipfile
import zlib

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
    read_relations,
    read_strings,
    read_styles,
    whole_number,
)
from generator.xlsx.cell_values import moment_from_serial
from generator.xlsx.worksheet import column_index
from generator.xlsx.xml_parser import unescape

FILL_LIMIT = 200_000  # cells filled from merged ones
MISSING_LIMIT = 200  # cells without a value that are reported

_SHEET_TYPE = "/worksheet"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def read_workbook(archive: zipfile.ZipFile, file: str) -> list[TableSheet]:
    """Return the visible sheets of a workbook.

    Args:
        archive: The file.
        file: Its name in messages.

    Raises:
        Unreadable: If it is damaged, hostile or too big.
    """
    try:
        return _read_sheets(WorkbookParts(archive))
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


def _read_sheets(parts: WorkbookParts) -> list[TableSheet]:
    main = main_part(parts)
    targets = read_relations(parts, main)
    sheets: list[tuple[str, str]] = []
    uses_1904_dates = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal uses_1904_dates
        if tag == "sheet":
            link = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            kind, target = targets.get(link, ("", ""))
            visible = attributes.get("state", "visible") == "visible"
            if visible and kind.endswith(_SHEET_TYPE):
                sheets.append((attributes.get("name", ""), target))
        elif tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            uses_1904_dates = True

    parts.parse(main, start)
    others = {kind.rpartition("/")[2]: target for kind, target in targets.values()}
    styles = read_styles(parts, others.get("styles", ""))
    strings = read_strings(parts, others.get("sharedStrings", ""))
    return [
        _SheetReader(tidy_text(name), strings, styles, uses_1904_dates).read(
            parts, part
        )
        for name, part in sheets
    ]


class _SheetReader:
    """Parse one sheet into the texts that its cells show."""

    def __init__(
        self, name: str, strings: list[str], styles: NumberStyles, uses_1904: bool
    ) -> None:
        self.name = name
        self.strings = strings
        self.styles = styles
        self.uses_1904 = uses_1904
        self.rows: dict[int, dict[int, str]] = {}
        self.merges: list[str] = []
        self.missing: list[tuple[str, str]] = []
        self.cells = 0
        self.row = 0
        self.column = -1
        self.kind = ""
        self.style = 0
        self.pieces: list[str] = []
        self.in_value = False
        self.has_formula = False
        self.in_phonetic = False

    def read(self, parts: WorkbookParts, part: str) -> TableSheet:
        parts.parse(part, self._start, self._end, self._text)
        self._fill_merges()
        rows = tuple(
            TableRow(n, self.rows[n]) for n in sorted(self.rows) if self.rows[n]
        )
        return TableSheet(self.name, rows, tuple(self.missing[:MISSING_LIMIT]))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._move_to(attributes.get("r", ""))
            self.kind = attributes.get("t", "n")
            self.style = whole_number(attributes.get("s"))
            self.pieces = []
            self.has_formula = False
        elif tag == "v" or tag == "t":
            self.in_value = not self.in_phonetic
        elif tag == "row":
            self.row = whole_number(attributes.get("r")) or self.row + 1
            self.column = -1
            if self.row > LAST_ROW:
                raise WorkbookRefused(f"its sheet {self.name} has a row {self.row}")
        elif tag == "f":
            self.has_formula = True
        elif tag == "rPh":
            self.in_phonetic = True
        elif tag == "mergeCell" and len(self.merges) < FILL_LIMIT:
            self.merges.append(attributes.get("ref", ""))

    def _end(self, tag: str) -> None:
        if tag == "v" or tag == "t":
            self.in_value = False
        elif tag == "rPh":
            self.in_phonetic = False
        elif tag == "c":
            self._add_cell()

    def _text(self, data: str) -> None:
        if self.in_value:
            self.pieces.append(data)

    def _move_to(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            self.column += 1
        else:
            self.column = column_index(match[1])
            self.row = int(match[2])
        if self.column >= LAST_COLUMN or self.row > LAST_ROW:
            raise WorkbookRefused(f"its sheet {self.name} has a cell {reference}")

    def _add_cell(self) -> None:
        raw = "".join(self.pieces)
        if not raw:
            if self.has_formula and self.kind != "str":
                self.missing.append(
                    (self._address(), "a formula that was never worked out")
                )
            return
        self.cells += 1
        if self.cells > CELL_LIMIT:
            raise WorkbookRefused(
                f"its sheet {self.name} has more cells than any export"
            )
        if self.kind == "e":
            self.missing.append((self._address(), f"the error {tidy_text(raw)}"))
            return
        if text := self._cell_text(raw):
            self.rows.setdefault(self.row, {})[self.column] = text

    def _address(self) -> str:
        return f"{column_letters(self.column)}{self.row}"

    def _cell_text(self, raw: str) -> str:
        if self.kind == "s":
            number = whole_number(raw.strip()) if raw.strip().isdigit() else -1
            if not 0 <= number < len(self.strings):
                raise WorkbookRefused(
                    f"the text of its cell {self._address()} is missing"
                )
            return self.strings[number]
        if self.kind in ("inlineStr", "str"):
            return tidy_text(unescape(raw))
        if self.kind == "b":
            return "True" if raw.strip() == "1" else "False"
        if self.kind == "d":
            return tidy_text(raw)
        return self._number_text(raw.strip())

    def _number_text(self, raw: str) -> str:
        try:
            number = float(raw)
        except ValueError:
            return tidy_text(raw)
        if not abs(number) < 1e300:
            return tidy_text(raw)
        if self.style in self.styles.dates and (text := self._date_text(number)):
            return text
        if self.style in self.styles.percents:
            return f"{number * 100:.13g}"
        text = str(int(raw)) if _is_whole(raw) else f"{number:.15g}"
        if number.is_integer() and abs(number) < 1e15:
            text = str(int(number))
        return text.zfill(self.styles.zeros.get(self.style, 0))

    def _date_text(self, number: float) -> str:
        moment = moment_from_serial(number, uses_1904_dates=self.uses_1904)
        if moment is None:
            return ""
        if number < 1:
            return f"{moment:%H:%M}"
        if moment.hour or moment.minute or moment.second:
            return moment.isoformat(sep=" ")
        return moment.date().isoformat()

    def _fill_merges(self) -> None:
        # A class code that is merged across its pupils' rows belongs to each of them.
        budget = FILL_LIMIT
        for reference in self.merges:
            first, _, last = reference.partition(":")
            top, bottom = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
            if top is None or bottom is None:
                continue
            column, row, end = column_index(top[1]), int(top[2]), int(bottom[2])
            value = self.rows.get(row, {}).get(column)
            if value is None or end <= row or (budget := budget - (end - row)) < 0:
                continue
            for below in range(row + 1, end + 1):
                if below in self.rows:
                    self.rows[below].setdefault(column, value)


def _is_whole(raw: str) -> bool:
    return raw.lstrip("-").isdigit() and raw.isascii() and len(raw) < 300
