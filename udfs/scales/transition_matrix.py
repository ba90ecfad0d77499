"""National transitions: what similar pupils reached, and the target drawn from it."""

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
class Bands:
    """Bands of Key Stage 2 scores, lowest first.

    Args:
        names: As published: `100 - 102`.
        lows: The lowest score of each, in half points.
    """

    names: tuple[str, ...]
    lows: tuple[int, ...]

    def of(self, halves: int) -> int:
        """The place of the band of a score in half points, counted from 0."""
        return max(bisect_right(self.lows, halves) - 1, 0)

    def span(self, first: int, last: int) -> str:
        """How a run of bands is written.

        >>> Bands(("80 - 89.5", "90 - 95.5"), (160, 180)).span(0, 1)
        '80 - 89.5 to 90 - 95.5'
        """
        if first == last:
            return self.names[first]
        return f"{self.names[first]} to {self.names[last]}"


@dataclass(frozen=True, slots=True)
class National:
    """What was published of one subject.

    Args:
        subject: Its name in the published tables.
        scale: The name of the scale it is graded on.
        grades: The grades counted, lowest (U) first; ungraded pupils are not there.
        counts: Year -> for each band, the pupils in each grade.
    """

    subject: str
    scale: str
    grades: tuple[str, ...]
    counts: Mapping[str, tuple[tuple[int, ...], ...]]

    @property
    def years(self) -> tuple[str, ...]:
        """The academic years there are figures for."""
        return tuple(sorted(self.counts))

    def over(self, other: National) -> National:
        """These counts, and another table's for the years that are not here."""
        if other.grades != self.grades:
            return self
        return replace(self, counts={**other.counts, **self.counts})


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the similar pupils reached a grade.

    Args:
        reached: Pupils with this grade or a higher one.
        pupils: Pupils with any grade, U among them.
        first: The place of the lowest band that they come from.
        last: The place of the highest.
    """

    reached: int
    pupils: int
    first: int
    last: int

    @property
    def value(self) -> Fraction:
        """The share, exactly, from 0 to 1."""
        return Fraction(self.reached, self.pupils)

    @property
    def percent(self) -> str:
        """The share as it is shown, rounded half up.

        >>> Share(1, 8, 0, 0).percent
        '13 %'
        """
        return f"{(200 * self.reached + self.pupils) // (2 * self.pupils)} %"


@dataclass(frozen=True, slots=True)
class Target:
    """A target with what stands behind it.

    Args:
        grade: On the subject's scale.
        whole: The whole grade that it is, or is a third of.
        share: How many similar pupils nationally reached that whole grade.
    """

    grade: str
    whole: str
    share: Share


@dataclass(frozen=True, slots=True)
class Transition:
    """One subject's national figures, made ready to draw targets from.

    Args:
        subject: Its name in the published tables.
        scale: The name of the scale its grades are on.
        grades: Lowest first.
        years: The academic years counted together.
        bands: The bands of scores.
        shares: For each band, the share at or above each grade. Over the bands they
            never fall, so that a higher score never draws a lower target.
    """

    subject: str
    scale: str
    grades: tuple[str, ...]
    years: tuple[str, ...]
    bands: Bands
    shares: tuple[tuple[Share, ...], ...]

    def share(self, halves: int, grade: str) -> Share:
        """The share of similar pupils nationally at or above a grade.

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
        return self.shares[self.bands.of(halves)][self.grades.index(grade)]

    def fits(self, scale: Scale) -> bool:
        """Whether targets on a scale can be drawn from this table."""
        return all(scale.find(grade) == grade for grade in self.grades)

    def target(
        self,
        halves: int,
        scale: Scale,
        *,
        ambition: int,
        challenge: int = 0,
        fine: bool = False,
    ) -> Target:
        """The highest grade that enough similar pupils nationally reached.

        Args:
            halves: The score in half points.
            scale: The subject's scale; it has all of the table's grades.
            ambition: In hundredths: at 60, two in five reached it or better.
            challenge: Steps up from there: thirds where thirds are drawn.
            fine: Whether thirds of a grade are drawn, where the scale has them.
        """
        shares = self.shares[self.bands.of(halves)]
        least = Fraction(100 - ambition, 100)
        place = max(i for i, share in enumerate(shares) if i == 0 or _at(share, least))
        grade = self.grades[place]
        if fine and scale.has_thirds:
            if place > 0:  # U has no thirds
                above = shares[place + 1].value if shares[place + 1 :] else Fraction(0)
                here = shares[place].value
                grade = _third(scale, grade, (here - least) / (here - above))
            grade = scale.step_up(grade, challenge)
        else:
            grade = scale.step_up_whole(grade, challenge)
        whole = scale.whole(grade)
        return Target(grade, whole, self.share(halves, whole))


