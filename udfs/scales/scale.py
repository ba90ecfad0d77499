"""Grades on their scales: points, levels, and how teachers write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from udfs.errors import UnknownGrade
from udfs.text import LETTERS_FOR_DIGITS, LOOK_ALIKES, key, shown, tidy

POINT = 60  # sixtieths of a point and of a whole grade: halves and thirds are whole
CLEAR = "Clear"

ReadingKind = Literal["grade", "code", "clear", "blank", "unknown"]

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip
_PAIR = re.compile(r"([0-9])([-/]?)([0-9])")


@dataclass(frozen=True, slots=True)
class Code:
    """What may stand in place of a grade and never enters an average.

    Args:
        name: As it is stored and listed: `Abs`.
        meaning: What it tells a reader: "no evidence, absent".
        spellings: Other ways of writing it; case and spaces never matter.
    """

    name: str
    meaning: str
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade of a scale.

    Args:
        name: As it is stored and listed: `5-4`.
        points: Performance-table points, in sixtieths of a point.
        level: Whole grades above the lowest, in sixtieths of a grade.
        fine: The level where thirds of a grade are told apart, in sixtieths.
        spellings: Other ways of writing it; case and spaces never matter.
    """

    name: str
    points: int
    level: int
    fine: int
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says.

    Args:
        value: The grade, code or `Clear` as it is stored; None for a blank and for
            what is not known.
        kind: `grade`, `code`, `clear`, `blank` or `unknown`.
        question: For what is not known: what is wrong with it, as a sentence.
        suggestion: The grade that was probably meant, or empty. It is shown with
            the question and never taken.
    """

    value: str | None
    kind: ReadingKind
    question: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of grades, lowest first.

    Args:
        name: Its name in `school.toml`: `combined_science`.
        title: Its name for a reader: "Combined Science".
        steps: The grades, lowest first.
        judgement: Whether a teacher chooses the flag itself; levels then count
            from the target, and its points are in no average.
    """

    name: str
    title: str
    steps: tuple[Grade, ...]
    judgement: bool = False
    _known: dict[str, Grade] = field(init=False, repr=False, compare=False)
    _named: dict[str, Grade] = field(init=False, repr=False, compare=False)
    _ranks: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known: dict[str, Grade] = {}
        for step in self.steps:
            for spelling in (*step.spellings, step.name):
                known[key(spelling)] = step
        object.__setattr__(self, "_known", known)
        named = {step.name: known[key(step.name)] for step in self.steps}
        object.__setattr__(self, "_named", named)
        ranks = {step.name: rank for rank, step in enumerate(self.steps)}
        object.__setattr__(self, "_ranks", ranks)

    @property
    def grades(self) -> tuple[str, ...]:
        """Its grades, lowest first."""
        return tuple(step.name for step in self.steps)

    @property
    def has_thirds(self) -> bool:
        """Whether it tells thirds of a grade apart."""
        return any(step.fine != step.level for step in self.steps)

    @property
    def _top(self) -> int:
        return len(self.steps) - 1

    def find(self, text: object) -> str | None:
        """The grade that a cell says, or None where it says something else.

        None is the answer for a blank and for a code too: they are not grades.
        """
        found = self._called(text)
        return found.name if found else None

    def points(self, grade: str) -> int:
        """Performance-table points, in sixtieths.

        Raises:
            UnknownGrade: If the grade is not on this scale.
        """
        return self._step(grade).points

    def level(self, grade: str, *, fine: bool = False) -> int:
        """Whole grades above the lowest, in sixtieths of a grade.

        Args:
            grade: A grade of this scale.
            fine: Whether thirds of a grade are told apart.

        Raises:
            UnknownGrade: If the grade is not on this scale.
        """
        step = self._step(grade)
        return step.fine if fine else step.level

    def rank(self, grade: str) -> int:
        """Steps above the lowest grade.

        Raises:
            UnknownGrade: If the grade is not on this scale.
        """
        return self._ranks[self._step(grade).name]

    def up(self, grade: str, steps: int) -> str:
        """The grade so many steps higher, or the highest there is.

        Raises:
            UnknownGrade: If the grade is not on this scale.
        """
        return self.steps[min(self.rank(grade) + steps, self._top)].name

    def thirds(self, grade: str) -> tuple[str, str, str]:
        """The lower, middle and upper third of a whole grade, where it has them.

        A third that is not there (9+) is the grade itself.

        Raises:
            UnknownGrade: If the grade is not on this scale.
        """
        whole = self.whole(grade)
        rank, level = self.rank(whole), self.level(whole)
        beside = (self.steps[max(rank - 1, 0)], self.steps[min(rank + 1, self._top)])
        lower, upper = (b.name if b.level == level else whole for b in beside)
        return lower, whole, upper

    def whole(self, grade: str) -> str:
        """The whole grade that a third of a grade belongs to.

        Raises:
            UnknownGrade: If the grade is not on this scale.
        """
        step = self._step(grade)
        if step.fine == step.level:
            return step.name
        same = (other.name for other in self.steps if other.fine == step.level)
        return next(same, step.name)

    def up_whole(self, grade: str, steps: int) -> str:
        """The whole grade so many whole grades higher, or the highest there is.

        Raises:
            UnknownGrade: If the grade is not on this scale.
        """
        wholes = [step.name for step in self.steps if step.fine == step.level]
        return wholes[min(wholes.index(self.whole(grade)) + steps, len(wholes) - 1)]

    def lowest_reaching(self, level: int) -> str:
        """The lowest grade at a level (in sixtieths, fine), or the highest grade."""
        for step in self.steps:
            if step.fine >= level:
                return step.name
        return self.steps[-1].name

    def highest_within(self, level: int) -> str:
        """The highest grade within a level (in sixtieths, fine), or the lowest."""
        within = [step.name for step in self.steps if step.fine <= level]
        return within[-1] if within else self.steps[0].name

    def nearest(self, level: Fraction | int, *, fine: bool = True) -> str:
        """The grade nearest to a level; halfway, the higher one.

        Args:
            level: In sixtieths of a grade; beyond the scale is its end.
            fine: Whether thirds of a grade may be the answer, where it has them.
        """
        found, exact = self.steps[0], Fraction(level)
        for step in self.steps:
            if not fine and step.fine != step.level:
                continue
            if abs(step.fine - exact) <= abs(found.fine - exact):
                found = step
        return found.name

    def above(self, grade: str, wholes: int) -> str:
        """The grade so many whole grades higher, or the highest there is.

        Unlike a step, a whole grade is one all through: two steps of pairs
        (5-4 to 6-5), three of thirds.

        Raises:
            UnknownGrade: If the grade is not on this scale.
        """
        return self.lowest_reaching(self.level(grade, fine=True) + wholes * POINT)

    @property
    def counts_as_gcse(self) -> bool:
        """Whether its points are those of GCSE: at most 9, and not a judgement."""
        highest = max(step.points for step in self.steps)
        return not self.judgement and 0 < highest <= 9 * POINT

    def read(self, text: object, codes: Sequence[Code] = ()) -> Reading:
        """What a cell says on this scale; a wrong value is questioned, not changed.

        Args:
            text: The cell's value: text, a number, a date, or None for a blank.
            codes: What may stand in place of a grade.
        """
        if isinstance(text, date):
            return self._dated(text)
        tidied = tidy(text)
        if not tidied:
            return Reading(None, "blank")
        found = self._match(tidied, codes)
        return found or self._questioned(tidied, codes)

    def meant_by_date(self, day: date) -> tuple[str, ...]:
        """The grades that a spreadsheet may have turned into this date.

        `5-4` typed into a cell of the wrong format becomes 5 April, or 4 May in an
        American one.
        """
        ways = (f"{day.day}-{day.month}", f"{day.month}-{day.day}")
        found = (self.find(way) for way in ways)
        return tuple(dict.fromkeys(grade for grade in found if grade))

    def _called(self, text: object) -> Grade | None:
        # Nearly always it is spelled as its name is.
        found = self._named.get(text) if type(text) is str else None
        return found or self._known.get(key(tidy(text)))

    def _step(self, grade: str) -> Grade:
        found = self._called(grade)
        if found is None:
            raise UnknownGrade(
                f"{shown(tidy(grade))} is not a grade of {self.title}.",
                f"Use one of: {', '.join(self.grades)}.",
            )
        return found

    def _match(self, tidied: str, codes: Sequence[Code]) -> Reading | None:
        typed = key(tidied)
        if step := self._known.get(typed):
            return Reading(step.name, "grade")
        for code in codes:
            if any(typed == key(way) for way in (code.name, *code.spellings)):
                return Reading(code.name, "code")
        if typed == key(CLEAR):
            return Reading(CLEAR, "clear")
        return None

    def _questioned(self, tidied: str, codes: Sequence[Code]) -> Reading:
        plain = f"{shown(tidied)} is not a grade of {self.title}"
        for table, how in (
            (LOOK_ALIKES, "has a letter of another alphabet that looks like {meant}"),
            (LETTERS_FOR_DIGITS, "has a letter where {meant} has a digit"),
        ):
            found = self._match(tidied.translate(table), codes)
            if found and found.value:
                odd = "; ".join(
                    unicodedata.name(letter, "a sign").lower()
                    for letter in tidied
                    if letter != letter.translate(table)
                )
                why = how.format(meant=found.value)
                return Reading(
                    None, "unknown", f"{shown(tidied)} {why} ({odd}).", found.value
                )
        if pair := _PAIR.fullmatch(key(tidied)):
            first, between, second = pair.groups()
            if meant := self.find(f"{second}{between}{first}"):
                return Reading(
                    None,
                    "unknown",
                    f"{plain}: the higher grade stands first, as in {meant}.",
                    meant,
                )
        return Reading(None, "unknown", f"{plain}.")

    def _dated(self, day: date) -> Reading:
        typed = f"{day.day} {MONTHS[day.month - 1]}"
        meant = self.meant_by_date(day)
        if len(meant) == 1:
            why = f"The spreadsheet has made the date {typed} of what was typed"
            return Reading(None, "unknown", f"{why}, probably {meant[0]}.", meant[0])
        return Reading(
            None, "unknown", f"The date {typed} is not a grade of {self.title}."
        )
