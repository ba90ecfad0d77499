"""The senior leaders' pack: headline measures, then only patterns beyond chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from generator.measuring.results_headline import year_group_measures
from generator.packs.facts.completeness import (
    Completeness,
    data_quality_sentences,
    department_completeness,
    provisional_warning,
)
from generator.packs.facts.group_measures import CollectionMeasures
from generator.packs.facts.headlines import (
    MEASURE_TITLES,
    all_measures,
    compare_with_plan,
)
from generator.packs.facts.missing_predictions import same_pupil_trend
from generator.packs.facts.near_thresholds import (
    STATES,
    count_states,
    english_and_maths,
    measured_entries,
)
from generator.packs.facts.readers import senior_leaders
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.facts.value_added import (
    add_lead_teachers,
    funnel_limits,
    value_added,
)
from generator.packs.layout.columns import (
    pack_columns,
    results_columns,
    widest,
)
from generator.packs.layout.workbook import PackPage, PackWorkbook
from generator.packs.pack_kind import PackContext, PackKind, whole_school
from generator.packs.pages.actions import actions_page, opening_sentences
from generator.packs.pages.charts import funnel_chart, funnel_widths
from generator.packs.pages.cover import PackCover, contents_of, start_pack
from generator.packs.pages.headline_page import (
    headline_sentences,
    headline_widths,
    headlines_page,
    measure_kind,
)
from generator.packs.pages.interventions import (
    impact_page,
    visible_history,
    visible_interventions,
)
from generator.packs.pages.results_review import review_contents, review_page
from generator.packs.wording import (
    count_text,
    decimal_text,
    join_names,
    phrase,
    results_phrase,
    results_wording,
    wording,
    year_name,
)
from udfs.statistics.inference import FEW

NAME = "leadership"
COMPARED_COLUMNS = (
    "pupils", "with_data", "on_or_above", "gap", "residual_n", "residual",
    "residual_low", "residual_high", "shrunk", "note",
)  # fmt: skip
COMPARED_KEYS = {
    "subjects": ("subject",),
    "class_patterns": ("class", "subject", "teacher"),
    "teachers": ("teacher", "subject"),
}
MAX_NAMED = 12  # more are only counted
RETURN_COLUMNS = (
    "department", "classes", "classes_returned", "asked", "answers", "answers_share",
    "no_target", "missing",
)  # fmt: skip
EXPECTED_MEASURES = (
    "title", "of", "all", "expected", "expected_low", "expected_high", "past",
)  # fmt: skip
EXPECTED_SUBJECTS = (
    "subject", "n", "predicted_points", "past_error", "expected_points", "points_low",
    "points_high", "past",
)  # fmt: skip


def write(snapshot: CollectionSnapshot, context: PackContext, scope: str) -> bytes:
    """The school's workbook.

    Raises:
        MarkbookError: If the rule of a group cannot be used.
    """
    settings = context.school.settings
    measures, rows = snapshot.valid_measures(), snapshot.rows
    figures = plan = None
    if measures.current is not None:
        figures = all_measures(measures.current, measures.groups)
        plan = compare_with_plan(figures, settings.kpis)
    trend = None
    if measures.current is not None and measures.previous is not None:
        trend = same_pupil_trend(measures.current, measures.previous)
    sentences = headline_sentences(figures, plan, measures, trend, named=True)
    contents = contents_of("headlines") | _expected_contents(measures)
    contents |= contents_of(
        *COMPARED_KEYS, "funnel", "target_groups", "helped", "returns"
    )
    contents |= review_contents(snapshot, None, with_accuracy=False)
    contents |= contents_of("actions")
    cover = PackCover(
        phrase("school"), wording("titles", NAME), senior_leaders(snapshot), rows,
        sentences, contents, footer=NAME,
    )  # fmt: skip
    pack = start_pack(snapshot, context, cover)
    page = pack.page(
        wording("sheets", "headlines"),
        headline_widths(measures, same=trend is not None),
    )
    page.title_band(f"{settings.school.name}: {snapshot.collection.title}")
    last_time = opening_sentences(snapshot, NAME, rows)
    page.sentences([*sentences, *_expected_sentences(measures), *last_time])
    if rows["answered"].any() and (warning := provisional_warning(rows)):
        page.sentence(warning, ink="check")
    if figures is not None and plan is not None:
        earlier = {
            name: all_measures(cohort, measures.groups) if cohort is not None else None
            for name, cohort in (
                ("last", measures.previous),
                ("year_ago", measures.year_ago),
            )
        }
        headlines_page(page, figures, earlier, plan, measures, trend=trend)
    _expected_page(pack, measures)
    _comparison_pages(pack, snapshot, measures)
    _threshold_page(pack, snapshot, measures, settings.measures.years)
    interventions = visible_interventions(snapshot, rows, subjects_only=False)
    history = visible_history(snapshot, interventions, rows)
    impact_page(pack, snapshot, interventions, history)
    _returns_page(pack, snapshot)
    review_page(pack, snapshot, context.tables, None, with_accuracy=False)
    actions_page(pack, snapshot, NAME, rows)
    page.activate()
    return pack.close()


KIND = PackKind(NAME, whole_school, senior_leaders, write, measures="all")


def _comparison_pages(
    pack: PackWorkbook, snapshot: CollectionSnapshot, measures: CollectionMeasures
) -> None:
    """Add a page each for subjects, classes and teachers, and the funnel of classes."""
    rows = before = None
    if measures.current is not None:
        rows = add_lead_teachers(measures.current, snapshot.names)
    if measures.previous is not None:
        before = add_lead_teachers(measures.previous, snapshot.names)
    previous_code = measures.previous_code if before is not None else ""
    note = wording("notes", "not_for_appraisal")
    classes = pd.DataFrame()
    for name, keys in COMPARED_KEYS.items():
        columns = pack_columns((*keys, *COMPARED_COLUMNS))
        page = pack.page(wording("sheets", name), columns)
        page.title_band(wording("sheets", name), note)
        if rows is None or not rows["residual"].notna().any():
            page.sentence(phrase("patterns_nothing"), answer=True)
            continue
        table = value_added(rows, before, keys)
        if name == "class_patterns":
            classes = table
        _comparison_table(page, table, keys, previous_code)
    page = pack.page(wording("sheets", "funnel"), funnel_widths())
    page.title_band(wording("sheets", "funnel"), note)
    if classes.empty:
        page.sentence(phrase("patterns_nothing"), answer=True)
    else:
        funnel_chart(page, classes, funnel_limits(classes))


def _comparison_table(
    page: PackPage, table: pd.DataFrame, keys: tuple[str, ...], previous_code: str
) -> None:
    """Write what is compared, with a sentence about what is beyond chance.

    Args:
        page: The page.
        table: From `value_added`.
        keys: The columns that are compared.
        previous_code: The collection in which it was beyond chance, too; or empty.
    """
    page.sentence(_comparison_sentence(table, keys), answer=True)
    twice = (
        wording("notes", "patterns_twice", last=previous_code) if previous_code else ""
    )
    page.sentence(wording("notes", "patterns", twice=twice), ink="quiet")
    sides = table["side"].tolist()
    page.table(
        table,
        pack_columns((*keys, *COMPARED_COLUMNS)),
        quiet=table["residual_n"].lt(FEW),
        painted={"note": sides, "residual": sides},
        filtered=True,
        frozen=len(keys),
    )


def _comparison_sentence(table: pd.DataFrame, keys: tuple[str, ...]) -> str:
    beyond = table.loc[table["side"] != ""]
    if beyond.empty:
        return phrase("patterns_none", what=keys[0])
    if len(beyond) > MAX_NAMED:
        counts = beyond["side"].value_counts()
        above, below = counts.get("Above", 0), counts.get("Below", 0)
        return phrase(
            "patterns_many", held=f"{len(beyond):,}", all=f"{len(table):,}",
            above=f"{above:,}", below=f"{below:,}",
        )  # fmt: skip
    # A teacher of two subjects, or a class with two, is named with each.
    names = beyond[keys[0]]
    if len(keys) > 1:
        names = names + " " + beyond["subject"]
    names = names + " (" + beyond["note"].str.split(",").str[0] + ")"
    return phrase("patterns_some", names=join_names(names.tolist(), MAX_NAMED))


def _threshold_page(
    pack: PackWorkbook,
    snapshot: CollectionSnapshot,
    measures: CollectionMeasures,
    years: Sequence[int],
) -> None:
    """Add the page of how many are secure, and near, in English and mathematics."""
    keys = ("year", "aim", "pupils", *(f"state_{state}" for state in STATES))
    columns = pack_columns(keys)
    page = pack.page(wording("sheets", "target_groups"), [12.0, *columns[1:]])
    page.title_band(wording("sheets", "target_groups"))
    pupils = snapshot.pupils.loc[snapshot.pupils["year"].isin(years)]
    cohort = measures.current
    rows = measured_entries(cohort, pupils) if cohort is not None else None
    if cohort is None or rows is None or rows.empty:
        names = [wording("sheets", "year", year=year) for year in years]
        page.sentence(phrase("mentors_nobody", years=join_names(names)), answer=True)
        return
    states = english_and_maths(rows, cohort)
    counts = count_states(states, pupils.set_index("adno")["year"])
    counts = counts.rename(columns={state: f"state_{state}" for state in STATES})
    page.sentence(wording("notes", "list_both"), ink="quiet")
    page.table(counts, columns)


def _returns_page(pack: PackWorkbook, snapshot: CollectionSnapshot) -> None:
    columns = pack_columns(RETURN_COLUMNS)
    page = pack.page(wording("sheets", "returns"), columns)
    page.title_band(wording("sheets", "returns"))
    page.sentence(Completeness.of_snapshot(snapshot).sentence, answer=True)
    for text in data_quality_sentences(snapshot):
        page.sentence(text)
    page.sentence(wording("notes", "returns"), ink="quiet")
    departments = department_completeness(snapshot)
    if not departments.empty:
        late = ["check" if codes else "" for codes in departments["missing"]]
        page.table(departments, columns, painted={"missing": late}, filtered=True)


def _expected_contents(measures: CollectionMeasures) -> dict[str, str]:
    """The page of the expected outcome for the cover; empty if there is none."""
    if not measures.expected:
        return {}
    sheet = results_wording("sheets", "expected")
    return {sheet: results_wording("contents", "expected")}


def _expected_sentences(measures: CollectionMeasures) -> list[str]:
    """The expected outcome of each year group, or why there is none."""
    if measures.current is None:
        return []
    sentences = []
    for year, outcome in sorted(measures.expected.items(), reverse=True):
        if "attainment8" not in outcome.measures.index:
            continue
        expected = outcome.measures.to_dict("index")["attainment8"]
        past = count_text(int(expected["past"]), "pupil")
        if np.isnan(expected["expected"]):
            sentences.append(results_phrase("expected_few", past=past))
            continue
        now = year_group_measures(measures.current, year)["value"].to_dict()[
            "attainment8"
        ]
        sentences.append(
            results_phrase(
                "expected_year", group=year, value=decimal_text(expected["expected"]),
                low=decimal_text(expected["low"]), high=decimal_text(expected["high"]),
                now=decimal_text(now), past=past, years=join_names(outcome.years),
            )
        )  # fmt: skip
    return sentences or [results_phrase("no_past")]


def _expected_page(pack: PackWorkbook, measures: CollectionMeasures) -> None:
    """Add the page of the expected outcome, if there is one."""
    if not measures.expected or measures.current is None:
        return
    measure_columns = results_columns(EXPECTED_MEASURES)
    subject_columns = results_columns(EXPECTED_SUBJECTS)
    title = results_wording("sheets", "expected")
    page = pack.page(title, widest(subject_columns, measure_columns))
    page.title_band(title)
    page.sentences(_expected_sentences(measures))
    page.sentence(results_wording("notes", "expected"), ink="quiet")
    for year, outcome in sorted(measures.expected.items(), reverse=True):
        now = year_group_measures(measures.current, year)
        rows = outcome.measures.rename(
            columns={"low": "expected_low", "high": "expected_high"}
        )
        rows["of"] = now["pupils"].reindex(rows.index)
        rows["all"] = now["value"].reindex(rows.index)
        rows["title"] = [MEASURE_TITLES[name] for name in rows.index]
        page.gap()
        page.heading(year_name(year))
        page.table(
            rows.reset_index(), measure_columns, quiet=rows["past"].lt(FEW),
            kinds=[measure_kind(name) for name in rows.index],
        )  # fmt: skip
        page.gap()
        subjects = outcome.subjects.rename(
            columns={"predicted": "predicted_points", "error": "past_error",
                     "expected": "expected_points", "low": "points_low",
                     "high": "points_high"}
        )  # fmt: skip
        page.table(subjects, subject_columns)
