"""Everything that is known of each pupil and subject when targets are moderated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import pandas as pd
from sqlalchemy import Connection

from generator.school.school import School
from generator.store import roster
from generator.store import targets as stored
from generator.store.enrolments import department_of, enrolments
from generator.targets.drafting import draft_targets
from generator.targets.drafting_plan import DraftingPlan, make_plan
from generator.targets.evidence import (
    add_answers,
    add_indicators,
    add_marks,
    load_indicators,
)
from generator.targets.target_versions import current_targets
from udfs.scales.prior_attainment import Test, score_text
from udfs.scales.transition_matrix import TransitionMatrix, ambition_hundredths
from udfs.tables import Tables
from udfs.targets.baselines import FIRST_SIXTH_FORM_YEAR
from udfs.targets.cat4_estimates import Cat4Fit, fit_cat4, standard_age_score
from udfs.targets.draft_table import starting_points

TESTS: tuple[Test, ...] = ("reading", "maths", "both")


@dataclass(frozen=True)
class ModerationData:
    """One row for each pupil and subject on the roll.

    Args:
        rows: `adno`, `subject`, `surname`, `forename`, `reg`, `class` (codes joined
            by `; `), `year` (0 where neither pupil nor class has one), `department`,
            `scale`; what the target starts from: `halves`, `used`, `estimated` (whether
            the score is estimated from CAT4, for pupils without Key Stage 2), `shown`
            (the score as it is shown), `cat4`, `gcse`; what stands: `version` (0
            where nothing does), `expected`, `aspirational`, `status`, `reason`;
            what the methods draw now: `drafted`, `drafted_high`, `how`; and from the
            store: `prediction`, `collection` and `too`, `last` and `last_year`,
            `query`, `query_in`, `answer` and `answer_version`.
        figures: Subject -> its national figures, where there are any on its scale.
        how: How each subject's targets are drawn.
        fits: Tests -> how scores go with CAT4 at this school, where that is known.
        taught: Class -> its lead teacher's name, or empty.
    """

    rows: pd.DataFrame
    figures: Mapping[str, TransitionMatrix]
    plan: DraftingPlan
    fits: Mapping[Test, Cat4Fit]
    class_teachers: Mapping[str, str]


def load_moderation_data(
    connection: Connection, school: School, tables: Tables, *, today: date
) -> ModerationData:
    """Everything known of the pupils on roll today, in every subject.

    Args:
        connection: A transaction of the store.
        school: The school.
        tables: What is looked up.
        today: Pupils who have left by this day are not there.

    Raises:
        MarkbookError: If a setting or one of the school's tables cannot be used.
    """
    every = enrolments(connection, school.academic_year, tables, today=today)
    rows, taught = _rows(connection, school, tables, every)
    known = load_indicators(connection)
    how = make_plan(connection, school, tables, rows, known)
    rows = add_indicators(rows, school, known, how.sources)
    rows["scale"] = rows["subject"].map(
        {name: tables.subject(name).scale for name in rows["subject"].unique()}
    )
    made = draft_targets(rows, school, tables, how, known)
    rows["drafted"], rows["drafted_high"] = made["expected"], made["aspirational"]
    rows["how"] = made["provenance"].where(made["provenance"].ne(""), made["reason"])
    stands = current_targets(connection, rows, tables)
    for name in ("expected", "aspirational", "status", "reason", "version"):
        rows[name] = stands[name]
    rows["version"] = rows["version"].fillna(0).astype("int64")
    for name in ("status", "reason"):
        rows[name] = rows[name].fillna("")
    fits = _fits(rows, school, tables)
    rows = _add_baselines(rows, school, tables, fits)
    rows = add_marks(connection, rows, school, tables)
    rows = add_answers(connection, rows)
    figures = {
        name: found
        for name in rows["subject"].unique()
        if (found := _national_figures(name, school, tables)) is not None
    }
    return ModerationData(rows, figures, how, fits, taught)


def _rows(
    connection: Connection, school: School, tables: Tables, every: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, str]]:
    year = school.academic_year
    roles = roster.roles(connection, year)
    staff = roster.staff(connection, year)
    names = dict(zip(staff["code"], staff["name"], strict=True))
    lead = {codes: codes.split(";")[0] for codes in every["teachers"].unique()}
    taught = {
        code: names.get(lead[codes], lead[codes])
        for code, codes in zip(every["class"], every["teachers"], strict=True)
    }
    classes = every.groupby(stored.KEY, sort=False)["class"].agg("; ".join)
    rows = every.drop_duplicates(stored.KEY).reset_index(drop=True)
    rows["class"] = classes.reindex(pd.MultiIndex.from_frame(rows[stored.KEY])).array
    pairs = rows[["subject", "class_subject"]].drop_duplicates()
    of = {
        (subject, taken): department_of(subject, taken, tables, roles)
        for subject, taken in pairs.to_numpy()
    }
    rows["department"] = [
        of[pair] for pair in zip(rows["subject"], rows["class_subject"], strict=True)
    ]
    rows["year"] = rows["year"].fillna(rows["class_year"]).fillna(0)  # 0: not known
    kept = [
        *stored.KEY, "surname", "forename", "reg", "class", "year", "department",
        "ks2_reading", "ks2_maths",
    ]  # fmt: skip
    return rows[kept], taught


def _fits(rows: pd.DataFrame, school: School, tables: Tables) -> dict[Test, Cat4Fit]:
    pupils = rows.drop_duplicates("adno").reset_index(drop=True)
    scores = [standard_age_score(text) for text in pupils["cat4"]]
    found = {}
    for test in TESTS:
        made = starting_points(
            pupils, tables, academic_year=school.academic_year, tests=test
        )
        # Where one test stands in for another, it says nothing of the other.
        mine = made["halves"].where(made["used"].eq(test))
        line = fit_cat4(
            (score, int(halves))
            for score, halves in zip(scores, mine, strict=True)
            if score is not None and not pd.isna(halves)
        )
        if line is not None:
            found[test] = line
    return found


def _add_baselines(
    rows: pd.DataFrame, school: School, tables: Tables, fits: Mapping[Test, Cat4Fit]
) -> pd.DataFrame:
    made = starting_points(rows, tables, academic_year=school.academic_year)
    rows = rows.assign(halves=made["halves"], used=made["used"], estimated=False)
    rows["asks"] = rows["subject"].map(
        {name: _required_test(name, tables) for name in rows["subject"].unique()}
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
    guess = rows["halves"].isna() & rows["cat4_halves"].notna() & younger
    rows["estimated"] = guess
    rows["halves"] = rows["halves"].mask(guess, rows["cat4_halves"])
    rows["used"] = rows["used"].mask(guess, rows["asks"])
    shown = [
        "" if pd.isna(halves) else score_text(int(halves)) for halves in rows["halves"]
    ]
    rows["shown"] = pd.Series(shown, index=rows.index, dtype="str")
    return rows


def _required_test(name: str, tables: Tables) -> str:
    baseline = tables.subject(name).baseline
    return "both" if baseline == "department" else baseline


def _national_figures(
    name: str, school: School, tables: Tables
) -> TransitionMatrix | None:
    subject = tables.subject(name)
    scale = tables.scales.get(subject.scale)
    if not subject.national or scale is None:
        return None
    figures = tables.transition_matrix(
        subject.national, tuple(school.settings.targets.years)
    )
    return figures if figures is not None and figures.fits(scale) else None


def cat4_suggestions(
    made: ModerationData, school: School, tables: Tables
) -> pd.DataFrame:
    """What the national figures suggest at the score that CAT4 estimates.

    Returns:
        On the rows' index: `cat4_grade` and `cat4_high` (missing where nothing is
        estimated) and `cat4_words`, the estimate with what stands behind it.
    """
    settings = school.settings.targets
    rows = made.rows
    known: dict[tuple[str, int], tuple[str, str]] = {}
    grades: list[str | None] = []
    highs: list[str | None] = []
    words: list[str] = []
    for subject, asks, halves, text in zip(
        rows["subject"], rows["asks"], rows["cat4_halves"], rows["cat4"], strict=True
    ):
        figures = made.figures.get(subject)
        score = standard_age_score(text)
        if figures is None or pd.isna(halves) or score is None:
            grades.append(None)
            highs.append(None)
            words.append("")
            continue
        place = (subject, int(halves))
        if place not in known:
            scale = tables.scale(tables.subject(subject).scale)
            low, high = (
                figures.target(
                    place[1],
                    scale,
                    ambition=ambition_hundredths(ambition),
                    challenge=settings.challenge,
                    fine=settings.fine is not False,
                ).grade
                for ambition in (settings.ambition, settings.aspirational)
            )
            known[place] = (low, high)
        grades.append(known[place][0])
        highs.append(known[place][1])
        words.append(_fit_words(made.fits, asks, score))
    return pd.DataFrame(
        {"cat4_grade": grades, "cat4_high": highs, "cat4_words": words},
        index=rows.index,
        dtype=object,
    )


def _fit_words(fits: Mapping[Test, Cat4Fit], asks: Test, score: Fraction) -> str:
    return fits[asks].description(score)
