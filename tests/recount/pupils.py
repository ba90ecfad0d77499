"""Pupils across their subjects: flags, praise, movement, conduct."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from tests.recount.arithmetic import FLAGS, date_text, plural, signed
from tests.recount.audit import SheetAudit
from tests.recount.interventions import intervention_recount
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs
from tests.recount.tables import Row

BELOW = ("Below", "Well below")
REACHED = ("Above", "On")
LEAST_MATCHED = 3  # subjects needed for an improvement
CONDUCT = ("attendance", "behaviour", "achievement")


@dataclass
class PupilRecount:
    """The summary of one pupil.

    `rows` are the pupil's enrolments, each subject once, by name of the subject.
    """

    data: RecountData
    pupil: Row
    rows: Sequence[Enrolment]

    @property
    def adno(self) -> str:
        return self.pupil["adno"]

    @property
    def name(self) -> tuple[str, str, str]:
        """The last part of every sort key of pupils."""
        return self.pupil["surname"], self.pupil["forename"], self.adno

    @property
    def groups(self) -> str:
        """The groups beside a name: `PP, SEN K, EAL`."""
        pupil = self.pupil
        parts = [
            "PP" if pupil["pp"] == "Y" else "",
            f"SEN {pupil['sen']}" if pupil["sen"] in ("K", "E") else "",
            "EAL" if pupil["eal"] == "Y" else "",
        ]
        return ", ".join(part for part in parts if part)

    def count(self, *flags: str) -> int:
        """The number of subjects with one of these flags."""
        return sum(row.flag in flags for row in self.rows)

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
        """The sum of the gaps below target, in grades; 0 or less."""
        return sum((min(row.gap or Fraction(0), Fraction(0)) for row in self.rows),
                   Fraction(0))  # fmt: skip

    @cached_property
    def last_flags(self) -> list[str]:
        """The flags of the collection before, without blanks."""
        flags = [self.data.previous(row).flag for row in self.rows]
        return [flag for flag in flags if flag]

    @property
    def last_below(self) -> int | None:
        """The number of subjects below target the last time; None if unknown."""
        if not self.last_flags:
            return None
        return sum(flag in BELOW for flag in self.last_flags)

    @property
    def subjects_below(self) -> str:
        """The subjects below target, the furthest below first: `French 3 (5)`."""
        below = [row for row in self.rows if row.flag in BELOW]
        below.sort(key=lambda row: (row.gap or Fraction(0), row.subject))
        texts = []
        for row in below:  # a judgement may be below without a target
            aim = f" ({row['target']})" if row["target"] else ""
            texts.append(f"{row.subject} {row['prediction']}{aim}")
        return ", ".join(texts)

    @property
    def praised(self) -> list[str]:
        """The subjects with special praise, by name."""
        return sorted(row.subject for row in self.rows if row["praise"] == "Yes")

    @cached_property
    def moves(self) -> list[Fraction]:
        """The movements of predictions in grades, without the unknown ones."""
        movements = [self.data.movement(row) for row in self.rows]
        return [move for move in movements if move is not None]

    @property
    def moved(self) -> Fraction | None:
        return sum(self.moves, Fraction(0)) / len(self.moves) if self.moves else None

    def conduct(self) -> dict[str, float | None]:
        """Attendance (per cent), behaviour and achievement (points), as imported."""
        figures = conduct_of(self.data)
        return {name: figures.get((self.adno, name)) for name in CONDUCT}

    def running_help(self) -> str:
        """The pupil's running interventions, each after its subject."""
        following, lines = intervention_recount(self.data), []
        for row in self.data.exports["interventions"]:
            if row["adno"] != self.adno or not following.runs(row):
                continue
            until = f"until {date_text(row['until'])}" if row["until"] else ""
            more = ", ".join(part for part in (row["who"], until) if part)
            about = f"{row['subject']}: " if row["subject"] else ""
            lines.append(f"{about}{row['what']}" + (f" ({more})" if more else ""))
        return "\n".join(lines)


@cache
def conduct_of(data: RecountData) -> dict[tuple[str, str], float]:
    """Pupil and one of `CONDUCT` -> the figure of this year, if any."""
    figures = {}
    for row in data.exports["indicators"]:
        for name in CONDUCT:
            this_year = row["academic_year"] == data.academic_year
            if this_year and name in row["name"].casefold():
                figures[row["adno"], name] = float(row["value"].removesuffix("%"))
    return figures


