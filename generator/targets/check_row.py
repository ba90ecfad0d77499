"""What one filled-in row of a moderation workbook changes, or why it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from generator.problems import Problem, Severity
from generator.targets.form import NAME_LENGTH, TEXT_LENGTH, headings
from generator.targets.read_form import FormRow
from generator.xlsx.cell_values import CellValue
from udfs.scales.scale import Code, Scale
from udfs.text import quote

PROVISIONAL = "provisional"
Outcome = Literal["raised", "lowered", "baseline", "agreed", "same"]


@dataclass(frozen=True, slots=True)
class TargetVersion:
    """A target at one of its versions.

    Args:
        version: Its number; 0 where there is none.
        expected: The expected target, or None.
        aspirational: The aspirational target, or None.
        status: `draft`, `provisional`, `issued`, or empty.
        by: Who set it.
        at: When, as ISO text.
    """

    version: int = 0
    expected: str | None = None
    aspirational: str | None = None
    status: str = ""
    set_by: str = ""
    set_at: str = ""

    @property
    def text(self) -> str:
        """Both targets as a reader sees them.

        >>> Stands(1, "5", "6").text, Stands().text
        ('5 and 6', 'none')
        """
        pair = [grade for grade in (self.expected, self.aspirational) if grade]
        return " and ".join(pair) or "none"


@dataclass(frozen=True, slots=True)
class AgreedTarget:
    """What a row changes.

    Args:
        outcome: What becomes of the target.
        expected: The expected target as agreed.
        aspirational: The aspirational target as agreed.
        reason: Why, as it is kept.
        by: Who agreed it, or empty where the row does not say.
        key: The entry cell that decided.
    """

    outcome: Outcome
    expected: str
    aspirational: str
    reason: str
    by: str
    key: str


@dataclass(frozen=True, slots=True)
class RowChecker:
    """Looks at the rows of one sheet.

    Args:
        scale: The subject's scale.
        codes: What may stand in place of a grade elsewhere; here it may not.
        stretch: Whole grades from expected to aspirational where only one is given.
    """

    scale: Scale
    codes: Sequence[Code]
    stretch: int

    def check(
        self, row: FormRow, *, base: TargetVersion, now: TargetVersion
    ) -> tuple[AgreedTarget | None, list[Problem]]:
        """What a row changes, and everything that is wrong with it.

        Args:
            row: The row, with at least one of the two grades filled in.
            base: The target as the workbook showed it, or as it was last taken from
                this workbook.
            now: The target as it stands.

        Returns:
            The agreement, or None where the row cannot be taken; then the problems
            say why.
        """
        problems: list[Problem] = []
        low = self._grade(row, "agreed_expected", problems)
        high = self._grade(row, "agreed_aspirational", problems)
        by = _text(row, "by", NAME_LENGTH, problems)
        reason = _text(row, "reason", TEXT_LENGTH, problems)
        if problems:
            return None, problems
        for key, said, was, stands in (
            ("agreed_expected", low, base.expected, now.expected),
            ("agreed_aspirational", high, base.aspirational, now.aspirational),
        ):
            if said and said != stands and stands != was:
                who = f" by {now.set_by} on {now.set_at[:10]}" if now.set_by else ""
                problems.append(
                    row_problem(
                        row,
                        key,
                        "target-changed",
                        f"The target has changed since this workbook was written: it "
                        f"was {base.text} and is {now.text} now{who}.",
                        "Nothing was changed. Write the workbook again and agree anew.",
                        value=said,
                    )
                )
        if problems:
            return None, problems
        return self._settled(row, low, high, reason, by, now)

    def _settled(
        self,
        row: FormRow,
        low: str | None,
        high: str | None,
        reason: str,
        by: str,
        now: TargetVersion,
    ) -> tuple[AgreedTarget | None, list[Problem]]:
        key = "agreed_expected" if low else "agreed_aspirational"
        expected = low or now.expected
        if expected is None or self.scale.find(expected) is None:
            return None, [
                row_problem(
                    row,
                    "agreed_aspirational",
                    "no-expected-target",
                    "There is no expected target to go with the aspirational one.",
                    "Fill in Agreed expected too.",
                    value=high or "",
                )
            ]
        aspirational = high or self._kept_above(expected, now)
        if self._level(aspirational) < self._level(expected):
            return None, [
                row_problem(
                    row,
                    "agreed_aspirational",
                    "aspirational-below-expected",
                    f"The aspirational target {aspirational} is below the expected "
                    f"one, {expected}.",
                    "Choose one that is no lower.",
                    value=aspirational,
                )
            ]
        lower = [
            name
            for name, new, old in (
                ("expected", low, now.expected),
                ("aspirational", high, now.aspirational),
            )
            if new and old and self.scale.find(old)
            if self._level(new) < self._level(old)
        ]
        if lower and now.status != PROVISIONAL and not (reason and by):
            return None, _unexplained(row, lower, reason, by, now)
        outcome = self._outcome(expected, aspirational, now)
        if outcome == "same":
            return AgreedTarget("same", expected, aspirational, "", by, key), []
        why = _why(outcome, reason, now)
        return AgreedTarget(outcome, expected, aspirational, why, by, key), []

    def _kept_above(self, expected: str, now: TargetVersion) -> str:
        """The aspirational target where only the expected one was agreed."""
        stands = self.scale.find(now.aspirational)
        if stands is None:
            return self.scale.above(expected, self.stretch)
        return stands if self._level(stands) >= self._level(expected) else expected

    def _outcome(self, expected: str, aspirational: str, now: TargetVersion) -> Outcome:
        if now.status == PROVISIONAL:
            return "baseline"
        if (expected, aspirational) == (now.expected, now.aspirational):
            return "same" if now.status == "issued" else "agreed"
        old = self.scale.find(now.expected)
        before = -1 if old is None else self._level(old)
        top = self.scale.find(now.aspirational)
        fell = self._level(expected) < before or (
            self._level(expected) == before
            and top is not None
            and self._level(aspirational) < self._level(top)
        )
        return "lowered" if fell else "raised"

    def _level(self, grade: str) -> int:
        return self.scale.level(grade, fine=True)

    def _grade(self, row: FormRow, key: str, problems: list[Problem]) -> str | None:
        cell = row.cells[key]
        if cell.is_blank:
            return None
        if cell.problem:
            problems.append(_unreadable(row, key, cell))
            return None
        reading = self.scale.read(cell.day or cell.text, self.codes)
        if reading.kind == "grade":
            return reading.value
        what = reading.question or f"{quote(cell.text)} is not a target."
        grades = ", ".join(reversed(self.scale.grades))
        meant = f"{reading.suggestion}? " if reading.suggestion else ""
        problems.append(
            row_problem(
                row,
                key,
                "grade-not-listed",
                what,
                f"{'Is it ' + meant if meant else ''}Choose one of: {grades}.",
                value=cell.text,
            )
        )
        return None


def row_problem(
    row: FormRow,
    key: str,
    code: str,
    what: str,
    do: str,
    *,
    value: str = "",
    severity: Severity = "error",
) -> Problem:
    """A fault of one cell of a row."""
    return Problem(
        sheet=row.sheet,
        cell=row.address(key),
        adno=row.adno,
        severity=severity,
        code=code,
        value=value,
        what=what,
        do=do,
    )


def _text(row: FormRow, key: str, most: int, problems: list[Problem]) -> str:
    cell = row.cells[key]
    if cell.problem:
        problems.append(_unreadable(row, key, cell))
        return ""
    if len(cell.text) > most:
        problems.append(
            row_problem(
                row,
                key,
                "too-long",
                f"{headings([key])[key]} has {len(cell.text):,} letters.",
                f"Use at most {most}.",
                value=cell.text[:40],
            )
        )
        return ""
    return cell.text


def read_text(row: FormRow, key: str, most: int) -> tuple[str, list[Problem]]:
    """A text as it was typed, tidied, and what is wrong with it."""
    problems: list[Problem] = []
    return _text(row, key, most, problems), problems


def _unreadable(row: FormRow, key: str, cell: CellValue) -> Problem:
    return row_problem(
        row,
        key,
        "not-typed",
        f"{cell.problem.capitalize()} stands there, which is not read.",
        "Type the value itself.",
        value=cell.text,
    )


def _unexplained(
    row: FormRow, lower: Sequence[str], reason: str, by: str, now: TargetVersion
) -> list[Problem]:
    which = " and ".join(lower)
    wanting = [
        (key, word)
        for key, word, there in (("reason", "a reason", reason), ("by", "a name", by))
        if not there
    ]
    return [
        row_problem(
            row,
            key,
            f"lowered-without-{key}" if key == "reason" else "lowered-without-name",
            f"The {which} target is lower than it stands ({now.text}), without {word}.",
            f"Give {word}, or leave the target as it is.",
            value=row.cells["agreed_expected"].text
            or row.cells["agreed_aspirational"].text,
        )
        for key, word in wanting
    ]


def _why(outcome: Outcome, reason: str, now: TargetVersion) -> str:
    usual = "department baseline" if outcome == "baseline" else "agreed in moderation"
    parts = [usual if outcome == "baseline" or not reason else reason]
    if outcome == "baseline":
        parts += [reason] if reason else []
        parts.append(f"in place of the provisional {now.expected}")
    elif outcome in ("raised", "lowered"):
        parts.append(f"{outcome} from {now.text}")
    return "; ".join(parts)
