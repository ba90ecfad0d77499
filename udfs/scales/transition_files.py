"""Parse national tables: score bands, substitute scores, transition matrices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from udfs.errors import BadTable
from udfs.scales.scale import Scale
from udfs.scales.table_files import csv_rows, half_points, is_whole_number
from udfs.scales.transition_matrix import NationalCounts, ScoreBands

_SHARE = re.compile(r"[0-9]*\.?[0-9]+")
GRADE_COLUMN = "grade "  # before each grade's name: 5-4 alone becomes a date in Excel


def read_bands(text: str, where: str) -> ScoreBands:
    """Parse a `ks2_bands.csv`: band, from, to, lowest first, without gaps."""
    names: list[str] = []
    lows: list[int] = []
    high = None
    for number, row in csv_rows(text, where, ("band", "from", "to")):
        low = half_points(row["from"], f"{where} row {number}")
        if high is not None and low != high + 1:
            raise BadTable(
                f"{where} row {number} does not follow on from the band before.",
                "Bands meet: after 99.5 comes 100.",
            )
        high = half_points(row["to"], f"{where} row {number}")
        if high < low or not row["band"]:
            raise BadTable(
                f"{where} row {number} is not a band.",
                "Give it a name, and end it no lower than it begins.",
            )
        names.append(row["band"])
        lows.append(low)
    if not names:
        raise BadTable(f"{where} has no bands.", "Put back the file as it came.")
    return ScoreBands(tuple(names), tuple(lows))


def read_substitutes(text: str, where: str) -> dict[tuple[int | None, str], int]:
    """Parse a `ks2_substitutes.csv`: year (empty: any), code, score."""
    scores: dict[tuple[int | None, str], int] = {}
    for number, row in csv_rows(text, where, ("year", "code", "score")):
        year, code, score = row["year"], row["code"].upper(), row["score"]
        if (
            not code
            or not is_whole_number(score)
            or (year and not is_whole_number(year))
        ):
            raise BadTable(
                f"{where} row {number} cannot be used ({year}, {code}, {score}).",
                "Give the summer of the tests (or nothing), a code and a whole score.",
            )
        scores[int(year) if year else None, code] = int(score)
    return scores


def read_transitions(
    text: str,
    where: str,
    scale: Scale,
    bands: ScoreBands,
    *,
    years: tuple[str, ...] | None = None,
) -> tuple[NationalCounts, ...]:
    """Parse a `transitions_SCALE.csv`: pupils by year, band and grade.

    A table with a column `pupils` gives shares (0 to 1) of those pupils under its
    grades; without it, numbers of pupils.

    Args:
        text: The file's text.
        where: The file's name, for messages.
        scale: The scale of its grades.
        bands: The bands of its rows.
        years: For a school's own table: the allowed years, each with every band.
            None allows any year, and a missing band has no pupils.
    """
    columns = [GRADE_COLUMN + grade for grade in scale.grades]
    counts: dict[str, dict[str, dict[str, tuple[int, ...]]]] = {}
    rows: dict[tuple[str, str], list[int]] = {}
    for number, row in csv_rows(text, where, ("subject", "year", "band", *columns)):
        location = f"{where} row {number}"
        subject, year, band = row["subject"], row["year"], row["band"]
        if not subject or band not in bands.names:
            raise BadTable(
                f"{location} has no subject, or a band that is not known ({band}).",
                f"Use the bands: {'; '.join(bands.names)}.",
            )
        if years is not None and year not in years:
            raise BadTable(
                f"{location} is of the year {year!r}.",
                f"Use one of: {', '.join(years)}.",
            )
        year_counts = counts.setdefault(subject, {}).setdefault(year, {})
        if band in year_counts:
            raise BadTable(
                f"{location} counts {subject}, {year}, {band} again.",
                "Take one row out.",
            )
        year_counts[band] = _counts(row, columns, location)
        rows.setdefault((subject, year), []).append(number)
    for (subject, year), numbers in rows.items() if years is not None else ():
        missing = [name for name in bands.names if name not in counts[subject][year]]
        if missing:
            raise BadTable(
                f"{where} has no {missing[0]} for {subject}, {year} (its other bands "
                f"stand in rows {min(numbers)} to {max(numbers)}).",
                "Give a row for every band.",
            )
    return tuple(
        _national_counts(subject, scale, bands, by_year)
        for subject, by_year in counts.items()
    )


def _national_counts(
    subject: str,
    scale: Scale,
    bands: ScoreBands,
    by_year: Mapping[str, Mapping[str, tuple[int, ...]]],
) -> NationalCounts:
    zeros = (0,) * len(scale.grades)
    counts = {
        year: tuple(by_band.get(name, zeros) for name in bands.names)
        for year, by_band in by_year.items()
    }
    return NationalCounts(subject, scale.name, scale.grades, counts)


def _counts(row: dict[str, str], columns: list[str], location: str) -> tuple[int, ...]:
    if "pupils" in row:
        return _counts_from_shares(row, columns, location)
    for column in columns:
        if not is_whole_number(row[column]):
            raise BadTable(
                f"{location} has {row[column]!r} under {column}.",
                "Give numbers of pupils: whole, and 0 where there were none; or a "
                "column pupils, and shares of them from 0 to 1.",
            )
    return tuple(int(row[column]) for column in columns)


def _counts_from_shares(
    row: dict[str, str], columns: list[str], location: str
) -> tuple[int, ...]:
    if not is_whole_number(row["pupils"]):
        raise BadTable(
            f"{location} has {row['pupils']!r} under pupils.", "Give a whole number."
        )
    pupils = int(row["pupils"])
    shares = []
    for column in columns:
        if not _SHARE.fullmatch(row[column]) or Fraction(row[column]) > 1:
            raise BadTable(
                f"{location} has {row[column]!r} under {column}.",
                "A share is from 0 to 1: 0.25 for a quarter.",
            )
        shares.append(Fraction(row[column]))
    total = sum(shares, Fraction(0))
    if not abs(total - 1) * 200 <= len(columns):  # each rounded to hundredths
        raise BadTable(
            f"{location} has shares that add up to {float(total):.2f}.",
            "The shares of a row are of all its pupils, and add up to 1.",
        )
    # Rounded from the top down, so that what is at or above a grade stays right.
    share_above, higher = Fraction(0), 0
    counts: list[int] = []
    for share in reversed(shares):
        share_above += share
        cumulative = min(round(share_above * pupils), pupils)
        counts.append(cumulative - higher)
        higher = cumulative
    return tuple(reversed(counts))
