"""National transition matrices: the grades that pupils with similar scores reached."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from udfs.errors import BadTable, UnknownGrade
from udfs.scales.scale import Scale

SMALLEST_BLOCK = 50  # pupils; fewer take in the next band
THIRD = Fraction(1, 3)


@dataclass(frozen=True, slots=True)
class ScoreBands:
    """Bands of Key Stage 2 scores, lowest first.

    Args:
        names: The published names: `100 - 102`.
        lows: The lowest score of each band, in half points.
    """

    names: tuple[str, ...]
    lows: tuple[int, ...]

    def index(self, halves: int) -> int:
        """Return the index of the band of a score in half points."""
        return max(bisect_right(self.lows, halves) - 1, 0)

    def label(self, first: int, last: int) -> str:
        """Return the name of a run of bands.

        >>> ScoreBands(("80 - 89.5", "90 - 95.5"), (160, 180)).label(0, 1)
        '80 - 89.5 to 90 - 95.5'
        """
        if first == last:
            return self.names[first]
        return f"{self.names[first]} to {self.names[last]}"


@dataclass(frozen=True, slots=True)
class NationalCounts:
    """The published counts of one subject.

    Args:
        subject: Its name in the published tables.
        scale: The name of its grade scale.
        grades: The grades, lowest (U) first; ungraded pupils are left out.
        counts: For each year and band, the pupils in each grade.
    """

    subject: str
    scale: str
    grades: tuple[str, ...]
    counts: Mapping[str, tuple[tuple[int, ...], ...]]

    @property
    def years(self) -> tuple[str, ...]:
        """The academic years with figures."""
        return tuple(sorted(self.counts))

    def combined_with(self, other: NationalCounts) -> NationalCounts:
        """Return these counts with the other table's for years missing here."""
        if other.grades != self.grades:
            return self
        return replace(self, counts={**other.counts, **self.counts})


@dataclass(frozen=True, slots=True)
class NationalShare:
    """The share of similar pupils who reached a grade.

    Args:
        reached: Pupils with this grade or a higher one.
        pupils: Pupils with any grade, including U.
        first: The index of their lowest band.
        last: The index of their highest band.
    """

    at_or_above: int
    pupils: int
    first: int
    last: int

    @property
    def value(self) -> Fraction:
        """The exact share, from 0 to 1."""
        return Fraction(self.at_or_above, self.pupils)

    @property
    def percent(self) -> str:
        """The share for display, rounded half up.

        >>> NationalShare(1, 8, 0, 0).percent
        '13 %'
        """
        return f"{(200 * self.at_or_above + self.pupils) // (2 * self.pupils)} %"


@dataclass(frozen=True, slots=True)
class NationalTarget:
    """A target with its national share.

    Args:
        grade: A grade of the subject's scale.
        whole: The whole grade to which it belongs.
        share: The share of similar pupils nationally who reached that whole grade.
    """

    grade: str
    whole: str
    share: NationalShare


@dataclass(frozen=True, slots=True)
class TransitionMatrix:
    """One subject's national figures, pooled over years and bands.

    Args:
        subject: Its name in the published tables.
        scale: The name of its grade scale.
        grades: The grades, lowest first.
        years: The academic years pooled.
        bands: The bands of scores.
        shares: For each band, the share at or above each grade. Shares never fall
            from band to band, so that a higher score never gives a lower target.
    """

    subject: str
    scale: str
    grades: tuple[str, ...]
    years: tuple[str, ...]
    bands: ScoreBands
    shares: tuple[tuple[NationalShare, ...], ...]

    def share(self, halves: int, grade: str) -> NationalShare:
        """Return the share of similar pupils nationally at or above a grade.

        Args:
            halves: The score in half points.
            grade: A grade of the table.

        Raises:
            UnknownGrade: If the table does not count that grade.
        """
        if grade not in self.grades:
            raise UnknownGrade(
                f"{grade!r} is not in the national table of {self.subject}.",
                f"Use one of: {', '.join(self.grades)}.",
            )
        return self.shares[self.bands.index(halves)][self.grades.index(grade)]

    def fits(self, scale: Scale) -> bool:
        """Whether the scale holds all grades of this table."""
        return all(scale.find(grade) == grade for grade in self.grades)

    def target(
        self,
        halves: int,
        scale: Scale,
        *,
        ambition: int,
        challenge: int = 0,
        fine: bool = False,
    ) -> NationalTarget:
        """Return the highest grade that enough similar pupils nationally reached.

        Args:
            halves: The score in half points.
            scale: The subject's scale, which holds all grades of the table.
            ambition: Hundredths: at 60, two in five reached the target or better.
            challenge: Steps added: thirds where thirds are used.
            fine: Whether to use thirds of a grade, where the scale has them.
        """
        shares = self.shares[self.bands.index(halves)]
        threshold = Fraction(100 - ambition, 100)
        rank = max(
            i
            for i, share in enumerate(shares)
            if i == 0 or _is_reached(share, threshold)
        )
        grade = self.grades[rank]
        if fine and scale.has_thirds:
            if rank > 0:  # U has no thirds
                above = shares[rank + 1].value if shares[rank + 1 :] else Fraction(0)
                value = shares[rank].value
                grade = _third(scale, grade, (value - threshold) / (value - above))
            grade = scale.step_up(grade, challenge)
        else:
            grade = scale.step_up_whole(grade, challenge)
        whole = scale.whole(grade)
        return NationalTarget(grade, whole, self.share(halves, whole))


