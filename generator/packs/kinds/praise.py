"""Whom a head of year or of department should praise, with a list for letters."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from generator.packs import praising
from generator.packs.across import across
from generator.packs.opening import begin, nobody
from generator.packs.phrases import many, say, words
from generator.packs.standing import Standing
from generator.packs.years import part, year_scopes
from generator.problems import Problem
from generator.roll import HEAD_OF_DEPARTMENT
from generator.school import School
from udfs.tables import Tables

KIND = "praise"


def scopes(standing: Standing) -> list[str]:
    """The years, then the departments."""
    return [*year_scopes(standing), *standing.departments()]


def without_holder(standing: Standing, scope: str) -> Problem | None:
    """That nobody leads a year or a department, as a problem to put right."""
    if scope in year_scopes(standing):
        mine = part(standing, scope)
        return None if mine.holders else nobody(KIND, scope, mine.role)
    if standing.holders(HEAD_OF_DEPARTMENT, scope):
        return None
    return nobody(KIND, scope, HEAD_OF_DEPARTMENT)


def write(
    standing: Standing, school: School, tables: Tables, scope: str, *, now: datetime
) -> bytes:
    """A year's or a department's workbook; it holds nothing of any other."""
    settings = school.settings.packs
    department = scope not in year_scopes(standing)
    if department:
        rows = standing.rows.loc[standing.rows["department"] == scope]
        pupils = standing.pupils.loc[standing.pupils["adno"].isin(rows["adno"])]
        role, holders = HEAD_OF_DEPARTMENT, standing.holders(HEAD_OF_DEPARTMENT, scope)
        gone = standing.elsewhere.get(scope, 0)
    else:
        mine = part(standing, scope)
        rows, pupils, role, holders, gone = (
            mine.rows, mine.pupils, mine.role, mine.holders, mine.gone,
        )  # fmt: skip
    summed = across(rows, pupils)
    least, improved = settings.praise_in, settings.improved
    praised = praising.candidates(
        summed, least=least, improved=improved, one_department=department
    )
    rule = praising.rule(least=least, improved=improved, one_department=department)
    names = ("praise", "letters")
    pack = begin(
        standing, school, scope, rows,
        title=words("titles", KIND), role=role, holders=holders, elsewhere=gone,
        now=now, said=[_answer(praised, summed), rule],
        contents={words("sheets", n): words("contents", n) for n in names},
    )  # fmt: skip
    page = pack.page(words("sheets", "praise"), praising.widths(praising.KEYS))
    title = f"{scope}: {words('sheets', 'praise').lower()}"
    praising.praise_page(page, title, praised, rule)
    page.open_here()
    letters = pack.page(words("sheets", "letters"), praising.widths(praising.LETTERS))
    praising.letters_page(letters, praised)
    return pack.close()


def _answer(praised: pd.DataFrame, summed: pd.DataFrame) -> str:
    if not (summed["with_data"] > 0).any() and praised.empty:
        return say("nothing_known")
    if praised.empty:
        return say("praise_none")
    return many(len(praised), "pupil") + " to praise."
