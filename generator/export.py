"""One table of the store as a CSV file, for whoever wants to count for themselves."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator import measuring, records
from generator.files import publish
from generator.problems import Problem
from generator.records import Asked
from generator.records import table as make_table
from generator.school import School
from udfs.tables import Tables

TABLES = {**records.TABLES, **measuring.TABLES}


@dataclass(frozen=True, slots=True)
class ExportReport:
    """A table that was written.

    Args:
        table: Its name.
        out: The file.
        rows: How many rows it has, the header row aside.
    """

    table: str
    out: Path
    rows: int
    problems: tuple[Problem, ...] = ()
    exit_status: int = 0

    def json(self) -> dict[str, Any]:
        """What was written, and where."""
        return {"table": self.table, "file": str(self.out), "rows": self.rows}

    def lines(self) -> list[str]:
        """The same in words."""
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return [f"Wrote {rows} of {self.table} to {self.out}."]


def export(
    connection: Connection,
    school: School,
    tables: Tables,
    table: str,
    *,
    collection: str | None = None,
    out: Path,
    today: date,
) -> ExportReport:
    """Write one table as UTF-8 CSV with a header row, rows in a stable order.

    Every value is written as it stands: what looks like a formula is data.

    Args:
        connection: The store, within one transaction.
        school: The school.
        tables: Scales and subjects as this school has them.
        table: A name of `TABLES`.
        collection: Only this collection's rows, or None for all.
        out: The file to write.
        today: The day it is written.

    Raises:
        MarkbookError: If there is no such table or collection (the message lists
            those there are), or the file cannot be written.
    """
    asked = Asked(connection, school, tables, collection, today)
    frame = make_table(asked, table, TABLES)
    publish(out, as_csv(frame))
    return ExportReport(table, out, len(frame))


def as_csv(frame: pd.DataFrame) -> bytes:
    r"""A frame as CSV: what is missing is empty, whole numbers stay whole.

    >>> as_csv(pd.DataFrame({"comment": ["=1+1", None], "year": [7, 8]}))
    b'comment,year\n=1+1,7\n,8\n'
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    cells = frame.astype(object)
    writer.writerows(cells.where(frame.notna(), "").to_numpy().tolist())
    return text.getvalue().encode()
