"""Turn columns of classes into class lists: `Maths class`, `Class 2`, `Maths`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.mis.export_tables import ExportRow, Exports, ExportTable
from generator.mis.headings import heading_meaning
from generator.mis.identifiers import clean_identifier
from generator.mis.list_kinds import ABOUT_PUPILS, DETAILS, IDS
from generator.mis.values import compare_key
from generator.problems import Problem
from generator.tabular.rows import column_letters
from udfs.tables import Tables

# `Maths class`, `Class (Maths)`, `Maths - teaching group`; and `Maths teacher`.
_CLASS = r"(?:class|set|group|teaching group|teaching set)(?: code| name)?"
_CLASS_HEADING = re.compile(rf"^{_CLASS} | {_CLASS}$")
_TEACHER_HEADING = re.compile(
    r"(?:^| )(?:teacher|staff|taught by)(?: code| initials)?$"
)
_CODE = re.compile(r"(?=.*[0-9])(?=.*[^\W\d_]).{3,}")  # `10x/Ma1`, never `5+`
_NUMBERED = re.compile(r" ?\d+$")


@dataclass(frozen=True, slots=True)
class _ClassColumn:
    """A column of class codes.

    Args:
        position: The column, from 0.
        heading: Its heading.
        subject: The subject in the heading, or empty.
        subject_column: The column of the subject, or None.
        teacher_column: The column of the teacher, or None.
    """

    position: int
    heading: str
    subject: str = ""
    subject_column: int | None = None
    teacher_column: int | None = None


def split_class_columns(
    exports: Exports, classes: Mapping[str, str], teachers: set[str], tables: Tables
) -> Exports:
    """Add a class list for each column of classes.

    A column headed with a subject holds classes if its cells are codes of known classes
    or can be nothing else: letters with digits, no grades, and none of them under two
    subjects. In a class list, every further column with the heading of a class holds
    classes.

    Args:
        exports: The import.
        classes: Class code -> subject, for the classes of the store and other lists.
        teachers: The codes of staff.
        tables: The subjects and grades.

    Returns:
        The import with the new class lists. A table whose columns are doubtful stays as
        it is and is reported.
    """
    export_tables: list[ExportTable] = []
    problems: list[Problem] = []
    read_headings: set[tuple[str, str, str]] = set()
    for table in exports.tables:
        export_tables.append(table)
        columns, doubt = _class_columns(table, classes, teachers, tables)
        for column in columns:
            for position in (
                column.position,
                column.teacher_column,
                column.subject_column,
            ):
                if position is not None:
                    heading = table.headings[position]
                    read_headings.add((table.file, table.sheet, heading))
        if columns and table.kind == "pupils" and not table.has(*DETAILS):
            table.kind = "plain pupils"  # names and classes only
        if doubt:
            problems.append(_doubt_problem(table, columns, doubt))
            continue
        export_tables += (_class_list(table, column, classes) for column in columns)
    if not read_headings:
        return exports
    return replace(
        exports,
        tables=tuple(export_tables),
        problems=(*exports.problems, *problems),
        unknown_headings=tuple(
            unknown
            for unknown in exports.unknown_headings
            if (unknown.file, unknown.sheet, unknown.heading) not in read_headings
        ),
    )


def _class_columns(
    table: ExportTable, classes: Mapping[str, str], teachers: set[str], tables: Tables
) -> tuple[list[_ClassColumn], str]:
    """The columns of classes in a table, and a sentence about what is doubtful."""
    if table.kind in ("class list", "memberships"):
        return list(_further_columns(table)), ""
    if table.kind not in ABOUT_PUPILS:
        return [], ""
    taught = {compare_key(subject) for subject in classes.values()}
    columns = list(_subject_columns(table, taught, tables))
    subjects: defaultdict[str, set[str]] = defaultdict(set)  # by class code
    for column in columns:
        for row in table.rows:
            if text := clean_identifier(row.cells.get(column.position, "")):
                subjects[text].add(column.subject)
    if 2 * sum(code in classes for code in subjects) > len(subjects):
        return columns, ""
    # A single column may hold an instrument, a grade, anything.
    if len(columns) < 2:
        return [], ""
    return columns, _doubt(subjects, teachers, tables)


def _doubt(subjects: Mapping[str, set[str]], teachers: set[str], tables: Tables) -> str:
    examples = ", ".join(list(subjects)[:3])
    if all(text in teachers for text in subjects):
        return f"The cells hold teachers ({examples}), not classes."
    for text, names in subjects.items():
        if len(names) > 1 and _CODE.fullmatch(text):
            first, second, *_ = sorted(names)
            return (
                f"{text} is in the columns of {first} and {second}; a class has one "
                "subject."
            )
    grades = {grade for scale in tables.scales.values() for grade in scale.grades}
    if all(_CODE.fullmatch(text) and text not in grades for text in subjects):
        return ""
    return f"The cells ({examples}) are no class codes that are known."


def _subject_columns(
    table: ExportTable, taught: set[str], tables: Tables
) -> Iterator[_ClassColumn]:
    """The columns that are headed with a subject and hold no numbers."""
    used = {*table.fields.values(), *table.indicators.values()}
    for position, heading in table.headings.items():
        if position in used or heading_meaning(heading).kind in ("field", "not kept"):
            continue
        key = compare_key(heading)
        name = _CLASS_HEADING.sub("", key)
        is_subject = tables.subject(name).recognised or name in taught
        if is_subject and any(position in row.cells for row in table.rows):
            subject = heading if key == name else name.title()
            next_key = compare_key(table.headings.get(position + 1, ""))
            teacher = None
            if match := _TEACHER_HEADING.search(next_key):
                next_subject = next_key[: match.start()]
                if not next_subject or tables.is_same_subject(next_subject, name):
                    teacher = position + 1
            yield _ClassColumn(position, heading, subject, None, teacher)


def _further_columns(table: ExportTable) -> Iterator[_ClassColumn]:
    """The second, third … column of a class, with its subject and teacher."""
    first = table.fields["class"]

    def is_alike(position: int, other: int) -> bool:
        keys = [compare_key(table.headings.get(p, "")) for p in (position, other)]
        return bool(keys[1]) and _NUMBERED.sub("", keys[0]) == _NUMBERED.sub(
            "", keys[1]
        )

    for position, heading in table.headings.items():
        if position == first or not is_alike(position, first):
            continue
        offset = position - first
        beside = {
            name: column + offset
            for name, column in table.fields.items()
            if name in ("subject", "teacher") and is_alike(column + offset, column)
        }
        if any(position in row.cells for row in table.rows):
            yield _ClassColumn(
                position, heading, "", beside.get("subject"), beside.get("teacher")
            )


def _class_list(
    table: ExportTable, column: _ClassColumn, classes: Mapping[str, str]
) -> ExportTable:
    """The class list of one column: the pupils with a class in it."""
    fields = {name: table.fields[name] for name in IDS if name in table.fields}
    fields["class"] = column.position
    if column.teacher_column is not None:
        fields["teacher"] = column.teacher_column
    if column.subject_column is not None:
        fields["subject"] = column.subject_column
    elif column.subject:
        fields["subject"] = column.position  # a constant of each row says it
    kind = "class list" if fields.keys() & {"subject", "teacher"} else "memberships"
    class_list = ExportTable(table.file, table.sheet, kind, fields, {})
    for row in table.rows:
        if column.position not in row.cells:
            continue
        new_row = ExportRow(class_list, row.number, row.cells)
        if column.subject:
            code = new_row["class"]
            new_subject = column.subject if _CODE.fullmatch(code) else ""
            new_row.constants = {"subject": classes.get(code, new_subject)}
        class_list.rows.append(new_row)
    return class_list


def _doubt_problem(
    table: ExportTable, columns: Sequence[_ClassColumn], doubt: str
) -> Problem:
    names = [column.heading for column in columns]
    headings = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
    letters = ", ".join(column_letters(column.position) for column in columns)
    return Problem(
        file=table.file,
        sheet=table.sheet,
        cell=f"columns {letters}",
        severity="warning",
        code="subjects-side-by-side",
        value=headings,
        what=f"The classes in the columns {headings} could not be read. {doubt}",
        do="Export a class list with a row for each pupil and class: Adno or UPN, "
        "and the class code. (Grades are read by `markbook results FILE`.)",
    )
