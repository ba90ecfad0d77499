"""Whom to praise, for what, and who has improved most."""

from __future__ import annotations

import pandas as pd

from generator.packs.layout.columns import columns
from generator.packs.layout.workbook import Page
from generator.packs.wording import grades, many, say, words

LEAST_MATCHED = 3  # subjects with a prediction now and before, across subjects
KEYS = ("adno", "surname", "forename", "reg", "groups", "reached", "with_data",
        "praised_in", "moved", "moved_n", "why")  # fmt: skip
LETTERS = ("forename", "surname", "reg", "year", "why")


def candidates(
    summed: pd.DataFrame, *, least: int, improved: int, one_department: bool = False
) -> pd.DataFrame:
    """Whom to praise, with the reason in words.

    Args:
        summed: As `across` answers.
        least: On or above target in at least so many subjects.
        improved: How many pupils are named as most improved; those level with the
            last of them are named too.
        one_department: Only a department's subjects are there. Then a pupil is
            praised who is on or above target in all of them and above in one, and
            one subject is enough to have improved in.
    """
    well = summed["reached"] >= least
    if one_department:
        all_of_them = summed["reached"].eq(summed["with_data"]) & (summed["above"] > 0)
        well = all_of_them & (summed["with_data"] > 0)
    special = summed["praised"] > 0
    enough = summed["moved_n"] >= (1 if one_department else LEAST_MATCHED)
    rising = summed.loc[enough & (summed["moved"] > 0), "moved"]
    bar = rising.nlargest(improved).min() if improved else float("nan")
    most = enough & (summed["moved"] >= bar) & (summed["moved"] > 0)
    reasons = [
        _why(*one)
        for one in zip(
            well, special, most, summed["reached"], summed["with_data"],
            summed["praised_in"], summed["moved"], strict=True,
        )
    ]  # fmt: skip
    made = summed.assign(why=reasons, well=well, special=special, most=most)
    made = made.loc[well | special | most]
    return made.sort_values(
        ["reached", "praised", "moved_by", "surname", "forename", "adno"],
        ascending=[False, False, False, True, True, True],
        kind="stable",
    )


def _why(
    well: bool,
    special: bool,
    most: bool,
    reached: int,
    data: int,
    praised_in: str,
    moved: float,
) -> str:
    said = []
    if well:
        said.append(say("why_reached", reached=reached, subjects=many(data, "subject")))
    if special:
        said.append(say("why_praised", subjects=praised_in))
    if most:
        said.append(say("why_moved", moved=grades(moved).lstrip("+")))
    return "; ".join(said)


def praise_page(page: Page, title: str, praised: pd.DataFrame, rule: str) -> None:
    """Write the page.

    Args:
        page: An empty page of the widths of `KEYS`.
        title: Its title.
        praised: As `candidates` answers.
        rule: Who is on it, in words.
    """
    page.band(title)
    if praised.empty:
        page.say(say("praise_none"), answer=True)
        page.say(rule, ink="quiet")
        return
    page.say(
        say(
            "praise_answer",
            pupils=many(len(praised), "pupil"),
            well=f"{int(praised['well'].sum()):,}",
            special=f"{int(praised['special'].sum()):,}",
            most=f"{int(praised['most'].sum()):,}",
        ),
        answer=True,
    )
    page.say(rule, ink="quiet")
    page.table(praised, columns(KEYS), filtered=True, frozen=3)


def letters_page(page: Page, praised: pd.DataFrame) -> None:
    """A bare list from the first row on, as a mail merge wants it."""
    page.table(praised, columns(LETTERS), frozen=0)


def widths(keys: tuple[str, ...]) -> list[float]:
    """The widths of a page of these columns."""
    return [column.width for column in columns(keys)]


def rule(*, least: int, improved: int, one_department: bool = False) -> str:
    """Who is named, in words."""
    if one_department:
        return words("notes", "praise_department", improved=improved)
    matched = many(LEAST_MATCHED, "subject")
    return words("notes", "praise", least=least, improved=improved, matched=matched)
