"""Grade scales: points, levels, and the spellings teachers use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from udfs.errors import UnknownGrade
from udfs.scales.likely_grade import likely_grade
from udfs.text import LETTERS_FOR_DIGITS, LOOK_ALIKES, match_key, quote, tidy

POINT = 60  # sixtieths of a point and of a whole grade: halves and thirds are whole
CLEAR = "Clear"

CellKind = Literal["grade", "code", "clear", "blank", "unknown"]

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip
_PAIR = re.compile(r"([0-9])([-/]?)([0-9])")

NOT_TAKEN_CODE = "N/T"  # the pupil does not take the subject


@dataclass(frozen=True, slots=True)
class Code:
    """A code that may replace a grade and is in no average.

    Args:
        name: The stored name: `Abs`.
        meaning: Its meaning for a reader: "no evidence, absent".
        spellings: Other spellings; case and spaces are ignored.
    """

    name: str
    meaning: str
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade of a scale.

    Args:
        name: The stored name: `5-4`.
        points: Performance-table points, in sixtieths of a point.
        level: Whole grades above the lowest, in sixtieths of a grade.
        fine: The level that distinguishes thirds of a grade, in sixtieths.
        spellings: Other spellings; case and spaces are ignored.
    """

    name: str
    points: int
    level: int
    fine: int
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CellReading:
    """The meaning of one cell.

    Args:
        value: The grade, code or `Clear` as it is stored; None for a blank or an
            unknown value.
        kind: `grade`, `code`, `clear`, `blank` or `unknown`.
        question: What is wrong with an unknown value, as a sentence.
        suggestion: The grade that was probably meant, or empty. It is shown with the
            question and never used instead.
    """

    value: str | None
    kind: CellKind
    question: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of grades, lowest first.

    Methods that take a grade raise `UnknownGrade` where it is not on this scale.

    Args:
        name: Its name in `school.toml`: `combined_science`.
        title: Its name for a reader: "Combined Science".
        steps: The grades, lowest first.
        judgement: Whether teachers choose the flag itself; levels then count from the
            target, and its points are in no average.
    """

    name: str
    title: str
    steps: tuple[Grade, ...]
    judgement: bool = False
    _by_spelling: dict[str, Grade] = field(init=False, repr=False, compare=False)
    _by_name: dict[str, Grade] = field(init=False, repr=False, compare=False)
    _ranks: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_spelling: dict[str, Grade] = {}
        for step in self.steps:
            for spelling in (*step.spellings, step.name):
                by_spelling[match_key(spelling)] = step
        object.__setattr__(self, "_by_spelling", by_spelling)
        by_name = {step.name: by_spelling[match_key(step.name)] for step in self.steps}
        object.__setattr__(self, "_by_name", by_name)
        ranks = {step.name: rank for rank, step in enumerate(self.steps)}
        object.__setattr__(self, "_ranks", ranks)

    @property
    def grades(self) -> tuple[str, ...]:
        """The names of its grades, lowest first."""
        return tuple(step.name for step in self.steps)

    @property
    def has_thirds(self) -> bool:
        """Whether it distinguishes thirds of a grade."""
        return any(step.fine != step.level for step in self.steps)

    @property
    def _top(self) -> int:
        return len(self.steps) - 1

    def find(self, text: object) -> str | None:
        """Return the grade in a cell; None for a blank, a code or anything else."""
        grade = self._look_up(text)
        return grade.name if grade else None

    def points(self, grade: str) -> int:
        """Return a grade's performance-table points, in sixtieths."""
        return self._step(grade).points

    def level(self, grade: str, *, fine: bool = False) -> int:
        """Return how far a grade is above the lowest, in sixtieths of a grade.

        Args:
            grade: A grade of this scale.
            fine: Whether to distinguish thirds of a grade.
        """
        step = self._step(grade)
        return step.fine if fine else step.level

    def rank(self, grade: str) -> int:
        """Return the number of steps above the lowest grade."""
        return self._ranks[self._step(grade).name]

    def step_up(self, grade: str, steps: int) -> str:
        """Return the grade a number of steps higher, or the highest grade."""
        return self.steps[min(self.rank(grade) + steps, self._top)].name

    def thirds(self, grade: str) -> tuple[str, str, str]:
        """Return the lower, middle and upper third of a whole grade.

        A third that does not exist (9+) is the grade itself.
        """
        whole = self.whole(grade)
        rank, level = self.rank(whole), self.level(whole)
        neighbours = (
            self.steps[max(rank - 1, 0)],
            self.steps[min(rank + 1, self._top)],
        )
        lower, upper = (
            step.name if step.level == level else whole for step in neighbours
        )
        return lower, whole, upper

    def whole(self, grade: str) -> str:
        """Return the whole grade to which a third of a grade belongs."""
        step = self._step(grade)
        if step.fine == step.level:
            return step.name
        wholes = (other.name for other in self.steps if other.fine == step.level)
        return next(wholes, step.name)

    def step_up_whole(self, grade: str, steps: int) -> str:
        """Return the whole grade a number of whole grades higher, or the highest."""
        whole_grades = [step.name for step in self.steps if step.fine == step.level]
        return whole_grades[
            min(whole_grades.index(self.whole(grade)) + steps, len(whole_grades) - 1)
        ]

    def lowest_reaching(self, level: int) -> str:
        """Return the lowest grade from a level up (fine sixtieths), or the highest."""
        for step in self.steps:
            if step.fine >= level:
                return step.name
        return self.steps[-1].name

    def highest_within(self, level: int) -> str:
        """Return the highest grade up to a level (fine sixtieths), or the lowest."""
        within = [step.name for step in self.steps if step.fine <= level]
        return within[-1] if within else self.steps[0].name

    def nearest(self, level: Fraction | int, *, fine: bool = True) -> str:
        """Return the grade nearest to a level; halfway, the higher one.

        Args:
            level: Sixtieths of a grade; a level beyond the scale gives its end.
            fine: Whether the answer may be a third of a grade.
        """
        nearest, exact = self.steps[0], Fraction(level)
        for step in self.steps:
            if not fine and step.fine != step.level:
                continue
            if abs(step.fine - exact) <= abs(nearest.fine - exact):
                nearest = step
        return nearest.name

    def above(self, grade: str, whole_grades: int) -> str:
        """Return the grade a number of whole grades higher, or the highest grade.

        A whole grade may be several steps: two steps of pairs (5-4 to 6-5), three of
        thirds.
        """
        return self.lowest_reaching(self.level(grade, fine=True) + whole_grades * POINT)

    @property
    def counts_as_gcse(self) -> bool:
        """Whether its points are those of GCSE: at most 9, and not a judgement."""
        highest = max(step.points for step in self.steps)
        return not self.judgement and 0 < highest <= 9 * POINT

    def read(self, text: object, codes: Sequence[Code] = ()) -> CellReading:
        """Read a cell; a wrong value is questioned and never changed.

        Args:
            text: The cell's value: text, a number, a date, or None for a blank.
            codes: The codes that may replace a grade.
        """
        if isinstance(text, date):
            return self._read_date(text)
        tidied = tidy(text)
        if not tidied:
            return CellReading(None, "blank")
        match = self._match(tidied, codes)
        return match or self._read_unknown(tidied, codes)

    def grades_from_date(self, day: date) -> tuple[str, ...]:
        """Return the grades that a spreadsheet may have turned into this date.

        `5-4` in a cell of the wrong format becomes 5 April, or 4 May in an American
        one.
        """
        spellings = (f"{day.day}-{day.month}", f"{day.month}-{day.day}")
        grades = (self.find(way) for way in spellings)
        return tuple(dict.fromkeys(grade for grade in grades if grade))

    def _look_up(self, text: object) -> Grade | None:
        # Nearly all cells hold the name itself.
        grade = self._by_name.get(text) if type(text) is str else None
        return grade or self._by_spelling.get(match_key(tidy(text)))

    def _step(self, grade: str) -> Grade:
        step = self._look_up(grade)
        if step is None:
            raise UnknownGrade(
                f"{quote(tidy(grade))} is not a grade of {self.title}.",
                f"Use one of: {', '.join(self.grades)}.",
            )
        return step

    def _match(self, tidied: str, codes: Sequence[Code]) -> CellReading | None:
        spelling_key = match_key(tidied)
        if step := self._by_spelling.get(spelling_key):
            return CellReading(step.name, "grade")
        for code in codes:
            if any(
                spelling_key == match_key(spelling)
                for spelling in (code.name, *code.spellings)
            ):
                return CellReading(code.name, "code")
        if spelling_key == match_key(CLEAR):
            return CellReading(CLEAR, "clear")
        return None

    def _read_unknown(self, tidied: str, codes: Sequence[Code]) -> CellReading:
        message = f"{quote(tidied)} is not a grade of {self.title}"
        for table, template in (
            (LOOK_ALIKES, "has a letter of another alphabet that looks like {meant}"),
            (LETTERS_FOR_DIGITS, "has a letter where {meant} has a digit"),
        ):
            match = self._match(tidied.translate(table), codes)
            if match and match.value:
                letters = "; ".join(
                    unicodedata.name(letter, "a sign").lower()
                    for letter in tidied
                    if letter != letter.translate(table)
                )
                reason = template.format(meant=match.value)
                return CellReading(
                    None,
                    "unknown",
                    f"{quote(tidied)} {reason} ({letters}).",
                    match.value,
                )
        if pair := _PAIR.fullmatch(match_key(tidied)):
            first, between, second = pair.groups()
            if corrected := self.find(f"{second}{between}{first}"):
                return CellReading(
                    None,
                    "unknown",
                    f"{message}: the higher grade stands first, as in {corrected}.",
                    corrected,
                )
        if likely := likely_grade(tidied, self.find):
            question = f"{message}: did you mean {likely}?"
            return CellReading(None, "unknown", question, likely)
        return CellReading(None, "unknown", f"{message}.")

    def _read_date(self, day: date) -> CellReading:
        day_text = f"{day.day} {MONTHS[day.month - 1]}"
        grades = self.grades_from_date(day)
        if len(grades) == 1:
            reason = f"The spreadsheet has made the date {day_text} of what was typed"
            return CellReading(
                None, "unknown", f"{reason}, probably {grades[0]}.", grades[0]
            )
        # On a scale of whole grades `6/5` is two grades of it.
        first = self.find(day.day)
        if not grades and first and self.find(day.month):
            reason = f"The spreadsheet has made the date {day_text} of what was typed"
            question = f"{reason}: did you mean {first}?"
            return CellReading(None, "unknown", question, first)
        return CellReading(
            None, "unknown", f"The date {day_text} is not a grade of {self.title}."
        )
