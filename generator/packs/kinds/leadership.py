"""The senior leaders' workbook: headline measures, then only patterns that hold."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from generator.measuring.results_told import whole_year
from generator.packs.facts import completeness, near_thresholds
from generator.packs.facts.completeness import provisional
from generator.packs.facts.group_measures import Measured
from generator.packs.facts.headlines import TITLES, against_plan, figures
from generator.packs.facts.near_thresholds import STATES
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.facts.value_added import limits, patterns, with_leads
from generator.packs.layout.columns import columns, results_columns
from generator.packs.layout.workbook import Pack, Page
from generator.packs.pages import actions, interventions
from generator.packs.pages import results_review as results_again
from generator.packs.pages.charts import funnel_grid, funnel_page
from generator.packs.pages.cover import start_pack
from generator.packs.pages.headline_page import (
    headlines_page,
    headlines_said,
    kind_of,
    page_grid,
)
from generator.packs.schoolwide import (
    SENIOR_LEADER,
    led,
    no_leader,
    of_standing,
    one_for_the_school,
)
from generator.packs.wording import (
    listed,
    many,
    results_say,
    results_words,
    say,
    tenths,
    words,
    year_name,
)
from generator.problems import Problem
from generator.school.school import School
from generator.xlsx.theme import template
from udfs.statistics.inference import FEW
from udfs.tables import Tables

KIND = "leadership"
COMPARED = (
    "pupils", "with_data", "on_or_above", "gap", "residual_n", "residual",
    "residual_low", "residual_high", "shrunk", "note",
)  # fmt: skip
PARTS = {
    "subjects": ("subject",),
    "class_patterns": ("class", "subject", "teacher"),
    "teachers": ("teacher", "subject"),
}
NAMED = 12  # more are counted only
RETURNS = (
    "department", "classes", "classes_returned", "asked", "answers", "answers_share",
    "no_target", "missing",
)  # fmt: skip

scopes = one_for_the_school


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """That nobody leads the school, as a problem to put right."""
    return no_leader(standing, KIND)


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
) -> bytes:
    """The school's workbook.

    Raises:
        MarkbookError: If the rule of a group cannot be used.
    """
    known = of_standing(standing)
    measures = figures(known.now, known.groups) if known.now is not None else None
    plan = (
        against_plan(measures, school.settings.kpis) if measures is not None else None
    )
    said = headlines_said(measures, plan, known)
    before = actions.opening(standing, KIND, standing.rows)
    compared = [*PARTS, "funnel", "target_groups", "helped", "returns"]
    pack = start_pack(
        standing, school, say("school"), standing.rows,
        title=words("titles", KIND), role=SENIOR_LEADER,
        holders=led(standing, SENIOR_LEADER), elsewhere=0, now=now, said=said,
        contents=_contents("headlines")
        | expected_contents(known)
        | _contents(*compared)
        | results_again.review_contents(standing, None, counted=False)
        | _contents("actions"),
        foot=KIND,
    )  # fmt: skip
    page = pack.page(words("sheets", "headlines"), page_grid(known))
    page.band(f"{school.settings.school.name}: {standing.collection.title}")
    told = expected_sentences(known)
    for number, text in enumerate([*said, *told, *before]):
        page.say(text, answer=number == 0)
    if provisional(standing.rows) and standing.rows["answered"].any():
        under = template("packs")["provisional_under"]
        page.say(words("cover", "provisional", under=under), ink="check")
    if measures is not None and plan is not None:
        then = {
            name: figures(of, known.groups) if of is not None else None
            for name, of in (("last", known.last), ("year_ago", known.year_ago))
        }
        headlines_page(page, measures, then, plan, known)
    expected_page(pack, known)
    _patterns(pack, standing, known)
    _near(pack, standing, known, school)
    everything = interventions.of_rows(standing, standing.rows, own=False)
    known_of = interventions.followed_of(standing, everything, standing.rows)
    interventions.kinds_page(pack, standing, everything, known_of)
    _returns(pack.page(words("sheets", "returns"), _widths(RETURNS)), standing)
    results_again.review_page(pack, standing, tables, None, counted=False)
    sheet = pack.page(words("sheets", "actions"), actions.widths())
    moved = actions.moved_since(standing, standing.rows)
    actions.actions_page(sheet, standing, KIND, moved=moved)
    page.open_here()
    return pack.close()


def _contents(*names: str) -> dict[str, str]:
    return {words("sheets", name): words("contents", name) for name in names}


def _widths(keys: tuple[str, ...]) -> list[float]:
    return [column.width for column in columns(keys)]


def _patterns(pack: Pack, standing: CollectionSnapshot, known: Measured) -> None:
    """Subjects, classes and teachers, and the funnel of the classes."""
    rows = before = None
    if known.now is not None:
        rows = with_leads(known.now, standing.names)
    if known.last is not None:
        before = with_leads(known.last, standing.names)
    classes = pd.DataFrame()
    for name, by in PARTS.items():
        page = pack.page(words("sheets", name), _widths((*by, *COMPARED)))
        page.band(words("sheets", name), words("notes", "not_for_appraisal"))
        if rows is None or not rows["residual"].notna().any():
            page.say(say("patterns_nothing"), answer=True)
            continue
        made = patterns(rows, before, by)
        if name == "class_patterns":
            classes = made
        _pattern_table(page, made, by, known if before is not None else None)
    page = pack.page(words("sheets", "funnel"), funnel_grid())
    page.band(words("sheets", "funnel"), words("notes", "not_for_appraisal"))
    if classes.empty:
        page.say(say("patterns_nothing"), answer=True)
    else:
        funnel_page(page, classes, limits(classes))


def _pattern_table(
    page: Page, made: pd.DataFrame, by: tuple[str, ...], before: Measured | None
) -> None:
    held = made.loc[made["side"] != ""]
    if held.empty:
        page.say(say("patterns_none", what=by[0]), answer=True)
    elif len(held) > NAMED:
        sides = held["side"].value_counts()
        above, below = sides.get("Above", 0), sides.get("Below", 0)
        told = say(
            "patterns_many", held=f"{len(held):,}", all=f"{len(made):,}",
            above=f"{above:,}", below=f"{below:,}",
        )  # fmt: skip
        page.say(told, answer=True)
    else:
        # A teacher of two subjects, or a class with two, is named with each.
        each = held[by[0]] if len(by) == 1 else held[by[0]] + " " + held["subject"]
        names = each + " (" + held["note"].str.split(",").str[0] + ")"
        page.say(
            say("patterns_some", names=listed(names.tolist(), NAMED)),
            answer=True,
        )
    twice = words("notes", "patterns_twice", last=before.last_code) if before else ""
    page.say(words("notes", "patterns", twice=twice), ink="quiet")
    page.table(
        made,
        columns((*by, *COMPARED)),
        quiet=made["residual_n"].lt(11),
        painted={"note": made["side"].tolist(), "residual": made["side"].tolist()},
        filtered=True,
        frozen=len(by),
    )


def _near(
    pack: Pack, standing: CollectionSnapshot, known: Measured, school: School
) -> None:
    """How many are secure, and near, in English and mathematics."""
    keys = ("year", "aim", "pupils", *(f"state_{state}" for state in STATES))
    page = pack.page(words("sheets", "target_groups"), [12.0, *_widths(keys)[1:]])
    page.band(words("sheets", "target_groups"))
    years = school.settings.measures.years
    pupils = standing.pupils.loc[standing.pupils["year"].isin(years)]
    of = known.now
    rows = near_thresholds.taken(of, pupils) if of is not None else None
    if of is None or rows is None or rows.empty:
        names = [words("sheets", "year", year=year) for year in years]
        page.say(say("mentors_nobody", years=listed(names)), answer=True)
        return
    states = near_thresholds.english_maths(rows, of)
    counts = near_thresholds.counted(states, pupils.set_index("adno")["year"])
    counts = counts.rename(columns={state: f"state_{state}" for state in STATES})
    page.say(words("notes", "list_both"), ink="quiet")
    page.table(counts, columns(keys))


def _returns(page: Page, standing: CollectionSnapshot) -> None:
    page.band(words("sheets", "returns"))
    page.say(completeness.answer(standing), answer=True)
    for text in completeness.doubts(standing):
        page.say(text)
    page.say(words("notes", "returns"), ink="quiet")
    made = completeness.by_department(standing)
    if not made.empty:
        late = ["check" if text else "" for text in made["missing"]]
        page.table(made, columns(RETURNS), painted={"missing": late}, filtered=True)


EXPECTED_MEASURES = (
    "title",
    "of",
    "all",
    "expected",
    "expected_low",
    "expected_high",
    "past",
)
EXPECTED_SUBJECTS = ("subject", "n", "predicted_points", "past_error", "expected_points",
            "points_low", "points_high", "past")  # fmt: skip


def expected_contents(known: Measured) -> dict[str, str]:
    """The sheet for a pack's cover; nothing where there is no past."""
    if not known.expected:
        return {}
    return {results_words("sheets", "expected"): results_words("contents", "expected")}


