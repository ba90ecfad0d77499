"""Pupils arriving: new, changed, left, come back; and what is known of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from generator.mis import upn as upns
from generator.mis import values
from generator.mis.exports import Exports, Line, Table
from generator.mis.faults import Faults
from generator.mis.matching import (
    Directory,
    ids,
    pupil_of,
    refuse_two_pupils,
    warn_of_zeros,
)
from generator.problems import Problem

FIELDS = (
    "surname",
    "forename",
    "sex",
    "year",
    "reg",
    "pp",
    "disadvantaged",
    "fsm",
    "sen",
    "eal",
    "ethnicity",
    "lac",
    "ks2_reading",
    "ks2_maths",
    "status",
    "left",
)
# In these a blank is an answer, "no": most exports write nothing for it.
BLANK_IS_NO = (*sorted(values.FLAGS), "sen")
# What pupils are taken from, the fullest kind of list first. A list that is less
# full than one imported before names pupils and ends nobody's time here.
SOURCES = ("pupils", "plain pupils", "class list")
MANY_LEAVERS, LARGE_SHARE = 10, 0.25


@dataclass
class Enrolment:
    """What the exports say of pupils.

    Args:
        directory: Every pupil of the store and of the exports.
        source: The kind of list that pupils were taken from; empty if none.
        listed: Pupils whom such a list names, in its order.
        named: Pupils whom any row names.
        refused: Pupils whom a row that is left out may mean: nothing of theirs ends.
        given: Pupil -> field -> value.
        upns: Pupil -> UPN, as a pupil list gives it.
        files: Pupil -> the file that names them first.
        indicators: (pupil, name) -> value.
        members: Rows of class lists, of pupils who are known.
    """

    directory: Directory
    source: str = ""
    listed: dict[str, Line] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    given: defaultdict[str, dict[str, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    upns: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    indicators: dict[tuple[str, str], str] = field(default_factory=dict)
    members: list[Line] = field(default_factory=list)


def source_of(exports: Exports, best_before: str) -> str:
    """The kind of list that this import takes pupils from; empty: none.

    Args:
        exports: What is imported.
        best_before: The fullest kind of list imported before, or empty.
    """
    here = [kind for kind in SOURCES if exports.of(kind)]
    fuller = SOURCES.index(best_before) if best_before else len(SOURCES)
    return here[0] if here and SOURCES.index(here[0]) <= fuller else ""


def enrol(
    exports: Exports,
    pupils: Mapping[str, Mapping[str, Any]],
    source: str,
    faults: Faults,
) -> Enrolment:
    """Read every row about a pupil, and settle whom each is about.

    Args:
        exports: What is imported.
        pupils: The pupils of the store, by admission number.
        source: The kind of list that pupils are taken from; empty: none.
        faults: Where doubts and refusals go.
    """
    found = Enrolment(
        Directory((adno, str(row["upn"])) for adno, row in pupils.items()), source
    )
    sources = [table for table in exports.of(source) if _names_pupils(table)]
    # Numbers that still have their zeros come first, so that those which lost them
    # in a spreadsheet find their pupil.
    for table in sorted(sources, key=lambda table: not _has_zeros(table)):
        _list_pupils(table, found, faults)
    for table in exports.of(*SOURCES, "memberships", "pupil data"):
        if table not in sources:
            _match_rows(table, found, faults)
    settled: dict[str, dict[str, tuple[str, Line]]] = {}
    order = [*sources, *(t for t in exports.tables if t not in sources)]
    for table in order:
        if table.kind in (*SOURCES, "memberships", "pupil data"):
            _take_values(table, found, settled, faults)
    for adno, given in settled.items():
        found.given[adno].update((name, value) for name, (value, _) in given.items())
    return found


def _names_pupils(table: Table) -> bool:
    return table.has("pupil_name", "surname")


def _has_zeros(table: Table) -> bool:
    return any(line["adno"].startswith("0") for line in table.lines)


def _list_pupils(table: Table, found: Enrolment, faults: Faults) -> None:
    """Go through a pupil list, or a class list that stands in for one."""
    here: dict[str, Line] = {}
    repeated = table.kind == "class list"
    written = {ids(line)[0] for line in table.lines}
    for line in table.lines:
        adno, upn = ids(line)
        match = found.directory.match(adno, upn)
        known = match.adno if adno in found.directory or not adno else None
        if known is None and match.padded and match.adno not in written:
            known = match.adno
        pupil = known or adno
        owner = found.directory.with_upn(upn)
        if not pupil:
            faults.refuse(
                line,
                "adno",
                "no-admission-number",
                "The row has no admission number, and its UPN is not known.",
                "Give the pupil's admission number.",
                value=upn,
            )
        elif pupil in here and not repeated:
            first = here[pupil].where("adno")
            faults.refuse(
                line,
                "adno",
                "adno-twice",
                f"The admission number {pupil} stands here a second time, after "
                f"{first}.",
                "Keep one row of each pupil, or give the other pupil's own number.",
                value=adno or upn,
                adno=pupil,
            )
        elif owner is not None and owner != pupil:
            if known is not None:
                refuse_two_pupils(line, found.directory.match(pupil, upn), faults)
            else:
                faults.refuse(
                    line,
                    "upn",
                    "upn-twice",
                    f"The UPN {upn} is that of pupil {owner} already.",
                    "Give this pupil's own UPN, or take the second row out.",
                    adno=pupil,
                )
        elif _is_somebody_else(pupil, upn, found):
            faults.refuse(
                line,
                "adno",
                "adno-twice",
                f"The admission number {pupil} is that of another pupil in "
                f"{found.files[pupil]}, with UPN {found.upns[pupil]}.",
                "Give each pupil their own admission number.",
                value=pupil,
                adno=pupil,
            )
        else:
            _list(line, pupil, found, faults)
            if adno and pupil != adno and pupil not in here:
                warn_of_zeros(line, adno, pupil, faults)
            here.setdefault(pupil, line)
            if repeated:
                found.members.append(line)
            continue
        found.refused.update(name for name in (known, owner, pupil) if name)


def _is_somebody_else(pupil: str, upn: str, found: Enrolment) -> bool:
    before = found.upns.get(pupil, "")
    return pupil in found.listed and bool(upn and before and upn != before)


def _list(line: Line, pupil: str, found: Enrolment, faults: Faults) -> None:
    _, upn = ids(line)
    first = pupil not in found.listed
    line.pupil = pupil
    found.directory.add(pupil, upn)
    found.listed.setdefault(pupil, line)
    found.named.add(pupil)
    found.files.setdefault(pupil, line.table.file)
    if not line.table.has("upn"):
        return
    if upn:
        found.upns.setdefault(pupil, upn)
    fault = upns.fault(upn)
    if fault and first:
        what = {
            "blank": "The pupil has no UPN.",
            "temporary": f"The UPN {upn} is a temporary one.",
            "wrong check letter": f"The UPN {upn} has a wrong check letter.",
            "wrong shape": f"{upn!r} does not have the shape of a UPN.",
        }[fault]
        faults.warn(
            line,
            "upn",
            f"upn-{fault.replace(' ', '-')}",
            what,
            "Put it right in the MIS; the pupil is imported all the same.",
            adno=pupil,
        )


def _match_rows(table: Table, found: Enrolment, faults: Faults) -> None:
    for line in table.lines:
        pupil = line.pupil = pupil_of(line, found.directory, faults)
        if pupil is None:
            adno, upn = ids(line)
            match = found.directory.match(adno, upn)
            found.refused.update(
                name
                for name in (match.adno, match.other, *match.several)
                if name is not None
            )
        elif table.kind in ("class list", "memberships"):
            found.members.append(line)
            found.named.add(pupil)
        else:
            found.files.setdefault(pupil, table.file)


def _take_values(
    table: Table,
    found: Enrolment,
    settled: dict[str, dict[str, tuple[str, Line]]],
    faults: Faults,
) -> None:
    """What a list says of each pupil; of two answers the first stands."""
    names = [name for name in FIELDS if name in table.fields]
    if "pupil_name" in table.fields and "surname" not in table.fields:
        names = ["pupil_name", *names]
    if not names and not table.indicators:
        return
    answers: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    lines: dict[tuple[str, str], Line] = {}
    for line in table.lines:
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
        before = settled.setdefault(pupil, {}).get(name)
        if before is None or (not before[0] and value):
            settled[pupil][name] = (value, line)
        elif value and value != before[0]:
            _differs(line, pupil, name, value, before, faults)


def _values(line: Line, name: str, pupil: str, faults: Faults) -> list[tuple[str, str]]:
    text = line[name]
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
                f"{surname}, {forename}.",
                "Write names as `Surname, Forename`, or in two columns.",
                adno=pupil,
                once="name",
            )
        return [("surname", surname), ("forename", forename)]
    reading = values.read(name, text)
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
    line: Line, pupil: str, name: str, text: str, found: Enrolment, faults: Faults
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
    line: Line,
    pupil: str,
    name: str,
    value: str,
    before: tuple[str, Line],
    faults: Faults,
) -> None:
    if name == "year" and line.table.kind in ("class list", "memberships"):
        return  # a class's year, in a class of mixed ages
    kept, where = before
    faults.warn(
        line,
        name,
        "value-differs",
        f"{name} is {value!r} here and {kept!r} in {where.table.file} "
        f"{where.where(name)}; the latter was kept.",
        "Import the list that is right, or make them agree.",
        value=value,
        adno=pupil,
        once=name,
    )


def arrive(
    enrolment: Enrolment,
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
    for adno in [*enrolment.listed, *enrolment.given, *enrolment.named]:
        if adno in rows or (adno not in pupils and adno not in enrolment.listed):
            continue
        before = pupils.get(adno, {})
        row = {"adno": adno, "upn": "", **dict.fromkeys(FIELDS, ""), **before}
        row["year"], row["left"] = before.get("year"), before.get("left")
        if adno in enrolment.named and before.get("academic_year") != academic_year:
            _move_up(row, before, academic_year)
        given = enrolment.given.get(adno, {})
        for name, value in given.items():
            if name == "year":
                row["year"] = int(value) if value else row["year"]
            elif name == "left":
                continue
            elif value:
                row[name] = value
            elif name in BLANK_IS_NO:
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


def leave(
    enrolment: Enrolment,
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


def doubts_about_leavers(
    enrolment: Enrolment,
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
            file=files[0] if len(files) == 1 else "",
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
