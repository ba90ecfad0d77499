"""Results day in packs: the form for what happened, and what was written in it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from generator.packs.facts.results_day import (
    FORM_FIELDS,
    REVIEW_COLUMNS,
    STORED_FIELDS,
    latest_review,
)
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import results_columns, widest
from generator.packs.layout.workbook import PackPage, PackWorkbook
from generator.packs.wording import (
    count_text,
    decimal_text,
    percent,
    phrase,
    results_phrase,
    results_wording,
)
from udfs.measures.group_summaries import beyond_chance
from udfs.measures.prediction_accuracy import accuracy
from udfs.statistics.inference import FEW
from udfs.tables import Tables

BLANK_LINES = 10  # below the subjects, to write in
FORM_COLUMNS = ("subject", "results_n", "error", "error_note", *FORM_FIELDS)
ACCURACY_KEYS = ("subject", "class", "teacher")
ACCURACY_COLUMNS = (
    *ACCURACY_KEYS, "n", "exact_share", "within_one_share", "over_share", "under_share",
    "error", "low", "high", "error_note",
)  # fmt: skip
# Results below the predictions are painted as below target is.
ERROR_PAINT = {"Above": "Below", "Below": "Above", "": ""}


def stored_headings() -> dict[str, str]:
    """The form's headings in small letters -> the field of the store."""
    return {
        column.heading.casefold(): STORED_FIELDS[column.key]
        for column in results_columns(STORED_FIELDS)
    }


def form_page(
    pack: PackWorkbook, title: str, subjects: pd.DataFrame, review: pd.DataFrame
) -> None:
    """Add the form: a line for each subject, then blank lines.

    Args:
        pack: The workbook.
        title: The page's title.
        subjects: From `compare_results` by subject.
        review: What has been written already, from `review_lines`.
    """
    columns = results_columns(FORM_COLUMNS, entry=FORM_FIELDS)
    page = pack.page(results_wording("sheets", "happened"), columns)
    page.title_band(results_wording("sheets", "happened"), title)
    page.sentence(results_phrase("happened", written=f"{len(review):,}"), answer=True)
    page.sentence(results_wording("notes", "happened"), ink="quiet")
    first = review.drop_duplicates("subject")
    lines = subjects.merge(first[["subject", *FORM_FIELDS]], on="subject", how="left")
    first_lines = first.loc[first["subject"].isin(lines["subject"])].index
    others = review.loc[~review.index.isin(first_lines)]
    names = list(REVIEW_COLUMNS)
    blank = pd.DataFrame("", index=range(BLANK_LINES), columns=names)
    more = pd.concat([others[names], blank], ignore_index=True)
    more = more.assign(results_n=None, error=None, error_note="")
    parts = [part[list(FORM_COLUMNS)].astype(object) for part in (lines, more)]
    table = pd.concat(parts, ignore_index=True)
    page.table(table.where(table.notna(), None), columns, frozen=1)
    page.protect()


def review_contents(
    snapshot: CollectionSnapshot, subjects: Sequence[str] | None, *, with_accuracy: bool
) -> dict[str, str]:
    """The page of `review_page` for a pack's cover; empty if it has nothing to show.

    Args:
        snapshot: The collection.
        subjects: The reader's subjects; None for all.
        with_accuracy: Whether the page shows how accurate predictions were.
    """
    _, lines = latest_review(snapshot.actions, snapshot.academic_year, subjects)
    if lines.empty and not (with_accuracy and len(_result_rows(snapshot, subjects))):
        return {}
    return {results_wording("sheets", "again"): results_wording("contents", "again")}


def review_page(
    pack: PackWorkbook,
    snapshot: CollectionSnapshot,
    tables: Tables,
    subjects: Sequence[str] | None,
    *,
    with_accuracy: bool,
) -> None:
    """Add the page of the last results day, if there is anything to show.

    Args:
        pack: The workbook.
        snapshot: The collection.
        tables: Subjects and scales.
        subjects: The reader's subjects; None for all.
        with_accuracy: Whether to show how accurate predictions were.
    """
    if not review_contents(snapshot, subjects, with_accuracy=with_accuracy):
        return
    year, lines = latest_review(snapshot.actions, snapshot.academic_year, subjects)
    columns = results_columns(REVIEW_COLUMNS)
    tables_below = [results_columns(ACCURACY_COLUMNS)] if with_accuracy else []
    tables_above = [columns] if len(lines) or not with_accuracy else []
    page = pack.page(
        results_wording("sheets", "again"), widest(*tables_above, *tables_below)
    )
    title = results_wording("sheets", "again")
    page.title_band(title, results_wording("notes", "appraisal"))
    if len(lines):
        number = count_text(len(lines), "line")
        page.sentence(results_phrase("reopened", lines=number, year=year), answer=True)
        page.table(lines, columns)
        page.gap()
    rows = _result_rows(snapshot, subjects) if with_accuracy else pd.DataFrame()
    if len(rows):
        _accuracy_table(page, rows, tables, answer=lines.empty)


def _accuracy_table(
    page: PackPage, rows: pd.DataFrame, tables: Tables, *, answer: bool
) -> None:
    """Write how accurate predictions were, in a sentence and a table.

    Args:
        page: The page.
        rows: From `_result_rows`.
        tables: Subjects and scales.
        answer: Whether the sentence is the main one of the page.
    """
    total = accuracy(rows, tables).iloc[0]
    n, grades = int(total["n"]), count_text(len(rows), "grade")
    if not n:
        page.sentence(results_phrase("no_predictions", grades=grades), answer=answer)
        return
    side = "too_high" if total["error"] > 0 else "too_low"
    text = results_phrase(
        "turned_out", year=rows["academic_year"].iloc[0], matched=f"{n:,}",
        grades=grades, exact=percent(float(total["exact_share"])),
        within=percent(float(total["within_one_share"])),
        size=decimal_text(abs(float(total["error"]))), side=results_phrase(side),
    )  # fmt: skip
    page.sentence(text, answer=answer)
    page.sentence(results_wording("notes", "turned_out"), ink="quiet")
    table = accuracy(rows, tables, ACCURACY_KEYS)
    table = table.loc[table["n"] > 0].reset_index(drop=True)
    sides = beyond_chance(table.rename(columns={"error": "mean"}))
    notes = {"Above": results_phrase("too_many"), "Below": results_phrase("too_few")}
    few = table["n"].lt(FEW)
    table["error_note"] = [notes.get(side, "") for side in sides]
    table["error_note"] = table["error_note"].mask(few, results_phrase("few"))
    paint = [ERROR_PAINT.get(side, "") for side in sides]
    page.table(
        table, results_columns(ACCURACY_COLUMNS), quiet=few,
        painted={"error_note": paint, "error": paint},
    )  # fmt: skip


def _result_rows(
    snapshot: CollectionSnapshot, subjects: Sequence[str] | None
) -> pd.DataFrame:
    """The latest results in some subjects, with the lead teacher of each class."""
    rows = snapshot.latest_results
    if rows.empty:
        return rows
    if subjects is not None:
        rows = rows.loc[rows["subject"].isin(subjects)]
    leads = rows["teacher"].str.split(";").str[0]
    names = leads.map(lambda code: snapshot.names.get(code, code))
    names = names.mask(leads == "", phrase("no_teacher"))
    return rows.rename(columns={"grade": "actual"}).assign(teacher=names)