def _at(share: Share, least: Fraction) -> bool:
    return share.reached * least.denominator >= least.numerator * share.pupils


def _third(scale: Scale, grade: str, part: Fraction) -> str:
    thirds = scale.thirds(grade)
    if part < THIRD:
        return thirds[0]
    return thirds[1] if part <= 2 * THIRD else thirds[2]


def hundredths(ambition: float) -> int:
    """An ambition as whole hundredths.

    Args:
        ambition: From 0.01 to 0.99.

    Raises:
        BadTable: If it is outside, or finer than hundredths.

    >>> hundredths(0.6)
    60
    """
    whole = round(ambition * 100)
    if not 1 <= whole <= 99 or abs(ambition * 100 - whole) > 1e-9:
        raise BadTable(
            f"The ambition {ambition} cannot be used.",
            "Use hundredths from 0.01 to 0.99, for example 0.60.",
        )
    return whole


def transition(
    national: National, bands: Bands, years: Sequence[str] | None = None
) -> Transition | None:
    """One subject's published counts, pooled and put in order.

    Bands with fewer than 50 pupils take in the next band above (a last one joins the
    one below); then, for each grade on its own, the shares at or above it are made
    never to fall from band to band, by pooling neighbours that do.

    Args:
        national: The published counts.
        bands: The bands they are counted in.
        years: The academic years to count together; None counts all there are.

    Returns:
        None where no pupil was counted in those years.
    """
    chosen = tuple(y for y in national.years if years is None or y in years)
    counts = [
        [sum(column) for column in zip(*rows, strict=True)]
        for rows in zip(*(national.counts[year] for year in chosen), strict=True)
    ]
    if not sum(map(sum, counts)):
        return None
    blocks = _blocks([sum(row) for row in counts])
    shares: list[list[Share]] = [[] for _ in counts]
    for place in range(len(national.grades)):
        raw = [
            Share(
                sum(sum(row[place:]) for row in counts[first : last + 1]),
                sum(sum(row) for row in counts[first : last + 1]),
                first,
                last,
            )
            for first, last in blocks
        ]
        for share in never_falling(raw):
            for band in range(share.first, share.last + 1):
                shares[band].append(share)
    return Transition(
        subject=national.subject,
        scale=national.scale,
        grades=national.grades,
        years=chosen,
        bands=bands,
        shares=tuple(tuple(row) for row in shares),
    )


def _blocks(pupils: Sequence[int]) -> list[tuple[int, int]]:
    blocks: list[tuple[int, int]] = []
    first, held = 0, 0
    for last, here in enumerate(pupils):
        held += here
        if held >= SMALLEST_BLOCK:
            blocks.append((first, last))
            first, held = last + 1, 0
    if first < len(pupils):
        joined = blocks.pop()[0] if blocks else 0
        blocks.append((joined, len(pupils) - 1))
    return blocks


def never_falling(shares: Iterable[Share]) -> list[Share]:
    """Shares of neighbouring bands, pooled where they fall, counts added.

    This is the isotonic regression weighted by pupils, which is unique. Shares are
    compared as whole numbers, never as decimals.

    >>> [s.reached for s in never_falling([Share(9, 10, 0, 0), Share(1, 10, 1, 1)])]
    [10]
    """
    pooled: list[Share] = []
    for share in shares:
        pooled.append(share)
        while len(pooled) > 1 and _falls(pooled[-2], pooled[-1]):
            above, below = pooled.pop(), pooled.pop()
            pooled.append(
                Share(
                    below.reached + above.reached,
                    below.pupils + above.pupils,
                    below.first,
                    above.last,
                )
            )
    return pooled


def _falls(below: Share, above: Share) -> bool:
    return below.reached * above.pupils > above.reached * below.pupils
