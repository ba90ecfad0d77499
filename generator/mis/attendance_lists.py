"""Read lists of attendance: the totals of the MIS in half days, from day to day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.mis import values
from generator.mis.export_tables import ExportRow, Exports
from generator.mis.import_report import ChangeLog
from generator.mis.matching import PupilDirectory, find_pupil
from generator.mis.problem_log import ProblemLog
from generator.mis.values import compare_key
from generator.store import schema
from generator.store.attendance import TOTALS
from generator.store.imports import ImportRecorder, table_rows

# Field -> its headings in a list of attendance.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "from": ("from", "start", "start date", "date from"),
    "to": ("to", "until", "end", "end date", "date to"),
    "possible": ("possible", "possible sessions", "possible attendances",
                 "sessions possible", "possible marks", "total sessions"),
    "attended": ("attended", "attendances", "sessions attended", "present",
                 "presents", "attended sessions"),
    "authorised": ("authorised", "authorised absences", "authorised absence",
                   "auth absences", "authorised sessions"),
    "unauthorised": ("unauthorised", "unauthorised absences", "unauthorised absence",
                     "unauth absences", "unauthorised sessions"),
    "late": ("late", "lates", "late marks", "late before register closed"),
}  # fmt: skip
NEEDED = frozenset({"to", "possible", "unauthorised"})


def attendance_columns(cells: Mapping[int, str]) -> dict[str, int]:
    """Return field -> column for a list of attendance; empty for other lists.

    Args:
        cells: Column -> heading.
    """
    columns = {compare_key(text): column for column, text in cells.items()}
    fields = {}
    for field, spellings in HEADINGS.items():
        column = next((columns[key] for key in spellings if key in columns), None)
        if column is not None:
            fields[field] = column
    return fields if NEEDED <= fields.keys() else {}


def store_attendance_lists(
    recorder: ImportRecorder,
    exports: Exports,
    directory: PupilDirectory,
    log: ChangeLog,
    problems: ProblemLog,
) -> None:
    """Store the totals of every list in the place of those of the same period.

    Args:
        recorder: Writes and records the rows.
        exports: The import.
        directory: The pupils.
        log: Has the academic year, the moment and the person.
        problems: Receives warnings and refusals.
    """
    source = {
        "academic_year": log.academic_year,
        "entered_at": log.now.isoformat(timespec="seconds"),
        "entered_by": log.who,
    }
    # A period that is listed twice counts as it is listed last.
    rows = {
        _period(row): row | source
        for row in read_attendance(exports, directory, problems)
    }
    if not rows:
        return
    before = {
        _period(row): row for row in table_rows(recorder.connection, schema.attendance)
    }
    recorder.replace(
        schema.attendance,
        [
            (before.get(period), row)
            for period, row in rows.items()
            if not _is_same(row, before.get(period))
        ],
    )


def _period(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["adno"], row["from"], row["to"]


def _is_same(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    return before is not None and all(row[name] == before[name] for name in TOTALS)


def read_attendance(
    exports: Exports, directory: PupilDirectory, problems: ProblemLog
) -> list[dict[str, Any]]:
    """The totals of every list, as rows of the store without their source.

    Args:
        exports: The import.
        directory: The pupils.
        problems: Receives warnings and refusals.
    """
    rows = []
    for table in exports.of_kind("attendance"):
        for row in table.rows:
            adno = find_pupil(row, directory, problems)
            if adno is None:
                continue
            totals = _totals(row, adno, problems)
            if totals is not None:
                days = {
                    name: _day(row, name, adno, problems) for name in ("from", "to")
                }
                rows.append({"adno": adno, **days, **totals, "source_file": table.file})
    return rows


def _totals(
    row: ExportRow, adno: str, problems: ProblemLog
) -> dict[str, int | None] | None:
    """The totals of a row; None if it is refused."""
    totals: dict[str, int | None] = {}
    for name in TOTALS:
        text = row[name].removesuffix(".0")
        if text and not (text.isascii() and text.isdigit()):
            problems.refuse(
                row, name, "attendance-not-a-number",
                f"{row[name]!r} is no number of half days.",
                "Export whole numbers: possible sessions, not a percentage.", adno=adno,
            )  # fmt: skip
            return None
        totals[name] = int(text) if text else None
    possible, unauthorised = totals["possible"], totals["unauthorised"]
    if possible is None or unauthorised is None:
        problems.refuse(
            row, "possible", "attendance-incomplete",
            "The row lacks possible or unauthorised half days.",
            "Export both: the law asks for them.", adno=adno,
        )  # fmt: skip
        return None
    absent = (totals["attended"], totals["authorised"], unauthorised)
    if sum(part or 0 for part in absent) > possible:
        problems.refuse(
            row, "possible", "attendance-too-high",
            f"Attended, authorised and unauthorised are more than {possible}, the "
            "possible half days.",
            "Check the columns: they may be of different periods.", adno=adno,
        )  # fmt: skip
        return None
    return totals


def _day(row: ExportRow, name: str, adno: str, problems: ProblemLog) -> str:
    """A day as ISO text; empty where none is given."""
    if not row[name]:
        return ""
    day = values.read_value("left", row[name])
    if day.doubt:
        problems.warn(
            row, name, "value-not-recognised", f"{row[name]!r} {day.doubt}.",
            "Write it like 2026-11-25 or 25/11/2026.", adno=adno,
        )  # fmt: skip
    return day.value
