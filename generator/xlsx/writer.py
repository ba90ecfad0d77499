"""Writing a workbook so that whatever Excel could not hold is an error, not a loss."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from generator.xlsx.sheet_password import Lock
from udfs.errors import MarkbookError

# What XML cannot hold at all (XlsxWriter would escape some of it in a way that only
# Excel understands), and halves of characters that UTF-8 cannot write.
_UNWRITABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class SheetRefused(MarkbookError):
    """Excel cannot hold what was to be written."""


def put(write: Callable[..., Any], *args: Any, **more: Any) -> None:
    """Make one XlsxWriter call, raising where it would only have answered a code."""
    code = write(*args, **more)
    if isinstance(code, int) and code != 0:
        raise SheetRefused(
            f"Excel cannot hold {write.__name__}{args!r:.120} (code {code}).",
            "Shorten it, or take it out.",
        )


def clean(text: str) -> str:
    r"""A text without the control characters that no workbook can hold.

    >>> clean("Zo\x00ë\x0b")
    'Zoë'
    """
    return _UNWRITABLE.sub("", text)


class _Sheet(Worksheet):
    lock: Lock | None = None

    def _xml_empty_tag(
        self, tag: str, attributes: Sequence[tuple[str, Any]] = ()
    ) -> None:
        # XlsxWriter knows only the hash of 1990, which a phone undoes in a second.
        if tag == "sheetProtection" and self.lock is not None:
            attributes = [*self.lock.attributes(), *attributes]
        super()._xml_empty_tag(tag, attributes)

    # Our formulas use no function newer than Excel 2007, and may quote a subject
    # called "SORT(…)": the search for newer functions would be wrong, and takes
    # nearly half of all the time of writing.
    def _prepare_formula(
        self, formula: str, expand_future_functions: bool = False
    ) -> str:
        return formula.removeprefix("=")


class _Book(Workbook):
    lock: Lock | None = None

    def _write_workbook_pr(self) -> None:
        super()._write_workbook_pr()
        # Next in the schema's order, and XlsxWriter has no name for it: sheets are
        # neither added, renamed nor deleted.
        lock = self.lock.attributes("workbook") if self.lock is not None else []
        self._xml_empty_tag("workbookProtection", [*lock, ("lockStructure", "1")])


class Pen:
    """Writes one worksheet; every call raises rather than lose anything."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet

    def text(self, row: int, column: int, value: str, look: Format) -> None:
        """Write a text as a text, whatever it begins with; an empty one as blank."""
        value = clean(value)
        if value:
            put(self.sheet.write_string, row, column, value, look)
        else:
            put(self.sheet.write_blank, row, column, None, look)

    def number(self, row: int, column: int, value: float, look: Format) -> None:
        """Write a number."""
        put(self.sheet.write_number, row, column, value, look)

    def formula(
        self, row: int, column: int, formula: str, look: Format, value: str | float
    ) -> None:
        """Write a formula with the value it has now, for readers that do not reckon."""
        put(self.sheet.write_formula, row, column, formula, look, value)

    def fill(self, row: int, first: int, last: int, look: Format) -> None:
        """Give the blank cells of a row one look, both columns included."""
        for column in range(first, last + 1):
            put(self.sheet.write_blank, row, column, None, look)

    def height(self, row: int, points: float) -> None:
        """Set a row's height."""
        put(self.sheet.set_row, row, points)

    def width(self, column: int, characters: float, look: Format | None = None) -> None:
        """Set a column's width."""
        put(self.sheet.set_column, column, column, characters, look)

    def link(self, row: int, column: int, to: str, shown: str, look: Format) -> None:
        """Write a link to another place in this workbook (`'Markbook'!M7`)."""
        put(self.sheet.write_url, row, column, f"internal:{to}", look, clean(shown))

    def choices(
        self, first: int, last: int, column: int, rule: Mapping[str, object]
    ) -> None:
        """Set a validation rule on a column, rows first to last."""
        put(
            self.sheet.data_validation,
            first,
            column,
            last,
            column,
            {"error_type": "stop", **rule},
        )

    def when(
        self, first: int, last: int, column: int, formula: str, look: Format
    ) -> None:
        """Change the look of a column's cells where a formula holds."""
        put(
            self.sheet.conditional_format,
            first,
            column,
            last,
            column,
            {"type": "formula", "criteria": formula, "format": look},
        )


class Book:
    """A workbook in the making, in memory, the same bytes for the same content.

    Args:
        made_at: The moment written into it, naive local time.
        lock: The password of its locked sheets, or None.
    """

    def __init__(self, made_at: datetime, lock: Lock | None = None) -> None:
        self._bytes = BytesIO()
        self.workbook = _Book(
            self._bytes,
            {
                "in_memory": True,
                "strings_to_numbers": False,
                "strings_to_formulas": False,
                "strings_to_urls": False,
            },
        )
        self.workbook.lock = lock
        self._made_at = made_at.astimezone(UTC)

    def sheet(self, name: str) -> Pen:
        """Add a worksheet."""
        made = self.workbook.add_worksheet(name, _Sheet)
        made.lock = self.workbook.lock
        return Pen(made)

    def chart(self, kind: Mapping[str, str]) -> Chart:
        """Add a chart, to be put on a sheet."""
        made: Chart = self.workbook.add_chart(dict(kind))
        return made

    def name(self, name: str, refers_to: str, *, hidden: bool = False) -> None:
        """Define a name, which may be one that Excel does not list."""
        put(self.workbook.define_name, name, refers_to)
        self.workbook.defined_names[-1][3] = hidden

    def property(self, name: str, value: str) -> None:
        """Set a custom document property."""
        put(self.workbook.set_custom_property, name, clean(value), "text")

    def about(self, **said: str) -> None:
        """Set the document's title, subject, author and so on."""
        self.workbook.set_properties(
            {**{k: clean(v) for k, v in said.items()}, "created": self._made_at}
        )

    def close(self) -> bytes:
        """Finish, and answer the file."""
        self.workbook.close()
        return self._bytes.getvalue()


@contextmanager
def strictly() -> Iterator[None]:
    """While writing: XlsxWriter's warnings and complaints are `SheetRefused`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            yield
    except (UserWarning, XlsxWriterException) as error:
        raise SheetRefused(
            f"Excel cannot hold this: {error}", "Shorten it, or take it out."
        ) from error
