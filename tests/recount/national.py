"""National outcomes of similar pupils, from the published counts alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

from tests.recount.arithmetic import SCALES, plain
from tests.recount.tables import figures

LEAST = 50  # pupils; a smaller band is counted with the next
EXACT = 6000  # a national mean is rounded to the nearest 6,000th of a point


@cache
def bands() -> tuple[tuple[str, Fraction, Fraction], ...]:
    """The bands of Key Stage 2 scores: name, from, to; lowest first."""
    return tuple(
        (row["band"], Fraction(row["from"]), Fraction(row["to"]))
        for row in figures("ks2_bands")
    )


def band(score: Fraction) -> int:
    """The index of a score's band."""
    return max(at for at, (_, low, _) in enumerate(bands()) if low <= score or not at)


@cache
def counts(
    subject: str, years: tuple[str, ...]
) -> tuple[str, tuple[str, ...], tuple[tuple[int, ...], ...]] | None:
    """Scale, grades (lowest first) and, for each band, the pupils with each grade."""
    for scale, table in (
        ("gcse", "transitions_gcse"),
        ("combined_science", "transitions_combined_science"),
    ):  # fmt: skip
        table_rows = [
            row for row in figures(table) if plain(row["subject"]) == plain(subject)
        ]
        table_rows = [row for row in table_rows if not years or row["year"] in years]
        if not table_rows:
            continue
        columns = [name for name in table_rows[0] if name.startswith("grade ")]
        band_counts = [
            tuple(
                sum(int(row[column]) for row in table_rows if row["band"] == name)
                for column in columns
            )
            for name, _, _ in bands()
        ]
        return (
            scale,
            tuple(c.removeprefix("grade ") for c in columns),
            tuple(band_counts),
        )
    return None


def blocks(pupils: Sequence[int]) -> list[list[int]]:
    """Groups of bands: from the lowest up, each with at least fifty pupils."""
    groups: list[list[int]] = [[]]
    for at in range(len(pupils)):
        if groups[-1] and sum(pupils[index] for index in groups[-1]) >= LEAST:
            groups.append([])
        groups[-1].append(at)
    if len(groups) > 1 and sum(pupils[index] for index in groups[-1]) < LEAST:
        last = groups.pop()
        groups[-1] += last
    return groups


def rising(
    shares: list[tuple[int, int, list[int]]],
) -> list[tuple[int, int, list[int]]]:
    """Shares (reached, of, bands) that never fall: neighbours that do are pooled."""
    at = 0
    while at + 1 < len(shares):
        (lower, of, first), (two, of_two, second) = shares[at : at + 2]
        if Fraction(lower, of) > Fraction(two, of_two):
            shares[at : at + 2] = [(lower + two, of + of_two, first + second)]
            at = max(at - 1, 0)
        else:
            at += 1
    return shares


@cache
def mean_points(
    subject: str, score: Fraction, years: tuple[str, ...]
) -> Fraction | None:
    """The national mean points of pupils with a score, in one subject (rule 3).

    None without a national table.
    """
    national_counts = counts(subject, years)
    if national_counts is None:
        return None
    scale, grades, table = national_counts
    own_band = band(score)
    points = [SCALES[scale][grade].points for grade in grades]
    mean = points[0]
    for place in range(1, len(grades)):
        shares = [
            (
                sum(sum(table[at][place:]) for at in block),
                sum(sum(table[at]) for at in block),
                block,
            )
            for block in blocks([sum(row) for row in table])
        ]
        reached, of = next(
            (share, of) for share, of, block in rising(shares) if own_band in block
        )
        mean += Fraction(reached, of) * (points[place] - points[place - 1])
    return Fraction(math.floor(mean * EXACT + Fraction(1, 2)), EXACT)


@cache
def estimate(score: Fraction, year: str = "") -> Fraction:
    """The national average Attainment 8 of pupils with a score."""
    rows = figures("attainment8_estimates")
    latest = year or max(row["year"] for row in rows)
    year_rows = [row for row in rows if row["year"] == latest]
    return Fraction(
        next(
            row["attainment8"]
            for row in year_rows
            if Fraction(row["from"]) <= score <= Fraction(row["to"])
        )
    )


def estimates_of(year: str = "") -> str:
    """The year of the estimates in use."""
    return year or max(row["year"] for row in figures("attainment8_estimates"))


def deviation(year: str) -> float:
    """The standard deviation of pupils' scores in the style of Progress 8."""
    earlier_rows = [row for row in figures("progress8_sds") if row["year"] <= year]
    return float(max(earlier_rows, key=lambda row: row["year"])["progress8"])


def average(measure: str) -> tuple[float, str] | None:
    """The latest national figure of a measure for all pupils, and its year."""
    measure_rows = [
        row for row in figures("national_averages")
        if row["dimension"] == "all" and row["measure"] == measure
    ]  # fmt: skip
    if not measure_rows:
        return None
    last = max(measure_rows, key=lambda row: row["year"])
    return float(last["value"]), last["year"]
