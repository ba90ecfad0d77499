"""The governors' pack: headline measures with small groups hidden, and what they mean.

No pupil, class or teacher is anywhere in it, and nobody's name: a governor may be a
teacher too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd

from generator.measuring import Cohort
from generator.packs.facts.completeness import completeness, provisional
from generator.packs.facts.group_measures import Measured
from generator.packs.facts.headlines import COUNTS, against_plan, published
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.workbook import Pack, Page
from generator.packs.pages.headline_page import (
    headlines_page,
    headlines_said,
    page_grid,
)
from generator.packs.schoolwide import (
    GOVERNOR,
    no_leader,
    of_standing,
    one_for_the_school,
)
from generator.packs.wording import day, kept_until, listed, per_cent, say, words
from generator.problems import Problem
from generator.school.school import School
from generator.xlsx.theme import template
from udfs.tables import Tables

KIND = "governors"
WORDS_GRID = (34.0, 96.0)

scopes = one_for_the_school


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """That nobody is named as a governor, as a problem to put right."""
    return no_leader(standing, KIND, GOVERNOR)


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
) -> bytes:
    """The governors' workbook.

    Raises:
        MarkbookError: If the rule of a group cannot be used.
    """
    # What is expected is reckoned from pupils whose number nobody hides.
    known = replace(of_standing(standing), expected={})
    measures = _open(known.now, known)
    plan = None
    if measures is not None:
        kpis = [kpi for kpi in school.settings.kpis if kpi.measure not in COUNTS]
        plan = against_plan(measures, kpis)
    until = day(kept_until(standing.academic_year))
    pack = Pack(
        f"{words('titles', KIND).capitalize()}, {standing.collection.title}",
        school.settings.school.name,
        words("foot", KIND, until=until),
        now,
    )
    page = pack.page(words("sheets", "headlines"), page_grid(known))
    page.band(
        f"{school.settings.school.name}: {standing.collection.title}",
        words("governors", "for"),
    )
    for number, text in enumerate(headlines_said(measures, plan, known)):
        page.say(text, answer=number == 0)
    answered, asked = completeness(standing.rows)
    if provisional(standing.rows) and answered:
        under = template("packs")["provisional_under"]
        page.say(words("governors", "provisional", under=under), ink="check")
    if measures is not None and plan is not None and answered:
        then = {
            "last": _open(known.last, known),
            "year_ago": _open(known.year_ago, known),
        }
        headlines_page(page, measures, then, plan, known, hidden=say("hidden"))
        page.say(words("governors", "hidden"), ink="quiet")
    share = per_cent(answered / asked) if asked else "–"
    _words(
        pack.page(words("sheets", "governors_words"), WORDS_GRID, landscape=False),
        standing,
        known,
        share,
        until,
        now,
    )
    page.open_here()
    return pack.close()


def _open(of: Cohort | None, known: Measured) -> pd.DataFrame | None:
    """A collection's figures as they may be told to anybody.

    How many pupils lack a prediction stays out: less them, a group that is hidden in
    one measure would follow from its number in another.
    """
    if of is None:
        return None
    rows = published(of, known.groups)
    return rows.loc[~rows["measure"].isin(COUNTS)]


def _words(
    page: Page,
    standing: CollectionSnapshot,
    known: Measured,
    share: str,
    until: str,
    now: datetime,
) -> None:
    """Write the page of words and key."""
    collection = standing.collection
    page.band(words("sheets", "governors_words"), collection.title)
    page.say(
        words(
            "governors", "predictions", collection=collection.title,
            opens=day(collection.opens), closes=day(collection.closes),
        )
    )  # fmt: skip
    page.say(words("governors", "complete", share=share))
    page.say(words("governors", "interval"))
    page.say(words("governors", "hidden"))
    page.gap()
    meanings: dict[str, str] = template("packs")["governors"]["words"]
    groups = listed(known.groups, most=20) or "–"
    page.facts((name, text.format(groups=groups)) for name, text in meanings.items())
    page.gap()
    page.say(words("governors", "ask"))
    page.say(words("governors", "keep", until=until), ink="quiet")
    page.say(
        f"{words('cover', 'written')}: {day(now.date())}, {now:%H:%M}", ink="quiet"
    )
