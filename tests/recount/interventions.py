"""The effects of interventions, compared with similar pupils without one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from statistics import fmean, variance

from tests.recount.arithmetic import Mean, student
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs
from tests.recount.similar_changes import PeerChanges, Peers
from tests.recount.tables import Row

Cell = tuple[object, ...]  # year, subject; the two collections


@dataclass(frozen=True)
class SubjectGap:
    """A pupil's gap to target in a subject at a collection."""

    adno: str
    subject: str
    year: int
    band: str
    collection: str
    gap: Fraction


@dataclass(frozen=True)
class FollowedIntervention:
    """An intervention in one subject: gaps before, after, two collections later."""

    row: Row
    before: SubjectGap
    then: dict[str, SubjectGap | None]
    alike: dict[str, Peers | None]
    cells: dict[str, Cell]


class InterventionRecount:
    """The interventions of a school and their effects."""

    def __init__(self, data: RecountData) -> None:
        self.data = data
        self.codes = [*data.earlier, data.code]

    @cached_property
    def rows(self) -> list[Row]:
        """Every intervention of the enrolled pupils, in any year."""
        adnos = {row.adno for row in self.data.enrolments}
        return [
            row for row in self.data.exports["interventions"] if row["adno"] in adnos
        ]

    @cached_property
    def seen(self) -> dict[tuple[str, str, str], SubjectGap]:
        """Pupil, subject, collection -> the gap, if there was one."""
        data, points = self.data, {}
        for row in unique_pairs(data.enrolments):
            band = data.prior(row.pupil)
            gaps = {code: then.gap for code, then in row.earlier.items()}
            for code, gap in {**gaps, data.code: row.gap}.items():
                if gap is not None:
                    key = (row.adno, row.subject, code)
                    points[key] = SubjectGap(
                        row.adno, row.subject, row.year, band, code, gap
                    )
        return points

    @cached_property
    def collections_by_year(self) -> dict[int, list[str]]:
        """Year group -> the collections in which it had gaps, oldest first."""
        years = {point.year for point in self.seen.values()}
        return {
            year: [
                code for code in self.codes
                if any(point.year == year and point.collection == code
                       for point in self.seen.values())
            ]
            for year in years
        }  # fmt: skip

    @cached_property
    def followed(self) -> list[FollowedIntervention]:
        """Every intervention in each of its subjects that has a gap before it."""
        followed = []
        subjects: dict[str, dict[str, int]] = {}
        for point in self.seen.values():
            subjects.setdefault(point.adno, {})[point.subject] = point.year
        for row in self.rows:
            for subject, year in sorted(subjects.get(row["adno"], {}).items()):
                if row["subject"] not in ("", subject):
                    continue
                since = row["from"] or row["entered_at"][:10]
                codes = self.collections_by_year[year]
                place = sum(self.data.opened[code] <= since for code in codes)
                before = self._at(row["adno"], subject, codes, place - 1)
                if before is None:
                    continue
                then = {
                    "after": self._at(row["adno"], subject, codes, place),
                    "later": self._at(row["adno"], subject, codes, place + 2),
                }
                followed.append(self._beside(row, before, then))
        return followed

    def _at(
        self, adno: str, subject: str, codes: Sequence[str], place: int
    ) -> SubjectGap | None:
        if not 0 <= place < len(codes):
            return None
        return self.seen.get((adno, subject, codes[place]))

    def _beside(
        self, row: Row, before: SubjectGap, then: dict[str, SubjectGap | None]
    ) -> FollowedIntervention:
        alike: dict[str, Peers | None] = {}
        cells: dict[str, Cell] = {}
        for span, after in then.items():
            if after is None:
                continue
            pair = before.collection, after.collection
            cells[span] = (before.year, before.subject, *pair)
            if pair not in self._changes:
                self._changes[pair] = self._peer_changes(*pair)
            alike[span] = self._changes[pair].at(
                (before.year, before.subject), self._gaps(before)
            )
        return FollowedIntervention(row, before, then, alike, cells)

    @cached_property
    def _changes(self) -> dict[tuple[str, str], PeerChanges]:
        return {}

    def _gaps(self, point: SubjectGap) -> list[float]:
        """The gap, the one before it (the same without one), and 1 without one."""
        place = self.codes.index(point.collection)
        earlier = [
            seen
            for code in self.codes[:place]
            if (seen := self.seen.get((point.adno, point.subject, code)))
        ]
        last = earlier[-1].gap if earlier else point.gap
        return [float(point.gap), float(last), float(not earlier)]

    def _peer_changes(self, before: str, after: str) -> PeerChanges:
        """The changes of the pupils without an intervention by the second one."""
        pairs = []
        for (adno, subject, code), point in self.seen.items():
            now = self.seen.get((adno, subject, after))
            if code != before or now is None or self._helped(adno, subject, after):
                continue
            cell = (point.year, subject)
            pairs.append((cell, self._gaps(point), float(now.gap - point.gap)))
        return PeerChanges(pairs)

    def _helped(self, adno: str, subject: str, code: str) -> bool:
        return any(
            row["adno"] == adno
            and row["subject"] in ("", subject)
            and (row["from"] or row["entered_at"][:10]) < self.data.opened[code]
            for row in self.rows
        )

    def visible(self, rows: Sequence[Enrolment], *, own: bool) -> list[Row]:
        """The interventions that a reader sees: running, or run in this academic year.

        Args:
            rows: The rows that the reader may see.
            own: Whether only interventions in one of these subjects are included;
                those in no particular subject are pastoral.
        """
        adnos = {row.adno for row in rows}
        pairs = {(row.adno, row.subject) for row in rows}
        year = self.data.academic_year
        return [
            row for row in self.rows
            if row["adno"] in adnos
            and (not own or (row["adno"], row["subject"]) in pairs)
            and (self.runs(row) or row["academic_year"] == year
                 or row["until"] >= f"{year[:4]}-09-01")
        ]  # fmt: skip

    def following(
        self, interventions: Sequence[Row], rows: Sequence[Enrolment]
    ) -> list[FollowedIntervention]:
        """The followed interventions among these, in the reader's subjects."""
        pairs = {(row.adno, row.subject) for row in rows}
        return [
            item
            for item in self.followed
            if item.row in interventions
            and (item.before.adno, item.before.subject) in pairs
        ]

    def runs(self, row: Row) -> bool:
        """Whether an intervention has begun and not ended; the last day is included."""
        today = self.data.exports.today.isoformat()
        ended = row["until"] < today if row["until"] else bool(row["ended_because"])
        return row["from"] <= today and not ended


