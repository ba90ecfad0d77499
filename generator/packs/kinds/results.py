"""The pack of results day: headline, value added, predicted and happened, what next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from generator.measuring import Expected
from generator.measuring.results_told import whole_year
from generator.packs.facts import results_day as results_sums
from generator.packs.facts.results_day import ResultsDay
from generator.packs.layout.columns import results_columns
from generator.packs.layout.workbook import Pack, Page
from generator.packs.pages import charts
from generator.packs.pages import results_review as results_form
from generator.packs.pages.pack_record import GRID as RECORD_GRID
from generator.packs.pages.pack_record import SHEET as RECORD_SHEET
from generator.packs.pages.pack_record import Record, record_page
from generator.packs.pages.results_headlines import headline_grid, headlines
from generator.packs.schoolwide import SENIOR_LEADER
from generator.packs.wording import (
    day,
    grades,
    kept_until,
    listed,
    many,
    per_cent,
    results_say,
    results_words,
    tenths,
)
from generator.problems import Problem
from generator.school.school import School
from generator.xlsx.theme import template
from udfs.measures.prediction_accuracy import accuracy
from udfs.statistics.inference import FEW
from udfs.tables import Tables

KIND = "results"
COVER_GRID = (20.0, 110.0)
COMPARED = (
    "results_n", "on_or_above", "n", "exact_share", "within_one_share", "over_share",
    "under_share", "error", "low", "high", "error_note", "residual_n", "residual",
    "residual_low", "residual_high", "shrunk", "note",
)  # fmt: skip
PARTS = {
    "subjects": ("subject",),
    "classes": ("class", "subject", "teacher"),
    "teachers": ("teacher", "subject"),
}
PUPILS = (
    "year", "adno", "surname", "forename", "reg", "predicted_a8", "actual_a8",
    "apart_a8", "n", "mean_error", "over_far", "under_far",
)  # fmt: skip
STEP = (
    "adno", "surname", "forename", "reg", "reached_in", "english_grade",
    "maths_grade", "lacks", "predicted_in", "foreseen",
)  # fmt: skip
NAMED = 6


def no_holder(file: str) -> Problem:
    """That nobody leads the school, as a problem to put right."""
    return Problem(
        file=file, severity="warning", code="no-senior-leader",
        what="Nobody is named as senior leader.",
        do="Add a row to roles.csv in exports/, and import it.",
    )  # fmt: skip


def write(found: ResultsDay, school: School, tables: Tables, *, now: datetime) -> bytes:
    """The workbook of results day."""
    year = found.outcome.academic_year
    until = day(kept_until(f"{int(year[:4]) + 1}/{(int(year[:4]) + 2) % 100:02d}"))
    title = template(KIND)["title"].format(year=year)
    pack = Pack(
        title, school.settings.school.name,
        template(KIND)["foot"].format(until=until), now,
    )  # fmt: skip
    matched = accuracy(found.outcome.rows, tables).iloc[0]
    said = [*_said(found), _accuracy(matched, found)]
    names = ("headlines", "subjects", "charts", "classes", "teachers", "pupils",
             "next_step", "happened")  # fmt: skip
    cover = pack.page(template("packs")["sheets"]["cover"], COVER_GRID, landscape=False)
    _cover(cover, found, title, said, names, until, now)
    page = pack.page(results_words("sheets", "headlines"), headline_grid(found.groups))
    page.band(f"{school.settings.school.name}: {title}")
    for number, text in enumerate(said):
        page.say(text, answer=number == 0)
    headlines(page, found.outcome, found.before, found.expected, found.year,
              found.groups)  # fmt: skip
    sums = {
        name: results_sums.compare_results(found.outcome, tables, found.names, by)
        for name, by in PARTS.items()
    }
    _compared_page(pack, "subjects", sums["subjects"], title)
    _charts(pack, sums["subjects"], title)
    for name in ("classes", "teachers"):
        _compared_page(pack, name, sums[name], title)
    _pupils(pack, results_sums.pupil_results(found.outcome, tables), title)
    _next_step(pack, found, school, title)
    form = pack.page(results_words("sheets", "happened"), results_form.form_widths())
    form.band(results_words("sheets", "happened"), title)
    results_form.form_page(form, sums["subjects"], found.written)
    form.protect()
    record = Record.of(KIND, results_form.collection_name(year), year, (), found.key)
    record_page(
        pack.page(RECORD_SHEET, RECORD_GRID, landscape=False), record, found.key
    )
    page.open_here()
    return pack.close()


def _said(found: ResultsDay) -> list[str]:
    now = whole_year(found.outcome.actual, found.year)
    if "attainment8" not in now.index:
        year = found.outcome.academic_year
        return [results_say("nobody", year=year, group=found.year)]
    value = now["value"].to_dict()
    pupils = int(now["pupils"].to_dict()["attainment8"])
    made = [
        results_say(
            "headline", group=found.year, value=tenths(value["attainment8"]),
            pupils=many(pupils, "pupil"), four=per_cent(value["english_maths_4"]),
            five=per_cent(value["english_maths_5"]),
        )
    ]  # fmt: skip
    gaps = results_sums.measure_differences(found.outcome, found.year)
    if "attainment8" in gaps.index:
        one = {name: gaps[name].to_dict()["attainment8"] for name in gaps}
        made.append(
            results_say(
                "against", pupils=many(int(one["n"]), "pupil"),
                then=tenths(one["predicted"]), now=tenths(one["actual"]),
                apart=grades(one["apart"]),
                low=grades(one["low"]),
                high=grades(one["high"]),
            )
        )  # fmt: skip
    made.append(expected_said(found.expected))
    if found.without:
        made.append(
            results_say(
                "without", group=found.year, pupils=many(found.without, "pupil")
            )
        )
    if codes := found.every - len(found.outcome.rows):
        made.append(results_say("codes", results=many(codes, "result")))
    return made


def expected_said(told: Expected | None) -> str:
    """The expected outcome of a year group in a sentence, or why there is none."""
    if told is None or "attainment8" not in told.measures.index:
        return results_say("no_past")
    one = {name: told.measures[name].to_dict()["attainment8"] for name in told.measures}
    if np.isnan(one["expected"]):
        return results_say("expected_few", past=many(int(one["past"]), "pupil"))
    return results_say(
        "expected", years=listed(told.years), collections=listed(told.collections),
        value=tenths(one["expected"]), low=tenths(one["low"]),
        high=tenths(one["high"]),
    )  # fmt: skip


def _accuracy(matched: pd.Series, found: ResultsDay) -> str:
    grades = many(len(found.outcome.rows), "grade")
    n = int(matched["n"])
    if not n:
        return results_say("no_predictions", grades=grades)
    side = "too_high" if matched["error"] > 0 else "too_low"
    return results_say(
        "accuracy", matched=f"{n:,}", grades=grades,
        exact=per_cent(float(matched["exact_share"])),
        within=per_cent(float(matched["within_one_share"])),
        size=tenths(abs(float(matched["error"]))), side=results_say(side),
    )  # fmt: skip


def _cover(
    page: Page,
    found: ResultsDay,
    title: str,
    said: Sequence[str],
    names: Sequence[str],
    until: str,
    now: datetime,
) -> None:
    rows = found.outcome.rows
    page.band(title, page.pack.school)
    for number, text in enumerate(said):
        page.say(text, answer=number == 0)
    page.gap()
    predicted = rows.loc[rows["predicted"].notna()]
    files, moment = found.source
    holders = "\n".join(f"{name}, {SENIOR_LEADER}" for name in found.holders)
    compared = results_words(
        "cover", "compared", matched=f"{len(predicted):,}",
        grades=many(len(rows), "grade"),
        collections=listed(sorted(predicted["collection"].unique()), 10)
        or results_words("cover", "none"),
    )  # fmt: skip
    page.facts(
        [
            (results_words("cover", "for"), holders or results_words("cover", "nobody")),
            (
                results_words("cover", "from"),
                results_words(
                    "cover", "source", results=many(found.every, "result"),
                    subjects=many(rows["subject"].nunique(), "subject"),
                    files=listed(files, 10), day=day(moment),
                ),
            ),
            (results_words("cover", "with"), compared),
            (results_words("cover", "written"), f"{day(now.date())}, {now:%H:%M}"),
            (results_words("cover", "keep"), until),
        ]
    )  # fmt: skip
    page.gap()
    page.heading(template("packs")["cover"]["contents"])
    page.links(
        {
            results_words("sheets", name): results_words("contents", name)
            for name in names
        }
    )
    page.gap()
    page.say(template("packs")["cover"]["secret"], ink="quiet")


def _compared_page(pack: Pack, name: str, made: pd.DataFrame, title: str) -> None:
    by = PARTS[name]
    shown = results_columns((*by, *COMPARED))
    page = pack.page(results_words("sheets", name), [column.width for column in shown])
    page.band(
        f"{title}: {results_words('sheets', name).lower()}",
        results_words("notes", "appraisal"),
    )
    sides = {
        side: made.loc[made["error_side"] == side, by[0]].tolist()
        for side in ("Above", "Below")
    }
    if sides["Above"] or sides["Below"]:
        high, low = (listed(sides[one], NAMED) or results_say("none") for one in
                     ("Above", "Below"))  # fmt: skip
        page.say(results_say("subjects_said", high=high, low=low), answer=True)
    else:
        page.say(results_say("subjects_none", what=by[0]), answer=True)
    page.say(results_words("notes", "compared"), ink="quiet")
    # Too high is what the school did not see coming: it has the colour of below.
    paint = {"Above": "Below", "Below": "Above", "": ""}
    errors = [paint[side] for side in made["error_side"]]
    page.table(
        made, shown, quiet=made["results_n"].lt(FEW),
        painted={"error_note": errors, "error": errors, "note": made["side"].tolist(),
                 "residual": made["side"].tolist()},
        filtered=True, frozen=len(by),
    )  # fmt: skip


def _charts(pack: Pack, made: pd.DataFrame, title: str) -> None:
    grid = [results_columns(["subject"])[0].width + 6, *charts.chart_grid()[1:]]
    page = pack.page(results_words("sheets", "charts"), grid)
    page.band(title)
    there = made.loc[made["n"].gt(0) & made["error"].notna()].reset_index(drop=True)
    if there.empty:
        grades = many(int(made["results_n"].sum()), "grade")
        page.say(results_say("no_predictions", grades=grades), answer=True)
        return
    page.say(results_words("notes", "chart"), ink="quiet")
    shown = there.assign(
        gap_n=there["n"], gap=there["error"], gap_low=there["low"],
        gap_high=there["high"], reach=there["high"] - there["error"],
        side=there["error_side"].map({"Above": "Below", "Below": "Above"}).fillna(""),
        **{"class": there["subject"]},
    )  # fmt: skip
    columns_ = results_columns(("subject", "n", "error", "low", "high"))
    charts.intervals(
        page, shown, title=results_say("chart"),
        headings={"class": columns_[0].heading, "gap": columns_[2].heading},
    )  # fmt: skip


def _pupils(pack: Pack, made: pd.DataFrame, title: str) -> None:
    shown = results_columns(PUPILS)
    page = pack.page(
        results_words("sheets", "pupils"), [column.width for column in shown]
    )
    page.band(f"{title}: {results_words('sheets', 'pupils').lower()}")
    page.say(results_words("notes", "pupils"), ink="quiet")
    page.table(made, shown, filtered=True, frozen=4)


def _next_step(pack: Pack, found: ResultsDay, school: School, title: str) -> None:
    shown = results_columns(STEP)
    page = pack.page(
        results_words("sheets", "next_step"), [column.width for column in shown]
    )
    page.band(f"{title}: {results_words('sheets', 'next_step').lower()}")
    settings = school.settings.packs
    told = results_sums.next_step_rule(settings)
    if not found.outcome.rows["year"].eq(found.year).any():
        page.say(
            results_say("nobody", year=found.outcome.academic_year, group=found.year),
            answer=True,
        )
        return
    made = results_sums.next_step(found.outcome, settings, found.year)
    missing = made.loc[~made["reaches"]].reset_index(drop=True)
    if missing.empty:
        page.say(
            results_say("next_step_nobody", group=found.year, rule=told), answer=True
        )
    else:
        said = results_say(
            "next_step", missing=many(len(missing), "pupil"), pupils=f"{len(made):,}",
            group=found.year, rule=told,
        )  # fmt: skip
        page.say(said, answer=True)
        unseen = int(missing["foreseen"].fillna(False).sum())
        page.say(results_say("next_step_unseen", unseen=f"{unseen:,}"))
    page.say(results_words("notes", "next_step"), ink="quiet")
    if not missing.empty:
        seen = {True: results_say("yes"), False: results_say("no")}
        foreseen = [seen.get(one, results_say("not_known")) for one in
                    missing["foreseen"].astype(object)]  # fmt: skip
        marked = ["check" if one == results_say("yes") else "" for one in foreseen]
        page.table(
            missing.assign(foreseen=foreseen), shown, painted={"foreseen": marked},
            filtered=True, frozen=3,
        )  # fmt: skip
