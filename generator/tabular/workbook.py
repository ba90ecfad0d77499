"""Read an Excel workbook as text: what each cell of each visible sheet shows.

Sizes, cells and rows are limited, so that no file can hang or exhaust the machine.
"""

from __future__ import annotations

import re
import zipfile

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
from generator.xlsx.cell_styles import is_date_format, parse_cell_formats
from generator.xlsx.cell_values import moment_from_serial
from generator.xlsx.package import read_chunks
from generator.xlsx.parts import PackageParts, read_shared_strings
from generator.xlsx.refusals import FileRefused
from generator.xlsx.worksheet import column_index
from generator.xlsx.xml_parser import (
    LocalNameHandlers,
    ReadBudget,
    ReadLimits,
    parse_bool,
    parse_part,
    unescape,
)

LIMITS = ReadLimits(
    elements=3_000_000,
    cells=CELL_LIMIT,
    strings=CELL_LIMIT,
    text=1 << 20,
    part=64 << 20,
    unpacked=64 << 20,
)
FILL_LIMIT = 200_000  # cells filled from merged ones
MISSING_LIMIT = 200  # cells without a value that are reported

_PERCENT_FORMATS = {"9", "10"}
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
# Refusal code -> the reason in a message about an export.
_REASONS = {
    "damaged": "its part {} is damaged",
    "entities": "it declares a document type, which no workbook does",
    "part-missing": "it has no part {}",
    "part-name": "it refers to a part outside it ({})",
    "too-large": "it unpacks to more than {} MB",
    "too-much": "it has more cells than any export",
}


class _TableRefused(Exception):
    """The reason why a workbook cannot be read as a table."""


def read_workbook(
    archive: zipfile.ZipFile, file: str, limits: ReadLimits = LIMITS
) -> list[TableSheet]:
    """Return the visible sheets of a workbook.

    Args:
        archive: The file.
        file: Its name in messages.
        limits: How much it may hold.

    Raises:
        Unreadable: If it is damaged, hostile or too big.
    """
    try:
        return _read_sheets(PackageParts(archive, ReadBudget(limits)))
    except FileRefused as refused:
        if refused.code == "encrypted":
            raise Unreadable(
                f"{file} is protected with a password.",
                "Save a copy without the password.",
            ) from None
        what = refused.detail
        if refused.code == "too-large":
            what = str(limits.unpacked >> 20)
        reason = _REASONS.get(refused.code, "it is not a workbook").format(what)
    except _TableRefused as refused:
        reason = str(refused)
    raise Unreadable(
        f"{file} cannot be read: {reason}.",
        "Export it again, or open it in Excel and save it as a new .xlsx.",
    )


def _read_sheets(parts: PackageParts) -> list[TableSheet]:
    try:
        main = parts.main_part()
    except FileRefused:
        raise _TableRefused("it is not a workbook") from None
    relationships = parts.relationships(main)
    sheets: list[tuple[str, str]] = []
    uses_1904_dates = False

    def sheet(attributes: dict[str, str]) -> None:
        link = next((v for k, v in attributes.items() if k.endswith("}id")), "")
        relationship = relationships.get(link)
        visible = attributes.get("state", "visible") == "visible"
        if visible and relationship and relationship.kind == "worksheet":
            sheets.append((attributes.get("name", ""), parts.find(relationship.part)))

    def properties(attributes: dict[str, str]) -> None:
        nonlocal uses_1904_dates
        uses_1904_dates = parse_bool(attributes.get("date1904", ""))

    handlers = LocalNameHandlers(sheet=sheet, workbookPr=properties)
    parse_part(parts.package, main, parts.budget, handlers, {})
    others = {
        link.kind: link.part for link in relationships.values() if not link.external
    }
    styles: list[str] = []
    strings: list[str] = []
    if parts.has(part := others.get("styles", "")):
        chunks = read_chunks(parts.package, parts.find(part), parts.budget.limits.part)
        formats = parse_cell_formats(chunks, part, parts.budget)
        styles = [_number_style(style.number, style.code) for style in formats]
    if parts.has(part := others.get("sharedStrings", "")):
        texts = read_shared_strings(
            parts.package, parts.find(part), parts.budget, LocalNameHandlers
        )
        strings = list(map(tidy_text, texts))
    return [
        _SheetReader(tidy_text(name), strings, styles, uses_1904_dates).read(
            parts, part
        )
        for name, part in sheets
    ]


