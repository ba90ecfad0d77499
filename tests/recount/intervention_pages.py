"""The pages of interventions: the outcome of each kind, and each intervention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from statistics import fmean
from typing import Any

from tests.recount.arithmetic import FEW, plural, signed
from tests.recount.audit import LineAudit, SheetAudit, WorkbookAudit
from tests.recount.interventions import (
    FollowedIntervention,
    InterventionOutcome,
    InterventionRecount,
    intervention_recount,
    sum_outcomes,
)
from tests.recount.recount_data import Enrolment, RecountData
from tests.recount.tables import Row

LEAST_ALIKE = 6  # fewer similar pupils would identify somebody
WARNING = (
    "Whoever is chosen for being far below target mostly rises anyway: the lowest "
    "results of one day are in part bad luck, which seldom strikes twice (regression "
    "to the mean). So read a rise only beside that of similar pupils without one. What "
    "a teacher knows beyond the marks, and chose by, no comparison can take away."
)
HOW = (
    "Gap: prediction less target in whole grades, each against the target of its time. "
    "Before: the last collection that opened by the day it began; only pupils with a "
    'prediction both times. "Similar": pupils of the same year and subject without an '
    'intervention in it by then, over the same two collections; "They moved": by how '
    "much they move who stood at the same gap before, and at the same gap one "
    'collection earlier (a regression). "Ahead": how much more the pupils with one '
    'have risen; "from" and "to": its 95% interval. Grey: fewer than 11 pupils, too '
    "few to conclude; with fewer than 6 similar pupils nothing stands there."
)

EACH = (
    "To end one, write when and why in the yellow cells; what the pupil and the parent "
    "think of it has its own. Put the file into returned/ afterwards. Gap to target in "
    'whole grades (in brackets: of which collection); "Similar moved": by how much '
    "pupils without one moved who were like this one before, where there are 6 of them "
    "at least."
)


def pages(
    audit: WorkbookAudit, data: RecountData, rows: Sequence[Enrolment], *, own: bool
) -> None:
    """Check both pages: by kind, and each intervention if there are any.

    Args:
        audit: The pack.
        data: The school.
        rows: The rows that the reader may see.
        own: See `Following.told`.
    """
    page(audit["Interventions"], data, rows, own=own)
    interventions = intervention_recount(data).visible(rows, own=own)
    assert ("Each intervention" in audit) == bool(interventions)
    if interventions:
        _each(audit["Each intervention"], data, interventions, rows)


def page(
    sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment], *, own: bool
) -> None:
    """Check the page of kinds of intervention: see `pages`."""
    following = intervention_recount(data)
    interventions = following.visible(rows, own=own)
    followed = following.following(interventions, rows)
    for at, text in enumerate(_sentences(interventions, followed), start=4):
        sheet.expect(f"A{at}", text)
    if not interventions:
        return
    assert sheet[sheet.find_cell("Whoever is chosen")] == WARNING
    sheet.expect(sheet.find_cell("Gap: prediction less"), HOW)
    tables = sheet.tables("Intervention", "Running", "Ahead")
    spans = [
        span for span in ("after", "later")
        if any(item.then[span] is not None for item in followed)
    ]  # fmt: skip
    assert len(tables) == len(spans)
    for span, table in zip(spans, tables, strict=True):
        _kinds(table, following, interventions, followed, span)


def _each(
    sheet: SheetAudit,
    data: RecountData,
    interventions: Sequence[Row],
    rows: Sequence[Enrolment],
) -> None:
    """Check one line for each intervention, running ones first, by pupil."""
    following = intervention_recount(data)
    sheet.expect(sheet.find_cell("To end one"), EACH)

    def place(row: Row) -> tuple[object, ...]:
        pupil = data.pupils[row["adno"]]
        return (
            not following.runs(row), pupil["surname"], pupil["forename"], row["adno"],
            row["subject"], row["what"], row["from"],
        )  # fmt: skip

    ordered = sorted(interventions, key=place)
    lines = sheet.lines("Adno", "Intervention", "Two later")
    assert len(lines) == len(ordered)
    for line, row in zip(lines, ordered, strict=True):
        pupil = data.pupils[row["adno"]]
        line.expect({"Adno": row["adno"], "Surname": pupil["surname"],
                  "Forename": pupil["forename"], "Reg": pupil["reg"],
                  "Subject": row["subject"], "Intervention": row["what"],
                  "Who": row["who"], "From": _day(row["from"]),
                  "Until": _day(row["until"]), "Ended because": row["ended_because"],
                  "Pupil's view": row["pupil_view"],
                  "Parent's view": row["parent_view"]})  # fmt: skip
        _followed(line, [item for item in following.following([row], rows)])


def _followed(line: LineAudit, followed: Sequence[FollowedIntervention]) -> None:
    """The follow-up cells of an intervention: means over its subjects."""
    cells: dict[str, Any] = dict.fromkeys(
        ("Before", "After", "Two later", "Moved", "Similar moved", "of")
    )
    seen = {
        "Before": [item.before for item in followed],
        "After": [after for item in followed if (after := item.then["after"])],
        "Two later": [later for item in followed if (later := item.then["later"])],
    }
    for heading, gaps in seen.items():
        if gaps:
            mean = sum((item.gap for item in gaps), Fraction(0)) / len(gaps)
            cells[heading] = f"{signed(mean)} ({gaps[0].collection})"
    changes = [
        (after.gap - item.before.gap, item.alike["after"])
        for item in followed
        if (after := item.then["after"])
    ]
    if changes:
        cells["Moved"] = float(sum(change for change, _ in changes) / len(changes))
        alike = [like for _, like in changes if like]
        number = sum(like.n for like in alike)
        cells["of"] = number or None
        if number >= LEAST_ALIKE:
            cells["Similar moved"] = fmean(like.change for like in alike)
    line.expect(cells)


def _day(text: str) -> str:
    """A day as text to type: `07/12/2026`."""
    return f"{date.fromisoformat(text):%d/%m/%Y}" if text else ""


def _sentences(
    interventions: Sequence[Row], followed: Sequence[FollowedIntervention]
) -> list[str]:
    if not interventions:
        return ["No intervention is recorded here this year."]
    whole = sum_outcomes(followed, "after")
    if whole is None:
        pupils = plural(len({row["adno"] for row in interventions}), "pupil")
        return [
            f"{plural(len(interventions), 'intervention')} for {pupils}; none has had "
            "a collection before it began and one after yet, so nothing can be said of "
            "what came of it."
        ]
    sentences = [
        f"{plural(whole.n, 'pupil')} with an intervention can be followed: from "
        f"{signed(whole.then)} against target before it to {signed(whole.now)} at the "
        "first collection after."
    ]
    matched, ahead = plural(whole.matched, "pupil"), whole.ahead
    if not whole.alike:
        sentences.append(
            "There are no similar pupils without one to hold them against, so the "
            "change says nothing."
        )
    elif whole.matched < FEW:
        sentences.append(
            f"Similar pupils can be found for {matched}: too few to conclude."
        )
    else:
        assert ahead.mean is not None
        assert ahead.low is not None
        assert ahead.high is not None
        side = "ahead" if ahead.mean >= 0 else "behind"
        sentences.append(
            f"Similar pupils without one moved by {signed(whole.moved)} meanwhile; the "
            f"{matched} who can be held against them come out "
            f"{signed(ahead.mean).lstrip('+−')} of a grade {side} "
            f"({signed(ahead.low)} to {signed(ahead.high)})."
        )
    return sentences


def _kinds(
    table: Sequence[Any],
    following: InterventionRecount,
    interventions: Sequence[Row],
    followed: Sequence[FollowedIntervention],
    span: str,
) -> None:
    """Check one line for each kind, by name, and one for all if there are several."""
    kinds = sorted({row["what"] for row in interventions})
    outcomes = {
        kind: sum_outcomes(
            [outcome for outcome in followed if outcome.row["what"] == kind], span
        )
        for kind in kinds
    }
    lines = list(outcomes.items())
    if len(kinds) > 1:
        lines.append(("All together", sum_outcomes(followed, span)))
    assert len(table) == len(lines)
    for line, (kind, outcome) in zip(table, lines, strict=True):
        kind_rows = [
            row for row in interventions if kind in (row["what"], "All together")
        ]
        line.expect(
            {"Intervention": kind, "Running": sum(map(following.runs, kind_rows))}
        )
        line.expect(_cells(outcome))


def _cells(outcome: InterventionOutcome | None) -> dict[str, Any]:
    headings = ("n", "Gap before", "Gap after", "Change", "of these matched",
                "Similar", "They moved", "Ahead", "from", "to", "Note")  # fmt: skip
    if outcome is None:
        return dict.fromkeys(headings)
    has_enough = outcome.alike >= LEAST_ALIKE
    ahead = outcome.ahead
    note = "too few to conclude" if outcome.matched < FEW else ""
    values = (
        outcome.n,
        outcome.then,
        outcome.now,
        outcome.now - outcome.then,
        outcome.matched,
        outcome.alike,
        outcome.moved if has_enough else None,
        ahead.mean if has_enough else None,
        ahead.low if has_enough else None,
        ahead.high if has_enough else None,
        note,
    )
    return dict(zip(headings, values, strict=True))