def on_roll(data: RecountData) -> list[Row]:
    """The pupils on roll in the years of the collection, enrolled or not."""
    years = data.collection.get("years", range(7, 12))
    return [
        pupil
        for pupil in data.pupils.values()
        if data.is_on_roll(pupil) and pupil["year"] and int(pupil["year"]) in years
    ]


def pupil_recounts(
    data: RecountData, rows: Iterable[Enrolment], pupils: Iterable[Row]
) -> list[PupilRecount]:
    """The summary of each of these pupils, from their rows."""
    rows_by_pupil: dict[str, list[Enrolment]] = {}
    for row in unique_pairs(rows):
        rows_by_pupil.setdefault(row.adno, []).append(row)
    return [
        PupilRecount(
            data,
            pupil,
            sorted(rows_by_pupil.get(pupil["adno"], ()), key=lambda row: row.subject),
        )
        for pupil in pupils
    ]


def pupils_below(pupils: Iterable[PupilRecount], least: int) -> list[PupilRecount]:
    """The pupils below target in at least so many subjects, the worst first."""
    below = [pupil for pupil in pupils if pupil.below >= least]
    return sorted(
        below,
        key=lambda pupil: (
            -pupil.below,
            -pupil.count("Well below"),
            pupil.short,
            *pupil.name,
        ),
    )


@dataclass(frozen=True)
class PraiseLine:
    """A pupil to praise, with the three possible reasons."""

    summary: PupilRecount
    well: bool
    special: bool
    most: bool

    @property
    def why(self) -> str:
        """The reasons in words."""
        summary, reasons = self.summary, []
        if self.well:
            subjects = plural(summary.with_data, "subject")
            reasons.append(f"on or above target in {summary.reached} of {subjects}")
        if self.special:
            reasons.append(f"special praise in {', '.join(summary.praised)}")
        if self.most:
            by = signed(summary.moved or Fraction(0)).lstrip("+")
            reasons.append(f"predictions up by {by} of a grade on average")
        return "; ".join(reasons)


def praise_lines(
    pupils: Sequence[PupilRecount],
    *,
    least: int,
    improved: int,
    department: bool = False,
) -> list[PraiseLine]:
    """The pupils to praise, those who reach most targets first.

    Args:
        pupils: All candidates.
        least: The number of subjects on or above target that earns praise.
        improved: The number of most improved pupils, with ties for the last.
        department: Whether the rows are of one department: then all targets must be
            reached and one exceeded, and one subject is enough for an improvement.
    """
    matched = 1 if department else LEAST_MATCHED
    rising = sorted(
        (
            pupil.moved
            for pupil in pupils
            if len(pupil.moves) >= matched
            and pupil.moved is not None
            and pupil.moved > 0
        ),
        reverse=True,
    )
    result = []
    for pupil in pupils:
        well = pupil.reached >= least
        if department:
            well = 0 < pupil.with_data == pupil.reached and pupil.count("Above") > 0
        enough = len(pupil.moves) >= matched and pupil.moved in rising[:improved]
        if well or pupil.praised or enough:
            result.append(PraiseLine(pupil, well, bool(pupil.praised), enough))
    return sorted(
        result,
        key=lambda pupil: (
            -pupil.summary.reached,
            -len(pupil.summary.praised),
            -sum(pupil.summary.moves, Fraction(0)),
            *pupil.summary.name,
        ),
    )


def check_praise_page(
    sheet: SheetAudit, title: str, praised: Sequence[PraiseLine]
) -> None:
    """Check a page of pupils to praise."""
    sheet.expect("A1", title)
    if not praised:
        sheet.expect("A3", "Nobody is to be praised yet.")
        return
    well, special, most = (
        sum(getattr(praise, name) for praise in praised)
        for name in ("well", "special", "most")
    )
    sheet.expect(
        "A3",
        f"{plural(len(praised), 'pupil')} to praise: {well:,} for reaching their "
        f"targets, {special:,} singled out by a teacher, {most:,} among the most "
        "improved.",
    )
    lines = sheet.lines("Adno", "Special praise")
    assert [line["Adno"] for line in lines] == [
        praise.summary.adno for praise in praised
    ]
    for line, praise in zip(lines, praised, strict=True):
        summary = praise.summary
        line.expect(
            {
                "Adno": summary.adno,
                "Surname": summary.pupil["surname"],
                "Forename": summary.pupil["forename"],
                "Reg": summary.pupil["reg"],
                "Groups": summary.groups,
                "On or above in": summary.reached,
                "With data": summary.with_data,
                "Special praise": ", ".join(summary.praised),
                "Moved": None if summary.moved is None else float(summary.moved),
                "of": len(summary.moves),
                "Why": praise.why,
            }
        )
