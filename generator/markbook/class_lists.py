"""What each class's markbook lists: its pupils, their targets and earlier marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from generator.markbook.ladders import Ladders
from generator.markbook.layout import (
    ENTRY_HEADINGS,
    EntrySheet,
    PupilRow,
    sheet_columns,
)
from generator.markbook.pupil_details import (
    EXTRA_KEYS,
    Extras,
    add_groups,
)
from generator.names import as_filed
from generator.school.school import Collection, School
from generator.store import roster, schema, targets
from generator.store.enrolments import roll
from generator.store.mark_tables import marks_with_targets
from udfs.tables import Tables

MOST_EARLIER = 4  # collections shown beside the first
_ORDER = ["surname", "forename"]
_ROW_COLUMNS = (
    "adno", "surname", "forename", "reg", "score", "target", "aspirational",
    "teachers", "of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClassList:
    """One class as it goes into a markbook.

    Args:
        code: The class.
        teachers: The codes of its teachers, the lead first; empty where vacant.
        sheets: One entry sheet for each subject it covers, still without a name.
    """

    code: str
    teachers: tuple[str, ...]
    sheets: tuple[EntrySheet, ...]

    @property
    def pupils(self) -> int:
        """How many pupils it lists."""
        return len({row.adno for sheet in self.sheets for row in sheet.rows})


def rows_in_collection(frame: pd.DataFrame, collection: Collection) -> pd.DataFrame:
    """The rows of the roll that a collection asks about.

    A collection is for the pupils of its years: a class of two years is issued with
    those of its pupils, and with no others. Where a pupil's year is not known, the
    class's year stands for it.
    """
    year = frame["year"].fillna(frame["class_year"])
    return frame.loc[year.isin(collection.years).to_numpy(dtype=bool)]


def class_lists(
    connection: Connection,
    school: School,
    tables: Tables,
    collection: Collection,
    *,
    today: str,
    ladders: Ladders | None = None,
) -> list[ClassList]:
    """Every class that a collection asks about, by class code.

    Args:
        connection: A transaction of the store.
        school: The school, with its settings.
        tables: Scales, codes and subjects as this school has them.
        collection: The collection.
        today: As ISO text; who has left by then is not listed.
        ladders: The school's progress ladders, for classes that are judged on them.

    Raises:
        MarkbookError: If `[issue] groups` names a group that cannot be shown, or
            one whose rule cannot be used.
    """
    shown = group_columns(school)
    frame = rows_in_collection(
        roll(
            connection,
            school.academic_year,
            tables,
            today=pd.Timestamp(today).date(),
        ),
        collection,
    )
    frame = add_groups(connection, frame, school, tables, list(shown.values()))
    standing = targets.current(connection).rename(columns={"expected": "target"})
    frame = frame.merge(
        standing[["adno", "subject", "target", "aspirational", "score"]],
        on=["adno", "subject"],
        how="left",
    )
    for name in ("target", "aspirational", "score"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    frame = _sort(frame, school.settings.issue.order, tables)
    marks = marks_with_targets(connection, tables, fine=school.settings.flags.fine)
    before = _earlier_marks(connection, marks, collection)
    entered = _stored_entries(marks, collection)
    besides = pupil_extras(
        connection, frame, marks, before.codes, today=date.fromisoformat(today)
    )
    names = roster.staff(connection, school.academic_year)
    staff = dict(zip(names["code"], names["name"], strict=True))
    frame["of"] = frame["class_year"].fillna(frame["year"])
    held = {name: frame[name].tolist() for name in (*_ROW_COLUMNS, *shown.values())}
    made: dict[str, ClassList] = {}
    parts: dict[tuple[str, str], list[int]] = {}
    for at, part in enumerate(zip(frame["class"], frame["subject"], strict=True)):
        parts.setdefault(part, []).append(at)
    for (code, subject), places in parts.items():
        rows = {name: [told[at] for at in places] for name, told in held.items()}
        sheet = _sheet(
            code, subject, rows, collection, tables, staff, shown, before, entered
        )
        sheet = _with_extras(sheet, besides)
        if ladders is not None and collection.style == "judgement":
            sheet = replace(sheet, ladder=ladders.of(subject, sheet.year))
        known = made.get(code)
        codes = tuple(t for t in str(rows["teachers"][0]).split(";") if t)
        made[code] = ClassList(code, codes, (*(known.sheets if known else ()), sheet))
    return [made[code] for code in sorted(made)]


@dataclass(frozen=True, slots=True)
class _EarlierMarks:
    # Collection codes, oldest first; (subject, adno) -> code -> what is shown.
    codes: tuple[str, ...]
    texts: Mapping[tuple[str, str], Mapping[str, str]]


def _sheet(
    code: str,
    subject: str,
    rows: Mapping[str, Sequence[Any]],
    collection: Collection,
    tables: Tables,
    staff: Mapping[str, str],
    groups: Mapping[str, str],
    before: _EarlierMarks,
    entered: Mapping[tuple[str, str], Mapping[str, str]],
) -> EntrySheet:
    found = {adno: before.texts.get((subject, adno), {}) for adno in rows["adno"]}
    held = {name for marks in found.values() for name in marks}
    codes = [name for name in before.codes if name in held]
    if len(codes) > MOST_EARLIER + 1:
        codes = [codes[0], *codes[-MOST_EARLIER:]]
    teachers = [t for t in str(rows["teachers"][0]).split(";") if t]
    years = {int(year) for year in rows["of"] if not pd.isna(year)}
    listed = zip(
        *(
            rows[name]
            for name in (
                "adno", "surname", "forename", "reg", "score", "target",
                "aspirational", *groups.values(),
            )
        ),
        strict=True,
    )  # fmt: skip
    return EntrySheet(
        name="",
        class_code=code,
        subject=subject,
        scale=tables.subject(subject).scale,
        year=years.pop() if len(years) == 1 else None,
        teachers=tuple(staff.get(teacher) or teacher for teacher in teachers),
        columns=sheet_columns(collection.asks, groups=list(groups), earlier=codes),
        rows=tuple(
            PupilRow(
                adno=adno,
                surname=surname,
                forename=forename,
                reg=reg,
                groups={
                    name: "" if value == "N" else value
                    for name, value in zip(groups, values, strict=True)
                },
                prior=score or "",
                earlier={name: found[adno].get(name, "") for name in codes},
                target=target or None,
                aspirational=aspirational or None,
                entries={
                    field: value
                    for field, value in entered.get((subject, adno), {}).items()
                    if field in collection.asks
                },
            )
            for adno, surname, forename, reg, score, target, aspirational, *values in (
                listed
            )
        ),
        style=collection.style,
    )


def _with_extras(sheet: EntrySheet, besides: Extras) -> EntrySheet:
    found = {row.adno: besides.get((sheet.subject, row.adno), {}) for row in sheet.rows}
    shown = tuple(
        key for key in EXTRA_KEYS if any(key in said for said in found.values())
    )
    if not shown:
        return sheet
    rows = tuple(replace(row, told=found[row.adno]) for row in sheet.rows)
    return replace(sheet, rows=rows, told=shown)


def _sort(frame: pd.DataFrame, order: str, tables: Tables) -> pd.DataFrame:
    # Subjects stay in the order in which the class covers them; names are ordered
    # as a person would look for them, Łukasz among the L.
    keys = pd.DataFrame(index=frame.index)
    keys["class"] = frame["class"]
    keys["place"] = frame.groupby("class", sort=False)["subject"].transform(
        lambda subjects: pd.factorize(subjects)[0]
    )
    if order == "target":
        keys["best"] = [
            -_level(subject, target, tables)
            for subject, target in zip(frame["subject"], frame["target"], strict=True)
        ]
    elif order == "prior":
        keys["best"] = -pd.to_numeric(frame["score"], errors="coerce").fillna(0.0)
    for name in _ORDER:
        plain = {text: as_filed(text) for text in frame[name].unique()}
        keys[name] = frame[name].map(plain)
    keys["adno"] = frame["adno"]
    ranked = keys.sort_values(list(keys.columns), kind="stable")
    return frame.loc[ranked.index].reset_index(drop=True)


def _level(subject: str, target: str | None, tables: Tables) -> int:
    scale = tables.scales.get(tables.subject(subject).scale)
    grade = scale.find(target) if scale else None
    return -1 if scale is None or grade is None else scale.level(grade, fine=True)


def _earlier_marks(
    connection: Connection, marks: pd.DataFrame, collection: Collection
) -> _EarlierMarks:
    c = schema.collections.c
    opened = connection.execute(select(c.code, c.opens).order_by(c.opens, c.code)).all()
    codes = tuple(
        code
        for code, opens in opened
        if opens < collection.opens.isoformat() and code != collection.code
    )
    there = marks["prediction"].notna() & marks["collection"].isin(codes)
    shown: dict[tuple[str, str], dict[str, str]] = {}
    picked = marks.loc[there]
    for code, adno, subject, prediction, flag in zip(
        picked["collection"].tolist(),
        picked["adno"].tolist(),
        picked["subject"].tolist(),
        picked["prediction"].tolist(),
        picked["flag"].astype(object).where(picked["flag"].notna(), "").tolist(),
        strict=True,
    ):
        # In judgement style the choice is its own flag: `Above`, not twice.
        alike = flag.casefold() == prediction.casefold()
        text = f"{prediction} ({flag})" if flag and not alike else flag or prediction
        shown.setdefault((subject, adno), {})[code] = text
    return _EarlierMarks(codes, shown)


def _stored_entries(
    marks: pd.DataFrame, collection: Collection
) -> dict[tuple[str, str], dict[str, str]]:
    here = marks.loc[marks["collection"] == collection.code]
    found: dict[tuple[str, str], dict[str, str]] = {}
    for field in ENTRY_HEADINGS:
        if field not in here:
            continue
        filled = here.loc[here[field].notna() & (here[field] != "")]
        for adno, subject, value in zip(
            filled["adno"].tolist(),
            filled["subject"].tolist(),
            filled[field].tolist(),
            strict=True,
        ):
            found.setdefault((subject, adno), {})[field] = value
    return found
