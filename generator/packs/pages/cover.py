"""The cover of a pack: its readers, its source, how complete it is, its contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from generator.packs.facts.completeness import count_answers, provisional_warning
from generator.packs.facts.readers import PackReaders
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.workbook import PackWorkbook
from generator.packs.pack_kind import PackContext
from generator.packs.wording import (
    count_text,
    date_text,
    percent,
    retention_date,
    wording,
)

COVER_WIDTHS = (20.0, 110.0)


@dataclass(frozen=True, slots=True)
class PackCover:
    """What the cover of a collection's pack says.

    Args:
        scope: What the pack is about: a department, a year, a tutor group.
        title: The kind of pack in words; empty for the scope alone.
        readers: The people it is for.
        rows: The part of `CollectionSnapshot.rows` that it holds.
        sentences: What it has to say; the first sentence is the main one.
        contents: Sheet -> what it holds.
        hidden_marks: The number of marks left out because the pupil has left.
        footer: The key of the pages' footer in packs.toml.
    """

    scope: str
    title: str
    readers: PackReaders
    rows: pd.DataFrame
    sentences: Sequence[str]
    contents: Mapping[str, str]
    hidden_marks: int = 0
    footer: str = "department"


def start_pack(
    snapshot: CollectionSnapshot, context: PackContext, cover: PackCover
) -> PackWorkbook:
    """A new workbook with its cover.

    Args:
        snapshot: The collection.
        context: The school and the moment.
        cover: What the cover says.
    """
    collection, scope = snapshot.collection, cover.scope
    until = date_text(retention_date(snapshot.academic_year))
    subject = f"{scope}: {cover.title}" if cover.title else scope
    pack = PackWorkbook(
        f"{subject}, {collection.title}",
        context.school.settings.school.name,
        wording("foot", cover.footer, scope=scope, until=until),
        context.now,
    )
    note = ""
    if cover.hidden_marks:
        marks = count_text(cover.hidden_marks, "mark")
        note = wording("cover", "elsewhere", marks=marks)
    write_cover(
        pack,
        f"{scope}: {collection.title}",
        cover.sentences,
        _cover_facts(snapshot, context, cover, until),
        cover.contents,
        warning=provisional_warning(cover.rows),
        note=note,
    )
    return pack


def _cover_facts(
    snapshot: CollectionSnapshot, context: PackContext, cover: PackCover, until: str
) -> list[tuple[str, str]]:
    collection, rows, now = snapshot.collection, cover.rows, context.now
    role, scope = cover.readers.role, cover.scope
    answered, asked = count_answers(rows)
    readers = [
        wording("cover", "holder", name=name, role=role, scope=scope)
        for name in cover.readers.names
    ] or [wording("cover", "nobody", role=role, scope=scope)]
    source = wording(
        "cover", "source", collection=collection.title, code=collection.code,
        opens=date_text(collection.opens), closes=date_text(collection.closes),
        files=count_text(snapshot.count_returns(rows), "return"),
    )  # fmt: skip
    asked_of = wording(
        "cover", "asked_of",
        classes=count_text(rows["class"].nunique(), "class", "classes"),
        pupils=count_text(rows["adno"].nunique(), "pupil"),
    )  # fmt: skip
    complete = wording(
        "cover", "complete", answered=f"{answered:,}",
        pupils=count_text(asked, "pupil and subject", "pupils and subjects"),
        share=percent(answered / asked) if asked else "–",
    )  # fmt: skip
    facts = {
        "for": "\n".join(readers),
        "from": source,
        "asked": asked_of,
        "answered": complete,
        "written": f"{date_text(now.date())}, {now:%H:%M}",
        "keep": wording("cover", "keep_until", until=until),
    }
    return [(wording("cover", key), text) for key, text in facts.items()]


def write_cover(
    pack: PackWorkbook,
    title: str,
    sentences: Iterable[str],
    facts: Iterable[tuple[str, str]],
    contents: Mapping[str, str],
    *,
    warning: str = "",
    note: str = "",
) -> None:
    """Write the cover.

    Args:
        pack: The workbook.
        title: The cover's title.
        sentences: What the pack has to say; the first sentence is the main one.
        facts: Label and text of what there is to know about the pack.
        contents: Sheet -> what it holds.
        warning: A sentence below `sentences`; or empty.
        note: A sentence below `facts`; or empty.
    """
    page = pack.page(wording("sheets", "cover"), COVER_WIDTHS, landscape=False)
    page.title_band(title, pack.school)
    page.sentences(sentences)
    if warning:
        page.sentence(warning, ink="check")
    page.gap()
    page.facts(facts)
    if note:
        page.gap()
        page.sentence(note, ink="quiet")
    page.gap()
    page.heading(wording("cover", "contents"))
    page.links(contents)
    page.gap()
    page.sentence(wording("cover", "secret"), ink="quiet")


def contents_of(*names: str) -> dict[str, str]:
    """The sheets of a pack for its cover, by their keys: sheet -> what it holds."""
    return {wording("sheets", name): wording("contents", name) for name in names}
