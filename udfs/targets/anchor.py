"""Targets on a line through scaled score 100 and grade 5."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from udfs.errors import BadTable, UnknownGrade
from udfs.scales.scale import POINT, Scale
from udfs.scales.subjects import Subject
from udfs.scales.table_files import csv_rows
from udfs.scales.transition_matrix import NationalCounts, ScoreBands
from udfs.statistics.least_squares import LeastSquares
from udfs.tables import Tables
from udfs.targets.baselines import subject_starting_point

# The expected standard of Key Stage 2, in half points, and the grade it stands for.
ANCHOR_SCORE = 200
ANCHOR_GRADE = 5 * POINT
MIN_PUPILS = 30  # pupils; a school's own slope from fewer says nothing
RESULTS_YEAR = 11  # the year group of GCSE results
PAST_RESULT_COLUMNS = ("subject", "year", "reading", "maths", "grade")


@dataclass(frozen=True, slots=True)
class GradeLine:
    """How grades rise with scores in one subject.

    Args:
        slope: Sixtieths of a grade for each half point of score; above zero.
        source: The data behind the slope, in words.
        pupils: The number of pupils behind it.
    """

    slope: Fraction
    source: str
    pupils: int

    def level(self, halves: int, shift: Fraction = Fraction(0)) -> Fraction:
        """Return the level on the line at a score, in sixtieths of a grade.

        Args:
            halves: The score in half points.
            shift: How far the score of grade 5 is moved, in half points.

        >>> GradeLine(Fraction(5), "…", 100).level(212) / 60  # six points above 100
        Fraction(6, 1)
        """
        return ANCHOR_GRADE + self.slope * (halves - ANCHOR_SCORE - shift)

    @property
    def rise_text(self) -> str:
        """Grades for each point of score, for display.

        >>> GradeLine(Fraction(5), "…", 100).rise_text
        '0.167'
        """
        return f"{float(self.slope * 2 / POINT):.3f}"


def national_line(
    national: NationalCounts,
    bands: ScoreBands,
    scale: Scale,
    years: tuple[str, ...] | None,
) -> GradeLine | None:
    """Fit a line to the national mean grades of the bands, weighted by pupils.

    The lowest band, of pupils without a scaled score, is left out. Each other band
    counts with the middle of its scores.

    Args:
        national: The published counts of the subject.
        bands: The bands of the counts.
        scale: The subject's scale, which holds all grades of the table.
        years: The academic years to pool; None pools all.

    Returns:
        None with fewer than two bands with pupils, or where grades do not rise.
    """
    pooled_years = [y for y in national.years if years is None or y in years]
    levels = [scale.level(grade) for grade in national.grades]
    sums = LeastSquares()
    for band in range(1, len(bands.names)):
        last = band + 1 == len(bands.names)
        high = 2 * 120 if last else bands.lows[band + 1] - 1
        for year in pooled_years:
            for count, level in zip(national.counts[year][band], levels, strict=True):
                # Twice the middle of a band, so that it is whole.
                sums.add(bands.lows[band] + high, level, count)
    slope = sums.slope()
    if slope is None or slope <= 0:
        return None
    source = f"national means, {' and '.join(pooled_years)}"
    return GradeLine(slope * 2, source, sums.n)


def school_line(
    results: Iterable[tuple[int, int]], years: tuple[str, ...]
) -> GradeLine | None:
    """Fit a line to a school's own past results in one subject.

    Args:
        results: For each pupil the score in half points and the level of the grade
            in sixtieths.
        years: The academic years of the results.

    Returns:
        None with fewer than 30 pupils, or where grades do not rise with scores.
    """
    sums = LeastSquares()
    for halves, level in results:
        sums.add(halves, level)
    slope = sums.slope()
    if slope is None or slope <= 0 or sums.n < MIN_PUPILS:
        return None
    return GradeLine(slope, f"own results of {' and '.join(years)}", sums.n)


def school_lines(
    results: Iterable[tuple[Subject, str, int, int]],
) -> dict[Subject, GradeLine]:
    """Fit a line to each subject with enough past results.

    Args:
        results: For each pupil the subject, the academic year, the score in half
            points and the level of the grade in sixtieths.

    Returns:
        Subject, without the school's own name -> its line; none for a subject with
        fewer than 30 pupils.
    """
    groups: dict[Subject, tuple[list[tuple[int, int]], set[str]]] = {}
    for subject, year, halves, level in results:
        points, years = groups.setdefault(subject.with_name(""), ([], set()))
        points.append((halves, level))
        years.add(year)
    lines = {
        subject: school_line(points, tuple(sorted(years)))
        for subject, (points, years) in groups.items()
    }
    return {subject: line for subject, line in lines.items() if line is not None}


def read_past_results(
    text: str, where: str, tables: Tables
) -> dict[Subject, GradeLine]:
    """Fit lines to a school's `past_results.csv`, one row per pupil and subject.

    Args:
        text: The file's text: subject, year (the academic year of the result),
            reading, maths (scaled scores or codes) and grade. No names.
        where: The file's name, for messages.
        tables: Subjects, scales, and the scores of codes.

    Raises:
        BadTable: If a row cannot be used; the message names it.
    """
    return school_lines(
        _past_result(row, f"{where} row {number}", tables)
        for number, row in csv_rows(text, where, PAST_RESULT_COLUMNS)
    )


def _past_result(
    row: dict[str, str], location: str, tables: Tables
) -> tuple[Subject, str, int, int]:
    subject, year = tables.subject(row["subject"]), row["year"]
    if not subject.recognised:
        raise BadTable(
            f"{location} has the subject {row['subject']!r}, which is not known.",
            "Say what it is under [[subjects]] in school.toml.",
        )
    if len(year) != 7 or year[4] != "/" or not (year[:4] + year[5:]).isdigit():
        raise BadTable(f"{location} has the year {year!r}.", "Write it like 2025/26.")
    start, unknown = subject_starting_point(
        subject,
        row["reading"],
        row["maths"],
        RESULTS_YEAR,
        tables,
        academic_year=year,
    )
    if unknown or start is None:
        cells = " and ".join(repr(row[test]) for test in ("reading", "maths"))
        raise BadTable(
            f"{location} has no score to start from ({cells}).",
            "Give a scaled score from 80 to 120, or a code of ks2_substitutes.csv.",
        )
    try:
        level = tables.scale(subject.scale).level(row["grade"])
    except UnknownGrade as error:
        raise BadTable(f"{location}: {error.what}", error.do) from None
    return subject, year, start.halves, level
