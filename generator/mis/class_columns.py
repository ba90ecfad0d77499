"""Class lists that have a column for each subject, taken as a row for each class."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.mis.export_tables import ExportRow, Exports, ExportTable
from generator.mis.headings import heading_meaning
from generator.mis.list_kinds import ABOUT_PUPILS, DETAILS, IDS
from generator.mis.values import compare_key, identifier
from generator.problems import Problem
from generator.tabular.rows import column_letters
from udfs.tables import Tables

# `Maths class`, `Class (Maths)`, `Maths - teaching group`; and `Maths teacher`.
_CLASS = r"(?:class|set|group|teaching group|teaching set)(?: code| name)?"
_OF_CLASS = re.compile(rf"^{_CLASS} | {_CLASS}$")
_OF_TEACHER = re.compile(r"(?:^| )(?:teacher|staff|taught by)(?: code| initials)?$")
_CODE = re.compile(r"(?=.*[0-9])(?=.*[^\W\d_]).{3,}")  # `10x/Ma1`, never `5+`
_COUNTED = re.compile(r" ?\d+$")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of classes: of which subject, and where the rest of it stands."""

    place: int
    heading: str
    subject: str = ""
    subject_place: int | None = None
    teacher: int | None = None


def split_class_columns(
    exports: Exports, classes: Mapping[str, str], teachers: set[str], tables: Tables
) -> Exports:
    """Turn tables of pupils by subjects into class lists, where they are certain.

    A column is one of classes where a subject's name heads it and its cells are
    codes of classes that are known, or can be nothing else: letters with digits, no
    grades, and none of them under two subjects. In a class list, every further
    column headed as that of the class is one.

    Args:
        exports: What was read.
        classes: The classes known so far, from the store and from other lists:
            code -> subject.
        teachers: The codes of staff known so far.
        tables: The subjects and grades there are.

    Returns:
        The exports with a class list more for each such column. What looks like
        such a table and cannot be taken for one is a problem, and stays as it was.
    """
    made: list[ExportTable] = []
    problems: list[Problem] = []
    told: set[tuple[str, str, str]] = set()
    for table in exports.tables:
        made.append(table)
        columns, doubt = _columns(table, classes, teachers, tables)
        for column in columns:
            for place in (column.place, column.teacher, column.subject_place):
                if place is not None:
                    told.add((table.file, table.sheet, table.headings[place]))
        if columns and table.kind == "pupils" and not table.has(*DETAILS):
            table.kind = "plain pupils"  # only names, beside their classes
        if doubt:
            problems.append(_not_understood(table, columns, doubt))
            continue
        made += (_class_list(table, column, classes) for column in columns)
    if not told:
        return exports
    return replace(
        exports,
        tables=tuple(made),
        problems=(*exports.problems, *problems),
        unrecognised=tuple(
            item
            for item in exports.unknown_headings
            if (item.file, item.sheet, item.heading) not in told
        ),
    )


def _columns(
    table: ExportTable, classes: Mapping[str, str], teachers: set[str], tables: Tables
) -> tuple[list[_Column], str]:
    """The columns of classes in a table, and what is doubtful about them."""
    if table.kind in ("class list", "memberships"):
        return list(_further(table)), ""
    if table.kind not in ABOUT_PUPILS:
        return [], ""
    columns = list(
        _by_subject(table, {compare_key(one) for one in classes.values()}, tables)
    )
    under: defaultdict[str, set[str]] = defaultdict(set)
    for column in columns:
        for line in table.rows:
            if text := identifier(line.cells.get(column.place, "")):
                under[text].add(column.subject)
    if 2 * sum(code in classes for code in under) > len(under):
        return columns, ""
    # One column alone may hold an instrument, a grade, anything.
    return (columns, _doubt(under, teachers, tables)) if len(columns) > 1 else ([], "")


