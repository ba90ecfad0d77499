"""Pupils across their subjects: below in how many, which, praise, movement, conduct."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from tests.recount.arithmetic import FLAGS, day, grades, many
from tests.recount.audit import Sheet
from tests.recount.interventions import following_of
from tests.recount.recount_data import Reckoning, Taught, once
from tests.recount.tables import Row

BELOW = ("Below", "Well below")
REACHED = ("Above", "On")
LEAST_MATCHED = 3  # subjects that an improvement is told from
CONDUCT = ("attendance", "behaviour", "achievement")


@dataclass
class Across:
    """One pupil: what the subjects in hand come to.

    `rows` are the pupil's, each subject once, by name of the subject.
    """

    reckoning: Reckoning
    pupil: Row
    rows: Sequence[Taught]

    @property
    def adno(self) -> str:
        return self.pupil["adno"]

    @property
    def name(self) -> tuple[str, str, str]:
        """What pupils are put in order by where all else is alike."""
        return self.pupil["surname"], self.pupil["forename"], self.adno

    @property
    def groups(self) -> str:
        """As beside a name: `PP, SEN K, EAL`."""
        pupil = self.pupil
        parts = [
            "PP" if pupil["pp"] == "Y" else "",
            f"SEN {pupil['sen']}" if pupil["sen"] in ("K", "E") else "",
            "EAL" if pupil["eal"] == "Y" else "",
        ]
        return ", ".join(part for part in parts if part)

    def count(self, *flags: str) -> int:
        """In how many subjects the flag is one of these."""
        return sum(one.flag in flags for one in self.rows)

    @property
    def with_data(self) -> int:
        return self.count(*FLAGS)

    @property
    def below(self) -> int:
        return self.count(*BELOW)

    @property
    def reached(self) -> int:
        return self.count(*REACHED)

    @cached_property
    def short(self) -> Fraction:
        """How many grades are missing to the targets, all together; nought or less."""
        return sum((min(one.gap or Fraction(0), Fraction(0)) for one in self.rows),
                   Fraction(0))  # fmt: skip

    @cached_property
    def last_flags(self) -> list[str]:
        """The flags of the collection before, where there were any."""
        flags = [self.reckoning.before(one).flag for one in self.rows]
        return [flag for flag in flags if flag]

    @property
    def last_below(self) -> int | None:
        """Below in how many the last time; None where nothing is known of it."""
        if not self.last_flags:
            return None
        return sum(flag in BELOW for flag in self.last_flags)

    @property
    def named(self) -> str:
        """The subjects below target, the furthest below first: `French 3 (5)`."""
        below = [one for one in self.rows if one.flag in BELOW]
        below.sort(key=lambda one: (one.gap or Fraction(0), one.subject))
        told = []
        for one in below:  # a judgement may be below without a target
            aim = f" ({one['target']})" if one["target"] else ""
            told.append(f"{one.subject} {one['prediction']}{aim}")
        return ", ".join(told)

    @property
    def praised(self) -> list[str]:
        """The subjects with special praise, by name."""
        return sorted(one.subject for one in self.rows if one["praise"] == "Yes")

    @cached_property
    def moves(self) -> list[Fraction]:
        """By how many grades predictions have moved, where that is known."""
        found = [self.reckoning.moved(one) for one in self.rows]
        return [move for move in found if move is not None]

    @property
    def moved(self) -> Fraction | None:
        return sum(self.moves, Fraction(0)) / len(self.moves) if self.moves else None

    def conduct(self) -> dict[str, float | None]:
        """Attendance (per cent), behaviour and achievement (points), as imported."""
        known = conduct_of(self.reckoning)
        return {what: known.get((self.adno, what)) for what in CONDUCT}

    def help(self) -> str:
        """What runs for the pupil, each with its subject before it."""
        following, told = following_of(self.reckoning), []
        for row in self.reckoning.books["interventions"]:
            if row["adno"] != self.adno or not following.runs(row):
                continue
            until = f"until {day(row['until'])}" if row["until"] else ""
            more = ", ".join(part for part in (row["who"], until) if part)
            about = f"{row['subject']}: " if row["subject"] else ""
            told.append(f"{about}{row['what']}" + (f" ({more})" if more else ""))
        return "\n".join(told)


@cache
def conduct_of(reckoning: Reckoning) -> dict[tuple[str, str], float]:
    """Pupil and `CONDUCT` -> the figure of this year, where there is one."""
    found = {}
    for row in reckoning.books["indicators"]:
        for what in CONDUCT:
            this_year = row["academic_year"] == reckoning.academic_year
            if this_year and what in row["name"].casefold():
                found[row["adno"], what] = float(row["value"].removesuffix("%"))
    return found


def on_roll(reckoning: Reckoning) -> list[Row]:
    """The pupils on roll in the years of the collection, taught or not."""
    years = reckoning.collection.get("years", range(7, 12))
    return [
        pupil
        for pupil in reckoning.pupils.values()
        if reckoning.here(pupil) and pupil["year"] and int(pupil["year"]) in years
    ]


def across(
    reckoning: Reckoning, rows: Iterable[Taught], pupils: Iterable[Row]
) -> list[Across]:
    """Each of these pupils, with what is theirs of the rows."""
    mine: dict[str, list[Taught]] = {}
    for one in once(rows):
        mine.setdefault(one.adno, []).append(one)
    return [
        Across(
            reckoning,
            pupil,
            sorted(mine.get(pupil["adno"], ()), key=lambda one: one.subject),
        )
        for pupil in pupils
    ]


def worst_first(pupils: Iterable[Across], least: int) -> list[Across]:
    """Those below target in so many subjects, the worst first."""
    there = [one for one in pupils if one.below >= least]
    return sorted(
        there,
        key=lambda one: (-one.below, -one.count("Well below"), one.short, *one.name),
    )


@dataclass(frozen=True)
class Praised:
    """One pupil to praise: for which of the three reasons."""

    of: Across
    well: bool
    special: bool
    most: bool

    @property
    def why(self) -> str:
        """The reasons in words."""
        of, said = self.of, []
        if self.well:
            subjects = many(of.with_data, "subject")
            said.append(f"on or above target in {of.reached} of {subjects}")
        if self.special:
            said.append(f"special praise in {', '.join(of.praised)}")
        if self.most:
            by = grades(of.moved or Fraction(0)).lstrip("+")
            said.append(f"predictions up by {by} of a grade on average")
        return "; ".join(said)


def to_praise(
    pupils: Sequence[Across], *, least: int, improved: int, department: bool = False
) -> list[Praised]:
    """Whom to praise: those who reach most targets first.

    Args:
        pupils: Everybody in question.
        least: On or above target in at least so many subjects.
        improved: How many are named as most improved, and those level with the last.
        department: Whether only one department's subjects are there: then all of them
            must be reached and one be above, and one subject tells an improvement.
    """
    matched = 1 if department else LEAST_MATCHED
    rising = sorted(
        (
            one.moved
            for one in pupils
            if len(one.moves) >= matched and one.moved is not None and one.moved > 0
        ),
        reverse=True,
    )
    found = []
    for one in pupils:
        well = one.reached >= least
        if department:
            well = 0 < one.with_data == one.reached and one.count("Above") > 0
        enough = len(one.moves) >= matched and one.moved in rising[:improved]
        if well or one.praised or enough:
            found.append(Praised(one, well, bool(one.praised), enough))
    return sorted(
        found,
        key=lambda one: (
            -one.of.reached,
            -len(one.of.praised),
            -sum(one.of.moves, Fraction(0)),
            *one.of.name,
        ),
    )


def praise_page(sheet: Sheet, title: str, praised: Sequence[Praised]) -> None:
    """Count a page of whom to praise."""
    sheet.says("A1", title)
    if not praised:
        sheet.says("A3", "Nobody is to be praised yet.")
        return
    well, special, most = (
        sum(getattr(one, name) for one in praised)
        for name in ("well", "special", "most")
    )
    sheet.says(
        "A3",
        f"{many(len(praised), 'pupil')} to praise: {well:,} for reaching their "
        f"targets, {special:,} singled out by a teacher, {most:,} among the most "
        "improved.",
    )
    lines = sheet.lines("Adno", "Special praise")
    assert [line["Adno"] for line in lines] == [one.of.adno for one in praised]
    for line, one in zip(lines, praised, strict=True):
        of = one.of
        line.are(
            {
                "Adno": of.adno,
                "Surname": of.pupil["surname"],
                "Forename": of.pupil["forename"],
                "Reg": of.pupil["reg"],
                "Groups": of.groups,
                "On or above in": of.reached,
                "With data": of.with_data,
                "Special praise": ", ".join(of.praised),
                "Moved": None if of.moved is None else float(of.moved),
                "of": len(of.moves),
                "Why": one.why,
            }
        )
