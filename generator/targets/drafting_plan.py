"""The method of drafting targets in each subject, from settings and store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd
from sqlalchemy import Connection

from generator.context import Context
from generator.problems import Problem
from generator.school.school import SETTINGS_FILE, School, SettingsError
from generator.school.school_tables import read_own_table
from generator.school.settings import SubjectSettings
from generator.store import targets as stored
from generator.targets.evidence import (
    Indicators,
    IndicatorSources,
    indicator_sources,
    load_indicators,
    past_result_lines,
    year_before,
)
from udfs.scales.grade_levels import grade_levels
from udfs.scales.scale import Scale
from udfs.scales.subjects import Subject, subject_key
from udfs.scales.transition_matrix import ambition_hundredths
from udfs.tables import Tables
from udfs.targets.anchor import GradeLine, national_line, read_past_results
from udfs.targets.baselines import FIRST_SIXTH_FORM_YEAR
from udfs.targets.draft_table import starting_points
from udfs.targets.methods import DraftMethod
from udfs.targets.previous_year import PreviousTargets, previous_targets

PAST_RESULTS = "past_results.csv"


@dataclass(frozen=True)
class DraftingPlan:
    """The method and the evidence of each subject.

    Args:
        methods: Subject -> its method.
        sources: Subject -> its indicators.
        indicators: Imported indicators.
        problems: Problems to look at.
    """

    methods: Mapping[str, DraftMethod]
    sources: Mapping[str, IndicatorSources]
    indicators: Indicators
    problems: tuple[Problem, ...]


def make_plan(
    connection: Connection, context: Context, rows: pd.DataFrame
) -> DraftingPlan:
    """The method and the evidence of each subject in some rows.

    Args:
        connection: A transaction of the store.
        context: School and tables.
        rows: One row per pupil and subject: `adno`, `subject`, `ks2_reading`,
            `ks2_maths` and `year`.

    Raises:
        SettingsError: If a floor or a cap cannot be used.
        BadTable: If the school's past results have a row that cannot be used.
    """
    school, tables = context.school, context.tables
    settings = school.settings.targets
    names = sorted(rows["subject"].unique())
    own = {name: _subject_settings(name, school, tables) for name in names}
    method_names = {
        name: (subject.method if subject and subject.method else settings.method)
        for name, subject in own.items()
    }
    anchored = [name for name in names if method_names[name] == "anchor"]
    repeated = [name for name in names if method_names[name] == "previous"]
    lines = _lines(connection, context, anchored) if anchored else {}
    previous = _previous_targets(connection, context, repeated) if repeated else {}
    shifts: Mapping[int, Fraction] = {}
    if anchored and settings.anchor_shift:
        shifts = _shifts(rows, tables, school.academic_year)
    indicators = load_indicators(connection)
    sources = {
        name: indicator_sources(name, own[name], school, indicators, tables)
        for name in names
    }
    methods = {}
    for name in names:
        floor, cap = _limits(name, own[name], school, tables)
        ambition, aspirational, challenge = _aims(name, own[name], school)
        methods[name] = DraftMethod(
            name=method_names[name],
            expected=ambition_hundredths(ambition),
            aspirational=ambition_hundredths(aspirational),
            challenge=challenge,
            fine=settings.fine is not False,
            years=tuple(settings.years),
            stretch=settings.aspirational_steps,
            floor=floor,
            cap=cap,
            line=lines.get(name),
            shifts=shifts,
            previous_targets=previous.get(name),
            indicator=sources[name].imported or sources[name].expected_name,
        )
    problems = tuple(_problems(method_names, sources, rows))
    return DraftingPlan(methods, sources, indicators, problems)


def required_test(subject: Subject) -> str:
    """The Key Stage 2 test that a subject's targets start from."""
    return "both" if subject.baseline == "department" else subject.baseline


def _subject_settings(
    name: str, school: School, tables: Tables
) -> SubjectSettings | None:
    subjects = school.settings.subjects
    for subject in subjects:
        if subject_key(subject.name) == subject_key(name):
            return subject
    return next((s for s in subjects if tables.is_same_subject(s.name, name)), None)


def _aims(
    name: str, own: SubjectSettings | None, school: School
) -> tuple[float, float, int]:
    """Ambition, aspirational and challenge of a subject: its own, else the school's."""
    general = school.settings.targets
    ambition, aspirational, challenge = (
        getattr(general, key) if value is None else value
        for key, value in (
            (key, getattr(own, key, None))
            for key in ("ambition", "aspirational", "challenge")
        )
    )
    if ambition > aspirational:
        raise SettingsError(
            f"{SETTINGS_FILE}: the ambition {ambition} of {name} is above its "
            f"aspirational {aspirational}: expected is never the higher one.",
            "Correct one of them under [targets] or [[subjects]].",
        )
    return ambition, aspirational, challenge


def _limits(
    name: str, own: SubjectSettings | None, school: School, tables: Tables
) -> tuple[str, str]:
    """The floor and the cap of a subject, as grades of its scale, or empty."""
    scale = tables.scales.get(tables.subject(name).scale)
    if scale is None:
        return "", ""

    def limit(key: str) -> str:
        if grade := getattr(own, key, None):
            return _grade_on_scale(scale, grade, f"{key} of {name}")
        general: str = getattr(school.settings.targets, key)
        return _from_gcse(scale, general, key, tables)

    floor, cap = limit("floor"), limit("cap")
    if floor and cap and scale.rank(floor) > scale.rank(cap):
        raise SettingsError(
            f"{SETTINGS_FILE}: the floor {floor} of {name} is above its cap {cap}.",
            "Correct one of them under [targets] or [[subjects]].",
        )
    return floor, cap