@cache
def intervention_recount(data: RecountData) -> InterventionRecount:
    """The interventions of a school, computed once for all its packs."""
    return InterventionRecount(data)


@dataclass(frozen=True)
class InterventionOutcome:
    """The outcome of the interventions with gaps before and after."""

    n: int
    then: float
    now: float
    matched: int
    alike: int
    moved: float
    ahead: Mean


def sum_outcomes(
    followed: Sequence[FollowedIntervention], span: str
) -> InterventionOutcome | None:
    """Summarise outcomes, with each pupil once, however many subjects.

    The interval of how far they come out ahead has the spread of both in it: of
    those with one, from pupil to pupil; and of the similar ones, all groups of them
    together, by how much of the mean hangs on each group.
    """
    complete = [item for item in followed if item.then[span] is not None]
    if not complete:
        return None
    then: dict[str, list[Fraction]] = {}
    now: dict[str, list[Fraction]] = {}
    moved: dict[str, list[float]] = {}
    ahead: dict[str, list[float]] = {}
    groups: dict[Cell, Peers] = {}
    hangs: dict[Cell, list[str]] = {}
    reaches: dict[str, list[float]] = {}
    for item in complete:
        adno, after = item.row["adno"], item.then[span]
        assert after is not None
        then.setdefault(adno, []).append(item.before.gap)
        now.setdefault(adno, []).append(after.gap)
        peers = item.alike[span]
        if peers is not None:
            moved.setdefault(adno, []).append(peers.change)
            lead = float(after.gap - item.before.gap) - peers.change
            ahead.setdefault(adno, []).append(lead)
            groups[item.cells[span]] = peers
            hangs.setdefault(item.cells[span], []).append(adno)
            reaches.setdefault(adno, []).append(math.sqrt(peers.reach))
    middle = _of_pupils(ahead)
    error = _error(ahead, groups, hangs, _of_pupils(reaches) or 0.0)
    mean = Mean(len(ahead), middle)
    if middle is not None and error is not None:
        reach = student(len(ahead) - 1) * error
        mean = Mean(len(ahead), middle, middle - reach, middle + reach, error=error)
    alike = sum(peers.n for peers in groups.values())
    return InterventionOutcome(
        len(then), _of_pupils(then) or 0.0, _of_pupils(now) or 0.0, len(ahead), alike,
        _of_pupils(moved) or 0.0, mean,
    )  # fmt: skip


def _of_pupils(
    each: Mapping[str, Sequence[Fraction]] | Mapping[str, Sequence[float]],
) -> float | None:
    """The mean of pupils' means."""
    means = [float(sum(values)) / len(values) for values in each.values()]
    return fmean(means) if means else None


def _error(
    ahead: Mapping[str, Sequence[float]],
    groups: Mapping[Cell, Peers],
    hangs: Mapping[Cell, Sequence[str]],
    reach: float,
) -> float | None:
    pupils = sum(peers.n for peers in groups.values())
    if len(ahead) < 2 or not pupils:
        return None
    own = variance([fmean(values) for values in ahead.values()]) / len(ahead)
    pooled = sum(peers.spread * peers.n for peers in groups.values()) / pupils
    peer_variance = pooled * reach**2 + sum(
        pooled / groups[cell].n
        * sum(1 / (len(ahead[adno]) * len(ahead)) for adno in adnos) ** 2
        for cell, adnos in hangs.items()
    )  # fmt: skip
    error = math.sqrt(own + peer_variance)
    return None if math.isnan(error) else error
