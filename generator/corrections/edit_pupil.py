"""Add one pupil, and say that one left or came back, without a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from generator.corrections.correction_report import (
    CorrectionRefused,
    CorrectionReport,
)
from generator.corrections.roster_editor import RosterEditor
from generator.lookup import find_code, listed
from generator.mis.identifiers import clean_identifier, clean_upn, upn_fault
from generator.problems import Problem
from generator.store import schema

if TYPE_CHECKING:
    from generator.context import Context

# What was collected for a pupil, or stands somewhere by name.
_COLLECTED = ("marks", "history", "results", "interventions")


@dataclass(frozen=True, slots=True)
class NewPupil:
    """A pupil to add; texts as typed, empty where they are not known.

    Args:
        adno: The admission number.
        surname: The surname.
        forename: The forename.
        year: The year group.
        reg: The tutor group.
        upn: The UPN.
        classes: Codes of classes.
    """

    adno: str
    surname: str
    forename: str
    year: int
    reg: str = ""
    upn: str = ""
    classes: tuple[str, ...] = ()


def add_pupil(
    connection: Connection, context: Context, pupil: NewPupil
) -> CorrectionReport:
    """Add a pupil, in the classes named.

    Raises:
        MarkbookError: If the admission number or UPN is another pupil's, or a class
            does not exist; nothing is stored then.
    """
    editor = RosterEditor.begin(connection, context)
    adno, upn = clean_identifier(pupil.adno), clean_upn(pupil.upn)
    _check_new(editor, adno, upn, pupil)
    codes = [editor.people.class_code(code) for code in pupil.classes]
    empty = {c.name: "" for c in schema.pupils.columns}
    editor.put(
        "pupils",
        {
            **empty,
            "adno": adno,
            "upn": upn,
            "surname": pupil.surname.strip(),
            "forename": pupil.forename.strip(),
            "year": pupil.year,
            "reg": pupil.reg.strip(),
            "left": None,
            "academic_year": editor.academic_year,
        },
    )
    editor.note("joined", adno=adno)
    for code in codes:
        editor.join(adno, code)
    name = f"{pupil.forename} {pupil.surname} ({adno})"
    where = f", in {listed(codes)}" if codes else ""
    return editor.finish(
        "pupil",
        f"Added {name}, Year {pupil.year}{where}",
        about={"adno": adno},
        problems=_upn_warnings(adno, upn),
        hint="Next: markbook targets draft, then markbook issue.",
    )


def _check_new(editor: RosterEditor, adno: str, upn: str, pupil: NewPupil) -> None:
    if not (adno and pupil.surname.strip()):
        raise CorrectionRefused(
            "A pupil needs an admission number and a surname.",
            "Give both, as in the MIS.",
        )
    for known in editor.people.pupils:
        if known.adno.lstrip("0").casefold() == adno.lstrip("0").casefold():
            back = f" Or: markbook pupil back {known.adno}." if known.left else ""
            raise CorrectionRefused(
                f"The admission number {known.adno} is that of {known.name}.",
                f"Give the pupil's own number.{back}",
            )
        row = editor.row("pupils", adno=known.adno) if upn else None
        if row and row["upn"] == upn:
            raise CorrectionRefused(
                f"The UPN {upn} is that of {known.name} ({known.adno}).",
                "Give the pupil's own UPN, or none.",
            )
    if not 0 <= pupil.year <= 14:
        raise CorrectionRefused(
            f"There is no Year {pupil.year}.", "Give the year group, such as 10."
        )


def _upn_warnings(adno: str, upn: str) -> tuple[Problem, ...]:
    fault = upn_fault(upn)
    if not fault:
        return ()
    return (
        Problem(
            adno=adno,
            severity="warning",
            code=f"upn-{fault.replace(' ', '-')}",
            value=upn,
            what=f"The UPN is wrong or missing ({fault}).",
            do="The pupil is added all the same; the next list of pupils completes it.",
        ),
    )


def end_pupil(
    connection: Connection, context: Context, word: str, day: date
) -> CorrectionReport:
    """Say that a pupil left; memberships, targets and marks stay.

    Args:
        connection: A transaction of the store.
        context: The school, the moment and the person.
        word: The pupil, as typed.
        day: The first day no longer on roll.
    """
    editor = RosterEditor.begin(connection, context)
    pupil = editor.people.pupil(word)
    row = editor.row("pupils", adno=pupil.adno)
    assert row is not None  # it was just found
    editor.put("pupils", {**row, "left": day.isoformat()})
    editor.note("left", adno=pupil.adno)
    what = f"{pupil.name} ({pupil.adno}) left on {day.isoformat()}"
    return editor.finish("pupil", what, about={"adno": pupil.adno})


def return_pupil(
    connection: Connection, context: Context, word: str
) -> CorrectionReport:
    """Say that a pupil who left is back."""
    editor = RosterEditor.begin(connection, context)
    pupil = editor.people.pupil(word)
    row = editor.row("pupils", adno=pupil.adno)
    assert row is not None  # it was just found
    editor.put("pupils", {**row, "left": None, "academic_year": editor.academic_year})
    editor.note("returned", adno=pupil.adno)
    classes = editor.people.classes_of(pupil.adno)
    what = f"{pupil.name} ({pupil.adno}) is on roll again, in {listed(classes)}"
    return editor.finish("pupil", what, about={"adno": pupil.adno})


def remove_pupil(
    connection: Connection, context: Context, word: str
) -> CorrectionReport:
    """Remove a pupil for whom nothing was ever collected.

    Raises:
        CorrectionRefused: If something was; nothing is removed then.
    """
    editor = RosterEditor.begin(connection, context)
    pupil = editor.people.pupil(word)
    for table in _COLLECTED:
        rows = editor.rows_of_pupil(table, pupil.adno)
        if rows:
            raise CorrectionRefused(
                f"{pupil.name} ({pupil.adno}) has {len(rows)} rows in {table}, and "
                "nobody with marks is ever removed.",
                f"If the pupil has left: markbook pupil left {pupil.adno}.",
            )
    for table in ("memberships", "indicators", "targets", "pupils"):
        for row in editor.rows_of_pupil(table, pupil.adno):
            editor.delete(table, row)
    editor.note("left", adno=pupil.adno)
    what = f"Removed {pupil.name} ({pupil.adno}), for whom nothing was collected"
    return editor.finish("pupil", what, about={"adno": pupil.adno})


def move_pupil(
    connection: Connection, context: Context, word: str, old: str, new: str
) -> CorrectionReport:
    """Move a pupil from one class to another.

    Raises:
        MarkbookError: If the pupil is not in the first class now, or a class does not
            exist.
    """
    editor = RosterEditor.begin(connection, context)
    people = editor.people
    pupil = people.pupil(word)
    before, after = people.class_code(old), people.class_code(new)
    present = people.classes_of(pupil.adno)
    if before not in present:
        raise CorrectionRefused(
            f"{pupil.name} ({pupil.adno}) is not in {before} now.",
            f"The classes of {pupil.name}: {listed(present)}.",
        )
    find_code(after, [code for code in people.classes if code != before], "other class")
    editor.leave(pupil.adno, before, context.today.isoformat())
    editor.join(pupil.adno, after)
    what = f"Moved {pupil.name} ({pupil.adno}) from {before} to {after}"
    about = {"adno": pupil.adno, "class_code": after}
    return editor.finish("class", what, about=about, hint="Next: markbook issue.")
