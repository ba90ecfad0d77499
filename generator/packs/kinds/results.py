"""The pack of results day: headlines, value added, predictions and what comes next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.measuring.expected_outcome import ExpectedOutcome
from generator.measuring.results_headline import year_group_measures
from generator.packs.facts.readers import SENIOR_LEADER, PackReaders
from generator.packs.facts.results_comparison import (
    compare_results,
    measure_differences,
    next_step,
    next_step_rule,
    pupil_results,
)
from generator.packs.facts.results_day import ResultsDay, collection_name
from generator.packs.layout.columns import results_columns
from generator.packs.layout.workbook import PackWorkbook
from generator.packs.pack_kind import PackContext, PackKind, whole_school
from generator.packs.pages.charts import chart_widths, interval_chart
from generator.packs.pages.cover import write_cover
from generator.packs.pages.pack_record import PackRecord, record_page
from generator.packs.pages.results_headlines import (
    results_headline_widths,
    results_headlines,
)
from generator.packs.pages.results_review import ERROR_PAINT, form_page
from generator.packs.wording import (
    count_text,
    date_text,
    decimal_text,
    join_names,
    percent,
    results_phrase,
    results_wording,
    retention_date,
    signed_grades,
)
from generator.school.settings import PackSettings
from generator.xlsx.theme import template
from udfs.measures.prediction_accuracy import accuracy
from udfs.measures.progress8 import had_no_tests
from udfs.statistics.inference import FEW
from udfs.tables import Tables

NAME = "results"
PAGES = ("headlines", "subjects", "charts", "classes", "teachers", "pupils",
         "next_step", "happened")  # fmt: skip
COMPARED_COLUMNS = (
    "results_n", "on_or_above", "n", "exact_share", "within_one_share", "over_share",
    "under_share", "error", "low", "high", "error_note", "residual_n", "residual",
    "residual_low", "residual_high", "shrunk", "note",
)  # fmt: skip
COMPARED_KEYS = {
    "subjects": ("subject",),
    "classes": ("class", "subject", "teacher"),
    "teachers": ("teacher", "subject"),
}
PUPIL_COLUMNS = (
    "year", "adno", "surname", "forename", "reg", "predicted_a8", "actual_a8",
    "apart_a8", "n", "mean_error", "over_far", "under_far",
)  # fmt: skip
STEP_COLUMNS = (
    "adno", "surname", "forename", "reg", "reached_in", "english_grade",
    "maths_grade", "lacks", "predicted_in", "foreseen",
)  # fmt: skip
MAX_NAMED = 6


def readers(results: ResultsDay, scope: str) -> PackReaders:
    """The senior leaders."""
    return results.readers


def write(results: ResultsDay, context: PackContext, scope: str) -> bytes:
    """The workbook of results day."""
    school, outcome = context.school, results.outcome
    academic_year = outcome.academic_year
    until = date_text(retention_date(_next_year(academic_year)))
    title = template(NAME)["title"].format(year=academic_year)
    footer = template(NAME)["foot"].format(until=until)
    pack = PackWorkbook(title, school.settings.school.name, footer, context.now)
    sentences = [*_sentences(results), _accuracy_sentence(results, context.tables)]
    contents = {
        results_wording("sheets", name): results_wording("contents", name)
        for name in PAGES
    }
    facts = _cover_facts(results, context, until)
    write_cover(pack, title, sentences, facts, contents)
    page = pack.page(
        results_wording("sheets", "headlines"), results_headline_widths(results.groups)
    )
    page.title_band(f"{school.settings.school.name}: {title}")
    page.sentences(sentences)
    results_headlines(page, results)
    comparisons = {
        name: compare_results(outcome, context.tables, results.names, keys)
        for name, keys in COMPARED_KEYS.items()
    }
    subjects = comparisons["subjects"]
    _comparison_page(pack, "subjects", subjects, title)
    _chart_page(pack, subjects, title)
    for name in ("classes", "teachers"):
        _comparison_page(pack, name, comparisons[name], title)
    _pupils_page(pack, pupil_results(outcome, context.tables), title)
    _next_step_page(pack, results, school.settings.packs, title)
    form_page(pack, title, subjects, results.review)
    collection = collection_name(academic_year)
    record = PackRecord.for_pupils(NAME, collection, academic_year, (), results.key)
    record_page(pack, record, results.key)
    page.activate()
    return pack.close()


KIND = PackKind(NAME, whole_school, readers, write, facts="results")


def _next_year(academic_year: str) -> str:
    """The academic year after one: `2027/28` after `2026/27`."""
    first = int(academic_year[:4]) + 1
    return f"{first}/{(first + 1) % 100:02d}"


def _sentences(results: ResultsDay) -> list[str]:
    """The headlines of the final year group, in sentences, the main one first."""
    outcome, year = results.outcome, results.year
    measures = year_group_measures(outcome.actual, year)
    if "attainment8" not in measures.index:
        return [results_phrase("nobody", year=outcome.academic_year, group=year)]
    value = measures["value"].to_dict()
    pupils = int(measures["pupils"].to_dict()["attainment8"])
    sentences = [
        results_phrase(
            "headline", group=year, value=decimal_text(value["attainment8"]),
            pupils=count_text(pupils, "pupil"),
            four=percent(value["english_maths_4"]),
            five=percent(value["english_maths_5"]),
        )
    ]  # fmt: skip
    differences = measure_differences(outcome, year)
    if "attainment8" in differences.index:
        eight = differences.to_dict("index")["attainment8"]
        sentences.append(
            results_phrase(
                "against", pupils=count_text(int(eight["n"]), "pupil"),
                then=decimal_text(eight["predicted"]),
                now=decimal_text(eight["actual"]),
                apart=signed_grades(eight["apart"]),
                low=signed_grades(eight["low"]),
                high=signed_grades(eight["high"]),
            )
        )  # fmt: skip
    if had_no_tests(outcome.academic_year, year):
        sentences.append(results_phrase("no_tests", group=year))
    sentences.append(expected_sentence(results.expected))
    if results.without_results:
        missing = count_text(results.without_results, "pupil")
        sentences.append(results_phrase("without", group=year, pupils=missing))
    if without_grade := results.result_count - len(outcome.rows):
        number = count_text(without_grade, "result")
        sentences.append(results_phrase("codes", results=number))
    return sentences


def expected_sentence(expected: ExpectedOutcome | None) -> str:
    """The expected outcome of a year group in a sentence, or why there is none."""
    if expected is None or "attainment8" not in expected.measures.index:
        return results_phrase("no_past")
    eight = expected.measures.to_dict("index")["attainment8"]
    if np.isnan(eight["expected"]):
        past = count_text(int(eight["past"]), "pupil")
        return results_phrase("expected_few", past=past)
    return results_phrase(
        "expected", years=join_names(expected.years),
        collections=join_names(expected.collections),
        value=decimal_text(eight["expected"]), low=decimal_text(eight["low"]),
        high=decimal_text(eight["high"]),
    )  # fmt: skip


def _accuracy_sentence(results: ResultsDay, tables: Tables) -> str:
    rows = results.outcome.rows
    total = accuracy(rows, tables).iloc[0]
    grades, n = count_text(len(rows), "grade"), int(total["n"])
    if not n:
        return results_phrase("no_predictions", grades=grades)
    side = "too_high" if total["error"] > 0 else "too_low"
    return results_phrase(
        "accuracy", matched=f"{n:,}", grades=grades,
        exact=percent(float(total["exact_share"])),
        within=percent(float(total["within_one_share"])),
        size=decimal_text(abs(float(total["error"]))), side=results_phrase(side),
    )  # fmt: skip


def _cover_facts(
    results: ResultsDay, context: PackContext, until: str
) -> list[tuple[str, str]]:
    rows, now = results.outcome.rows, context.now
    predicted = rows.loc[rows["predicted"].notna()]
    collections = join_names(sorted(predicted["collection"].unique()), 10)
    files, moment = results.source
    readers = "\n".join(f"{name}, {SENIOR_LEADER}" for name in results.readers.names)
    source = results_wording(
        "cover", "source", results=count_text(results.result_count, "result"),
        subjects=count_text(rows["subject"].nunique(), "subject"),
        files=join_names(files, 10), day=date_text(moment),
    )  # fmt: skip
    compared = results_wording(
        "cover", "compared", matched=f"{len(predicted):,}",
        grades=count_text(len(rows), "grade"),
        collections=collections or results_wording("cover", "none"),
    )  # fmt: skip
    facts = {
        "for": readers or results_wording("cover", "nobody"),
        "from": source,
        "with": compared,
        "written": f"{date_text(now.date())}, {now:%H:%M}",
        "keep": until,
    }
    return [(results_wording("cover", key), text) for key, text in facts.items()]


def _comparison_page(
    pack: PackWorkbook, name: str, table: pd.DataFrame, title: str
) -> None:
    """Add a page of subjects, classes or teachers: results, predictions, value added.

    Args:
        pack: The workbook.
        name: The key of the page.
        table: From `compare_results`.
        title: The pack's title.
    """
    keys = COMPARED_KEYS[name]
    columns = results_columns((*keys, *COMPARED_COLUMNS))
    sheet = results_wording("sheets", name)
    page = pack.page(sheet, columns)
    page.title_band(f"{title}: {sheet.lower()}", results_wording("notes", "appraisal"))
    page.sentence(_comparison_sentence(table, keys[0]), answer=True)
    page.sentence(results_wording("notes", "compared"), ink="quiet")
    errors = [ERROR_PAINT[side] for side in table["error_side"]]
    sides = table["side"].tolist()
    page.table(
        table, columns, quiet=table["results_n"].lt(FEW),
        painted={"error_note": errors, "error": errors, "note": sides,
                 "residual": sides},
        filtered=True, frozen=len(keys),
    )  # fmt: skip


def _comparison_sentence(table: pd.DataFrame, key: str) -> str:
    """Where predictions were too high or too low."""
    high, low = (
        table.loc[table["error_side"] == side, key].tolist()
        for side in ("Above", "Below")
    )
    if not high and not low:
        return results_phrase("subjects_none", what=key)
    none = results_phrase("none")
    return results_phrase(
        "subjects_said",
        high=join_names(high, MAX_NAMED) or none,
        low=join_names(low, MAX_NAMED) or none,
    )


def _chart_page(pack: PackWorkbook, subjects: pd.DataFrame, title: str) -> None:
    widths = [results_columns(["subject"])[0].width + 6, *chart_widths()[1:]]
    page = pack.page(results_wording("sheets", "charts"), widths)
    page.title_band(title)
    has_error = subjects["n"].gt(0) & subjects["error"].notna()
    rows = subjects.loc[has_error].reset_index(drop=True)
    if rows.empty:
        grades = count_text(int(subjects["results_n"].sum()), "grade")
        page.sentence(results_phrase("no_predictions", grades=grades), answer=True)
        return
    page.sentence(results_wording("notes", "chart"), ink="quiet")
    rows = rows.assign(
        gap_n=rows["n"], gap=rows["error"], gap_low=rows["low"],
        gap_high=rows["high"], reach=rows["high"] - rows["error"],
        side=rows["error_side"].map(ERROR_PAINT).fillna(""),
        **{"class": rows["subject"]},
    )  # fmt: skip
    subject, error = results_columns(("subject", "error"))
    headings = {"class": subject.heading, "gap": error.heading}
    interval_chart(page, rows, title=results_phrase("chart"), headings=headings)


def _pupils_page(pack: PackWorkbook, pupils: pd.DataFrame, title: str) -> None:
    columns = results_columns(PUPIL_COLUMNS)
    sheet = results_wording("sheets", "pupils")
    page = pack.page(sheet, columns)
    page.title_band(f"{title}: {sheet.lower()}")
    page.sentence(results_wording("notes", "pupils"), ink="quiet")
    page.table(pupils, columns, filtered=True, frozen=4)


def _next_step_page(
    pack: PackWorkbook, results: ResultsDay, settings: PackSettings, title: str
) -> None:
    """Add the page of pupils below the school's minimum for the next step."""
    columns = results_columns(STEP_COLUMNS)
    sheet = results_wording("sheets", "next_step")
    page = pack.page(sheet, columns)
    page.title_band(f"{title}: {sheet.lower()}")
    outcome, year = results.outcome, results.year
    if not outcome.rows["year"].eq(year).any():
        text = results_phrase("nobody", year=outcome.academic_year, group=year)
        page.sentence(text, answer=True)
        return
    rule = next_step_rule(settings)
    pupils = next_step(outcome, settings, year)
    missing = pupils.loc[~pupils["reaches"]].reset_index(drop=True)
    if missing.empty:
        text = results_phrase("next_step_nobody", group=year, rule=rule)
        page.sentence(text, answer=True)
    else:
        text = results_phrase(
            "next_step", missing=count_text(len(missing), "pupil"),
            pupils=f"{len(pupils):,}", group=year, rule=rule,
        )  # fmt: skip
        page.sentence(text, answer=True)
        unforeseen = int(missing["foreseen"].fillna(False).sum())
        page.sentence(results_phrase("next_step_unseen", unseen=f"{unforeseen:,}"))
    page.sentence(results_wording("notes", "next_step"), ink="quiet")
    if not missing.empty:
        answers = {True: results_phrase("yes"), False: results_phrase("no")}
        unknown = results_phrase("not_known")
        foreseen = [
            answers.get(value, unknown) for value in missing["foreseen"].astype(object)
        ]
        marks = ["check" if text == answers[True] else "" for text in foreseen]
        page.table(
            missing.assign(foreseen=foreseen), columns, painted={"foreseen": marks},
            filtered=True, frozen=3,
        )  # fmt: skip
