"""Write one table of the store as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.files import excel_csv, publish
from generator.measuring.group_table import group_table
from generator.measuring.measure_table import measure_table, pupil_measure_table
from generator.report import Report
from generator.store import tables as store_tables
from generator.store.tables import TableQuery, build_table

if TYPE_CHECKING:
    import pandas as pd

    from generator.context import Context

TABLES: Mapping[str, Callable[[TableQuery], pd.DataFrame]] = {
    **store_tables.TABLES,
    "groups": group_table,
    "measures": measure_table,
    "pupil_measures": pupil_measure_table,
}


@dataclass(frozen=True, slots=True)
class ExportReport(Report):
    """A table that was written.

    Args:
        table: Its name.
        out: The file.
        rows: How many rows it has, the header row aside.
    """

    table: str
    out: Path
    rows: int

    def json(self) -> dict[str, Any]:
        """What was written, and where."""
        return {"table": self.table, "file": str(self.out), "rows": self.rows}

    def lines(self) -> list[str]:
        """The same in words."""
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return [f"Wrote {rows} of {self.table} to {self.out}."]


def export(
    context: Context,
    table: str,
    *,
    collection: str | None = None,
    out: Path,
    excel: bool = False,
) -> ExportReport:
    """Write one table as UTF-8 CSV with a header row, rows in a stable order.

    Every value is written as it is, unless the file is for Excel: there a text that
    looks like a formula gets an apostrophe before it.

    Args:
        context: The school and its store.
        table: A name of `TABLES`.
        collection: Only this collection's rows, or None for all.
        out: The file to write.
        excel: Whether people open it in Excel.

    Raises:
        MarkbookError: If there is no such table or collection (the message lists
            those there are), or the file cannot be written.
    """
    with context.store.begin() as connection:
        query = TableQuery(
            connection, context.school, context.tables, collection, context.today
        )
        frame = build_table(query, table, TABLES)
        publish(out, as_excel_csv(frame) if excel else as_csv(frame))
    return ExportReport(table, out, len(frame))


def as_csv(frame: pd.DataFrame) -> bytes:
    r"""A frame as CSV: what is missing is empty, whole numbers stay whole.

    >>> import pandas as pd
    >>> as_csv(pd.DataFrame({"comment": ["=1+1", None], "year": [7, 8]}))
    b'comment,year\n=1+1,7\n,8\n'
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    cells = frame.astype(object)
    writer.writerows(cells.where(frame.notna(), "").to_numpy().tolist())
    return text.getvalue().encode()


def as_excel_csv(frame: pd.DataFrame) -> bytes:
    r"""A frame as CSV for Excel: no text is taken for a formula.

    >>> import pandas as pd
    >>> as_excel_csv(pd.DataFrame({"comment": ["=1+1", "-2"], "year": [7, -8]}))
    b"\xef\xbb\xbfcomment,year\r\n'=1+1,7\r\n-2,-8\r\n"
    """
    cells = frame.astype(object)
    rows = cells.where(frame.notna(), "").to_numpy().tolist()
    return excel_csv(list(frame.columns), ([str(cell) for cell in row] for row in rows))
