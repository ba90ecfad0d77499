"""Give a class another teacher or code, end it, or merge it into another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from generator.corrections.correction_report import (
    CorrectionRefused,
    CorrectionReport,
)
from generator.corrections.roster_editor import RosterEditor
from generator.lookup import find_code
from generator.mis.identifiers import clean_identifier
from generator.returns.chase_report import count_text
from generator.store import roster, schema
from generator.store.class_aliases import class_aliases, move_marks

if TYPE_CHECKING:
    from generator.context import Context


def assign_class(
    connection: Connection,
    context: Context,
    class_word: str,
    staff_word: str,
    *,
    until: date | None = None,
    beside: bool = False,
) -> CorrectionReport:
    """Give a class another teacher: for good, or as cover until a day.

    Args:
        connection: A transaction of the store.
        context: The school, the moment and the person.
        class_word: The class, as typed.
        staff_word: The teacher's code or name, as typed.
        until: The last day of the cover; None for good.
        beside: Whether the teachers there are stay beside the new one.

    Raises:
        MarkbookError: If the class or the teacher does not exist.
    """
    editor = RosterEditor.begin(connection, context)
    code = editor.people.class_code(class_word)
    staff = roster.staff(connection, editor.academic_year)
    names = dict(zip(staff["code"], staff["name"], strict=True))
    teacher = find_code(staff_word, names, "member of staff", names=names)
    if until is not None and until < context.today:
        raise CorrectionRefused(
            f"{until.isoformat()} is past.", "Name the last day of the cover."
        )
    row = editor.row("classes", **{"class": code})
    assert row is not None  # it was just found
    others = [each for each in row["teachers"].split(";") if each and each != teacher]
    teachers = ";".join([teacher, *(others if beside else [])])
    editor.put("classes", {**row, "teachers": teachers})
    editor.note(
        "changed", code=code, name="teachers", old=row["teachers"], new=teachers
    )
    ending = f" until {until.isoformat()}" if until else ""
    name = names[teacher] or teacher
    what = f"{code} is taught by {name} ({teachers.replace(';', ', ')}){ending}"
    about = {"class_code": code, "until": until.isoformat() if until else ""}
    return editor.finish("class", what, about=about)


def rename_class(
    connection: Connection, context: Context, old_word: str, new_word: str
) -> CorrectionReport:
    """Give a class another code; imports and returns may go on naming the old one.

    Raises:
        MarkbookError: If there is no such class, or the new code is in use.
    """
    editor = RosterEditor.begin(connection, context)
    old, new = editor.people.class_code(old_word), clean_identifier(new_word)
    aliases = class_aliases(connection, editor.academic_year)
    for code in editor.people.classes:
        if not new or code.casefold() == new.casefold() != old.casefold():
            raise CorrectionRefused(
                f"{new_word!r} cannot be the new code: it is empty or in use.",
                f"Choose another code, or merge: markbook class merge {old} {code}.",
            )
    if aliases.get(new, old) != old:
        raise CorrectionRefused(
            f"{new} is the earlier code of {aliases[new]}.", "Choose another code."
        )
    row = editor.row("classes", **{"class": old})
    assert row is not None  # it was just found
    if new != old:
        editor.delete("classes", row)
        editor.put("classes", {**row, "class": new})
        _move_members(editor, old, new)
        _add_alias(editor, aliases, old, new)
        editor.note("changed", code=new, name="class", old=old, new=new)
    about = {"class_code": new}
    return editor.finish("class", f"Class {old} is now {new}", about=about)


def merge_classes(
    connection: Connection, context: Context, word: str, into_word: str
) -> CorrectionReport:
    """Put the pupils of one class into another, and end it.

    Raises:
        MarkbookError: If a class does not exist, or their subjects differ.
    """
    editor = RosterEditor.begin(connection, context)
    people = editor.people
    old, new = people.class_code(word), people.class_code(into_word)
    if old == new or people.classes[old] != people.classes[new]:
        raise CorrectionRefused(
            f"{old} ({people.classes[old]}) cannot be merged into {new} "
            f"({people.classes[new]}).",
            "Name two classes of one subject.",
        )
    row = editor.row("classes", **{"class": old})
    assert row is not None  # it was just found
    moved = [
        adno
        for (code, adno), until in people.memberships.items()
        if code == old and not until
    ]
    editor.delete("classes", row)
    _move_members(editor, old, new)
    _add_alias(editor, class_aliases(connection, editor.academic_year), old, new)
    what = f"Merged {old} ({count_text(len(moved), 'pupil')}) into {new}"
    return editor.finish("class", what, about={"class_code": new})


def end_class(
    connection: Connection, context: Context, word: str, day: date
) -> CorrectionReport:
    """End a class: nobody is in it any more; its marks stay with its pupils.

    Args:
        connection: A transaction of the store.
        context: The school, the moment and the person.
        word: The class, as typed.
        day: The first day that it no longer meets; today or before.
    """
    editor = RosterEditor.begin(connection, context)
    code = editor.people.class_code(word)
    if day > context.today:
        raise CorrectionRefused(
            f"{day.isoformat()} is still to come.",
            "End the class on the day, or name a day that is past.",
        )
    members = [
        adno
        for (own, adno), until in editor.people.memberships.items()
        if own == code and not until
    ]
    for adno in sorted(members):
        editor.leave(adno, code, day.isoformat())
    what = f"{code} ended on {day.isoformat()}; {count_text(len(members), 'pupil')}"
    return editor.finish("class", f"{what} left it", about={"class_code": code})


def _move_members(editor: RosterEditor, old: str, new: str) -> None:
    """Put the memberships and marks of a class under another code."""
    table = schema.memberships
    query = select(table).where(
        table.c.academic_year == editor.academic_year, table.c["class"] == old
    )
    rows = [dict(row) for row in editor.connection.execute(query).mappings()]
    for row in rows:
        present = editor.row("memberships", **{"class": new, "adno": row["adno"]})
        editor.delete("memberships", row)
        if present is None or (present["until"] and not row["until"]):
            editor.put("memberships", {**row, "class": new})
    pupils = [row["adno"] for row in rows]
    move_marks(editor.connection, editor.academic_year, old, new, pupils)


def _add_alias(
    editor: RosterEditor, aliases: dict[str, str], old: str, new: str
) -> None:
    """Record the old code, and point codes that meant it to the new one."""
    year = editor.academic_year
    if new in aliases:
        editor.delete(
            "class_aliases", {"academic_year": year, "alias": new, "class": old}
        )
    codes: Iterable[str] = [old, *(a for a, code in aliases.items() if code == old)]
    for alias in codes:
        if alias != new:
            row = {"academic_year": year, "alias": alias, "class": new}
            editor.put("class_aliases", row)
