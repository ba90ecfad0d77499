"""The pupils of each class in a collection, with their targets and earlier marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from generator.context import Context
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
    group_columns,
    pupil_extras,
)
from generator.names import name_sort_key
from generator.school.school import Collection
from generator.store import roster, schema, targets
from generator.store.enrolments import enrolments
from generator.store.mark_tables import marks_with_targets
from udfs.tables import Tables

MAX_EARLIER = 4  # earlier collections shown besides the first
_ROW_COLUMNS = (
    "adno", "surname", "forename", "reg", "score", "target", "aspirational",
    "teachers", "sheet_year",
)  # fmt: skip
_PupilKey = tuple[str, str]  # subject, admission number


@dataclass(frozen=True, slots=True)
class ClassList:
    """One class as it goes into a markbook.

    Args:
        code: Class code.
        teachers: Codes of its teachers, the lead first; empty if the post is vacant.
        sheets: One entry sheet for each subject of the class, not named yet.
    """

    code: str
    teachers: tuple[str, ...]
    sheets: tuple[EntrySheet, ...]

    @property
    def pupils(self) -> int:
        """The number of pupils on the list."""
        return len({row.adno for sheet in self.sheets for row in sheet.rows})


def rows_in_collection(frame: pd.DataFrame, collection: Collection) -> pd.DataFrame:
    """The enrolments that a collection asks about: those of its year groups.

    The year of a class stands in for an unknown year of a pupil.
    """
    year = frame["year"].fillna(frame["class_year"])
    return frame.loc[year.isin(collection.years).to_numpy(dtype=bool)]


def class_lists(
    connection: Connection,
    context: Context,
    collection: Collection,
    *,
    ladders: Ladders | None = None,
) -> list[ClassList]:
    """The classes that a collection asks about, by class code.

    Args:
        connection: A transaction of the store.
        context: School, tables and moment; pupils who left by then are not listed.
        collection: Collection to issue.
        ladders: The school's progress ladders, for classes in judgement style.

    Raises:
        MarkbookError: If `[issue] groups` names a group that cannot be shown, or
            one whose rule cannot be used.
    """
    school, tables = context.school, context.tables
    groups = group_columns(school)
    year = school.academic_year
    frame = enrolments(connection, year, tables, today=context.today)
    frame = rows_in_collection(frame, collection)
    frame = add_groups(connection, frame, school, tables, list(groups.values()))
    frame = _sort(_add_targets(connection, frame), school.settings.issue.order, tables)
    frame["sheet_year"] = frame["class_year"].fillna(frame["year"])
    marks = marks_with_targets(connection, tables, fine=school.settings.flags.fine)
    earlier = _earlier_marks(connection, marks, collection)
    staff = roster.staff(connection, school.academic_year)
    builder = _SheetBuilder(
        collection=collection,
        tables=tables,
        staff=dict(zip(staff["code"], staff["name"], strict=True)),
        groups=groups,
        earlier=earlier,
        entries=_stored_entries(marks, collection),
        extras=pupil_extras(
            connection, frame, marks, earlier.codes, today=context.today
        ),
        ladders=ladders,
    )
    columns = {name: frame[name].tolist() for name in (*_ROW_COLUMNS, *groups.values())}
    indices: dict[tuple[str, str], list[int]] = {}
    for index, key in enumerate(zip(frame["class"], frame["subject"], strict=True)):
        indices.setdefault(key, []).append(index)
    lists: dict[str, ClassList] = {}
    for (code, subject), places in indices.items():
        rows = {
            name: [values[place] for place in places]
            for name, values in columns.items()
        }
        sheet = builder.sheet(code, subject, rows)
        sheets = lists[code].sheets if code in lists else ()
        lists[code] = ClassList(code, _teacher_codes(rows), (*sheets, sheet))
    return [lists[code] for code in sorted(lists)]


def _add_targets(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    current = targets.current_targets(connection).rename(columns={"expected": "target"})
    columns = ["target", "aspirational", "score"]
    frame = frame.merge(
        current[["adno", "subject", *columns]], on=["adno", "subject"], how="left"
    )
    for name in columns:
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame


def _teacher_codes(rows: Mapping[str, Sequence[Any]]) -> tuple[str, ...]:
    return tuple(code for code in str(rows["teachers"][0]).split(";") if code)


@dataclass(frozen=True, slots=True)
class _EarlierMarks:
    # Collection codes, oldest first; pupil -> collection -> text of the column.
    codes: tuple[str, ...]
    texts: Mapping[_PupilKey, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _SheetBuilder:
    # Builds the entry sheet of a class and subject; `staff` is code -> name,
    # `groups` is heading -> column of the enrolments.
    collection: Collection
    tables: Tables
    staff: Mapping[str, str]
    groups: Mapping[str, str]
    earlier: _EarlierMarks
    entries: Mapping[_PupilKey, Mapping[str, str]]
    extras: Extras
    ladders: Ladders | None

    def sheet(
        self, code: str, subject: str, rows: Mapping[str, Sequence[Any]]
    ) -> EntrySheet:
        keys = [(subject, adno) for adno in rows["adno"]]
        earlier = self._shown_collections(keys)
        years = {int(year) for year in rows["sheet_year"] if not pd.isna(year)}
        year = years.pop() if len(years) == 1 else None
        extra_keys = tuple(
            name
            for name in EXTRA_KEYS
            if any(name in self.extras.get(key, {}) for key in keys)
        )
        pupils = [
            dict(zip(rows, values, strict=True))
            for values in zip(*rows.values(), strict=True)
        ]
        sheet = EntrySheet(
            name="",
            class_code=code,
            subject=subject,
            scale=self.tables.subject(subject).scale,
            year=year,
            teachers=tuple(
                self.staff.get(teacher) or teacher for teacher in _teacher_codes(rows)
            ),
            columns=sheet_columns(
                self.collection.asks, groups=list(self.groups), earlier=earlier
            ),
            rows=tuple(self._row(subject, pupil, earlier) for pupil in pupils),
            style=self.collection.style,
            extras=extra_keys,
        )
        if self.ladders is not None and self.collection.style == "judgement":
            sheet = replace(sheet, ladder=self.ladders.of(subject, year))
        return sheet

    def _shown_collections(self, keys: Sequence[_PupilKey]) -> list[str]:
        # The first earlier collection of the class, and the latest ones.
        with_marks = {code for key in keys for code in self.earlier.texts.get(key, {})}
        codes = [code for code in self.earlier.codes if code in with_marks]
        if len(codes) > MAX_EARLIER + 1:
            codes = [codes[0], *codes[-MAX_EARLIER:]]
        return codes

    def _row(
        self, subject: str, pupil: Mapping[str, Any], earlier: Sequence[str]
    ) -> PupilRow:
        key = (subject, pupil["adno"])
        texts = self.earlier.texts.get(key, {})
        return PupilRow(
            adno=pupil["adno"],
            surname=pupil["surname"],
            forename=pupil["forename"],
            reg=pupil["reg"],
            groups={
                heading: "" if pupil[column] == "N" else pupil[column]
                for heading, column in self.groups.items()
            },
            prior=pupil["score"] or "",
            earlier={code: texts.get(code, "") for code in earlier},
            target=pupil["target"] or None,
            aspirational=pupil["aspirational"] or None,
            entries={
                field: value
                for field, value in self.entries.get(key, {}).items()
                if field in self.collection.asks
            },
            extras=self.extras.get(key, {}),
        )


def _sort(frame: pd.DataFrame, order: str, tables: Tables) -> pd.DataFrame:
    # Subjects keep the order in which the class covers them; names are sorted as a
    # person looks for them, Łukasz among the L.
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
    for name in ("surname", "forename"):
        sort_keys = {text: name_sort_key(text) for text in frame[name].unique()}
        keys[name] = frame[name].map(sort_keys)
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
    rows = connection.execute(select(c.code, c.opens).order_by(c.opens, c.code)).all()
    opens = collection.opens.isoformat()
    codes = tuple(
        code for code, start in rows if start < opens and code != collection.code
    )
    earlier = marks["prediction"].notna() & marks["collection"].isin(codes)
    selected = marks.loc[earlier]
    texts: dict[_PupilKey, dict[str, str]] = {}
    for code, adno, subject, prediction, flag in zip(
        selected["collection"].tolist(),
        selected["adno"].tolist(),
        selected["subject"].tolist(),
        selected["prediction"].tolist(),
        selected["flag"].astype(object).where(selected["flag"].notna(), "").tolist(),
        strict=True,
    ):
        # In judgement style the choice is the flag: `Above`, not `Above (Above)`.
        same = flag.casefold() == prediction.casefold()
        text = f"{prediction} ({flag})" if flag and not same else flag or prediction
        texts.setdefault((subject, adno), {})[code] = text
    return _EarlierMarks(codes, texts)


def _stored_entries(
    marks: pd.DataFrame, collection: Collection
) -> dict[_PupilKey, dict[str, str]]:
    current = marks.loc[marks["collection"] == collection.code]
    entries: dict[_PupilKey, dict[str, str]] = {}
    for field in ENTRY_HEADINGS:
        if field not in current:
            continue
        rows = current.loc[current[field].notna() & (current[field] != "")]
        for adno, subject, value in zip(
            rows["adno"].tolist(),
            rows["subject"].tolist(),
            rows[field].tolist(),
            strict=True,
        ):
            entries.setdefault((subject, adno), {})[field] = value
    return entries
