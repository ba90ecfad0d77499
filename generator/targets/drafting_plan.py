"""How each subject's targets are drawn, by the school's settings and its store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd
from sqlalchemy import Connection

from generator.problems import Problem
from generator.school.school import SETTINGS_FILE, School, SettingsError
from generator.school.school_tables import read_own_table
from generator.school.settings import SubjectSettings
from generator.store import targets as stored
from generator.targets.evidence import (
    Indicators,
    IndicatorSources,
    indicator_sources,
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
    """How targets are drawn in every subject asked about.

    Args:
        methods: Subject -> its method.
        sources: Subject -> the indicators it looks at.
        problems: What to look at.
    """

    methods: Mapping[str, DraftMethod]
    sources: Mapping[str, IndicatorSources]
    problems: tuple[Problem, ...]


def make_plan(
    connection: Connection,
    school: School,
    tables: Tables,
    asked: pd.DataFrame,
    known: Indicators,
) -> DraftingPlan:
    """How targets are drawn in every subject asked about.

    Args:
        connection: A transaction of the store.
        school: Its settings.
        tables: What is looked up.
        asked: One row per pupil and subject: `adno`, `subject`, `ks2_reading`,
            `ks2_maths` and `year`.
        known: The indicators there are.

    Raises:
        SettingsError: If a floor or a cap cannot be used.
        BadTable: If the school's past results have a row that cannot be used.
    """
    settings = school.settings.targets
    names = sorted(asked["subject"].unique())
    said = {name: _subject_settings(name, school, tables) for name in names}
    which = {
        name: (told.method if told and told.method else settings.method)
        for name, told in said.items()
    }
    anchored = [name for name in names if which[name] == "anchor"]
    repeated = [name for name in names if which[name] == "previous"]
    lines = _lines(connection, school, tables, anchored) if anchored else {}
    before = _last_year(connection, school, tables, repeated) if repeated else {}
    shifts: Mapping[int, Fraction] = {}
    if anchored and settings.anchor_shift:
        shifts = _shifts(asked, tables, school.academic_year)
    of = {
        name: indicator_sources(name, said[name], school, known, tables)
        for name in names
    }
    methods = {}
    for name in names:
        low, high = _limits(name, said[name], school, tables)
        ambition, aspirational, challenge = _aims(name, said[name], school)
        methods[name] = DraftMethod(
            name=which[name],
            expected=ambition_hundredths(ambition),
            aspirational=ambition_hundredths(aspirational),
            challenge=challenge,
            fine=settings.fine is not False,
            years=tuple(settings.years),
            stretch=settings.aspirational_steps,
            floor=low,
            cap=high,
            line=lines.get(name),
            shifts=shifts,
            previous_targets=before.get(name),
            indicator=of[name].imported or of[name].expected_name,
        )
    return DraftingPlan(methods, of, tuple(_problems(which, of, asked)))


def _subject_settings(
    name: str, school: School, tables: Tables
) -> SubjectSettings | None:
    told = school.settings.subjects
    for one in told:
        if subject_key(one.name) == subject_key(name):
            return one
    return next((one for one in told if tables.is_same_subject(one.name, name)), None)


def _aims(
    name: str, said: SubjectSettings | None, school: School
) -> tuple[float, float, int]:
    """Ambition, aspirational and challenge of a subject: its own, else the school's."""
    general = school.settings.targets
    ambition, aspirational, challenge = (
        getattr(general, which) if own is None else own
        for which, own in (
            (one, getattr(said, one) if said else None)
            for one in ("ambition", "aspirational", "challenge")
        )
    )
    if ambition > aspirational:
        raise SettingsError(
            f"{SETTINGS_FILE}: the ambition {ambition} of {name} is above its "
            f"aspirational {aspirational}: expected is never the higher one.",
            "Put one of them right under [targets] or [[subjects]].",
        )
    return ambition, aspirational, challenge


def _limits(
    name: str, said: SubjectSettings | None, school: School, tables: Tables
) -> tuple[str, str]:
    """The floor and the cap of a subject, as grades of its scale, or empty."""
    scale = tables.scales.get(tables.subject(name).scale)
    if scale is None:
        return "", ""
    settings = school.settings.targets
    made = []
    for which in ("floor", "cap"):
        own = getattr(said, which) if said else None
        if own:
            made.append(_grade_on_scale(scale, own, f"{which} of {name}"))
        else:
            general: str = getattr(settings, which)
            made.append(_from_gcse(scale, general, which, tables))
    low, high = made
    if low and high and scale.rank(low) > scale.rank(high):
        raise SettingsError(
            f"{SETTINGS_FILE}: the floor {low} of {name} is above its cap {high}.",
            "Put one of them right under [targets] or [[subjects]].",
        )
    return low, high


