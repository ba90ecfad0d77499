"""The cover of a pack: for whom, from what, how complete, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from generator.packs.facts.completeness import completeness, provisional
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.workbook import Pack, Page
from generator.packs.wording import day, kept_until, many, per_cent, words
from generator.problems import Problem
from generator.school.school import School
from generator.xlsx.theme import template

GRID = (20.0, 110.0)


def cover(
    page: Page,
    standing: CollectionSnapshot,
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


def start_pack(
    standing: CollectionSnapshot,
    school: School,
    scope: str,
    rows: pd.DataFrame,
    *,
    title: str,
    role: str,
    holders: Sequence[str],
    elsewhere: int,
    now: datetime,
    said: Sequence[str],
    contents: Mapping[str, str],
    foot: str = "department",
) -> Pack:
    """A workbook with its cover written.

    Args:
        standing: The collection as it stands.
        school: The school.
        scope: Of what the pack tells: a department, a year, a tutor group.
        rows: The part of `Standing.rows` that it holds.
        title: What kind of pack it is, in words.
        role: What its readers are.
        holders: For whom, by name.
        elsewhere: How many marks are left out, for their pupils have left.
        now: When it is written.
        said: What it has to say; the first sentence is the answer.
        contents: Sheet -> what it holds.
        foot: Which of the feet of packs.toml every page has.
    """
    collection = standing.collection
    until = day(kept_until(standing.academic_year))
    pack = Pack(
        f"{scope}: {title}, {collection.title}",
        school.settings.school.name,
        words("foot", foot, scope=scope, until=until),
        now,
    )
    cover(
        pack.page(words("sheets", "cover"), GRID, landscape=False),
        standing,
        rows,
        holders=holders,
        role=role,
        scope=scope,
        files=standing.returns_of(rows),
        elsewhere=elsewhere,
        now=now,
        said=said,
        contents=contents,
    )
    return pack


def missing_reader(kind: str, scope: str, role: str) -> Problem:
    """That nobody has the role a pack is written for, as a problem to put right."""
    return Problem(
        file=f"{kind}-{scope}",
        severity="warning",
        code=f"no-{role.replace(' ', '-')}",
        value=scope,
        what=f"Nobody is named as {role} of {scope}.",
        do="Add a row to roles.csv in exports/, and import it.",
    )