def _number_style(number: str, code: str | None) -> str:
    """What a cell style shows: `date`, `%`, zeros to pad with, or empty."""
    if is_date_format(number, code):
        return "date"
    code = _QUOTED.sub("", code or "").split(";")[0]
    if number in _PERCENT_FORMATS or "%" in code:
        return "%"
    return code if re.fullmatch(r"0{2,}", code) else ""


class _SheetReader:
    """Parse one sheet into the texts that its cells show."""

    def __init__(
        self, name: str, strings: list[str], styles: list[str], uses_1904: bool
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

    def read(self, parts: PackageParts, part: str) -> TableSheet:
        parse_part(
            parts.package,
            part,
            parts.budget,
            LocalNameHandlers(
                c=self._open_cell,
                v=self._open_value,
                t=self._open_value,
                f=self._open_formula,
                row=self._open_row,
                rPh=self._open_phonetic,
                mergeCell=self._add_merge,
            ),
            LocalNameHandlers(
                c=self._add_cell,
                v=self._close_value,
                t=self._close_value,
                rPh=self._close_phonetic,
            ),
            self._add_text,
        )
        self._fill_merges()
        rows = tuple(
            TableRow(n, self.rows[n]) for n in sorted(self.rows) if self.rows[n]
        )
        return TableSheet(self.name, rows, tuple(self.missing[:MISSING_LIMIT]))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self._move_to(attributes.get("r", ""))
        self.kind = attributes.get("t", "n")
        self.style = _whole_number(attributes.get("s"))
        self.pieces = []
        self.has_formula = False

    def _open_value(self, _: dict[str, str]) -> None:
        self.in_value = not self.in_phonetic

    def _close_value(self) -> None:
        self.in_value = False

    def _open_formula(self, _: dict[str, str]) -> None:
        self.has_formula = True

    def _open_row(self, attributes: dict[str, str]) -> None:
        self.row = _whole_number(attributes.get("r")) or self.row + 1
        self.column = -1
        if self.row > LAST_ROW:
            raise _TableRefused(f"its sheet {self.name} has a row {self.row}")

    def _open_phonetic(self, _: dict[str, str]) -> None:
        self.in_phonetic = True

    def _close_phonetic(self) -> None:
        self.in_phonetic = False

    def _add_merge(self, attributes: dict[str, str]) -> None:
        if len(self.merges) < FILL_LIMIT:
            self.merges.append(attributes.get("ref", ""))

    def _add_text(self, text: str) -> None:
        if self.in_value:
            self.pieces.append(text)

    def _move_to(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            self.column += 1
        else:
            self.column = column_index(match[1])
            self.row = int(match[2])
        if self.column >= LAST_COLUMN or self.row > LAST_ROW:
            raise _TableRefused(f"its sheet {self.name} has a cell {reference}")

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
            raise _TableRefused(f"its sheet {self.name} has more cells than any export")
        if self.kind == "e":
            self.missing.append((self._address(), f"the error {tidy_text(raw)}"))
            return
        if text := self._cell_text(raw):
            self.rows.setdefault(self.row, {})[self.column] = text

    def _address(self) -> str:
        return f"{column_letters(self.column)}{self.row}"

    def _cell_text(self, raw: str) -> str:
        if self.kind == "s":
            number = _whole_number(raw.strip()) if raw.strip().isdigit() else -1
            if not 0 <= number < len(self.strings):
                raise _TableRefused(
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
        style = self.styles[self.style] if self.style < len(self.styles) else ""
        if style == "date" and (text := self._date_text(number)):
            return text
        if style == "%":
            return f"{number * 100:.13g}"
        text = str(int(raw)) if _is_whole(raw) else f"{number:.15g}"
        if number.is_integer() and abs(number) < 1e15:
            text = str(int(number))
        return text.zfill(style.count("0"))

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


def _whole_number(text: str | None) -> int:
    """Parse a whole number; 0 where the text is none."""
    return int(text) if text and text.isascii() and text.isdigit() else 0
