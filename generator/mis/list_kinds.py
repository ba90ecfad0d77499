"""What kind of list a sheet is, by the headings that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.mis.export_tables import ExportTable
from generator.mis.headings import HeadingMeaning, heading_meaning
from generator.mis.values import compare_key
from generator.problems import Problem
from generator.tabular.reader import LOOK_AHEAD
from generator.tabular.rows import TableRow, column_letters

IDS = ("adno", "upn")
NAMES = ("surname", "forename", "pupil_name")
DETAILS = (
    "sex",
    "pp",
    "disadvantaged",
    "fsm",
    "sen",
    "eal",
    "ethnicity",
    "lac",
    "status",
    "left",
)
SCORES = ("ks2_reading", "ks2_maths")
# Lists whose other columns say something of the pupil, and of nothing else.
ABOUT_PUPILS = ("pupils", "plain pupils", "pupil data")
NAMING_PUPILS = (*ABOUT_PUPILS, "class list", "memberships")
TAUGHT = ("subject", "subject_code", "class_year", "teacher", "co_teacher")


def find_heading_row(
    rows: Sequence[TableRow], chosen: Mapping[str, HeadingMeaning]
) -> tuple[int, int]:
    """Which row has the headings, and how many fields it names; 0 if none does."""
    best, most = 0, 0
    for place, row in enumerate(rows[:LOOK_AHEAD]):
        meanings = [heading_meaning(text, chosen) for text in row.cells.values()]
        named = {one.field for one in meanings if one.kind == "field"}
        others = sum(one.kind in ("indicator", "not kept") for one in meanings)
        enough = len(named) > 1 or (named & {*IDS, "weak_adno"} and len(row.cells) > 1)
        score = 4 * len(named) + min(others, 3) if enough else 0
        if score > most:
            best, most = place, score
    return best, most


def settle_ambiguous(fields: dict[str, int], top: TableRow) -> None:
    """Settle headings that mean one thing in one list and another in the next.

    Args:
        fields: Field -> column; changed in place.
        top: The row of headings.
    """
    weak = fields.get("weak_adno")
    if weak is not None and not fields.keys() & set(IDS):
        fields["adno"] = weak
    if "adno" in fields:  # beside a UPN alone, the whole import settles what it is
        fields.pop("weak_adno", None)
    spare = "code initials name short name"
    staff = fields.get("staff")
    if fields.keys() & set(IDS):
        if "name" in fields:
            fields.setdefault("pupil_name", fields["name"])
        if staff is not None and compare_key(top.cells[staff]) not in spare:
            fields.setdefault("teacher", staff)
        for name in ("name", "staff", "title", "email", "role", "scope"):
            fields.pop(name, None)
    elif "role" in fields:
        for name in ("teacher", "name", "teacher_name"):
            if "staff" not in fields and name in fields:
                fields["staff"] = fields[name]
        for name in ("subject", "reg", "year", "class"):
            if "scope" not in fields and name in fields:
                fields["scope"] = fields[name]
        for name in set(fields) - {"staff", "role", "scope"}:
            del fields[name]
    elif "class" in fields or {"subject", "teacher", "staff"} <= fields.keys():
        if "class" not in fields:
            fields["class"] = fields.pop("staff")
        elif staff is not None:
            fields.setdefault("teacher", staff)
        for name in ("staff", "name", "title", "email"):
            fields.pop(name, None)
    else:
        if "teacher" in fields:
            other = "name" if staff is not None else "staff"
            fields.setdefault(other, fields.pop("teacher"))
        if "teacher_name" in fields:
            fields.setdefault("name", fields.pop("teacher_name"))
        # `Staff` beside `Code` is what the staff are called.
        for column, text in top.cells.items():
            if compare_key(text) == "staff" and column != fields.get("staff"):
                fields.setdefault("name", column)
        for name in TAUGHT:
            fields.pop(name, None)


def kind_of(fields: dict[str, int], indicators: bool) -> str:
    """The kind of list that has these fields, as `Table.kind`; empty: none of ours.

    Args:
        fields: Field -> column.
        indicators: Whether there are columns of indicators too.
    """
    names = "pupil_name" in fields or {"surname", "forename"} <= fields.keys()
    if fields.keys() & set(IDS):
        if "class" in fields:
            return "class list" if fields.keys() & set(TAUGHT) else "memberships"
        scores = indicators or fields.keys() & set(SCORES)
        if not names:
            return "pupil data"
        return (
            "pupils" if fields.keys() & set(DETAILS) or not scores else "plain pupils"
        )
    if fields.keys() & {"staff", "role"} == {"staff", "role"}:
        return "roles"
    pupil_names = fields.keys() & set(NAMES)
    if "class" in fields and fields.keys() & set(TAUGHT) and not pupil_names:
        return "classes"
    if "staff" in fields and fields.keys() & {"name", "email", *NAMES}:
        return "staff"
    return ""


_GRADES = {"grade", "result", "exam grade", "final grade", "gcse grade", "exam result"}


def table_warnings(table: ExportTable, row: int) -> Iterator[Problem]:
    """What a person should look at in a list.

    Args:
        table: The list.
        row: The row of its headings.
    """
    yield from _headed_twice(table, row)
    grades = result_columns(table)
    if grades:
        heading = table.headings[grades[0]]
        yield Problem(
            file=table.file,
            sheet=table.sheet,
            cell=_cell(table, grades[0], row),
            severity="warning",
            code="looks-like-results",
            value=heading,
            what=f"The list has a subject and a {heading!r} in each row, as results of "
            "examinations have; the grades were not read.",
            do="Read results with `markbook results FILE`, and take the file out of "
            "exports/.",
        )


def result_columns(table: ExportTable) -> list[int]:
    """The columns of grades, where each row of a list is a pupil's in a subject."""
    if table.kind not in ABOUT_PUPILS or not table.has("subject", "subject_code"):
        return []
    return [c for c, text in table.headings.items() if compare_key(text) in _GRADES]


def _headed_twice(table: ExportTable, row: int) -> Iterator[Problem]:
    """Columns under one heading that say different things; the first was read.

    Further columns of classes are read, in `generator.mis.class_columns`.
    """
    for field, first in table.fields.items():
        heading = table.headings.get(first, "")
        for column, text in table.headings.items():
            if (
                column == first
                or field == "class"
                or compare_key(text) != compare_key(heading)
            ):
                continue
            if any(
                column in line.cells and line.cells[column] != line.cells.get(first)
                for line in table.rows
            ):
                yield Problem(
                    file=table.file,
                    sheet=table.sheet,
                    cell=_cell(table, column, row),
                    severity="warning",
                    code="heading-twice",
                    value=text,
                    what=f"The heading {text!r} stands in the columns "
                    f"{column_letters(first)} and {column_letters(column)}, which differ; "
                    f"{column_letters(first)} was read.",
                    do="Give the columns headings of their own, or take one out.",
                )


def _cell(table: ExportTable, column: int, row: int) -> str:
    return f"{column_letters(column)}{row}" if table.sheet else f"row {row}"