def _grade_on_scale(scale: Scale, grade: str, what: str) -> str:
    own_grade = scale.find(grade)
    if own_grade is None:
        raise SettingsError(
            f"{SETTINGS_FILE}: the {what} is {grade!r}, which is not a grade of "
            f"{scale.title}.",
            f"Use one of: {', '.join(scale.grades)}.",
        )
    return own_grade


def _from_gcse(scale: Scale, grade: str, key: str, tables: Tables) -> str:
    # A limit of the whole school is a GCSE grade; other scales use its points.
    if not grade:
        return ""
    gcse = tables.scale("gcse")
    limit = gcse.points(_grade_on_scale(gcse, grade, key))
    if not scale.counts_as_gcse:
        return ""
    if own_grade := scale.find(grade):
        return own_grade
    if key == "floor":
        reaching = (g for g in scale.grades if scale.points(g) >= limit)
        return next(reaching, scale.grades[-1])
    within = (g for g in reversed(scale.grades) if scale.points(g) <= limit)
    return next(within, scale.grades[0])


def _lines(
    connection: Connection, context: Context, names: Sequence[str]
) -> dict[str, GradeLine]:
    """The line of each subject: from the school's table, its results, or the nation."""
    school, tables = context.school, context.tables
    own: Mapping[Subject, GradeLine] = {}
    stored_lines = past_result_lines(connection, tables, before=school.academic_year)
    path = school.folder / "tables" / PAST_RESULTS
    if (text := read_own_table(path)) is not None:
        own = read_past_results(text, f"tables/{PAST_RESULTS}", tables)
    lines: dict[str, GradeLine] = {}
    for name in names:
        subject = tables.subject(name)
        key = subject.with_name("")
        line = own.get(key) or stored_lines.get(key)
        national = tables.national_counts.get(subject_key(subject.national))
        scale = tables.scales.get(subject.scale)
        if line is None and national and scale:
            if all(scale.find(grade) == grade for grade in national.grades):
                years = tuple(school.settings.targets.years)
                line = national_line(national, tables.bands, scale, years)
        if line is not None:
            lines[name] = line
    return lines


def _shifts(
    rows: pd.DataFrame, tables: Tables, academic_year: str
) -> dict[int, Fraction]:
    """Each year group's mean score less the mean of all pupils, in half points."""
    pupils = rows.drop_duplicates("adno")
    starts = starting_points(pupils, tables, academic_year=academic_year, tests="both")
    scores = pd.DataFrame({"year": pupils["year"], "halves": starts["halves"]}).dropna()
    scores = scores.loc[scores["year"] < FIRST_SIXTH_FORM_YEAR]
    if scores["year"].nunique() < 2:
        return {}
    mean = Fraction(int(scores["halves"].sum()), len(scores))
    sums = scores.groupby("year")["halves"].agg(["sum", "count"])
    return {
        int(str(year)): Fraction(int(total), int(count)) - mean
        for year, total, count in sums.reset_index().to_numpy().tolist()
    }


def _previous_targets(
    connection: Connection, context: Context, names: Sequence[str]
) -> dict[str, PreviousTargets]:
    tables = context.tables
    year = year_before(context.school.academic_year)
    targets = stored.target_versions(connection)
    targets = targets.loc[
        targets["academic_year"].eq(year) & targets["expected"].notna()
    ]
    targets = targets.drop_duplicates(stored.KEY, keep="last")
    targets = targets.loc[targets["status"].ne("provisional")]
    subjects = list(targets["subject"].unique())
    previous = {}
    for name in names:
        subject = tables.subject(name)
        same = [other for other in subjects if tables.is_same_subject(other, name)]
        rows = targets.loc[
            targets["subject"].isin(same)
            & targets["baseline"].eq(required_test(subject))
        ]
        scale = pd.Series(subject.scale, index=rows.index)
        low, high = (
            grade_levels(rows[column], scale, tables.scales, fine=True)
            for column in ("expected", "aspirational")
        )
        halves = 2 * pd.to_numeric(rows["score"], errors="coerce")
        values = pd.DataFrame({"halves": halves, "low": low, "high": high}).dropna()
        values_of_year = previous_targets(
            (
                (int(halves), int(low), int(high))
                for halves, low, high in values.to_numpy().tolist()
            ),
            year,
        )
        if values_of_year is not None:
            previous[name] = values_of_year
    return previous


def _problems(
    method_names: Mapping[str, str],
    sources: Mapping[str, IndicatorSources],
    rows: pd.DataFrame,
) -> Iterator[Problem]:
    for name, method in method_names.items():
        if method == "imported" and sources[name].imported is None:
            indicator = sources[name].expected_name
            pupils = int(rows["subject"].eq(name).sum())
            yield Problem(
                file=SETTINGS_FILE,
                severity="warning",
                code="indicator-not-there",
                value=indicator,
                what=f"No indicator {indicator!r} was imported: {pupils} pupils have "
                f"no target in {name}.",
                do="Import the file with that column, or name it under [[subjects]] "
                f'with name = "{name}".',
            )
