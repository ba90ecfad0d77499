"""Check the grades and texts of one filled-in row of a moderation workbook."""

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
    """One version of a target.

    Args:
        version: Version number; 0 without a target.
        expected: Expected target, or None.
        aspirational: Aspirational target, or None.
        status: `draft`, `provisional`, `issued`, or empty.
        set_by: Person who set it.
        set_at: Moment it was set, as ISO text.
    """

    version: int = 0
    expected: str | None = None
    aspirational: str | None = None
    status: str = ""
    set_by: str = ""
    set_at: str = ""

    @property
    def text(self) -> str:
        """Both targets in words.

        >>> TargetVersion(1, "5", "6").text, TargetVersion().text
        ('5 and 6', 'none')
        """
        pair = [grade for grade in (self.expected, self.aspirational) if grade]
        return " and ".join(pair) or "none"


@dataclass(frozen=True, slots=True)
class AgreedTarget:
    """The target that a row agrees.

    Args:
        outcome: Comparison with the current target.
        expected: Agreed expected target.
        aspirational: Agreed aspirational target.
        reason: Reason to store.
        by: Person who agreed it, or empty if the row does not say.
        key: Key of the entry cell that decided it.
    """

    outcome: Outcome
    expected: str
    aspirational: str
    reason: str
    by: str
    key: str


@dataclass(frozen=True, slots=True)
class RowChecker:
    """Checks the rows of one subject.

    Args:
        scale: Scale of the subject.
        codes: Codes that may replace a mark, but not a target.
        stretch: Whole grades from the expected to the aspirational target if a row has
            only the expected one.
    """

    scale: Scale
    codes: Sequence[Code]
    stretch: int

    def check(
        self, row: FormRow, *, base: TargetVersion, now: TargetVersion
    ) -> tuple[AgreedTarget | None, list[Problem]]:
        """Check a row with at least one of the two grades filled in.

        Args:
            row: Row to check.
            base: Target that the workbook showed, or that was last applied from it.
            now: Current target.

        Returns:
            The agreed target and no problem, or None and the problems.
        """
        problems: list[Problem] = []
        expected = self._grade(row, "agreed_expected", problems)
        aspirational = self._grade(row, "agreed_aspirational", problems)
        by = _text(row, "by", NAME_LENGTH, problems)
        reason = _text(row, "reason", TEXT_LENGTH, problems)
        if problems:
            return None, problems
        for key, agreed, before, current in (
            ("agreed_expected", expected, base.expected, now.expected),
            ("agreed_aspirational", aspirational, base.aspirational, now.aspirational),
        ):
            if agreed and agreed != current and current != before:
                who = f" by {now.set_by} on {now.set_at[:10]}" if now.set_by else ""
                problems.append(
                    row_problem(
                        row,
                        key,
                        "target-changed",
                        f"The target has changed since this workbook was written: it "
                        f"was {base.text} and is {now.text} now{who}.",
                        "Nothing was changed. Write the workbook again and agree anew.",
                        value=agreed,
                    )
                )
        if problems:
            return None, problems
        return self._compare(row, expected, aspirational, reason, by, now)

    def _compare(
        self,
        row: FormRow,
        agreed_expected: str | None,
        agreed_aspirational: str | None,
        reason: str,
        by: str,
        now: TargetVersion,
    ) -> tuple[AgreedTarget | None, list[Problem]]:
        key = "agreed_expected" if agreed_expected else "agreed_aspirational"
        expected = agreed_expected or now.expected
        if expected is None or self.scale.find(expected) is None:
            return None, [
                row_problem(
                    row,
                    "agreed_aspirational",
                    "no-expected-target",
                    "There is no expected target to go with the aspirational one.",
                    "Fill in Agreed expected too.",
                    value=agreed_aspirational or "",
                )
            ]
        aspirational = agreed_aspirational or self._aspirational(expected, now)
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
        lower = self._lower_targets(agreed_expected, agreed_aspirational, now)
        if lower and now.status != PROVISIONAL and not (reason and by):
            return None, _unexplained(row, lower, reason, by, now)
        outcome = self._outcome(expected, aspirational, now)
        why = "" if outcome == "same" else _stored_reason(outcome, reason, now)
        return AgreedTarget(outcome, expected, aspirational, why, by, key), []

    def _lower_targets(
        self, expected: str | None, aspirational: str | None, now: TargetVersion
    ) -> list[str]:
        """Which of the agreed targets are below the current ones."""
        return [
            name
            for name, agreed, current in (
                ("expected", expected, now.expected),
                ("aspirational", aspirational, now.aspirational),
            )
            if agreed and current and self.scale.find(current)
            if self._level(agreed) < self._level(current)
        ]

    def _aspirational(self, expected: str, now: TargetVersion) -> str:
        """The aspirational target if only the expected one is agreed."""
        current = self.scale.find(now.aspirational)
        if current is None:
            return self.scale.above(expected, self.stretch)
        return current if self._level(current) >= self._level(expected) else expected

    def _outcome(self, expected: str, aspirational: str, now: TargetVersion) -> Outcome:
        if now.status == PROVISIONAL:
            return "baseline"
        if (expected, aspirational) == (now.expected, now.aspirational):
            return "same" if now.status == "issued" else "agreed"
        before = self.scale.find(now.expected)
        before_level = -1 if before is None else self._level(before)
        top = self.scale.find(now.aspirational)
        lowered = self._level(expected) < before_level or (
            self._level(expected) == before_level
            and top is not None
            and self._level(aspirational) < self._level(top)
        )
        return "lowered" if lowered else "raised"

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
    """A problem of one cell of a row."""
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