def expected_sentences(known: Measured) -> list[str]:
    """What is expected of each year group, or that nothing is known to expect."""
    said = []
    for group, told in sorted(known.expected.items(), reverse=True):
        if known.now is None or "attainment8" not in told.measures.index:
            continue
        one = {name: told.measures[name].to_dict()["attainment8"]
               for name in told.measures}  # fmt: skip
        if np.isnan(one["expected"]):
            said.append(
                results_say("expected_few", past=many(int(one["past"]), "pupil"))
            )
            continue
        now = whole_year(known.now, group)["value"].to_dict()["attainment8"]
        said.append(
            results_say(
                "expected_year", group=group, value=tenths(one["expected"]),
                low=tenths(one["low"]), high=tenths(one["high"]), now=tenths(now),
                past=many(int(one["past"]), "pupil"), years=listed(told.years),
            )
        )  # fmt: skip
    if not said and known.now is not None:
        said.append(results_say("no_past"))
    return said


def expected_page(pack: Pack, known: Measured) -> None:
    """Write the sheet, if there is a past to learn from."""
    if not known.expected or known.now is None:
        return
    grid = [column.width for column in results_columns(EXPECTED_SUBJECTS)]
    first = [column.width for column in results_columns(EXPECTED_MEASURES)]
    wide = [max(pair) for pair in zip(grid, [*first, 0.0], strict=True)]
    sheet = pack.page(results_words("sheets", "expected"), wide)
    sheet.band(results_words("sheets", "expected"))
    for number, text in enumerate(expected_sentences(known)):
        sheet.say(text, answer=number == 0)
    sheet.say(results_words("notes", "expected"), ink="quiet")
    for group, told in sorted(known.expected.items(), reverse=True):
        now = whole_year(known.now, group)
        made = told.measures.rename(
            columns={"low": "expected_low", "high": "expected_high"}
        )
        made["of"], made["all"] = (
            now[name].reindex(made.index) for name in ("pupils", "value")
        )
        made["title"] = [TITLES[name] for name in made.index]
        sheet.gap()
        sheet.heading(year_name(group))
        sheet.table(
            made.reset_index(), results_columns(EXPECTED_MEASURES), quiet=made["past"].lt(FEW),
            kinds=[kind_of(name) for name in made.index],
        )  # fmt: skip
        sheet.gap()
        sheet.table(
            _expected_subjects(told.subjects), results_columns(EXPECTED_SUBJECTS)
        )


def _expected_subjects(told: pd.DataFrame) -> pd.DataFrame:
    return told.rename(
        columns={"predicted": "predicted_points", "error": "past_error",
                 "expected": "expected_points", "low": "points_low",
                 "high": "points_high"}
    )  # fmt: skip
