"""The kind of a list, from its headings, and doubts about a list as a whole."""

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
# Kinds whose other columns describe the pupil and nothing else.
ABOUT_PUPILS = ("pupils", "plain pupils", "pupil data")
NAMING_PUPILS = (*ABOUT_PUPILS, "class list", "memberships")
TAUGHT = ("subject", "subject_code", "class_year", "teacher", "co_teacher")
_GRADES = {"grade", "result", "exam grade", "final grade", "gcse grade", "exam result"}


def find_heading_row(
    rows: Sequence[TableRow], school: Mapping[str, HeadingMeaning]
) -> tuple[int, int]:
    """Return the position of the heading row and its score; 0 if there is none.

    Args:
        rows: The rows of a sheet.
        school: The school's own meanings of headings.
    """
    best, best_score = 0, 0
    for position, row in enumerate(rows[:LOOK_AHEAD]):
        meanings = [heading_meaning(text, school) for text in row.cells.values()]
        fields = {meaning.field for meaning in meanings if meaning.kind == "field"}
        others = sum(meaning.kind in ("indicator", "not kept") for meaning in meanings)
        enough = len(fields) > 1 or (
            fields & {*IDS, "weak_adno"} and len(row.cells) > 1
        )
        score = 4 * len(fields) + min(others, 3) if enough else 0
        if score > best_score:
            best, best_score = position, score
    return best, best_score


def settle_ambiguous(fields: dict[str, int], headings: TableRow) -> None:
    """Settle headings whose meaning depends on the kind of list.

    Args:
        fields: Field -> column; changed in place.
        headings: The heading row.
    """
    weak = fields.get("weak_adno")
    if weak is not None and not fields.keys() & set(IDS):
        fields["adno"] = weak
    elif "class" in fields and "mis_id" in fields and not fields.keys() & set(IDS):
        fields["adno"] = fields["mis_id"]  # `resolve_pupil_ids` finds whose it is
    if fields.keys() & set(IDS):
        _settle_pupil_list(fields, headings)
    elif "role" in fields:
        _settle_roles(fields)
    elif "class" in fields or {"subject", "teacher", "staff"} <= fields.keys():
        _settle_classes(fields)
    else:
        _settle_staff(fields, headings)


def _settle_pupil_list(fields: dict[str, int], headings: TableRow) -> None:
    if "name" in fields:
        fields.setdefault("pupil_name", fields["name"])
    staff = fields.get("staff")
    spare = "code initials name short name"
    if staff is not None and compare_key(headings.cells[staff]) not in spare:
        fields.setdefault("teacher", staff)
    for name in ("name", "staff", "title", "email", "role", "scope"):
        fields.pop(name, None)


def _settle_roles(fields: dict[str, int]) -> None:
    for name in ("teacher", "name", "teacher_name"):
        if "staff" not in fields and name in fields:
            fields["staff"] = fields[name]
    for name in ("subject", "reg", "year", "class"):
        if "scope" not in fields and name in fields:
            fields["scope"] = fields[name]
    for name in set(fields) - {"staff", "role", "scope"}:
        del fields[name]


def _settle_classes(fields: dict[str, int]) -> None:
    if "class" not in fields:
        fields["class"] = fields.pop("staff")
    elif "staff" in fields:
        fields.setdefault("teacher", fields["staff"])
    for name in ("staff", "name", "title", "email"):
        fields.pop(name, None)


def _settle_staff(fields: dict[str, int], headings: TableRow) -> None:
    if "teacher" in fields:
        other = "name" if "staff" in fields else "staff"
        fields.setdefault(other, fields.pop("teacher"))
    if "teacher_name" in fields:
        fields.setdefault("name", fields.pop("teacher_name"))
    # `Staff` beside `Code` is the name of the member of staff.
    for column, text in headings.cells.items():
        if compare_key(text) == "staff" and column != fields.get("staff"):
            fields.setdefault("name", column)
    for name in TAUGHT:
        fields.pop(name, None)


def use_full_names(
    fields: dict[str, int], spare: list[int], headings: Mapping[int, str]
) -> None:
    """Read `Teacher` beside `Teacher initials` as the teachers' names."""
    if "teacher_name" in fields or "teacher" not in fields:
        return
    for column in spare:
        if compare_key(headings[column]) in ("teacher", "teachers", "main teacher"):
            fields["teacher_name"] = column
            spare.remove(column)
            return