def _text(row: FormRow, key: str, length: int, problems: list[Problem]) -> str:
    cell = row.cells[key]
    if cell.problem:
        problems.append(_unreadable(row, key, cell))
        return ""
    if len(cell.text) > length:
        problems.append(
            row_problem(
                row,
                key,
                "too-long",
                f"{headings([key])[key]} has {len(cell.text):,} letters.",
                f"Use at most {length}.",
                value=cell.text[:40],
            )
        )
        return ""
    return cell.text


def read_text(row: FormRow, key: str, length: int) -> tuple[str, list[Problem]]:
    """The tidied text of a cell and its problems; empty if it has any.

    Args:
        row: Row to read.
        key: Key of the entry cell.
        length: Maximum number of characters.
    """
    problems: list[Problem] = []
    return _text(row, key, length, problems), problems


def _unreadable(row: FormRow, key: str, cell: CellValue) -> Problem:
    return row_problem(
        row,
        key,
        "not-typed",
        f"The cell holds {cell.problem}, which is not read.",
        "Type the value itself.",
        value=cell.text,
    )


def _unexplained(
    row: FormRow, lower: Sequence[str], reason: str, by: str, now: TargetVersion
) -> list[Problem]:
    which = " and ".join(lower)
    missing = [
        (key, word)
        for key, word, text in (("reason", "a reason", reason), ("by", "a name", by))
        if not text
    ]
    return [
        row_problem(
            row,
            key,
            f"lowered-without-{key}" if key == "reason" else "lowered-without-name",
            f"The {which} target is lower than it is now ({now.text}), without {word}.",
            f"Give {word}, or leave the target as it is.",
            value=row.cells["agreed_expected"].text
            or row.cells["agreed_aspirational"].text,
        )
        for key, word in missing
    ]


def _stored_reason(outcome: Outcome, reason: str, now: TargetVersion) -> str:
    usual = "department baseline" if outcome == "baseline" else "agreed in moderation"
    parts = [usual if outcome == "baseline" or not reason else reason]
    if outcome == "baseline":
        parts += [reason] if reason else []
        parts.append(f"in place of the provisional {now.expected}")
    elif outcome in ("raised", "lowered"):
        parts.append(f"{outcome} from {now.text}")
    return "; ".join(parts)
