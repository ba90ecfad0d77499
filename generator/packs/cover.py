"""The cover of a pack: for whom, from what, how complete, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from generator.markbook.theme import template
from generator.packs.phrases import day, kept_until, many, per_cent, words
from generator.packs.sheets import Page
from generator.packs.standing import Standing

GRID = (20.0, 110.0)


def cover(
    page: Page,
    standing: Standing,
    rows: pd.DataFrame,
    *,
    holders: Sequence[str],
    role: str,
    scope: str,
    files: int,
    elsewhere: int,
    now: datetime,
    said: Sequence[str],
    contents: Mapping[str, str],
) -> None:
    """Write the cover.

    Args:
        page: An empty page of `GRID`.
        standing: The collection as it stands.
        rows: The part of it that this pack holds.
        holders: For whom, by name.
        role: What they are.
        scope: Of what.
        files: How many returns these rows come from.
        elsewhere: How many marks are left out, for their pupils have left.
        now: When it is written.
        said: What the pack has to say; the first sentence is the answer.
        contents: Sheet -> what it holds.
    """
    collection = standing.collection
    page.band(f"{scope}: {collection.title}", page.pack.school)
    for number, text in enumerate(said):
        page.say(text, answer=number == 0)
    answered, asked = completeness(rows)
    if provisional(rows):
        under = template("packs")["provisional_under"]
        page.say(words("cover", "provisional", under=under), ink="check")
    page.gap()
    until = day(kept_until(standing.academic_year))
    page.facts(
        [
            (
                words("cover", "for"),
                "\n".join(
                    words("cover", "holder", name=name, role=role, scope=scope)
                    for name in holders
                )
                or words("cover", "nobody", role=role, scope=scope),
            ),
            (
                words("cover", "from"),
                words(
                    "cover",
                    "source",
                    collection=collection.title,
                    code=collection.code,
                    opens=day(collection.opens),
                    closes=day(collection.closes),
                    files=many(files, "return"),
                ),
            ),
            (
                words("cover", "asked"),
                words(
                    "cover",
                    "asked_of",
                    classes=many(rows["class"].nunique(), "class", "classes"),
                    pupils=many(rows["adno"].nunique(), "pupil"),
                ),
            ),
            (
                words("cover", "answered"),
                words(
                    "cover",
                    "complete",
                    answered=f"{answered:,}",
                    pupils=many(asked, "pupil and subject", "pupils and subjects"),
                    share=per_cent(answered / asked) if asked else "–",
                ),
            ),
            (words("cover", "written"), f"{day(now.date())}, {now:%H:%M}"),
            (words("cover", "keep"), words("cover", "keep_until", until=until)),
        ]
    )
    if elsewhere:
        page.gap()
        page.say(
            words("cover", "elsewhere", marks=many(elsewhere, "mark")), ink="quiet"
        )
    page.gap()
    page.heading(words("cover", "contents"))
    page.links(contents)
    page.gap()
    page.say(words("cover", "secret"), ink="quiet")


def completeness(rows: pd.DataFrame) -> tuple[int, int]:
    """How many pupils and subjects have an answer, and how many were asked for."""
    once = rows.drop_duplicates(["adno", "subject"])
    return int(once["answered"].sum()), len(once)


def provisional(rows: pd.DataFrame) -> bool:
    """Whether so little has come that nothing should be concluded yet."""
    answered, asked = completeness(rows)
    return answered * 100 < asked * int(template("packs")["provisional_under"])