def kind_of(fields: Mapping[str, int], has_indicators: bool) -> str:
    """Return the kind of a list, as `ExportTable.kind`; empty for an unknown kind.

    Args:
        fields: Field -> column.
        has_indicators: Whether there are columns of indicators too.
    """
    names = "pupil_name" in fields or {"surname", "forename"} <= fields.keys()
    if fields.keys() & set(IDS):
        if "class" in fields:
            return "class list" if fields.keys() & set(TAUGHT) else "memberships"
        if not names:
            return "pupil data"
        has_scores = has_indicators or fields.keys() & set(SCORES)
        if has_scores and not fields.keys() & set(DETAILS):
            return "plain pupils"
        return "pupils"
    if {"staff", "role"} <= fields.keys():
        return "roles"
    if "class" in fields and fields.keys() & set(TAUGHT):
        if not fields.keys() & set(NAMES):
            return "classes"
    if "staff" in fields and fields.keys() & {"name", "email", *NAMES}:
        return "staff"
    return ""


def table_warnings(table: ExportTable, heading_row: int) -> Iterator[Problem]:
    """Yield what is doubtful about a table as a whole.

    Args:
        table: The table.
        heading_row: The number of its heading row.
    """
    yield from _duplicate_headings(table, heading_row)
    grades = result_columns(table)
    if grades:
        heading = table.headings[grades[0]]
        yield Problem(
            file=table.file,
            sheet=table.sheet,
            cell=_cell(table, grades[0], heading_row),
            severity="warning",
            code="looks-like-results",
            value=heading,
            what=f"The list has a subject and a {heading!r} in each row, as results of "
            "examinations have; the grades were not read.",
            do="Read results with `markbook results FILE`, and take the file out of "
            "exports/.",
        )


def result_columns(table: ExportTable) -> list[int]:
    """The columns of grades in a list with a row for each pupil and subject."""
    if table.kind not in ABOUT_PUPILS or not table.has("subject", "subject_code"):
        return []
    return [c for c, text in table.headings.items() if compare_key(text) in _GRADES]


def _duplicate_headings(table: ExportTable, heading_row: int) -> Iterator[Problem]:
    """Report columns with one heading and different values; the first is used.

    Further columns of classes are read in `generator.mis.class_columns`.
    """
    for field, first in table.fields.items():
        key = compare_key(table.headings.get(first, ""))
        for column, text in table.headings.items():
            if column == first or field == "class" or compare_key(text) != key:
                continue
            if any(
                column in row.cells and row.cells[column] != row.cells.get(first)
                for row in table.rows
            ):
                yield Problem(
                    file=table.file,
                    sheet=table.sheet,
                    cell=_cell(table, column, heading_row),
                    severity="warning",
                    code="heading-twice",
                    value=text,
                    what=f"The columns {column_letters(first)} and "
                    f"{column_letters(column)} have the heading {text!r} and differ; "
                    f"{column_letters(first)} was read.",
                    do="Give the columns headings of their own, or take one out.",
                )


def unused_headings(
    table: ExportTable,
    columns: Sequence[int],
    heading_row: int,
    school: Mapping[str, HeadingMeaning],
) -> Iterator[Problem]:
    """Name the headings that lost to another one for their field.

    Args:
        table: The table.
        columns: The columns of such headings.
        heading_row: The number of its heading row.
        school: The school's own meanings of headings.
    """
    for column in columns:
        text = table.headings[column]
        name = heading_meaning(text, school).field
        winner = table.fields.get(name)
        if winner is None or winner == column or column in table.fields.values():
            continue
        used = table.headings[winner]
        if compare_key(used) == compare_key(text) or name in ("class", "mis_id"):
            continue  # `_duplicate_headings` and `class_columns` tell of these
        if all(
            row.cells.get(column) in (None, row.cells.get(winner)) for row in table.rows
        ):
            continue
        yield Problem(
            file=table.file,
            sheet=table.sheet,
            cell=_cell(table, column, heading_row),
            severity="warning",
            code="heading-not-used",
            value=text,
            what=f"The column {text!r} was not read: {used!r} gives the same field.",
            do="Nothing, if that is right; else say in [columns] in school.toml which "
            "of the two it is.",
        )


def _cell(table: ExportTable, column: int, row: int) -> str:
    return f"{column_letters(column)}{row}" if table.sheet else f"row {row}"