def _is_reached(share: NationalShare, threshold: Fraction) -> bool:
    return (
        share.at_or_above * threshold.denominator >= threshold.numerator * share.pupils
    )


def _third(scale: Scale, grade: str, part: Fraction) -> str:
    thirds = scale.thirds(grade)
    if part < THIRD:
        return thirds[0]
    return thirds[1] if part <= 2 * THIRD else thirds[2]


def ambition_hundredths(ambition: float) -> int:
    """Return an ambition in whole hundredths.

    Args:
        ambition: A number from 0.01 to 0.99.

    Raises:
        BadTable: If it is outside, or finer than hundredths.

    >>> ambition_hundredths(0.6)
    60
    """
    whole = round(ambition * 100)
    if not 1 <= whole <= 99 or abs(ambition * 100 - whole) > 1e-9:
        raise BadTable(
            f"The ambition {ambition} cannot be used.",
            "Use hundredths from 0.01 to 0.99, for example 0.60.",
        )
    return whole


def transition_matrix(
    national: NationalCounts, bands: ScoreBands, years: Sequence[str] | None = None
) -> TransitionMatrix | None:
    """Pool one subject's published counts.

    Bands with fewer than 50 pupils are merged into the next band above (the last into
    the one below). Then, for each grade, neighbouring bands are pooled until the share
    at or above it never falls from band to band.

    Args:
        national: The published counts.
        bands: The bands of the counts.
        years: The academic years to pool; None pools all.

    Returns:
        None where no pupil was counted in those years.
    """
    pooled_years = tuple(y for y in national.years if years is None or y in years)
    counts = [
        [sum(column) for column in zip(*rows, strict=True)]
        for rows in zip(*(national.counts[year] for year in pooled_years), strict=True)
    ]
    if not sum(map(sum, counts)):
        return None
    blocks = _blocks([sum(row) for row in counts])
    shares: list[list[NationalShare]] = [[] for _ in counts]
    for rank in range(len(national.grades)):
        block_shares = (_block_share(counts, rank, *block) for block in blocks)
        for share in isotonic_shares(block_shares):
            for band in range(share.first, share.last + 1):
                shares[band].append(share)
    return TransitionMatrix(
        subject=national.subject,
        scale=national.scale,
        grades=national.grades,
        years=pooled_years,
        bands=bands,
        shares=tuple(tuple(row) for row in shares),
    )


def _block_share(
    counts: list[list[int]], rank: int, first: int, last: int
) -> NationalShare:
    """Return the share at or above a grade in a run of bands."""
    rows = counts[first : last + 1]
    at_or_above = sum(sum(row[rank:]) for row in rows)
    return NationalShare(at_or_above, sum(map(sum, rows)), first, last)


def _blocks(pupils: Sequence[int]) -> list[tuple[int, int]]:
    blocks: list[tuple[int, int]] = []
    first, total = 0, 0
    for last, count in enumerate(pupils):
        total += count
        if total >= SMALLEST_BLOCK:
            blocks.append((first, last))
            first, total = last + 1, 0
    if first < len(pupils):
        start = blocks.pop()[0] if blocks else 0
        blocks.append((start, len(pupils) - 1))
    return blocks


def isotonic_shares(shares: Iterable[NationalShare]) -> list[NationalShare]:
    """Pool the shares of neighbouring bands where they fall.

    This is the isotonic regression weighted by pupils, which is unique. Shares are
    compared as fractions, never as decimals.

    >>> shares = [NationalShare(9, 10, 0, 0), NationalShare(1, 10, 1, 1)]
    >>> [share.at_or_above for share in isotonic_shares(shares)]
    [10]
    """
    pooled: list[NationalShare] = []
    for share in shares:
        pooled.append(share)
        while len(pooled) > 1 and _falls(pooled[-2], pooled[-1]):
            above, below = pooled.pop(), pooled.pop()
            pooled.append(
                NationalShare(
                    below.at_or_above + above.at_or_above,
                    below.pupils + above.pupils,
                    below.first,
                    above.last,
                )
            )
    return pooled


def _falls(below: NationalShare, above: NationalShare) -> bool:
    return below.at_or_above * above.pupils > above.at_or_above * below.pupils
