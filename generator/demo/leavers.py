"""Last year's Year 11, who have left: their classes, and the results they got."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path

from generator.demo.synthetic_pupils import FIRST_ADNO
from generator.demo.synthetic_school import SyntheticSchool, make_school
from generator.demo.term_dates import Term, TermCalendar
from generator.demo.write_exports import csv_bytes
from generator.school.school import academic_year_of
from udfs.scales.scale import POINT
from udfs.tables import Tables

YEAR = 11
MOST = 250  # pupils: the admission numbers before this year's oldest are few
# How results turned out beside the last predictions, in grades: teachers of Year 11
# hope for a little more in November than comes in August.
HOPE, SPREAD = 0.35, 0.8
NO_RESULT = 0.01  # the share of entries without one


@dataclass(frozen=True, slots=True)
class PreviousCohort:
    """The year before this one, as far as the demonstration tells of it.

    Args:
        academic_year: As `2025/26`.
        term: Its collection of Year 11, which opened a year before this one's.
        results: When the results of its summer were read.
        leaving: The last day of those pupils.
    """

    academic_year: str
    term: Term
    results: datetime
    leaving: date

    @classmethod
    def before(cls, calendar: TermCalendar) -> PreviousCohort:
        """The year before a calendar's.

        >>> made = LastYear.before(Calendar.around(datetime(2026, 11, 22, 9, 30)))
        >>> made.academic_year, made.term.code, str(made.results)
        ('2025/26', 'Y11-25', '2026-08-20 10:05:00')
        """
        ends = int(academic_year_of(calendar.now.date())[:4])
        days = timedelta(days=364)  # the same day of the week
        opens, closes = calendar.current.opens - days, calendar.current.closes - days
        name = "Year 11, a year ago"
        told = max(date(ends, 8, 20), closes + timedelta(days=1))
        return cls(
            f"{ends - 1}/{ends % 100:02d}",
            Term(f"Y11-{(ends - 1) % 100:02d}", name, opens, closes),
            datetime.combine(told, time(10, 5)),
            date(ends, 8, 31),
        )


def make_leavers(
    school: SyntheticSchool, last: PreviousCohort, *, seed: int, pupils: int
) -> SyntheticSchool:
    """Last year's Year 11, taught by those who teach the same subjects now.

    Args:
        school: The school as it is this year.
        last: The year before.
        seed: As of the school.
        pupils: The size of the year group.
    """
    made = make_school(
        seed=seed,
        pupils_per_year=min(pupils, MOST),
        years=(YEAR,),
        today=last.term.opens,
    )
    lowest = min(int(pupil.adno) for pupil in made.pupils)
    down = max(int(pupil.adno) for pupil in made.pupils) + 1 - min(lowest, FIRST_ADNO)
    for pupil in made.pupils:
        pupil.adno = f"{int(pupil.adno) - down:06d}"
        pupil.left = pupil.left or last.leaving
    staff = {
        subject: cycle(sorted(codes)) for subject, codes in _teachers(school).items()
    }
    anybody = cycle([one.code for one in school.staff])
    for taught in made.classes:
        if taught.teachers:
            taught.teachers = [next(staff.get(taught.subject, anybody))]
    return SyntheticSchool(
        made.today, made.pupils, made.classes, school.staff, school.roles
    )


def _teachers(school: SyntheticSchool) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for taught in school.classes:
        if taught.teachers and taught.year >= YEAR - 1:
            found.setdefault(taught.subject, set()).add(taught.teachers[0])
    return found


def results_csv(
    marks: Path, targets: Path, tables: Tables, last: PreviousCohort, *, seed: int
) -> bytes:
    """A list of results as an examinations officer has it.

    Args:
        marks: The table `marks` of the collection, as CSV.
        targets: The table `targets`: a class that was never marked sits all the same.
        tables: The scales and subjects.
        last: The year.
        seed: Another number, other results.
    """
    likely: dict[tuple[str, str], list[str]] = {}
    for path, grade in ((marks, "prediction"), (targets, "expected")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                told = likely.setdefault((row["upn"], row["subject"]), [])
                told.append(row[grade])
    rows: list[tuple[str, ...]] = [("UPN", "Qualification Title", "Series", "Grade")]
    for (upn, name), told in likely.items():
        scale = tables.scale(tables.subject(name).scale)
        chance = random.Random(f"result {seed} {upn} {name}")
        off, sat = chance.gauss(-HOPE, SPREAD), chance.random() >= NO_RESULT
        known = [found for one in told if (found := scale.find(one)) is not None]
        grade = "X"
        if sat and known:
            grade = scale.nearest(round(scale.level(known[0]) + off * POINT))
        kind = "GCSE (9-1) " if scale.counts_as_gcse else ""
        rows.append((upn, f"{kind}{name}", f"Summer {last.results.year}", grade))
    return csv_bytes(rows)
