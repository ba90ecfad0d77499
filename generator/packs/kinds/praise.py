"""The pack of pupils to praise, for heads of year and of department."""

from __future__ import annotations

import pandas as pd

from generator.packs.facts.pupil_summary import summarise_pupils
from generator.packs.facts.readers import PackReaders, department_readers, year_readers
from generator.packs.facts.snapshot import (
    CollectionSnapshot,
    pupil_group,
    year_scopes,
)
from generator.packs.pack_kind import PackContext, PackKind
from generator.packs.pages.cover import PackCover, contents_of, start_pack
from generator.packs.pages.praise_list import PraiseRule, letters_page, praise_page
from generator.packs.wording import count_text, phrase, wording
from generator.school.school import School

NAME = "praise"


def scopes(snapshot: CollectionSnapshot, school: School) -> list[str]:
    """The years, then the departments."""
    return [*year_scopes(snapshot), *snapshot.departments()]


def readers(snapshot: CollectionSnapshot, scope: str) -> PackReaders:
    """The heads of a year or of a department."""
    if scope in year_scopes(snapshot):
        return year_readers(snapshot, scope)
    return department_readers(snapshot, scope)


def write(snapshot: CollectionSnapshot, context: PackContext, scope: str) -> bytes:
    """The workbook of a year or a department; it holds nothing of any other."""
    settings = context.school.settings.packs
    department = scope not in year_scopes(snapshot)
    if department:
        rows = snapshot.rows.loc[snapshot.rows["department"] == scope]
        pupils = snapshot.pupils.loc[snapshot.pupils["adno"].isin(rows["adno"])]
        hidden_marks = snapshot.hidden_marks.get(scope, 0)
    else:
        group = pupil_group(snapshot, scope)
        rows, pupils, hidden_marks = group.rows, group.pupils, group.hidden_marks
    summary = summarise_pupils(rows, pupils)
    rule = PraiseRule(settings.praise_in, settings.improved, department)
    chosen = rule.choose(summary)
    cover = PackCover(
        scope, wording("titles", NAME), readers(snapshot, scope), rows,
        [_answer(chosen, summary), rule.sentence], contents_of("praise", "letters"),
        hidden_marks=hidden_marks,
    )  # fmt: skip
    pack = start_pack(snapshot, context, cover)
    praise_page(pack, scope, chosen, rule).activate()
    letters_page(pack, chosen)
    return pack.close()


KIND = PackKind(NAME, scopes, readers, write)


def _answer(chosen: pd.DataFrame, summary: pd.DataFrame) -> str:
    if not (summary["with_data"] > 0).any() and chosen.empty:
        return phrase("nothing_known")
    if chosen.empty:
        return phrase("praise_none")
    return count_text(len(chosen), "pupil") + " to praise."
