"""What all packs have alike: the cover, the sheet they are known by, their charts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.recount.arithmetic import day, many, per_cent
from tests.recount.ledger import Sheet
from tests.recount.reckoning import Reckoning, Taught, once, returns_of


def cover(
    sheet: Sheet,
    reckoning: Reckoning,
    rows: Sequence[Taught],
    *,
    scope: str,
    role: str,
    holders: Sequence[str],
    said: Sequence[str],
    gone: int,
) -> None:
    """Count the cover: what the pack says, from what it is, how complete, its sheets.

    Args:
        sheet: The sheet `Cover`.
        reckoning: The school.
        rows: What the pack is made from.
        scope: Of what.
        role: What its readers are.
        holders: Their names.
        said: The sentences it opens with.
        gone: How many marks are of pupils who have left since.
    """
    collection = reckoning.collection
    name, code = collection.get("name", reckoning.code), reckoning.code
    sheet.says("A1", f"{scope}: {name}")
    sheet.says("A2", reckoning.settings["school"]["name"])
    pairs = once(rows)
    answered = sum(one.answered for one in pairs)
    sentences = list(said)
    if answered * 100 < 90 * len(pairs):
        sentences.append(
            "PROVISIONAL: under 90 in 100 have an answer, and what is missing is "
            "seldom like what has come."
        )
    for at, sentence in enumerate(sentences, start=4):
        sheet.says(f"A{at}", sentence)
    files = many(returns_of(reckoning, rows), "return")
    classes = many(len({one.class_ for one in rows}), "class", "classes")
    pupils = many(len({one.adno for one in rows}), "pupil")
    share = per_cent(answered, len(pairs)) if pairs else "–"
    asked = many(len(pairs), "pupil and subject", "pupils and subjects")
    until = f"31 Aug {int(reckoning.academic_year[:4]) + 1}"
    facts = {
        "For": "\n".join(f"{holder}, {role} of {scope}" for holder in holders)
        or f"Nobody is named as {role} of {scope}: add them to roles.csv.",
        "From": f"{name} ({code}), open {day(collection['opens'])} to "
        f"{day(collection['closes'])}; {files} merged",
        "Asked": f"{classes} and {pupils}",
        "How complete": f"{answered:,} of {asked} have an answer ({share})",
        "Written": f"{day(reckoning.books.today)}, 09:30",
        "Keep until": f"{until} (the end of the academic year). Then delete it: the "
        "same pack can be written again.",
    }
    at = 4 + len(sentences) + 1
    for title, text in facts.items():
        assert sheet[f"A{at}"] == title
        sheet.says(f"B{at}", text)
        at += 1
    at += 1
    if gone:
        sheet.says(
            f"A{at}",
            f"{many(gone, 'mark')} of pupils who have since left the school or the "
            "class are not shown.",
        )
        at += 2
    assert sheet[f"A{at}"] == "What is in it"
    others = [other.title for other in sheet.ledger]
    others = [other for other in others if other not in ("Cover", "Pack record")]
    for other in others:
        at += 1
        sheet.says(f"A{at}", other)
    assert sheet[f"A{at + 2}"] == (
        "Holds names and results of pupils: only for whom it is addressed to. Do not "
        "forward it; take out names before projecting it."
    )


def record(sheet: Sheet, reckoning: Reckoning, name: str, pupils: int) -> None:
    """Count the sheet by which a pack is known again: as many signs as pupils."""
    sheet.says("B4", name)
    sheet.says("B5", reckoning.code)
    sheet.says("B6", reckoning.academic_year)
    signs = str(sheet["B7"] or "").split()
    assert len(set(signs)) == pupils, (sheet.title, len(signs), pupils)
    assert all(re.fullmatch("[0-9a-f]{8}", sign) for sign in signs)
    sheet.says("B7", " ".join(sorted(signs)))
    assert re.fullmatch("[0-9a-f]{64}", str(sheet["B8"]))
    sheet.says("B8", sheet["B8"])
