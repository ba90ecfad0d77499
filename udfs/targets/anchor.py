"""Targets on a line through one score and one grade: 100 and grade 5."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from udfs.errors import BadTable, UnknownGrade
from udfs.scales.scale import POINT, Scale
from udfs.scales.subjects import Subject
from udfs.scales.table_files import rows_of
from udfs.scales.transition_matrix import Bands, National
from udfs.tables import Tables
from udfs.targets.baselines import Scores, start_of

# The expected standard of Key Stage 2, in half points, and the grade it stands for.
SCORE = 200
GRADE = 5 * POINT
FEWEST = 30  # pupils; a school's own slope from fewer says nothing
PAST_COLUMNS = ("subject", "year", "reading", "maths", "grade")


@dataclass(frozen=True, slots=True)
class Line:
    """How grades rise with scores in one subject.

    Args:
        slope: Sixtieths of a grade for each half point of score; above nought.
        source: What the slope is from, in words.
        pupils: How many pupils stand behind it.
    """

    slope: Fraction
    source: str
    pupils: int

    def level(self, halves: int, shift: Fraction = Fraction(0)) -> Fraction:
        """Where a score comes out, in sixtieths of a grade.

        Args:
            halves: The score in half points.
            shift: How far the score that stands for grade 5 is moved, in half points.

        >>> Line(Fraction(5), "…", 100).level(212) / 60  # six points above 100
        Fraction(6, 1)
        """
        return GRADE + self.slope * (halves - SCORE - shift)

    @property
    def rise(self) -> str:
        """Grades for each point of score, as it is shown.

        >>> Line(Fraction(5), "…", 100).rise
        '0.167'
        """
        return f"{float(self.slope * 2 / POINT):.3f}"


def national_line(
    national: National, bands: Bands, scale: Scale, years: tuple[str, ...] | None
) -> Line | None:
    """The slope of the national mean grades over the bands, weighted by pupils.

    The lowest band, of pupils without a scaled score, is left out. Each other band
    counts with the middle of its scores.

    Args:
        national: The published counts of the subject.
        bands: The bands they are counted in.
        scale: The subject's scale, which has all of the table's grades.
        years: The academic years counted together; None counts all there are.

    Returns:
        None where there are not two bands with pupils, or grades do not rise.
    """
    chosen = [y for y in national.years if years is None or y in years]
    levels = [scale.level(grade) for grade in national.grades]
    sums = _Sums()
    for place in range(1, len(bands.names)):
        last = place + 1 == len(bands.names)
        high = 2 * 120 if last else bands.lows[place + 1] - 1
        for year in chosen:
            for count, level in zip(national.counts[year][place], levels, strict=True):
                # Twice the middle of a band, so that it is whole.
                sums.add(bands.lows[place] + high, level, count)
    slope = sums.slope()
    if slope is None or slope <= 0:
        return None
    source = f"national means, {' and '.join(chosen)}"
    return Line(slope * 2, source, sums.pupils)


def own_line(results: Iterable[tuple[int, int]], years: tuple[str, ...]) -> Line | None:
    """The slope of a school's own past results in one subject.

    Args:
        results: For each pupil the score in half points and the level of the grade
            in sixtieths.
        years: The academic years they are of.

    Returns:
        None where there are fewer than 30 pupils, or grades do not rise with scores.
    """
    sums = _Sums()
    for halves, level in results:
        sums.add(halves, level, 1)
    slope = sums.slope()
    if slope is None or slope <= 0 or sums.pupils < FEWEST:
        return None
    return Line(slope, f"own results of {' and '.join(years)}", sums.pupils)


class _Sums:
    """What a line of least squares is reckoned from, in whole numbers."""

    def __init__(self) -> None:
        self.pupils = self.x = self.y = self.xx = self.xy = 0

    def add(self, x: int, y: int, pupils: int) -> None:
        self.pupils += pupils
        self.x += x * pupils
        self.y += y * pupils
        self.xx += x * x * pupils
        self.xy += x * y * pupils

    def slope(self) -> Fraction | None:
        spread = self.pupils * self.xx - self.x * self.x
        if spread == 0:
            return None
        return Fraction(self.pupils * self.xy - self.x * self.y, spread)


def read_past_results(text: str, where: str, tables: Tables) -> dict[Subject, Line]:
    """The lines of a school's `past_results.csv`, one row per pupil and subject.

    Args:
        text: The file's text: subject, year (the academic year of the result),
            reading, maths (scaled scores or codes) and grade. No names.
        where: The file's name, for messages.
        tables: Subjects, scales, and the scores that stand in for codes.

    Returns:
        Subject, without the name the school gives it -> its line; none for a subject
        with fewer than 30 pupils.

    Raises:
        BadTable: If a row cannot be used; the message names it.
    """
    found: dict[Subject, tuple[list[tuple[int, int]], set[str]]] = {}
    for number, row in rows_of(text, where, PAST_COLUMNS):
        here = f"{where} row {number}"
        subject = tables.subject(row["subject"])
        if not subject.recognised:
            raise BadTable(
                f"{here} has the subject {row['subject']!r}, which is not known.",
                "Say what it is under [[subjects]] in school.toml.",
            )
        year = row["year"]
        if len(year) != 7 or year[4] != "/" or not (year[:4] + year[5:]).isdigit():
            raise BadTable(f"{here} has the year {year!r}.", "Write it like 2025/26.")
        halves = _halves(row, here, year, tables)
        scale = tables.scale(subject.scale)
        try:
            level = scale.level(row["grade"])
        except UnknownGrade as error:
            raise BadTable(f"{here}: {error.what}", error.do) from None
        results, years = found.setdefault(subject.with_name(""), ([], set()))
        results.append((halves, level))
        years.add(year)
    lines = {
        subject: own_line(results, tuple(sorted(years)))
        for subject, (results, years) in found.items()
    }
    return {subject: line for subject, line in lines.items() if line is not None}


def _halves(row: dict[str, str], here: str, year: str, tables: Tables) -> int:
    # A result of the summer of 2026 is of pupils tested five summers before.
    subject = tables.subject(row["subject"])
    scores = Scores(row["reading"], row["maths"], 11)
    start, said = start_of(subject, scores, tables, academic_year=year)
    if said or start is None:
        shown = " and ".join(repr(row[test]) for test in ("reading", "maths"))
        raise BadTable(
            f"{here} has no score to start from ({shown}).",
            "Give a scaled score from 80 to 120, or a code of ks2_substitutes.csv.",
        )
    return start.halves
