"""Markbooks for tests of how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.markbook.layout import (
    EntrySheet,
    Markbook,
    PupilRow,
    sheet_columns,
)
from generator.school.settings import ASKS

KEY = b"the key of a school of tests"
ISSUED_AT = "2026-10-14T09:30:00"
EFFORT = ("1", "2", "3", "4")
# Awkward names: a formula, an SQL word, truth, months, letters of many alphabets.
NAMES = (
    ("O'Neill", "Siobhán"),
    ("Łukasz", "Jan"),
    ("=1+1", "+44"),
    ("Null", "True"),
    ("May", "March"),
    ("Nguyễn", "Minh"),
    ("van-der-Berg", "@Lotte"),
    ('Smith & "Jones" <x>', "-"),
    ("名前", "太郎"),
    ("Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmonde", "Bartholomew"),
)


def row(
    number: int,
    target: str | None = "5",
    aspirational: str | None = "6",
    *,
    entries: Mapping[str, str] | None = None,
    earlier: Mapping[str, str] | None = None,
    **groups: str,
) -> PupilRow:
    """A pupil with an awkward name, chosen by the number."""
    surname, forename = NAMES[number % len(NAMES)]
    return PupilRow(
        adno=f"{4000 + number:06d}",
        surname=surname,
        forename=forename,
        reg="10A",
        groups={"PP": "", "SEN": "", "EAL": "", **groups},
        prior="101.5",
        earlier=dict(earlier or {}),
        target=target,
        aspirational=aspirational,
        entries=dict(entries or {}),
    )


def sheet(
    rows: Sequence[PupilRow],
    *,
    name: str = "Markbook",
    code: str = "10x/Ma1",
    subject: str = "Mathematics",
    scale: str = "gcse",
    asks: Sequence[str] = ASKS,
    earlier: Sequence[str] = (),
    **more: Any,
) -> EntrySheet:
    """An entry sheet that asks for every field by default."""
    defaults: dict[str, Any] = {"year": 10, "teachers": ("Ms R Abara", "Mr D Cohen")}
    return EntrySheet(
        name=name,
        class_code=code,
        subject=subject,
        scale=scale,
        columns=sheet_columns(asks, groups=["PP", "SEN", "EAL"], earlier=earlier),
        rows=tuple(rows),
        **{**defaults, **more},
    )


def markbook(*sheets: EntrySheet, **more: Any) -> Markbook:
    """A markbook of these sheets."""
    defaults: dict[str, Any] = {
        "school": "Tiny School",
        "school_id": "100001",
        "academic_year": "2026/27",
        "collection": "AUT",
        "collection_name": "Autumn",
        "opens": "2026-10-12",
        "closes": "2026-10-23",
        "issued_at": ISSUED_AT,
        "issue_ids": {
            sheet.class_code: f"mb{n:016d}" for n, sheet in enumerate(sheets, start=1)
        },
        "effort": EFFORT,
        "contact": "the data office",
        "owner": "Tiny School",
    }
    return Markbook(sheets=tuple(sheets), **{**defaults, **more})


def whole_class(
    pupils: int = 10, entries: Callable[[int], Mapping[str, str]] | None = None
) -> Markbook:
    """A class in mathematics with two earlier collections."""
    rows = [
        row(
            number,
            target=None if number == 3 else str(4 + number % 5),
            aspirational=None if number == 3 else str(5 + number % 5),
            entries=entries(number) if entries else None,
            earlier={"SPR": f"{3 + number % 4} (Below)", "SUM": "Abs"},
            PP="Y" if number % 3 == 0 else "",
            SEN="K" if number == 4 else "",
        )
        for number in range(pupils)
    ]
    return markbook(sheet(rows, earlier=["SPR", "SUM"]))
