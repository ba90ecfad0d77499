"""Load everything that a moderation form shows about each pupil and subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd
from sqlalchemy import Connection

from generator.context import Context
from generator.store import roster
from generator.store import targets as stored
from generator.store.enrolments import department_of, enrolments
from generator.targets.drafting import draft_targets
from generator.targets.drafting_plan import DraftingPlan, make_plan, required_test
from generator.targets.evidence import add_answers, add_indicators, add_marks
from generator.targets.target_versions import current_targets_for
from udfs.scales.prior_attainment import Test, score_text
from udfs.scales.transition_matrix import TransitionMatrix, ambition_hundredths
from udfs.targets.baselines import FIRST_SIXTH_FORM_YEAR
from udfs.targets.cat4_estimates import Cat4Fit, fit_cat4, standard_age_score
from udfs.targets.draft_table import starting_points

TESTS: tuple[Test, ...] = ("reading", "maths", "both")
_COLUMNS = [
    *stored.KEY, "surname", "forename", "reg", "class", "year", "department",
    "ks2_reading", "ks2_maths",
]  # fmt: skip


@dataclass(frozen=True)
class ModerationData:
    """Moderation data: one row for each enrolled pupil and subject.

    Args:
        rows: `adno`, `subject`, `surname`, `forename`, `reg`, `class` (codes joined
            by `; `), `year` (0 if neither pupil nor class has one), `department`,
            `scale`; the starting point: `halves`, `used`, `asks` (test that the
            subject needs), `estimated` (whether the score is estimated from CAT4,
            without Key Stage 2), `shown` (score as text), `cat4`, `gcse`; the current
            target: `version` (0 without one), `expected`, `aspirational`, `status`,
            `reason`; a new draft: `drafted`, `drafted_high`, `how`; and from the store
            `prediction`, `collection` and `too`, `last` and `last_year`, `query`,
            `query_in`, `answer` and `answer_version`.
        figures: Subject -> its national figures, if there are any on its scale.
        plan: Method of drafting in each subject.
        fits: Test -> fit of its scores to CAT4 at this school, if known.
        class_teachers: Class -> name of its lead teacher, or empty.
    """

    rows: pd.DataFrame
    figures: Mapping[str, TransitionMatrix]
    plan: DraftingPlan
    fits: Mapping[Test, Cat4Fit]
    class_teachers: Mapping[str, str]


def load_moderation_data(connection: Connection, context: Context) -> ModerationData:
    """The moderation data of the pupils enrolled today, in every subject.

    Args:
        connection: A transaction of the store.
        context: School, tables and moment; pupils who left by then are left out.

    Raises:
        MarkbookError: If a setting or one of the school's tables cannot be used.
    """
    school, tables = context.school, context.tables
    frame = enrolments(connection, school.academic_year, tables, today=context.today)
    rows = _pupil_rows(connection, context, frame)
    plan = make_plan(connection, context, rows)
    rows = add_indicators(rows, school, plan.indicators, plan.sources)
    subjects = list(rows["subject"].unique())
    rows["scale"] = rows["subject"].map(
        {name: tables.subject(name).scale for name in subjects}
    )
    drafts = draft_targets(rows, context, plan)
    rows["drafted"], rows["drafted_high"] = drafts["expected"], drafts["aspirational"]
    provenance = drafts["provenance"]
    rows["how"] = provenance.where(provenance.ne(""), drafts["reason"])
    current = current_targets_for(connection, rows, tables)
    for name in ("expected", "aspirational", "status", "reason", "version"):
        rows[name] = current[name]
    rows["version"] = rows["version"].fillna(0).astype("int64")
    for name in ("status", "reason"):
        rows[name] = rows[name].fillna("")
    fits = _cat4_fits(rows, context)
    rows = _add_starting_points(rows, context, fits)
    rows = add_marks(connection, rows, context)
    rows = add_answers(connection, rows)
    figures = {name: _national_figures(name, context) for name in subjects}
    return ModerationData(
        rows=rows,
        figures={
            name: matrix for name, matrix in figures.items() if matrix is not None
        },
        plan=plan,
        fits=fits,
        class_teachers=_class_teachers(connection, school.academic_year, frame),
    )


def _class_teachers(
    connection: Connection, academic_year: str, frame: pd.DataFrame
) -> dict[str, str]:
    staff = roster.staff(connection, academic_year)
    names = dict(zip(staff["code"], staff["name"], strict=True))
    leads = {codes: codes.split(";")[0] for codes in frame["teachers"].unique()}
    return {
        code: names.get(leads[codes], leads[codes])
        for code, codes in zip(frame["class"], frame["teachers"], strict=True)
    }


def _pupil_rows(
    connection: Connection, context: Context, frame: pd.DataFrame
) -> pd.DataFrame:
    # One row for each pupil and subject, with all its classes.
    roles = roster.roles(connection, context.school.academic_year)
    classes = frame.groupby(stored.KEY, sort=False)["class"].agg("; ".join)
    rows = frame.drop_duplicates(stored.KEY).reset_index(drop=True)
    rows["class"] = classes.reindex(pd.MultiIndex.from_frame(rows[stored.KEY])).array
    pairs = list(zip(rows["subject"], rows["class_subject"], strict=True))
    departments = {
        pair: department_of(*pair, context.tables, roles)
        for pair in dict.fromkeys(pairs)
    }
    rows["department"] = [departments[pair] for pair in pairs]
    rows["year"] = rows["year"].fillna(rows["class_year"]).fillna(0)  # 0: unknown
    return rows[_COLUMNS]


def _cat4_fits(rows: pd.DataFrame, context: Context) -> dict[Test, Cat4Fit]:
    year = context.school.academic_year
    pupils = rows.drop_duplicates("adno").reset_index(drop=True)
    scores = [standard_age_score(text) for text in pupils["cat4"]]
    fits = {}
    for test in TESTS:
        starts = starting_points(pupils, context.tables, academic_year=year, tests=test)
        # A test that stands in for another says nothing about the other.
        own = starts["halves"].where(starts["used"].eq(test))
        fit = fit_cat4(
            (score, int(halves))
            for score, halves in zip(scores, own, strict=True)
            if score is not None and not pd.isna(halves)
        )
        if fit is not None:
            fits[test] = fit
    return fits


def _add_starting_points(
    rows: pd.DataFrame, context: Context, fits: Mapping[Test, Cat4Fit]
) -> pd.DataFrame:
    tables = context.tables
    starts = starting_points(rows, tables, academic_year=context.school.academic_year)
    rows = rows.assign(halves=starts["halves"], used=starts["used"], estimated=False)
    rows["asks"] = rows["subject"].map(
        {name: required_test(tables.subject(name)) for name in rows["subject"].unique()}
    )
    rows["cat4_halves"] = pd.Series(
        [
            fits[test].halves(score)
            if test in fits and (score := standard_age_score(text)) is not None
            else None
            for test, text in zip(rows["asks"], rows["cat4"], strict=True)
        ],
        index=rows.index,
        dtype="Int64",
    )
    younger = rows["year"].fillna(0).lt(FIRST_SIXTH_FORM_YEAR)
    estimated = rows["halves"].isna() & rows["cat4_halves"].notna() & younger
    rows["estimated"] = estimated
    rows["halves"] = rows["halves"].mask(estimated, rows["cat4_halves"])
    rows["used"] = rows["used"].mask(estimated, rows["asks"])
    texts = [
        "" if pd.isna(halves) else score_text(int(halves)) for halves in rows["halves"]
    ]
    rows["shown"] = pd.Series(texts, index=rows.index, dtype="str")
    return rows


def _national_figures(name: str, context: Context) -> TransitionMatrix | None:
    subject = context.tables.subject(name)
    scale = context.tables.scales.get(subject.scale)
    if not subject.national or scale is None:
        return None
    years = tuple(context.school.settings.targets.years)
    figures = context.tables.transition_matrix(subject.national, years)
    return figures if figures is not None and figures.fits(scale) else None


def cat4_suggestions(data: ModerationData, context: Context) -> pd.DataFrame:
    """The national targets for the scores estimated from CAT4.

    Returns:
        On the rows' index: `cat4_grade` and `cat4_high` (missing without an estimate)
        and `cat4_words`, a description of the estimate.
    """
    settings = context.school.settings.targets
    tables = context.tables

    @cache
    def targets(subject: str, halves: int) -> tuple[str, ...]:
        scale = tables.scale(tables.subject(subject).scale)
        return tuple(
            data.figures[subject]
            .target(
                halves,
                scale,
                ambition=ambition_hundredths(ambition),
                challenge=settings.challenge,
                fine=settings.fine is not False,
            )
            .grade
            for ambition in (settings.ambition, settings.aspirational)
        )

    rows = data.rows
    columns = ["subject", "asks", "cat4_halves", "cat4"]
    suggestions: list[tuple[str | None, ...]] = []
    for subject, test, halves, text in zip(
        *(rows[column] for column in columns), strict=True
    ):
        score = standard_age_score(text)
        if subject not in data.figures or pd.isna(halves) or score is None:
            suggestions.append((None, None, ""))
        else:
            grades = targets(subject, int(halves))
            suggestions.append((*grades, data.fits[test].description(score)))
    return pd.DataFrame(
        suggestions,
        columns=pd.Index(["cat4_grade", "cat4_high", "cat4_words"]),
        index=rows.index,
        dtype=object,
    )
