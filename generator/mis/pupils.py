"""Pupils as they should stand: new, changed, left, come back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from generator.mis import values
from generator.mis.export_tables import ExportRow, Exports, ExportTable
from generator.mis.problem_log import ProblemLog
from generator.mis.pupil_lists import FIELDS, SOURCES, ImportedPupils
from generator.problems import Problem

# In these a blank is an answer, "no": most exports write nothing for it.
BLANK_MEANS_NO = (*sorted(values.FLAGS), "sen")
MANY_LEAVERS, LARGE_SHARE = 10, 0.25


def pupil_rows(
    enrolment: ImportedPupils,
    pupils: Mapping[str, Mapping[str, Any]],
    academic_year: str,
    today: date,
) -> dict[str, dict[str, Any]]:
    """Every named pupil's row as it should stand, whether changed or not.

    Args:
        enrolment: What the exports say.
        pupils: The pupils of the store.
        academic_year: The year that the import is for.
        today: The day of the import.
    """
    rows: dict[str, dict[str, Any]] = {}
    for adno in [*enrolment.listed, *enrolment.values, *enrolment.named]:
        if adno in rows or (adno not in pupils and adno not in enrolment.listed):
            continue
        before = pupils.get(adno, {})
        row = {"adno": adno, "upn": "", **dict.fromkeys(FIELDS, ""), **before}
        row["year"], row["left"] = before.get("year"), before.get("left")
        if adno in enrolment.named and before.get("academic_year") != academic_year:
            _move_up(row, before, academic_year)
        given = enrolment.values.get(adno, {})
        if before.get("academic_year") != academic_year or row["year"] is None:
            given = {"year": given.get(CLASS_LIST_YEAR, ""), **given}
        for name, value in given.items():
            if name == "year":
                row["year"] = int(value) if value else row["year"]
            elif name in ("left", CLASS_LIST_YEAR):
                continue
            elif value:
                row[name] = value
            elif name in BLANK_MEANS_NO:
                row[name] = "N"
        row["upn"] = enrolment.upns.get(adno) or row["upn"]
        if adno in enrolment.listed:
            row["left"] = _left(row, given, today)
        elif given.get("left"):
            row["left"] = given["left"]
        rows[adno] = row
    return rows


def _move_up(
    row: dict[str, Any], before: Mapping[str, Any], academic_year: str
) -> None:
    earlier = str(before.get("academic_year") or "")
    row["academic_year"] = academic_year
    if earlier and row["year"] is not None:
        years = int(academic_year[:4]) - int(earlier[:4])
        row["year"] = min(row["year"] + max(years, 0), 14)


def _left(row: Mapping[str, Any], given: Mapping[str, str], today: date) -> str | None:
    """The first day no longer here, for a pupil whom a pupil list names."""
    before = row["left"]
    told = given.get("left", "")
    if told:
        return told
    if given.get("status") == "left":
        return str(before) if before else today.isoformat()
    if "left" in given or before is None or str(before) <= today.isoformat():
        return None
    return str(before)  # leaving later on; this list says nothing of it


def find_leavers(
    enrolment: ImportedPupils,
    pupils: Mapping[str, Mapping[str, Any]],
    rows: Mapping[str, Mapping[str, Any]],
    academic_year: str,
    today: date,
) -> list[str]:
    """Pupils whom an imported pupil list leaves out, though it holds their year.

    Their year is the one they are in now. Those who were in the top year of the
    school last year leave with a list that holds the top year and none above it.

    Args:
        enrolment: What the exports say.
        pupils: The pupils of the store, as they were.
        rows: The rows of pupils whom the import names.
        academic_year: The year that the import is for.
        today: The day of the import.
    """
    if enrolment.source not in ("pupils", "plain pupils"):
        return []
    held = {rows[adno]["year"] for adno in enrolment.listed} - {None}
    top = max([*held, *(row["year"] or 0 for row in pupils.values())], default=0)
    gone: list[str] = []
    for adno, row in pupils.items():
        if adno in enrolment.listed or adno in enrolment.refused or row["year"] is None:
            continue
        if row["left"] is not None and row["left"] <= today.isoformat():
            continue
        now = dict(row)
        _move_up(now, row, academic_year)
        if now["year"] in held or (now["year"] > top and top in held):
            gone.append(adno)
    return gone


def leaver_warnings(
    enrolment: ImportedPupils,
    pupils: Mapping[str, Mapping[str, Any]],
    gone: Sequence[str],
    academic_year: str,
) -> list[Problem]:
    """Ask, where a list ends the time here of a large part of a year group."""
    here = Counter(
        row["year"]
        for row in pupils.values()
        if row["left"] is None and row["academic_year"] == academic_year
    )
    leaving = Counter(
        pupils[adno]["year"]
        for adno in gone
        if pupils[adno]["academic_year"] == academic_year
    )
    files = sorted({line.table.file for line in enrolment.listed.values()})
    return [
        Problem(
            file=files[0] if files else "",
            severity="warning",
            code="many-leavers",
            value=str(count),
            what=f"{count} of {here[year]} pupils of Year {year} are not in the pupil "
            "list and are marked as left.",
            do="If it is not a list of everybody, import one: who is in it is back.",
        )
        for year, count in sorted(leaving.items())
        if count >= MANY_LEAVERS and count >= LARGE_SHARE * here[year]
    ]


# The year that a class list gives a pupil: it may be the class's, in a class of
# mixed ages, so it counts only where nothing better is known.
CLASS_LIST_YEAR = "year in class list"


def read_values(
    exports: Exports, enrolment: ImportedPupils, faults: ProblemLog
) -> None:
    """Read what every list says of its pupils; pupil lists are asked first.

    Args:
        exports: What is imported.
        enrolment: Whom the rows are about; `given` and `indicators` are filled.
        faults: Where doubts go.
    """
    settled: dict[str, dict[str, tuple[str, ExportRow]]] = {}
    first = exports.of_kind(enrolment.source)
    for table in [*first, *(t for t in exports.tables if t not in first)]:
        if table.kind in (*SOURCES, "memberships", "pupil data"):
            _take_values(table, enrolment, settled, faults)
    for adno, given in settled.items():
        told = enrolment.values[adno]
        told.update((name, value) for name, (value, _) in given.items())


def _take_values(
    table: ExportTable,
    found: ImportedPupils,
    settled: dict[str, dict[str, tuple[str, ExportRow]]],
    faults: ProblemLog,
) -> None:
    """What a list says of each pupil; of two answers the first stands."""
    names = [name for name in FIELDS if name in table.fields]
    if "pupil_name" in table.fields and "surname" not in table.fields:
        names = ["pupil_name", *names]
    if not names and not table.indicators:
        return
    answers: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    lines: dict[tuple[str, str], ExportRow] = {}
    for line in table.rows:
        pupil = line.pupil
        if pupil is None or line.refused:
            continue
        for name in names:
            for said, value in _values(line, name, pupil, faults):
                answers[pupil, said][value] += 1
                lines.setdefault((pupil, said), line)
        for name, column in table.indicators.items():
            text = line.cells.get(column, "")
            if text:
                _indicator(line, pupil, name, text, found, faults)
    for (pupil, name), told in answers.items():
        filled = {value: times for value, times in told.items() if value}
        value = max(filled, key=lambda text: filled[text]) if filled else ""
        line = lines[pupil, name]
        if len(filled) > 1 and name != "year":
            faults.warn(
                line,
                name,
                "value-differs",
                f"{name} of pupil {pupil} is {' and '.join(filled)} in different "
                f"rows; {value} was kept.",
                "Make the rows of a pupil agree.",
                value=value,
                adno=pupil,
                once=f"{name} in rows",
            )
        if name == "year" and table.kind == "class list" != found.source:
            name = CLASS_LIST_YEAR
        before = settled.setdefault(pupil, {}).get(name)
        if before is None or (not before[0] and value):
            settled[pupil][name] = (value, line)
        elif value and value != before[0]:
            _differs(line, pupil, name, value, before, faults)


def _values(
    line: ExportRow, name: str, pupil: str, faults: ProblemLog
) -> list[tuple[str, str]]:
    text = line[name]
    if name == "year" and not text and line.table.kind in ("pupils", "plain pupils"):
        faults.warn(
            line,
            name,
            "year-missing",
            "The pupil has no year group.",
            "Give it in the MIS; the pupil is imported all the same.",
            adno=pupil,
        )
    if name == "pupil_name":
        if not text:
            return []
        surname, forename, doubtful = values.split_name(text)
        if doubtful:
            faults.warn(
                line,
                name,
                "name-unclear",
                f"{text!r} is not written as Surname, Forename; it was taken as "
                f"{f'{surname}, {forename}' if forename else 'the surname'}.",
                "Write names as `Surname, Forename`, or in two columns.",
                adno=pupil,
                once="name",
            )
        return [("surname", surname), ("forename", forename)]
    reading = values.read_value(name, text)
    if reading.doubt:
        faults.warn(
            line,
            name,
            "value-not-recognised",
            f"{text!r} {reading.doubt}.",
            "Check it; the row is imported all the same.",
            adno=pupil,
        )
        if not reading.value:
            return []
    return [(name, reading.value)]


def _indicator(
    line: ExportRow,
    pupil: str,
    name: str,
    text: str,
    found: ImportedPupils,
    faults: ProblemLog,
) -> None:
    value = values.identifier(text)
    before = found.indicators.setdefault((pupil, name), value)
    if before != value:
        faults.warn(
            line,
            name,
            "indicator-differs",
            f"{name} is {before!r} in one row and {value!r} in another; the first "
            "was kept.",
            "Import one list of it.",
            value=value,
            adno=pupil,
            once=name,
        )


def _differs(
    line: ExportRow,
    pupil: str,
    name: str,
    value: str,
    before: tuple[str, ExportRow],
    faults: ProblemLog,
) -> None:
    if name == CLASS_LIST_YEAR:
        return
    kept, where = before
    faults.warn(
        line,
        name,
        "value-differs",
        f"{name} is {value!r} here and {kept!r} in {where.table.file} "
        f"{where.place(name)}; the latter was kept.",
        "Import the list that is right, or make them agree.",
        value=value,
        adno=pupil,
        once=name,
    )
