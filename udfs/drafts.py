"""Drafts of targets for a whole school at once, each with what it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from udfs import prior
from udfs.cells import tidy
from udfs.errors import UnknownScale, UnknownScore
from udfs.prior import Start, Test
from udfs.scales import Scale
from udfs.subjects import Baseline, Subject
from udfs.tables import Tables
from udfs.transition import Target, Transition

NOT_MODERATED = "draft, not moderated"
PROVISIONAL = "provisional: no department baseline"
NO_SCORES = "no KS2 scores"
SIXTH_FORM = 12  # from this year on, Key Stage 2 is no baseline
COLUMNS = (
    "expected",
    "aspirational",
    "status",
    "method",
    "baseline",
    "score",
    "pupils_behind_it",
    "provenance",
    "reason",
)

TEXTS = ("status", "method", "baseline", "score", "provenance", "reason")


@dataclass(frozen=True, slots=True)
class Method:
    """How a school draws targets from the national transitions.

    Args:
        expected: The ambition of the expected target, in hundredths.
        aspirational: The ambition of the aspirational target, in hundredths.
        challenge: Steps up from both.
        fine: Whether thirds of a grade are drawn on scales that have them.
        years: The academic years of national figures counted together; None: all.
    """

    expected: int = 60
    aspirational: int = 80
    challenge: int = 0
    fine: bool = True
    years: tuple[str, ...] | None = None


class Draft(NamedTuple):
    """One answer, in the columns of `COLUMNS`: a target, or the reason why not."""

    expected: str | None
    aspirational: str | None
    status: str
    method: str
    baseline: str
    score: str
    pupils_behind_it: int | None
    provenance: str
    reason: str


def drafts(
    frame: pd.DataFrame,
    tables: Tables,
    method: Method | None = None,
    *,
    academic_year: str,
) -> pd.DataFrame:
    """A draft, or the reason why there is none, for every pupil and subject.

    Args:
        frame: One row per pupil and subject, with `subject`, `ks2_reading`,
            `ks2_maths` (as imported: scores, codes, blanks) and `year` (the pupil's,
            7 to 13, or missing).
        tables: What is looked up.
        method: How targets are drawn; None takes the defaults.
        academic_year: As `2026/27`: it tells when each year group sat its tests.

    Returns:
        The columns of `COLUMNS` on the frame's own index; the two targets are None
        where there are none. A row's answer depends on
        nothing but that row.
    """
    method = method or Method()
    asked = pd.DataFrame(
        {
            "subject": frame["subject"].astype(object),
            "reading": frame["ks2_reading"].map(_text),
            "maths": frame["ks2_maths"].map(_text),
            "year": pd.to_numeric(frame["year"], errors="coerce").fillna(0).astype(int),
        }
    )
    # Few different questions stand behind many rows: each is answered once.
    number = asked.groupby(list(asked.columns), sort=False).ngroup()
    different = asked.drop_duplicates()
    answers = [
        _draft(tables, method, _Asked(*row), academic_year)
        for row in different.to_numpy().tolist()
    ]
    answered = pd.DataFrame(answers, columns=pd.Index(COLUMNS), dtype=object).astype(
        {name: "str" for name in TEXTS} | {"pupils_behind_it": "Int64"}
    )
    return answered.take(number.to_numpy()).set_axis(frame.index)


class _Asked(NamedTuple):
    subject: str
    reading: str
    maths: str
    year: int


def _text(value: object) -> str:
    return "" if value is pd.NA else tidy(value)


def _draft(tables: Tables, method: Method, asked: _Asked, academic_year: str) -> Draft:
    subject = tables.subject(asked.subject)
    start, unknown = _start(tables, subject, asked, academic_year)
    found = _drawing(tables, method, subject)
    if isinstance(found, str):
        return _without(found)
    if asked.year >= SIXTH_FORM:
        return _without("no GCSE average: the sixth form does not start from KS2")
    if start is None:
        return _without(f"{NO_SCORES}{unknown}")
    figures, scale = found
    targets = [
        figures.target(
            start.halves,
            scale,
            ambition=ambition,
            challenge=method.challenge,
            fine=method.fine,
        )
        for ambition in (method.expected, method.aspirational)
    ]
    provisional = subject.practical or subject.baseline == "department"
    reason = PROVISIONAL if provisional else NOT_MODERATED
    if start.stands_in:
        reason += f"; {_standing_in(start)}"
    return Draft(
        expected=targets[0].grade,
        aspirational=targets[1].grade,
        status="provisional" if provisional else "draft",
        method="transition",
        baseline=start.used,
        score=start.text,
        pupils_behind_it=targets[0].share.pupils,
        provenance=provenance(figures, start, targets) + unknown,
        reason=reason,
    )


def _without(reason: str) -> Draft:
    return Draft(None, None, "", "", "", "", None, "", reason)


def _drawing(
    tables: Tables, method: Method, subject: Subject
) -> tuple[Transition, Scale] | str:
    if not subject.known:
        return f"unknown subject {subject.name}"
    if subject.baseline in ("none", "gcse"):
        which = "no baseline" if subject.baseline == "none" else "no GCSE average"
        return f"{which} for {subject.name}"
    if not subject.national:
        return f"no national table for {subject.name}"
    try:
        scale = tables.scale(subject.scale)
    except UnknownScale:
        return f"unknown scale {subject.scale} for {subject.name}"
    figures = tables.transition(subject.national, method.years)
    if figures is None:
        return f"no national table for {subject.name}"
    if not figures.fits(scale):
        return f"the national table for {subject.name} is not on {scale.title}"
    return figures, scale


def _start(
    tables: Tables, subject: Subject, asked: _Asked, academic_year: str
) -> tuple[Start | None, str]:
    summer = prior.summer_of(academic_year, asked.year) if asked.year else None
    scores: list[int | None] = []
    unknown = []
    for value in (asked.reading, asked.maths):
        try:
            scores.append(prior.score(value, tables.substitutes, summer=summer))
        except UnknownScore:
            scores.append(None)
            unknown.append(repr(value))
    # A department's own baseline is not there yet: Key Stage 2 is its information.
    wanted: Baseline = subject.baseline
    if wanted == "department":
        wanted = "both"
    said = f": {' and '.join(dict.fromkeys(unknown))} not known" if unknown else ""
    return prior.start(scores[0], scores[1], wanted), said


def _standing_in(start: Start) -> str:
    missing: Test = "maths" if start.used == "reading" else "reading"
    return f"no {missing} score, {start.used} stands in"


def provenance(figures: Transition, start: Start, targets: Sequence[Target]) -> str:
    """Where targets came from: years, score, bands and the pupils behind each.

    Args:
        figures: The national figures they were drawn from.
        start: What they started from.
        targets: The targets, expected first.
    """
    tests = "reading and maths" if start.used == "both" else start.used
    shown = "; ".join(
        f"{target.share.percent} of {target.share.pupils:,} pupils in "
        f"{figures.bands.span(target.share.first, target.share.last)} reached "
        f"{target.whole}"
        for target in dict.fromkeys(targets)
    )
    parts = [
        f"{figures.subject}, {' and '.join(figures.years)}",
        f"{tests} {start.text}",
        shown,
    ]
    if start.stands_in:
        parts.append(_standing_in(start))
    if start.used != "both":
        parts.append("an approximation: the bands are of the mean of both tests")
    return "; ".join(parts)
