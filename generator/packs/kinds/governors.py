"""The governors' pack: headline measures with small groups hidden, and what they mean.

It names no pupil, class, teacher or reader: a governor may be a teacher too.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from generator.measuring import Cohort
from generator.packs.facts import readers
from generator.packs.facts.completeness import count_answers, provisional_warning
from generator.packs.facts.group_measures import CollectionMeasures
from generator.packs.facts.headlines import (
    COUNT_MEASURES,
    compare_with_plan,
    published_measures,
)
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.workbook import PackPage, PackWorkbook
from generator.packs.pack_kind import PackContext, PackKind, whole_school
from generator.packs.pages.headline_page import (
    headline_sentences,
    headline_widths,
    headlines_page,
)
from generator.packs.wording import (
    date_text,
    join_names,
    percent,
    phrase,
    retention_date,
    wording,
)
from generator.xlsx.theme import template
from udfs.measures.pupil_measures import MEAN_POINTS

NAME = "governors"
LEFT_OUT = COUNT_MEASURES | {MEAN_POINTS.name}
WORDS_WIDTHS = (34.0, 96.0)


def write(snapshot: CollectionSnapshot, context: PackContext, scope: str) -> bytes:
    """The governors' workbook.

    Raises:
        MarkbookError: If the rule of a group cannot be used.
    """
    # Expected outcomes rest on numbers of pupils that are not hidden.
    measures = replace(snapshot.valid_measures(), expected={})
    settings, collection = context.school.settings, snapshot.collection
    figures = _published(measures.current, measures)
    plan = None
    if figures is not None:
        kpis = [kpi for kpi in settings.kpis if kpi.measure not in LEFT_OUT]
        plan = compare_with_plan(figures, kpis)
    until = date_text(retention_date(snapshot.academic_year))
    pack = PackWorkbook(
        f"{wording('titles', NAME).capitalize()}, {collection.title}",
        settings.school.name,
        wording("foot", NAME, until=until),
        context.now,
    )
    page = pack.page(wording("sheets", "headlines"), headline_widths(measures))
    page.title_band(
        f"{settings.school.name}: {collection.title}", wording("governors", "for")
    )
    page.sentences(headline_sentences(figures, plan, measures))
    answered, _ = count_answers(snapshot.rows)
    if answered and (warning := provisional_warning(snapshot.rows, "governors")):
        page.sentence(warning, ink="check")
    if figures is not None and plan is not None and answered:
        earlier = {
            "last": _published(measures.previous, measures),
            "year_ago": _published(measures.year_ago, measures),
        }
        hidden = phrase("hidden")
        headlines_page(page, figures, earlier, plan, measures, hidden=hidden)
        page.sentence(wording("governors", "hidden"), ink="quiet")
    words = pack.page(
        wording("sheets", "governors_words"), WORDS_WIDTHS, landscape=False
    )
    _words_page(words, snapshot, context, measures.groups)
    page.activate()
    return pack.close()


KIND = PackKind(NAME, whole_school, readers.governors, write, measures="all")


def _published(
    cohort: Cohort | None, measures: CollectionMeasures
) -> pd.DataFrame | None:
    """The figures of a collection that may be shown to anybody.

    The number of pupils without a prediction is left out: together with it, a group
    that is hidden in one measure would follow from its number in another. So are mean
    points: with the gap they give the targets, and those of two collections differ by
    the targets of pupils who left.
    """
    if cohort is None:
        return None
    figures = published_measures(cohort, measures.groups)
    return figures.loc[~figures["measure"].isin(LEFT_OUT)]


def _words_page(
    page: PackPage,
    snapshot: CollectionSnapshot,
    context: PackContext,
    groups: tuple[str, ...],
) -> None:
    """Write what the figures are, and what the words mean."""
    collection, now = snapshot.collection, context.now
    answered, asked = count_answers(snapshot.rows)
    share = percent(answered / asked) if asked else "–"
    until = date_text(retention_date(snapshot.academic_year))
    predictions = wording(
        "governors", "predictions", collection=collection.title,
        opens=date_text(collection.opens), closes=date_text(collection.closes),
    )  # fmt: skip
    page.title_band(wording("sheets", "governors_words"), collection.title)
    page.sentence(predictions)
    page.sentence(wording("governors", "complete", share=share))
    page.sentence(wording("governors", "interval"))
    page.sentence(wording("governors", "hidden"))
    page.gap()
    meanings: dict[str, str] = template("packs")["governors"]["words"]
    names = join_names(groups, most=20) or "–"
    page.facts((name, text.format(groups=names)) for name, text in meanings.items())
    page.gap()
    page.sentence(wording("governors", "ask"))
    page.sentence(wording("governors", "keep", until=until), ink="quiet")
    written = f"{wording('cover', 'written')}: {date_text(now.date())}, {now:%H:%M}"
    page.sentence(written, ink="quiet")