def _doubt(under: Mapping[str, set[str]], teachers: set[str], tables: Tables) -> str:
    shown = ", ".join(list(under)[:3])
    if all(text in teachers for text in under):
        return f"What stands there are teachers ({shown}), not classes."
    for text, subjects in under.items():
        if len(subjects) > 1 and _CODE.fullmatch(text):
            one, other, *_ = sorted(subjects)
            return f"{text} stands under {one} and {other}; a class has one subject."
    grades = {grade for scale in tables.scales.values() for grade in scale.grades}
    if all(_CODE.fullmatch(text) and text not in grades for text in under):
        return ""
    return f"What stands there ({shown}) is no class code that is known."


def _by_subject(
    table: ExportTable, taught: set[str], tables: Tables
) -> Iterator[_Column]:
    """The columns headed by a subject that hold something else than numbers."""
    taken = {*table.fields.values(), *table.indicators.values()}
    for place, heading in table.headings.items():
        if place in taken or heading_meaning(heading).kind in ("field", "not kept"):
            continue
        bare = _OF_CLASS.sub("", compare_key(heading))
        known = tables.subject(bare).recognised or bare in taught
        if known and any(place in line.cells for line in table.rows):
            subject = heading if compare_key(heading) == bare else bare.title()
            beside = compare_key(table.headings.get(place + 1, ""))
            found = _OF_TEACHER.search(beside)
            of = beside[: found.start()] if found else "?"
            follows = not of or tables.same(of, bare)
            yield _Column(place, heading, subject, None, place + 1 if follows else None)


def _further(table: ExportTable) -> Iterator[_Column]:
    """The second, third … column of a class, with the subject and teacher beside it."""
    first = table.fields["class"]

    def like(place: int, other: int) -> bool:
        here, there = (
            compare_key(table.headings.get(one, "")) for one in (place, other)
        )
        return bool(there) and _COUNTED.sub("", here) == _COUNTED.sub("", there)

    for place, heading in table.headings.items():
        if place == first or not like(place, first):
            continue
        beside = {
            name: column + place - first
            for name, column in table.fields.items()
            if name in ("subject", "teacher") and like(column + place - first, column)
        }
        one = _Column(place, heading, "", beside.get("subject"), beside.get("teacher"))
        if any(place in line.cells for line in table.rows):
            yield one


def _class_list(
    table: ExportTable, column: _Column, classes: Mapping[str, str]
) -> ExportTable:
    """The pupils who have something in a column, with the class that it says."""
    fields = {name: table.fields[name] for name in IDS if name in table.fields}
    fields["class"] = column.place
    if column.teacher is not None:
        fields["teacher"] = column.teacher
    if column.subject or column.subject_place is not None:
        fields["subject"] = (
            column.place if column.subject_place is None else column.subject_place
        )
    kind = "class list" if fields.keys() & {"subject", "teacher"} else "memberships"
    made = ExportTable(table.file, table.sheet, kind, fields, {})
    for line in table.rows:
        if column.place in line.cells:
            code = identifier(line.cells[column.place])
            new = column.subject if _CODE.fullmatch(code) else ""
            own = {"subject": classes.get(code, new)}
            made.rows.append(
                ExportRow(
                    made,
                    line.number,
                    line.cells,
                    constants=own if column.subject else None,
                )
            )
    return made


def _not_understood(
    table: ExportTable, columns: Sequence[_Column], doubt: str
) -> Problem:
    names = [column.heading for column in columns]
    shown = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
    cells = ", ".join(column_letters(column.place) for column in columns)
    return Problem(
        file=table.file,
        sheet=table.sheet,
        cell=f"columns {cells}",
        severity="warning",
        code="subjects-side-by-side",
        value=shown,
        what=f"Who is in which class could not be read from the columns {shown}. "
        f"{doubt}",
        do="Export a class list with a row for each pupil and class: Adno or UPN, "
        "and the class code. (Grades are read by `markbook results FILE`.)",
    )
