"""What happened, why we did not know, what we will do: the form, and it again."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from generator.packs.columns import Column
from generator.packs.results_day.words import columns, say, words
from generator.packs.sheets import Page

PACK = "results"
LINES = 10  # below the subjects, to write in
ENTRY = ("what_happened", "why_not_known", "will_do", "who", "by_when")
FORM = ("subject", "results_n", "error", "error_note", *ENTRY)
AGAIN = ("subject", *ENTRY)
# The form's column -> what the store calls it.
STORED = {
    "subject": "subject",
    "what_happened": "issue",
    "why_not_known": "why",
    "will_do": "action",
    "who": "who",
    "by_when": "by_when",
}


def of_year(academic_year: str) -> str:
    """What stands for a collection where actions are of results day.

    >>> of_year("2026/27")
    'results 2026/27'
    """
    return f"{PACK} {academic_year}"


def headings() -> dict[str, str]:
    """The form's headings in small letters -> what the store calls each."""
    return {one.heading.casefold(): STORED[one.key] for one in columns(STORED)}


def lines_of(actions: pd.DataFrame, academic_year: str) -> pd.DataFrame:
    """What was written about the results of a year, as the form has it."""
    mine = actions.loc[
        (actions["pack"] == PACK) & (actions["collection"] == of_year(academic_year))
    ]
    return mine.rename(columns={name: key for key, name in STORED.items()})


def form_page(page: Page, subjects: pd.DataFrame, written: pd.DataFrame) -> None:
    """Write the form: a line for each subject, then room for more.

    Args:
        page: An empty page of `widths`, its band written.
        subjects: From `results_sums.compared` by subject.
        written: What has been written already: from `lines_of`.
    """
    page.say(say("happened", written=f"{len(written):,}"), answer=True)
    page.say(words("notes", "happened"), ink="quiet")
    first = written.drop_duplicates("subject")
    lines = subjects.merge(first[["subject", *ENTRY]], on="subject", how="left")
    rest = written.loc[
        ~written.index.isin(first.loc[first["subject"].isin(lines["subject"])].index)
    ]
    blank = pd.DataFrame("", index=range(LINES), columns=list(AGAIN))
    more = pd.concat([rest[list(AGAIN)], blank], ignore_index=True)
    more = more.assign(results_n=None, error=None, error_note="")
    made = pd.concat(
        [lines[list(FORM)].astype(object), more[list(FORM)].astype(object)],
        ignore_index=True,
    )
    made = made.astype(object).where(made.notna(), None)
    page.table(made, columns(FORM, entry=ENTRY), frozen=1)


def widths() -> list[float]:
    """The widths of the page."""
    return [column.width for column in columns(FORM)]


def again(
    actions: pd.DataFrame, academic_year: str, subjects: Iterable[str] | None = None
) -> tuple[str, pd.DataFrame]:
    """What was said on the results day last before a collection, to be looked at again.

    Args:
        actions: Everything written into packs.
        academic_year: The collection's; results of it or of the year before count.
        subjects: Only lines about these, and about none; None: every line.

    Returns:
        The academic year of the results, and the lines as the form has them; empty
        where nothing was written.
    """
    first = int(academic_year[:4])
    before = f"{first - 1}/{first % 100:02d}"
    for year in (academic_year, before):
        found = lines_of(actions, year)
        if subjects is not None:
            found = found.loc[found["subject"].isin([*subjects, ""])]
        if len(found):
            return year, found.reset_index(drop=True)
    return "", pd.DataFrame(columns=list(AGAIN))


def again_columns() -> list[Column]:
    """The columns of what was said, where it is looked at again."""
    return columns(AGAIN)
