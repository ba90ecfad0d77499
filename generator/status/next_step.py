"""What a data manager does next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from generator.returns.chase_report import day_text
from generator.status.status_report import CollectionStatus, TargetCounts

Step = tuple[str, str]  # a sentence and a command, or an empty one
REMIND_BEFORE = timedelta(days=3)  # of the last day of a collection


def next_step(
    pupils: int,
    targets: TargetCounts,
    collections: Sequence[CollectionStatus],
    *,
    has_exports: bool,
    has_returns: bool,
    moderated: bool,
    today: date,
) -> Step:
    """What to do next, and the command for it.

    Args:
        pupils: Pupils on roll.
        targets: The targets.
        collections: The collections, by their first day.
        has_exports: Whether `exports/` holds something that was not imported.
        has_returns: Whether `returned/` holds something that was not read.
        moderated: Whether moderation workbooks were written this year.
        today: The day.

    >>> next_step(0, TargetCounts(), [], has_exports=False, has_returns=False,
    ...     moderated=False, today=date(2026, 9, 1))[1]
    'markbook import'
    """
    if not pupils and not has_exports:
        return "Put the exports of your MIS into exports/ and read them.", (
            "markbook import"
        )
    if has_exports:
        return "Read the exports that wait.", "markbook import"
    if has_returns:
        return "See what collecting the returned files would do, then collect.", (
            "markbook check"
        )
    if not targets.with_target:
        return "Draft targets.", "markbook targets draft"
    begun = [each for each in collections if each.state != "to come"]
    for steps in (
        _settle(begun),
        _issue(begun, targets, moderated),
        _end(begun, today),
    ):
        for step in steps:
            return step
    if targets.queries:
        return "Answer the teachers' queries in moderation workbooks.", (
            "markbook targets moderate"
        )
    coming = [each for each in collections if each.state == "to come"]
    if coming:
        return (
            f"Nothing until {day_text(coming[0].opens)} ({coming[0].code} opens).",
            "",
        )
    return "Nothing.", ""


def _settle(collections: Sequence[CollectionStatus]) -> Iterator[Step]:
    for each in collections:
        if each.conflicts or each.rejected:
            yield (
                f"Settle the cells of {each.code} that checked/{each.code}/report.xlsx "
                "names: the teacher returns the file again, or you set the mark by "
                "hand.",
                f"markbook mark {each.code} CLASS ADNO FIELD VALUE --why TEXT",
            )


def _issue(
    collections: Sequence[CollectionStatus], targets: TargetCounts, moderated: bool
) -> Iterator[Step]:
    for each in collections:
        if each.state != "open":
            continue
        if not each.issued and each.classes:
            if not (moderated or targets.moderated or targets.issued):
                yield (
                    "Have the departments agree the targets (or issue them as drafted: "
                    f"markbook issue {each.code}).",
                    "markbook targets moderate",
                )
            yield f"Issue the markbooks of {each.code}.", f"markbook issue {each.code}"
        elif each.roster_changes and each.issued:
            yield (
                f"Issue {each.code} again: class lists have changed.",
                f"markbook issue {each.code}",
            )


def _end(collections: Sequence[CollectionStatus], today: date) -> Iterator[Step]:
    """Remind who is outstanding, wait for them, or write the packs."""
    for each in reversed(collections):
        if not each.issued:
            continue
        if each.finished >= each.issued:
            yield (
                f"Every class of {each.code} is finished: write the packs.",
                f"markbook pack {each.code}",
            )
        elif today >= each.closes - REMIND_BEFORE:
            yield (
                f"Remind who is outstanding in {each.code}.",
                f"markbook chase {each.code}",
            )
        elif each.state == "open":
            yield (
                f"Wait for the returns of {each.code} (closes "
                f"{day_text(each.closes)}); save them in returned/.",
                "",
            )
