"""Write a workbook; anything that Excel cannot hold is an error, not a loss."""

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

from generator.xlsx.sheet_password import SheetPassword
from generator.xlsx.theme import CellFormats
from udfs.errors import MarkbookError

# Characters that XML cannot hold (XlsxWriter would escape some of them in a way that
# only Excel understands), and surrogates, which UTF-8 cannot hold.
_UNWRITABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class ExcelLimitError(MarkbookError):
    """A value that Excel cannot hold."""


def checked_call(write: Callable[..., Any], *args: Any, **options: Any) -> None:
    """Call XlsxWriter, and raise `ExcelLimitError` where it returns an error code."""
    code = write(*args, **options)
    if isinstance(code, int) and code != 0:
        raise ExcelLimitError(
            f"Excel cannot hold {write.__name__}{args!r:.120} (code {code}).",
            "Shorten it, or take it out.",
        )


def writable_text(text: str) -> str:
    r"""Remove the control characters that no workbook can hold.

    >>> writable_text("Zo\x00ë\x0b")
    'Zoë'
    """
    return _UNWRITABLE.sub("", text)


class _Worksheet(Worksheet):
    sheet_password: SheetPassword | None = None

    def _xml_empty_tag(
        self, tag: str, attributes: Sequence[tuple[str, Any]] = ()
    ) -> None:
        # XlsxWriter writes only the hash of 1990, which a phone breaks in a second.
        if tag == "sheetProtection" and self.sheet_password is not None:
            attributes = [*self.sheet_password.attributes(), *attributes]
        super()._xml_empty_tag(tag, attributes)

    # Markbook formulas use no function newer than Excel 2007 and may quote a subject
    # called "SORT(…)": XlsxWriter's search for newer functions would be wrong, and
    # takes nearly half of the writing time.
    def _prepare_formula(
        self, formula: str, expand_future_functions: bool = False
    ) -> str:
        return formula.removeprefix("=")


class _Workbook(Workbook):
    sheet_password: SheetPassword | None = None

    def _write_workbook_pr(self) -> None:
        super()._write_workbook_pr()
        # The next element in the schema's order, which XlsxWriter does not support:
        # it stops sheets from being added, renamed or deleted.
        lock = (
            self.sheet_password.attributes("workbook")
            if self.sheet_password is not None
            else []
        )
        self._xml_empty_tag("workbookProtection", [*lock, ("lockStructure", "1")])


class SheetWriter:
    """Writes one worksheet; a call raises an error rather than lose anything.

    Args:
        sheet: XlsxWriter's worksheet.
        formats: The workbook's formats.
    """

    def __init__(self, sheet: Worksheet, formats: CellFormats) -> None:
        self.sheet = sheet
        self.formats = formats

    def text(self, row: int, column: int, value: str, cell_format: Format) -> None:
        """Write a text, whatever it begins with; an empty one as a blank cell."""
        value = writable_text(value)
        if value:
            checked_call(self.sheet.write_string, row, column, value, cell_format)
        else:
            checked_call(self.sheet.write_blank, row, column, None, cell_format)

    def number(self, row: int, column: int, value: float, cell_format: Format) -> None:
        """Write a number."""
        checked_call(self.sheet.write_number, row, column, value, cell_format)

    def formula(
        self,
        row: int,
        column: int,
        formula: str,
        cell_format: Format,
        value: str | float,
    ) -> None:
        """Write a formula with its value, for programs that do not calculate."""
        checked_call(self.sheet.write_formula, row, column, formula, cell_format, value)

    def fill_blank(self, row: int, first: int, last: int, cell_format: Format) -> None:
        """Format blank cells of a row, from the first to the last column inclusive."""
        for column in range(first, last + 1):
            checked_call(self.sheet.write_blank, row, column, None, cell_format)

    def row_height(self, row: int, points: float) -> None:
        """Set a row's height."""
        checked_call(self.sheet.set_row, row, points)

    def column_width(
        self, column: int, characters: float, cell_format: Format | None = None
    ) -> None:
        """Set a column's width."""
        checked_call(self.sheet.set_column, column, column, characters, cell_format)

    def link(
        self, row: int, column: int, target: str, display_text: str, cell_format: Format
    ) -> None:
        """Write a link to another place in this workbook (`'Markbook'!M7`)."""
        checked_call(
            self.sheet.write_url,
            row,
            column,
            f"internal:{target}",
            cell_format,
            writable_text(display_text),
        )

    def validation(
        self, first: int, last: int, column: int, rule: Mapping[str, object]
    ) -> None:
        """Set a validation rule on a column, rows first to last."""
        checked_call(
            self.sheet.data_validation,
            first,
            column,
            last,
            column,
            {"error_type": "stop", **rule},
        )

    def conditional_format(
        self, first: int, last: int, column: int, formula: str, cell_format: Format
    ) -> None:
        """Format a column's cells where a formula holds, rows first to last."""
        checked_call(
            self.sheet.conditional_format,
            first,
            column,
            last,
            column,
            {"type": "formula", "criteria": formula, "format": cell_format},
        )


class WorkbookWriter:
    """Writes a workbook in memory; the same content gives the same bytes.

    Args:
        created_at: The creation time written into it, naive local time.
        password: The password of its locked sheets, or None.
    """

    def __init__(
        self, created_at: datetime, password: SheetPassword | None = None
    ) -> None:
        self._bytes = BytesIO()
        self.workbook = _Workbook(
            self._bytes,
            {
                "in_memory": True,
                "strings_to_numbers": False,
                "strings_to_formulas": False,
                "strings_to_urls": False,
            },
        )
        self.workbook.sheet_password = password
        self.formats = CellFormats(self.workbook)
        self._created_at = created_at.astimezone(UTC)

    def add_sheet(self, name: str) -> SheetWriter:
        """Add a worksheet."""
        worksheet = self.workbook.add_worksheet(name, _Worksheet)
        worksheet.sheet_password = self.workbook.sheet_password
        return SheetWriter(worksheet, self.formats)

    def add_chart(self, kind: Mapping[str, str]) -> Chart:
        """Add a chart, to insert on a sheet."""
        chart: Chart = self.workbook.add_chart(dict(kind))
        return chart

    def define_name(self, name: str, refers_to: str, *, hidden: bool = False) -> None:
        """Define a name; Excel does not list a hidden one."""
        checked_call(self.workbook.define_name, name, refers_to)
        self.workbook.defined_names[-1][3] = hidden

    def set_property(self, name: str, value: str) -> None:
        """Set a custom document property."""
        checked_call(
            self.workbook.set_custom_property, name, writable_text(value), "text"
        )

    def set_document_properties(self, **properties: str) -> None:
        """Set the document's title, subject, author and so on."""
        self.workbook.set_properties(
            {
                **{k: writable_text(v) for k, v in properties.items()},
                "created": self._created_at,
            }
        )

    def close(self) -> bytes:
        """Finish the workbook; answers its bytes."""
        self.workbook.close()
        return self._bytes.getvalue()


@contextmanager
def strict_writing() -> Iterator[None]:
    """Turn XlsxWriter's warnings and errors into `ExcelLimitError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            yield
    except (UserWarning, XlsxWriterException) as error:
        raise ExcelLimitError(
            f"Excel cannot hold this: {error}", "Shorten it, or take it out."
        ) from error
