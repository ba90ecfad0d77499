"""Pupils across their subjects: below in how many, which, praise, movement, conduct."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from tests.recount.arithmetic import FLAGS, count_text, date_text, grade_text
from tests.recount.audit import SheetAudit
from tests.recount.interventions import intervention_recount
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs
from tests.recount.tables import Row

BELOW = ("Below", "Well below")
REACHED = ("Above", "On")
LEAST_MATCHED = 3  # subjects that an improvement is told from
CONDUCT = ("attendance", "behaviour", "achievement")


@dataclass
class PupilRecount:
    """One pupil: what the subjects in hand come to.

    `rows` are the pupil's, each subject once, by name of the subject.
    """

    data: RecountData
    pupil: Row
    rows: Sequence[Enrolment]

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
        flags = [self.data.previous(one).flag for one in self.rows]
        return [flag for flag in flags if flag]

    @property
    def last_below(self) -> int | None:
        """Below in how many the last time; None where nothing is known of it."""
        if not self.last_flags:
            return None
        return sum(flag in BELOW for flag in self.last_flags)

    @property
    def subjects_below(self) -> str:
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
        found = [self.data.movement(one) for one in self.rows]
        return [move for move in found if move is not None]

    @property
    def moved(self) -> Fraction | None:
        return sum(self.moves, Fraction(0)) / len(self.moves) if self.moves else None

    def conduct(self) -> dict[str, float | None]:
        """Attendance (per cent), behaviour and achievement (points), as imported."""
        known = conduct_of(self.data)
        return {what: known.get((self.adno, what)) for what in CONDUCT}

    def running_help(self) -> str:
        """What runs for the pupil, each with its subject before it."""
        following, told = intervention_recount(self.data), []
        for row in self.data.exports["interventions"]:
            if row["adno"] != self.adno or not following.runs(row):
                continue
            until = f"until {date_text(row['until'])}" if row["until"] else ""
            more = ", ".join(part for part in (row["who"], until) if part)
            about = f"{row['subject']}: " if row["subject"] else ""
            told.append(f"{about}{row['what']}" + (f" ({more})" if more else ""))
        return "\n".join(told)


@cache
def conduct_of(data: RecountData) -> dict[tuple[str, str], float]:
    """Pupil and `CONDUCT` -> the figure of this year, where there is one."""
    found = {}
    for row in data.exports["indicators"]:
        for what in CONDUCT:
            this_year = row["academic_year"] == data.academic_year
            if this_year and what in row["name"].casefold():
                found[row["adno"], what] = float(row["value"].removesuffix("%"))
    return found


def on_roll(data: RecountData) -> list[Row]:
    """The pupils on roll in the years of the collection, taught or not."""
    years = data.collection.get("years", range(7, 12))
    return [
        pupil
        for pupil in data.pupils.values()
        if data.is_on_roll(pupil) and pupil["year"] and int(pupil["year"]) in years
    ]


def pupil_recounts(
    data: RecountData, rows: Iterable[Enrolment], pupils: Iterable[Row]
) -> list[PupilRecount]:
    """Each of these pupils, with what is theirs of the rows."""
    mine: dict[str, list[Enrolment]] = {}
    for one in unique_pairs(rows):
        mine.setdefault(one.adno, []).append(one)
    return [
        PupilRecount(
            data,
            pupil,
            sorted(mine.get(pupil["adno"], ()), key=lambda one: one.subject),
        )
        for pupil in pupils
    ]


def pupils_below(pupils: Iterable[PupilRecount], least: int) -> list[PupilRecount]:
    """Those below target in so many subjects, the worst first."""
    there = [one for one in pupils if one.below >= least]
    return sorted(
        there,
        key=lambda one: (-one.below, -one.count("Well below"), one.short, *one.name),
    )


@dataclass(frozen=True)
class PraiseLine:
    """One pupil to praise: for which of the three reasons."""

    of: PupilRecount
    well: bool
    special: bool
    most: bool

    @property
    def why(self) -> str:
        """The reasons in words."""
        of, said = self.of, []
        if self.well:
            subjects = count_text(of.with_data, "subject")
            said.append(f"on or above target in {of.reached} of {subjects}")
        if self.special:
            said.append(f"special praise in {', '.join(of.praised)}")
        if self.most:
            by = grade_text(of.moved or Fraction(0)).lstrip("+")
            said.append(f"predictions up by {by} of a grade on average")
        return "; ".join(said)


def praise_lines(
    pupils: Sequence[PupilRecount],
    *,
    least: int,
    improved: int,
    department: bool = False,
) -> list[PraiseLine]:
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
            found.append(PraiseLine(one, well, bool(one.praised), enough))
    return sorted(
        found,
        key=lambda one: (
            -one.of.reached,
            -len(one.of.praised),
            -sum(one.of.moves, Fraction(0)),
            *one.of.name,
        ),
    )


def check_praise_page(
    sheet: SheetAudit, title: str, praised: Sequence[PraiseLine]
) -> None:
    """Count a page of whom to praise."""
    sheet.expect("A1", title)
    if not praised:
        sheet.expect("A3", "Nobody is to be praised yet.")
        return
    well, special, most = (
        sum(getattr(one, name) for one in praised)
        for name in ("well", "special", "most")
    )
    sheet.expect(
        "A3",
        f"{count_text(len(praised), 'pupil')} to praise: {well:,} for reaching their "
        f"targets, {special:,} singled out by a teacher, {most:,} among the most "
        "improved.",
    )
    lines = sheet.lines("Adno", "Special praise")
    assert [line["Adno"] for line in lines] == [one.of.adno for one in praised]
    for line, one in zip(lines, praised, strict=True):
        of = one.of
        line.expect(
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
