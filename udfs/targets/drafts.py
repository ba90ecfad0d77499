"""Drafts of targets for a whole school at once, each with what it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from udfs.errors import UnknownScale
from udfs.scales.prior_attainment import StartingPoint, Test
from udfs.scales.subjects import Subject
from udfs.scales.transition_matrix import Bands, Target, Transition
from udfs.tables import Tables
from udfs.targets.baselines import SIXTH_FORM, Scores, start_of, text_of
from udfs.targets.methods import (
    DRAWING,
    NO_SCORES,
    Case,
    Drawn,
    Method,
    department,
    reached,
    within,
)

__all__ = ["COLUMNS", "NO_SCORES", "SIXTH_FORM", "Draft", "Method", "drafts"]

NOT_MODERATED = "draft, not moderated"
PROVISIONAL = "provisional: no department baseline"
BY_DEPARTMENT = "department baseline"
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
# What a draft may look at besides Key Stage 2; a column that is not there is blank.
EVIDENCE = ("imported", "imported_high", "given", "gcse")


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


class _Asked(NamedTuple):
    subject: str
    reading: str
    maths: str
    year: int
    imported: str
    imported_high: str
    given: str
    gcse: str


def drafts(
    frame: pd.DataFrame,
    tables: Tables,
    method: Method | Mapping[str, Method] | None = None,
    *,
    academic_year: str,
) -> pd.DataFrame:
    """A draft, or the reason why there is none, for every pupil and subject.

    Args:
        frame: One row per pupil and subject, with `subject`, `ks2_reading`,
            `ks2_maths` (as imported: scores, codes, blanks) and `year` (the pupil's,
            7 to 13, or missing); and, where there are any, `imported` and
            `imported_high` (the values of the subject's indicators), `given`
            (the department's own baseline grade) and `gcse` (the average of GCSE
            results).
        tables: What is looked up.
        method: How targets are drawn, for all subjects alike or by subject; None
            takes the defaults.
        academic_year: As `2026/27`: it tells when each year group sat its tests.

    Returns:
        The columns of `COLUMNS` on the frame's own index; the two targets are None
        where there are none. A row's answer depends on
        nothing but that row.
    """
    asked = pd.DataFrame(
        {
            "subject": frame["subject"].astype(object),
            "reading": frame["ks2_reading"].map(text_of),
            "maths": frame["ks2_maths"].map(text_of),
            "year": pd.to_numeric(frame["year"], errors="coerce").fillna(0).astype(int),
        }
        | {name: _texts(frame, name) for name in EVIDENCE}
    )
    # Few different questions stand behind many rows: each is answered once.
    number = asked.groupby(list(asked.columns), sort=False).ngroup()
    different = asked.drop_duplicates()
    answers = [
        _draft(tables, _of(method, row[0]), _Asked(*row), academic_year)
        for row in different.to_numpy().tolist()
    ]
    answered = pd.DataFrame(answers, columns=pd.Index(COLUMNS), dtype=object).astype(
        {name: "str" for name in TEXTS} | {"pupils_behind_it": "Int64"}
    )
    return answered.take(number.to_numpy()).set_axis(frame.index)


def _texts(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    if name not in frame:
        return pd.Series("", index=frame.index, dtype=object)
    return frame[name].map(text_of).astype(object)


def _of(method: Method | Mapping[str, Method] | None, subject: str) -> Method:
    if isinstance(method, Mapping):
        return method.get(subject) or Method()
    return method or Method()


def _draft(tables: Tables, method: Method, asked: _Asked, academic_year: str) -> Draft:
    case = _case(tables, method, asked, academic_year)
    if isinstance(case, str):
        return _without(case)
    subject = case.subject
    waits = (
        subject.practical
        or subject.baseline == "department"
        or method.name == "department"
    )
    missing = ""
    if waits and asked.given:
        found = department(case)
        if not isinstance(found, str):
            return _answer(case, found, "department", "draft", BY_DEPARTMENT)
        missing = f"; {found}"
    drawn = DRAWING[method.name](case)
    if isinstance(drawn, str):
        if method.name == "department":
            drawn = f"no department baseline; {drawn}"
        return _without(drawn + missing)
    drawing = "transition" if method.name == "department" else method.name
    if waits:
        return _answer(case, drawn, drawing, "provisional", PROVISIONAL + missing)
    return _answer(case, drawn, drawing, "draft", NOT_MODERATED)


def _case(
    tables: Tables, method: Method, asked: _Asked, academic_year: str
) -> Case | str:
    subject = tables.subject(asked.subject)
    if not subject.recognised:
        return f"unknown subject {subject.name}"
    if asked.given or method.name in ("imported", "department"):
        missing = ""
    else:
        missing = _no_baseline(subject)
    if missing:
        return missing
    figures = _figures(tables, method, subject)
    scale = tables.scales.get(subject.scale)
    if scale is None:
        return figures if isinstance(figures, str) else f"unknown scale {subject.scale}"
    start, unknown = start_of(
        subject,
        Scores(asked.reading, asked.maths, asked.year),
        tables,
        academic_year=academic_year,
    )
    return Case(
        subject,
        scale,
        method,
        figures,
        start,
        unknown,
        asked.year,
        imported=asked.imported,
        imported_high=asked.imported_high,
        given=asked.given,
        gcse=asked.gcse,
    )


def _no_baseline(subject: Subject) -> str:
    if subject.baseline not in ("none", "gcse"):
        return ""
    which = "no baseline" if subject.baseline == "none" else "no GCSE average"
    return f"{which} for {subject.name}"


def _figures(tables: Tables, method: Method, subject: Subject) -> Transition | str:
    if missing := _no_baseline(subject):
        return missing
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
    return figures


def _without(reason: str) -> Draft:
    return Draft(None, None, "", "", "", "", None, "", reason)


def _answer(case: Case, drawn: Drawn, method: str, status: str, reason: str) -> Draft:
    drawn = within(case, drawn)
    targets = reached(case, drawn.expected, drawn.aspirational)
    from_ks2 = case.start is not None and drawn.baseline == case.start.tests
    if case.start is not None and from_ks2 and case.start.is_substitute:
        reason += f"; {_standing_in(case.start)}"
    pupils = drawn.pupils
    if method == "transition" and targets:
        pupils = targets[0].share.pupils
    told = _told(case, drawn, targets, nationally=method != "transition")
    return Draft(
        expected=drawn.expected,
        aspirational=drawn.aspirational,
        status=status,
        method=method,
        baseline=drawn.baseline,
        score=drawn.score,
        pupils_behind_it=pupils,
        provenance=told + (case.unknown if from_ks2 else ""),
        reason=reason,
    )


def _told(
    case: Case, drawn: Drawn, targets: tuple[Target, ...], *, nationally: bool
) -> str:
    parts = list(drawn.told)
    start, figures = case.start, case.figures
    if start is not None and not isinstance(figures, str):
        lead = "nationally " if nationally else ""
        parts.append(lead + shares_text(targets, figures.bands))
        if start.is_substitute and drawn.baseline == start.tests:
            parts.append(_standing_in(start))
        if start.tests != "both":
            parts.append("an approximation: the bands are of the mean of both tests")
    return "; ".join(parts)


def shares_text(targets: tuple[Target, ...], bands: Bands) -> str:
    """How many similar pupils reached each of some targets, in words.

    Args:
        targets: The targets, expected first; two alike are told once.
        bands: The bands of scores.
    """
    shown = {
        f"{target.share.percent} of {target.share.pupils:,} pupils in "
        f"{bands.span(target.share.first, target.share.last)} reached "
        f"{target.whole}": None
        for target in targets
    }
    return "; ".join(shown)


def _standing_in(start: StartingPoint) -> str:
    missing: Test = "maths" if start.tests == "reading" else "reading"
    return f"no {missing} score, {start.tests} stands in"