def _grade_on_scale(scale: Scale, grade: str, what: str) -> str:
    found = scale.find(grade)
    if found is None:
        raise SettingsError(
            f"{SETTINGS_FILE}: the {what} is {grade!r}, which is not a grade of "
            f"{scale.title}.",
            f"Use one of: {', '.join(scale.grades)}.",
        )
    return found


def _from_gcse(scale: Scale, grade: str, which: str, tables: Tables) -> str:
    # A limit of the whole school is a GCSE grade: elsewhere, what is worth as much.
    if not grade:
        return ""
    points = tables.scale("gcse").points(
        _grade_on_scale(tables.scale("gcse"), grade, which)
    )
    if not scale.counts_as_gcse:
        return ""
    if found := scale.find(grade):
        return found
    worth = [(scale.points(g), g) for g in scale.grades]
    if which == "floor":
        return next((g for at, g in worth if at >= points), scale.grades[-1])
    return next((g for at, g in reversed(worth) if at <= points), scale.grades[0])


def _lines(
    connection: Connection, school: School, tables: Tables, names: Sequence[str]
) -> dict[str, GradeLine]:
    """The line of each subject: the school's own table, its results, the nation's."""
    own: Mapping[Subject, GradeLine] = {}
    kept = past_result_lines(connection, tables, before=school.academic_year)
    path = school.folder / "tables" / PAST_RESULTS
    if (text := read_own_table(path)) is not None:
        own = read_past_results(text, f"tables/{PAST_RESULTS}", tables)
    made: dict[str, GradeLine] = {}
    for name in names:
        subject = tables.subject(name)
        line = own.get(subject.with_name("")) or kept.get(subject.with_name(""))
        national = tables.national_counts.get(subject_key(subject.national))
        scale = tables.scales.get(subject.scale)
        if line is None and national and scale:
            if all(scale.find(grade) == grade for grade in national.grades):
                years = tuple(school.settings.targets.years)
                line = national_line(national, tables.bands, scale, years)
        if line is not None:
            made[name] = line
    return made


def _shifts(
    asked: pd.DataFrame, tables: Tables, academic_year: str
) -> dict[int, Fraction]:
    """How far each year group's mean score lies above that of all, in half points."""
    pupils = asked.drop_duplicates("adno")
    found = starting_points(pupils, tables, academic_year=academic_year, tests="both")
    halves = found["halves"]
    there = pd.DataFrame({"year": pupils["year"], "halves": halves}).dropna()
    there = there.loc[there["year"] < FIRST_SIXTH_FORM_YEAR]
    if there["year"].nunique() < 2:
        return {}
    whole = Fraction(int(there["halves"].sum()), len(there))
    sums = there.groupby("year")["halves"].agg(["sum", "count"])
    return {
        int(str(year)): Fraction(int(total), int(count)) - whole
        for year, total, count in sums.reset_index().to_numpy().tolist()
    }


def _last_year(
    connection: Connection, school: School, tables: Tables, names: Sequence[str]
) -> dict[str, PreviousTargets]:
    year = year_before(school.academic_year)
    every = stored.target_versions(connection)
    there = every.loc[every["academic_year"].eq(year) & every["expected"].notna()]
    there = there.drop_duplicates(stored.KEY, keep="last")
    there = there.loc[there["status"].ne("provisional")]
    made = {}
    for name in names:
        subject = tables.subject(name)
        alike = [
            n for n in there["subject"].unique() if tables.is_same_subject(n, name)
        ]
        asks = "both" if subject.baseline == "department" else subject.baseline
        rows = there.loc[there["subject"].isin(alike) & there["baseline"].eq(asks)]
        scale = pd.Series(subject.scale, index=rows.index)
        values = pd.DataFrame(
            {
                "halves": 2 * pd.to_numeric(rows["score"], errors="coerce"),
                "low": grade_levels(rows["expected"], scale, tables.scales, fine=True),
                "high": grade_levels(
                    rows["aspirational"], scale, tables.scales, fine=True
                ),
            }
        ).dropna()
        found = previous_targets(
            (
                (int(halves), int(low), int(high))
                for halves, low, high in values.to_numpy().tolist()
            ),
            year,
        )
        if found is not None:
            made[name] = found
    return made


def _problems(
    which: Mapping[str, str], of: Mapping[str, IndicatorSources], asked: pd.DataFrame
) -> Iterator[Problem]:
    for name, method in which.items():
        if method == "imported" and of[name].imported is None:
            pupils = int(asked["subject"].eq(name).sum())
            yield Problem(
                file=SETTINGS_FILE,
                severity="warning",
                code="indicator-not-there",
                value=of[name].expected_name,
                what=f"No indicator {of[name].expected_name!r} was imported: {pupils} pupils "
                f"have no target in {name}.",
                do="Import the file with that column, or name it under [[subjects]] "
                f'with name = "{name}".',
            )
