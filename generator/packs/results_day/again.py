"""Results day looked at again: how predictions turned out, and what was said of it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from generator.packs import phrases
from generator.packs.phrases import many, per_cent, tenths
from generator.packs.results_day.form import again, again_columns
from generator.packs.results_day.words import columns, say, words
from generator.packs.sheets import Pack
from generator.packs.standing import Standing
from udfs.accuracy import accuracy
from udfs.chance import FEW
from udfs.groups import beyond_chance
from udfs.tables import Tables

BY = ("subject", "class", "teacher")
COUNTED = ("n", "exact_share", "within_one_share", "over_share", "under_share",
           "error", "low", "high", "error_note")  # fmt: skip


def contents(
    standing: Standing, subjects: Iterable[str] | None, *, counted: bool
) -> dict[str, str]:
    """The sheet for a pack's cover; nothing where there is nothing to show.

    Args:
        standing: The collection as it stands.
        subjects: The reader's subjects; None: all.
        counted: Whether how predictions turned out is shown too.
    """
    wanted = None if subjects is None else list(subjects)
    _, lines = again(standing.actions, standing.academic_year, wanted)
    there = len(lines) or (counted and len(_turned_out(standing, wanted)))
    return {words("sheets", "again"): words("contents", "again")} if there else {}


def page(
    pack: Pack,
    standing: Standing,
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
    if not contents(standing, wanted, counted=counted):
        return
    shown = columns((*BY, *COUNTED))
    wide = [column.width for column in shown]
    form = [column.width for column in again_columns()]
    year, lines = again(standing.actions, standing.academic_year, wanted)
    if len(lines):
        both = zip(wide, form + wide[len(form) :], strict=True)
        wide = [max(pair) for pair in both]
    sheet = pack.page(words("sheets", "again"), wide if counted else form)
    sheet.band(words("sheets", "again"), words("notes", "appraisal"))
    if len(lines):
        sheet.say(
            say("reopened", lines=many(len(lines), "line"), year=year), answer=True
        )
        sheet.table(lines, again_columns())
        sheet.gap()
    rows = _turned_out(standing, wanted) if counted else pd.DataFrame()
    if rows.empty:
        return
    whole = accuracy(rows, tables).iloc[0]
    n, grades = int(whole["n"]), many(len(rows), "grade")
    if n:
        side = "too_high" if whole["error"] > 0 else "too_low"
        told = say(
            "turned_out", year=rows["academic_year"].iloc[0], matched=f"{n:,}",
            grades=grades, exact=per_cent(float(whole["exact_share"])),
            within=per_cent(float(whole["within_one_share"])),
            size=tenths(abs(float(whole["error"]))), side=say(side),
        )  # fmt: skip
        sheet.say(told, answer=not len(lines))
    else:
        sheet.say(say("no_predictions", grades=grades), answer=not len(lines))
        return
    sheet.say(words("notes", "turned_out"), ink="quiet")
    made = accuracy(rows, tables, BY)
    made = made.loc[made["n"] > 0].reset_index(drop=True)
    sides = beyond_chance(made.rename(columns={"error": "mean"}))
    notes = {"Above": say("too_many"), "Below": say("too_few")}
    few = made["n"].lt(FEW)
    made["error_note"] = [notes.get(side, "") for side in sides]
    made["error_note"] = made["error_note"].mask(few, say("few"))
    paint = [{"Above": "Below", "Below": "Above"}.get(side, "") for side in sides]
    sheet.table(
        made, shown, quiet=few, painted={"error_note": paint, "error": paint}
    )  # fmt: skip


def _turned_out(standing: Standing, subjects: list[str] | None) -> pd.DataFrame:
    """The last year's results in some subjects, with who led each class."""
    rows = standing.outcomes
    if rows.empty:
        return rows
    if subjects is not None:
        rows = rows.loc[rows["subject"].isin(subjects)]
    first = rows["teacher"].str.split(";").str[0]
    named = first.map(lambda code: standing.names.get(code, code))
    named = named.mask(first == "", phrases.say("no_teacher"))
    return rows.rename(columns={"grade": "actual"}).assign(teacher=named)
