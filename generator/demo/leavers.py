"""Last year's Year 11, who have left: their classes and their results."""

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

EXAM_YEAR = 11
MAX_PUPILS = 250  # few admission numbers are lower than those of this year's oldest
# Predictions in November are a little higher than results in August, in grades.
OPTIMISM, SPREAD = 0.35, 0.8
NO_RESULT = 0.01  # the share of entries without one


@dataclass(frozen=True, slots=True)
class PreviousCohort:
    """Last year's Year 11.

    Args:
        academic_year: The academic year, as `2025/26`.
        term: Their collection, which opened a year before the current one.
        results: The moment at which their results are imported.
        leaving: Their last day.
    """

    academic_year: str
    term: Term
    results: datetime
    leaving: date

    @classmethod
    def before(cls, calendar: TermCalendar) -> PreviousCohort:
        """Last year's Year 11 of a calendar.

        >>> calendar = TermCalendar.around(datetime(2026, 11, 22, 9, 30))
        >>> cohort = PreviousCohort.before(calendar)
        >>> cohort.academic_year, cohort.term.code, str(cohort.results)
        ('2025/26', 'Y11-25', '2026-08-20 10:05:00')
        """
        ends = int(academic_year_of(calendar.now.date())[:4])
        days = timedelta(days=364)  # the same day of the week
        opens, closes = calendar.current.opens - days, calendar.current.closes - days
        name = "Year 11, a year ago"
        results_day = max(date(ends, 8, 20), closes + timedelta(days=1))
        return cls(
            f"{ends - 1}/{ends % 100:02d}",
            Term(f"Y11-{(ends - 1) % 100:02d}", name, opens, closes),
            datetime.combine(results_day, time(10, 5)),
            date(ends, 8, 31),
        )


def make_leavers(
    school: SyntheticSchool, last: PreviousCohort, *, seed: int, pupils: int
) -> SyntheticSchool:
    """Return a school of last year's Year 11, with this year's teachers.

    Args:
        school: This year's school.
        last: Last year's Year 11.
        seed: The seed of the school.
        pupils: The size of the year group.
    """
    cohort = make_school(
        seed=seed,
        pupils_per_year=min(pupils, MAX_PUPILS),
        years=(EXAM_YEAR,),
        today=last.term.opens,
    )
    lowest = min(int(pupil.adno) for pupil in cohort.pupils)
    down = max(int(pupil.adno) for pupil in cohort.pupils) + 1 - min(lowest, FIRST_ADNO)
    for pupil in cohort.pupils:
        pupil.adno = f"{int(pupil.adno) - down:06d}"
        pupil.left = pupil.left or last.leaving
    staff = {
        subject: cycle(sorted(codes)) for subject, codes in _teachers(school).items()
    }
    anybody = cycle([teacher.code for teacher in school.staff])
    for taught in cohort.classes:
        if taught.teachers:
            taught.teachers = [next(staff.get(taught.subject, anybody))]
    return SyntheticSchool(
        cohort.today, cohort.pupils, cohort.classes, school.staff, school.roles
    )


def _teachers(school: SyntheticSchool) -> dict[str, set[str]]:
    teachers: dict[str, set[str]] = {}
    for taught in school.classes:
        if taught.teachers and taught.year >= EXAM_YEAR - 1:
            teachers.setdefault(taught.subject, set()).add(taught.teachers[0])
    return teachers


def results_csv(
    marks: Path, targets: Path, tables: Tables, last: PreviousCohort, *, seed: int
) -> bytes:
    """Return a list of results as an examinations officer has it, as CSV.

    Args:
        marks: The table `marks` of the collection, as CSV.
        targets: The table `targets`, for the classes without marks.
        tables: The scales and subjects.
        last: Last year's Year 11.
        seed: The seed of the results.
    """
    grades: dict[tuple[str, str], list[str]] = {}
    for path, column in ((marks, "prediction"), (targets, "expected")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                estimates = grades.setdefault((row["upn"], row["subject"]), [])
                estimates.append(row[column])
    rows: list[tuple[str, ...]] = [("UPN", "Qualification Title", "Series", "Grade")]
    for (upn, name), estimates in grades.items():
        scale = tables.scale(tables.subject(name).scale)
        chance = random.Random(f"result {seed} {upn} {name}")
        off, sat = chance.gauss(-OPTIMISM, SPREAD), chance.random() >= NO_RESULT
        valid = [grade for text in estimates if (grade := scale.find(text)) is not None]
        grade = "X"
        if sat and valid:
            grade = scale.nearest(round(scale.level(valid[0]) + off * POINT))
        kind = "GCSE (9-1) " if scale.counts_as_gcse else ""
        rows.append((upn, f"{kind}{name}", f"Summer {last.results.year}", grade))
    return csv_bytes(rows)
