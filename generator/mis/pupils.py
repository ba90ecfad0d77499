"""The rows of pupils after an import: new values, moves up, leavers, returners."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from generator.mis import values
from generator.mis.export_tables import ExportRow, Exports, ExportTable
from generator.mis.identifiers import clean_identifier
from generator.mis.ks2_lists import present_day_first
from generator.mis.problem_log import ProblemLog
from generator.mis.pupil_lists import FIELDS, ImportedPupils

# Fields where a blank means "no": most exports leave "no" out.
BLANK_MEANS_NO = (*sorted(values.FLAGS), "sen")
# The kinds of list that give values of pupils, in the order in which they are read.
VALUE_KINDS = (
    "pupils",
    "plain pupils",
    "pupil data",
    "class list",
    "memberships",
    "ks2",
)
# The year in a class list may be that of a class of mixed ages, so it counts only where
# no other list gives the pupil's year.
CLASS_LIST_YEAR = "year in class list"
LAST_YEAR_GROUP = 14


def read_values(
    exports: Exports, imported: ImportedPupils, problems: ProblemLog
) -> None:
    """Read the values of all pupils; of two different values the first counts.

    Args:
        exports: The import. The lists of pupils come first and lists of Key Stage 2
            last, whatever the files are called.
        imported: The pupils; their `values` and `indicators` are filled in.
        problems: Receives warnings.
    """
    reader = _ValueReader(imported, problems)
    for kind in dict.fromkeys((imported.source, *VALUE_KINDS)):
        for table in present_day_first(exports.of_kind(kind)):
            reader.read_table(table)
    for adno, fields in reader.settled.items():
        imported.values[adno].update(
            (name, value) for name, (value, _) in fields.items()
        )


@dataclass
class _ValueReader:
    """The values of all pupils, as tables are read one after another.

    Args:
        imported: The pupils.
        problems: Receives warnings.
        settled: Pupil -> field -> (value, its row).
    """

    imported: ImportedPupils
    problems: ProblemLog
    settled: dict[str, dict[str, tuple[str, ExportRow]]] = field(default_factory=dict)

    def read_table(self, table: ExportTable) -> None:
        """Settle what a table says about each pupil."""
        names = [name for name in FIELDS if name in table.fields]
        if "pupil_name" in table.fields and "surname" not in table.fields:
            names = ["pupil_name", *names]
        if not names and not table.indicators:
            return
        counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        rows: dict[tuple[str, str], ExportRow] = {}
        for row in table.rows:
            pupil = row.pupil
            if pupil is None or row.is_refused:
                continue
            for name in names:
                for field_name, value in _field_values(row, name, self.problems):
                    counts[pupil, field_name][value] += 1
                    rows.setdefault((pupil, field_name), row)
            for name, column in table.indicators.items():
                if text := row.cells.get(column, ""):
                    self._add_indicator(row, pupil, name, clean_identifier(text))
        for (pupil, name), values_of_field in counts.items():
            row = rows[pupil, name]
            self._settle(table, row, name, values_of_field)

    def _settle(
        self, table: ExportTable, row: ExportRow, name: str, counts: Counter[str]
    ) -> None:
        """Settle a field of a pupil: the most frequent value of the table."""
        pupil = str(row.pupil)
        filled = {value: count for value, count in counts.items() if value}
        value = max(filled, key=lambda text: filled[text]) if filled else ""
        if len(filled) > 1 and name != "year":
            self.problems.warn(
                row,
                name,
                "value-differs",
                f"{name} of pupil {pupil} is {' and '.join(filled)} in different "
                f"rows; {value} was kept.",
                "Make the rows of a pupil agree.",
                value=value,
                adno=pupil,
                once=f"{name} in rows",
            )
        if name == "year" and table.kind == "class list" != self.imported.source:
            name = CLASS_LIST_YEAR
        before = self.settled.setdefault(pupil, {}).get(name)
        if before is None or (not before[0] and value):
            self.settled[pupil][name] = (value, row)
        elif value and value != before[0] and name != CLASS_LIST_YEAR:
            first_value, first_row = before
            self.problems.warn(
                row,
                name,
                "value-differs",
                f"{name} is {value!r} here and {first_value!r} in "
                f"{first_row.table.file} {first_row.place(name)}; the latter was kept.",
                "Import the list that is right, or make them agree.",
                value=value,
                adno=pupil,
                once=name,
            )

    def _add_indicator(self, row: ExportRow, pupil: str, name: str, value: str) -> None:
        first = self.imported.indicators.setdefault((pupil, name), value)
        if first != value:
            self.problems.warn(
                row,
                name,
                "indicator-differs",
                f"{name} is {first!r} in one row and {value!r} in another; the first "
                "was kept.",
                "Import one list of it.",
                value=value,
                adno=pupil,
                once=name,
            )


def _field_values(
    row: ExportRow, name: str, problems: ProblemLog
) -> list[tuple[str, str]]:
    """The fields and values of a cell: two for a full name, none for a doubt."""
    text, adno = row[name], str(row.pupil)
    if name == "year" and not text and row.table.kind in ("pupils", "plain pupils"):
        problems.warn(
            row,
            name,
            "year-missing",
            "The pupil has no year group.",
            "Give it in the MIS; the pupil is imported all the same.",
            adno=adno,
        )
    if name == "pupil_name":
        return _split_name(row, text, problems) if text else []
    read = values.read_value(name, text)
    if read.doubt:
        problems.warn(
            row,
            name,
            "value-not-recognised",
            f"{text!r} {read.doubt}.",
            "Check it; the row is imported all the same.",
            adno=adno,
        )
        if not read.value:
            return []
    return [(name, read.value)]


def _split_name(
    row: ExportRow, text: str, problems: ProblemLog
) -> list[tuple[str, str]]:
    surname, forename, is_doubtful = values.split_name(text)
    if is_doubtful:
        problems.warn(
            row,
            "pupil_name",
            "name-unclear",
            f"{text!r} is not written as Surname, Forename; it was taken as "
            f"{f'{surname}, {forename}' if forename else 'the surname'}.",
            "Write names as `Surname, Forename`, or in two columns.",
            adno=str(row.pupil),
            once="name",
        )
    return [("surname", surname), ("forename", forename)]


def pupil_rows(
    imported: ImportedPupils,
    pupils: Mapping[str, Mapping[str, Any]],
    academic_year: str,
    today: date,
) -> dict[str, dict[str, Any]]:
    """Return every named pupil's row after the import, changed or not.

    Args:
        imported: The pupils of the import.
        pupils: Admission number -> row of the store.
        academic_year: The academic year of the import.
        today: The day of the import.
    """
    rows: dict[str, dict[str, Any]] = {}
    for adno in [*imported.listed, *imported.values, *imported.named]:
        if adno in rows or (adno not in pupils and adno not in imported.listed):
            continue
        before = pupils.get(adno, {})
        row = {"adno": adno, "upn": "", **dict.fromkeys(FIELDS, ""), **before}
        row["year"], row["left"] = before.get("year"), before.get("left")
        if adno in imported.named and before.get("academic_year") != academic_year:
            _move_up(row, before, academic_year)
        new = imported.values.get(adno, {})
        if before.get("academic_year") != academic_year or row["year"] is None:
            new = {"year": new.get(CLASS_LIST_YEAR, ""), **new}
        _set_values(row, new)
        row["upn"] = imported.upns.get(adno) or row["upn"]
        if adno in imported.listed:
            row["left"] = _leaving_day(row["left"], new, today)
        elif new.get("left"):
            row["left"] = new["left"]
        rows[adno] = row
    return rows


def _set_values(row: dict[str, Any], new: Mapping[str, str]) -> None:
    """Put new values into a row; a blank changes nothing unless it means "no"."""
    for name, value in new.items():
        if name in ("left", CLASS_LIST_YEAR):
            continue
        if name == "year":
            row["year"] = int(value) if value else row["year"]
        elif value:
            row[name] = value
        elif name in BLANK_MEANS_NO:
            row[name] = "N"


def _move_up(
    row: dict[str, Any], before: Mapping[str, Any], academic_year: str
) -> None:
    earlier = str(before.get("academic_year") or "")
    row["academic_year"] = academic_year
    if earlier and row["year"] is not None:
        years = int(academic_year[:4]) - int(earlier[:4])
        row["year"] = min(row["year"] + max(years, 0), LAST_YEAR_GROUP)


def _leaving_day(before: Any, new: Mapping[str, str], today: date) -> str | None:
    """The first day on which a listed pupil is gone; None for one who stays."""
    if day := new.get("left", ""):
        return day
    if new.get("status") == "left":
        return str(before) if before else today.isoformat()
    if "left" in new or before is None or str(before) <= today.isoformat():
        return None
    return str(before)  # a later day, which this list does not hold


def find_leavers(
    imported: ImportedPupils,
    pupils: Mapping[str, Mapping[str, Any]],
    rows: Mapping[str, Mapping[str, Any]],
    academic_year: str,
    today: date,
) -> list[str]:
    """Return the pupils whom a pupil list omits although it holds their year group.

    Last year's top year group leaves with a list that holds the top year group and no
    higher one.

    Args:
        imported: The pupils of the import.
        pupils: Admission number -> row of the store.
        rows: The rows of the named pupils, from `pupil_rows`.
        academic_year: The academic year of the import.
        today: The day of the import.
    """
    if imported.source not in ("pupils", "plain pupils"):
        return []
    listed_years = {rows[adno]["year"] for adno in imported.listed} - {None}
    top = max([*listed_years, *(r["year"] or 0 for r in pupils.values())], default=0)
    leavers: list[str] = []
    for adno, row in pupils.items():
        if adno in imported.listed or adno in imported.refused or row["year"] is None:
            continue
        if row["left"] is not None and row["left"] <= today.isoformat():
            continue
        current = dict(row)
        _move_up(current, row, academic_year)
        year = current["year"]
        if year in listed_years or (year > top and top in listed_years):
            leavers.append(adno)
    return leavers
