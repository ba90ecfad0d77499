"""The pages of pupils to praise: the list with reasons, and a list for letters."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from generator.packs.layout.columns import pack_columns
from generator.packs.layout.workbook import PackPage, PackWorkbook
from generator.packs.wording import count_text, phrase, signed_grades, wording

MIN_MATCHED = 3  # subjects with a prediction now and before, across subjects
PRAISE_COLUMNS = (
    "adno", "surname", "forename", "reg", "groups", "reached", "with_data",
    "praised_in", "moved", "moved_n", "why",
)  # fmt: skip
LETTER_COLUMNS = ("forename", "surname", "reg", "year", "why")


@dataclass(frozen=True, slots=True)
class PraiseRule:
    """Which pupils are praised.

    Args:
        least: The number of subjects on or above target that is praised.
        improved: How many pupils are named as most improved; those level with the
            last of them are named too.
        one_department: Whether only one department's subjects count. Then a pupil
            is praised who is on or above target in all of them and above in one,
            and one subject is enough to have improved in.
    """

    least: int
    improved: int
    one_department: bool = False

    @property
    def sentence(self) -> str:
        """The rule in words."""
        if self.one_department:
            return wording("notes", "praise_department", improved=self.improved)
        matched = count_text(MIN_MATCHED, "subject")
        return wording(
            "notes", "praise", least=self.least, improved=self.improved, matched=matched
        )

    def choose(self, summary: pd.DataFrame) -> pd.DataFrame:
        """The pupils to praise, with the reason in words.

        Args:
            summary: From `summarise_pupils`.
        """
        well = summary["reached"] >= self.least
        if self.one_department:
            all_reached = summary["reached"].eq(summary["with_data"])
            well = all_reached & (summary["above"] > 0) & (summary["with_data"] > 0)
        special = summary["praised"] > 0
        enough = summary["moved_n"] >= (1 if self.one_department else MIN_MATCHED)
        rising = summary.loc[enough & (summary["moved"] > 0), "moved"]
        bar = rising.nlargest(self.improved).min() if self.improved else float("nan")
        most = enough & (summary["moved"] >= bar) & (summary["moved"] > 0)
        pupils = summary.assign(well=well, special=special, most=most)
        pupils = pupils.loc[well | special | most]
        pupils = pupils.assign(why=[_reason(row) for row in pupils.to_dict("records")])
        return pupils.sort_values(
            ["reached", "praised", "moved_by", "surname", "forename", "adno"],
            ascending=[False, False, False, True, True, True],
            kind="stable",
        )


def _reason(row: Mapping[Hashable, Any]) -> str:
    reasons = []
    if row["well"]:
        subjects = count_text(row["with_data"], "subject")
        reasons.append(phrase("why_reached", reached=row["reached"], subjects=subjects))
    if row["special"]:
        reasons.append(phrase("why_praised", subjects=row["praised_in"]))
    if row["most"]:
        moved = signed_grades(row["moved"]).lstrip("+")
        reasons.append(phrase("why_moved", moved=moved))
    return "; ".join(reasons)


def praise_page(
    pack: PackWorkbook, scope: str, pupils: pd.DataFrame, rule: PraiseRule
) -> PackPage:
    """Add the page of pupils to praise.

    Args:
        pack: The workbook.
        scope: What the pack is about.
        pupils: From `PraiseRule.choose`.
        rule: The rule.
    """
    columns = pack_columns(PRAISE_COLUMNS)
    title = wording("sheets", "praise")
    page = pack.page(title, columns)
    page.title_band(f"{scope}: {title.lower()}")
    if pupils.empty:
        page.sentence(phrase("praise_none"), answer=True)
        page.sentence(rule.sentence, ink="quiet")
        return page
    text = phrase(
        "praise_answer",
        pupils=count_text(len(pupils), "pupil"),
        well=f"{int(pupils['well'].sum()):,}",
        special=f"{int(pupils['special'].sum()):,}",
        most=f"{int(pupils['most'].sum()):,}",
    )
    page.sentence(text, answer=True)
    page.sentence(rule.sentence, ink="quiet")
    page.table(pupils, columns, filtered=True, frozen=3)
    return page


def letters_page(pack: PackWorkbook, pupils: pd.DataFrame) -> None:
    """Add a bare list from the first row on, for a mail merge."""
    columns = pack_columns(LETTER_COLUMNS)
    pack.page(wording("sheets", "letters"), columns).table(pupils, columns, frozen=0)
