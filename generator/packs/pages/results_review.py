"""What happened, why we did not know, what we will do: the form, and it again."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from generator.packs import wording
from generator.packs.facts.results_day import (
    ENTRY,
    REVIEW_COLUMNS,
    STORED_FIELDS,
    latest_review,
)
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import Column, results_columns
from generator.packs.layout.workbook import Pack, Page
from generator.packs.wording import many, per_cent, results_say, results_words, tenths
from udfs.measures.group_summaries import beyond_chance
from udfs.measures.prediction_accuracy import accuracy
from udfs.statistics.inference import FEW
from udfs.tables import Tables

BLANK_LINES = 10  # below the subjects, to write in
FORM_COLUMNS = ("subject", "results_n", "error", "error_note", *ENTRY)


def stored_headings() -> dict[str, str]:
    """The form's headings in small letters -> what the store calls each."""
    return {
        one.heading.casefold(): STORED_FIELDS[one.key]
        for one in results_columns(STORED_FIELDS)
    }


def form_page(page: Page, subjects: pd.DataFrame, written: pd.DataFrame) -> None:
    """Write the form: a line for each subject, then room for more.

    Args:
        page: An empty page of `widths`, its band written.
        subjects: From `results_sums.compared` by subject.
        written: What has been written already: from `lines_of`.
    """
    page.say(results_say("happened", written=f"{len(written):,}"), answer=True)
    page.say(results_words("notes", "happened"), ink="quiet")
    first = written.drop_duplicates("subject")
    lines = subjects.merge(first[["subject", *ENTRY]], on="subject", how="left")
    rest = written.loc[
        ~written.index.isin(first.loc[first["subject"].isin(lines["subject"])].index)
    ]
    blank = pd.DataFrame("", index=range(BLANK_LINES), columns=list(REVIEW_COLUMNS))
    more = pd.concat([rest[list(REVIEW_COLUMNS)], blank], ignore_index=True)
    more = more.assign(results_n=None, error=None, error_note="")
    made = pd.concat(
        [
            lines[list(FORM_COLUMNS)].astype(object),
            more[list(FORM_COLUMNS)].astype(object),
        ],
        ignore_index=True,
    )
    made = made.astype(object).where(made.notna(), None)
    page.table(made, results_columns(FORM_COLUMNS, entry=ENTRY), frozen=1)


def form_widths() -> list[float]:
    """The widths of the page."""
    return [column.width for column in results_columns(FORM_COLUMNS)]


def review_columns() -> list[Column]:
    """The columns of what was said, where it is looked at again."""
    return results_columns(REVIEW_COLUMNS)


REVIEW_KEYS = ("subject", "class", "teacher")
ACCURACY_COLUMNS = ("n", "exact_share", "within_one_share", "over_share", "under_share",
           "error", "low", "high", "error_note")  # fmt: skip


def review_contents(
    standing: CollectionSnapshot, subjects: Iterable[str] | None, *, counted: bool
) -> dict[str, str]:
    """The sheet for a pack's cover; nothing where there is nothing to show.

    Args:
        standing: The collection as it stands.
        subjects: The reader's subjects; None: all.
        counted: Whether how predictions turned out is shown too.
    """
    wanted = None if subjects is None else list(subjects)
    _, lines = latest_review(standing.actions, standing.academic_year, wanted)
    there = len(lines) or (counted and len(_result_rows(standing, wanted)))
    return (
        {results_words("sheets", "again"): results_words("contents", "again")}
        if there
        else {}
    )


def review_page(
    pack: Pack,
    standing: CollectionSnapshot,
    tables: Tables,
    subjects: Iterable[str] | None,
    *,
    counted: bool,
) -> None:
    """Write the sheet, if there is anything to show.

    Args:
        pack: The workbook.
        standing: The collection as it stands.
        tables: Subjects and scales.
        subjects: The reader's subjects; None: all.
        counted: Whether how predictions turned out is shown too.
    """
    wanted = None if subjects is None else list(subjects)
    if not review_contents(standing, wanted, counted=counted):
        return
    shown = results_columns((*REVIEW_KEYS, *ACCURACY_COLUMNS))
    wide = [column.width for column in shown]
    form = [column.width for column in review_columns()]
    year, lines = latest_review(standing.actions, standing.academic_year, wanted)
    if len(lines):
        both = zip(wide, form + wide[len(form) :], strict=True)
        wide = [max(pair) for pair in both]
    sheet = pack.page(results_words("sheets", "again"), wide if counted else form)
    sheet.band(results_words("sheets", "again"), results_words("notes", "appraisal"))
    if len(lines):
        sheet.say(
            results_say("reopened", lines=many(len(lines), "line"), year=year),
            answer=True,
        )
        sheet.table(lines, review_columns())
        sheet.gap()
    rows = _result_rows(standing, wanted) if counted else pd.DataFrame()
    if rows.empty:
        return
    whole = accuracy(rows, tables).iloc[0]
    n, grades = int(whole["n"]), many(len(rows), "grade")
    if n:
        side = "too_high" if whole["error"] > 0 else "too_low"
        told = results_say(
            "turned_out", year=rows["academic_year"].iloc[0], matched=f"{n:,}",
            grades=grades, exact=per_cent(float(whole["exact_share"])),
            within=per_cent(float(whole["within_one_share"])),
            size=tenths(abs(float(whole["error"]))), side=results_say(side),
        )  # fmt: skip
        sheet.say(told, answer=not len(lines))
    else:
        sheet.say(results_say("no_predictions", grades=grades), answer=not len(lines))
        return
    sheet.say(results_words("notes", "turned_out"), ink="quiet")
    made = accuracy(rows, tables, REVIEW_KEYS)
    made = made.loc[made["n"] > 0].reset_index(drop=True)
    sides = beyond_chance(made.rename(columns={"error": "mean"}))
    notes = {"Above": results_say("too_many"), "Below": results_say("too_few")}
    few = made["n"].lt(FEW)
    made["error_note"] = [notes.get(side, "") for side in sides]
    made["error_note"] = made["error_note"].mask(few, results_say("few"))
    paint = [{"Above": "Below", "Below": "Above"}.get(side, "") for side in sides]
    sheet.table(
        made, shown, quiet=few, painted={"error_note": paint, "error": paint}
    )  # fmt: skip


def _result_rows(
    standing: CollectionSnapshot, subjects: list[str] | None
) -> pd.DataFrame:
    """The last year's results in some subjects, with who led each class."""
    rows = standing.outcomes
    if rows.empty:
        return rows
    if subjects is not None:
        rows = rows.loc[rows["subject"].isin(subjects)]
    first = rows["teacher"].str.split(";").str[0]
    named = first.map(lambda code: standing.names.get(code, code))
    named = named.mask(first == "", wording.say("no_teacher"))
    return rows.rename(columns={"grade": "actual"}).assign(teacher=named)
