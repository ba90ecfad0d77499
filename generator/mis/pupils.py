"""Pupils as they should stand: new, changed, left, come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from generator.mis import values
from generator.mis.enrolment import FIELDS, Enrolment
from generator.mis.particulars import CLASS_LIST_YEAR
from generator.problems import Problem

# In these a blank is an answer, "no": most exports write nothing for it.
BLANK_IS_NO = (*sorted(values.FLAGS), "sen")
MANY_LEAVERS, LARGE_SHARE = 10, 0.25


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
        if before.get("academic_year") != academic_year or row["year"] is None:
            given = {"year": given.get(CLASS_LIST_YEAR, ""), **given}
        for name, value in given.items():
            if name == "year":
                row["year"] = int(value) if value else row["year"]
            elif name in ("left", CLASS_LIST_YEAR):
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
