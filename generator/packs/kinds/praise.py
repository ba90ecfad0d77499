"""Whom a head of year or of department should praise, with a list for letters."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from generator.packs.facts.pupil_summary import across
from generator.packs.facts.snapshot import CollectionSnapshot, pupil_group, year_scopes
from generator.packs.pages import praise_list
from generator.packs.pages.cover import missing_reader, start_pack
from generator.packs.wording import many, say, words
from generator.problems import Problem
from generator.school.school import School
from generator.store.enrolments import HEAD_OF_DEPARTMENT
from udfs.tables import Tables

KIND = "praise"


def scopes(standing: CollectionSnapshot) -> list[str]:
    """The years, then the departments."""
    return [*year_scopes(standing), *standing.departments()]


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """That nobody leads a year or a department, as a problem to put right."""
    if scope in year_scopes(standing):
        mine = pupil_group(standing, scope)
        return None if mine.holders else missing_reader(KIND, scope, mine.role)
    if standing.holders(HEAD_OF_DEPARTMENT, scope):
        return None
    return missing_reader(KIND, scope, HEAD_OF_DEPARTMENT)


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
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
        mine = pupil_group(standing, scope)
        rows, pupils, role, holders, gone = (
            mine.rows, mine.pupils, mine.role, mine.holders, mine.gone,
        )  # fmt: skip
    summed = across(rows, pupils)
    least, improved = settings.praise_in, settings.improved
    praised = praise_list.candidates(
        summed, least=least, improved=improved, one_department=department
    )
    rule = praise_list.rule(least=least, improved=improved, one_department=department)
    names = ("praise", "letters")
    pack = start_pack(
        standing, school, scope, rows,
        title=words("titles", KIND), role=role, holders=holders, elsewhere=gone,
        now=now, said=[_answer(praised, summed), rule],
        contents={words("sheets", n): words("contents", n) for n in names},
    )  # fmt: skip
    page = pack.page(words("sheets", "praise"), praise_list.widths(praise_list.KEYS))
    title = f"{scope}: {words('sheets', 'praise').lower()}"
    praise_list.praise_page(page, title, praised, rule)
    page.open_here()
    letters = pack.page(
        words("sheets", "letters"), praise_list.widths(praise_list.LETTERS)
    )
    praise_list.letters_page(letters, praised)
    return pack.close()


def _answer(praised: pd.DataFrame, summed: pd.DataFrame) -> str:
    if not (summed["with_data"] > 0).any() and praised.empty:
        return say("nothing_known")
    if praised.empty:
        return say("praise_none")
    return many(len(praised), "pupil") + " to praise."
