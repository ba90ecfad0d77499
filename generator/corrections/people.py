"""The pupil, class and subject that a correction is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from generator.corrections.correction_report import CorrectionRefused
from generator.lookup import RosterPupil, find_code, find_pupil, listed
from generator.problems import Problem
from generator.store import schema
from generator.store.class_aliases import class_aliases
from udfs.tables import Tables


@dataclass(frozen=True, slots=True)
class Roster:
    """Who and what there is in one academic year.

    Args:
        academic_year: As `2026/27`.
        pupils: Every pupil, leavers included.
        classes: Class code -> the class's subject.
        memberships: (class, admission number) -> the day it ended, or empty.
        aliases: Earlier code of a class -> its present code.
    """

    academic_year: str
    pupils: tuple[RosterPupil, ...]
    classes: Mapping[str, str]
    memberships: Mapping[tuple[str, str], str]
    aliases: Mapping[str, str]

    @classmethod
    def load(cls, connection: Connection, academic_year: str) -> Roster:
        """Read the roster of an academic year."""
        p, c, m = schema.pupils.c, schema.classes.c, schema.memberships.c
        pupils = connection.execute(
            select(p.adno, p.surname, p.forename, p.reg, p.left).order_by(p.adno)
        )
        classes = connection.execute(
            select(c["class"], c.subject)
            .where(c.academic_year == academic_year)
            .order_by(c["class"])
        )
        members = connection.execute(
            select(m["class"], m.adno, m.until).where(m.academic_year == academic_year)
        )
        return cls(
            academic_year,
            tuple(
                RosterPupil(row[0], row[1], row[2], row[3], row[4] or "")
                for row in pupils.all()
            ),
            {row[0]: row[1] for row in classes.all()},
            {(row[0], row[1]): row[2] or "" for row in members.all()},
            class_aliases(connection, academic_year),
        )

    def pupil(self, word: str) -> RosterPupil:
        """The pupil that a word means.

        Raises:
            UnknownChoice: If nobody matches, or more than one does.
        """
        return find_pupil(word, self.pupils)

    def class_code(self, word: str) -> str:
        """The class that a word means.

        Raises:
            UnknownChoice: If none matches; the message names those like it.
        """
        code = find_code(word, {**self.classes, **self.aliases}, "class")
        return self.aliases.get(code, code)

    def classes_of(self, adno: str) -> list[str]:
        """The classes that a pupil is in now, by code."""
        return sorted(
            code
            for (code, member), until in self.memberships.items()
            if member == adno and not until and code in self.classes
        )

    def member(self, pupil: RosterPupil, code: str) -> None:
        """Check that a pupil is in a class, or was this year.

        Raises:
            CorrectionRefused: If not; the message names the pupil's classes.
        """
        if (code, pupil.adno) in self.memberships:
            return
        raise CorrectionRefused(
            f"{pupil.name} ({pupil.adno}) is not in {code}, and was not this year.",
            f"The classes of {pupil.name}: {listed(self.classes_of(pupil.adno))}.",
        )

    def subjects(self, code: str, tables: Tables) -> tuple[str, ...]:
        """The subjects that marks of a class are about."""
        name = self.classes[code]
        return tables.subject(name).covers or (name,)


def choose_subject(
    word: str | None, subjects: tuple[str, ...], what: str, tables: Tables
) -> str:
    """The subject that is meant, of those there are.

    Args:
        word: What a person typed; None for the only one.
        subjects: The subjects.
        what: Whose they are, for messages (`10x/En1`).
        tables: The subjects with their synonyms.

    Raises:
        CorrectionRefused: If none is named and there are several.
        UnknownChoice: If the word is none of them.
    """
    if word is None:
        if len(subjects) == 1:
            return subjects[0]
        raise CorrectionRefused(
            f"{what} has marks in {listed(subjects)}.",
            f'Name one: --subject "{subjects[0]}".',
        )
    for subject in subjects:
        if tables.is_same_subject(subject, word):
            return subject
    return find_code(word, subjects, f"subject of {what}")


def leaver_warning(pupil: RosterPupil, today: date) -> tuple[Problem, ...]:
    """A warning if a pupil is not on roll any more."""
    if not pupil.has_left(today.isoformat()):
        return ()
    return (
        Problem(
            adno=pupil.adno,
            severity="warning",
            code="pupil-left",
            value=pupil.left,
            what=f"{pupil.name} ({pupil.adno}) left on {pupil.left}.",
            do="The correction is made all the same. If another pupil was meant, take "
            "it back.",
        ),
    )
