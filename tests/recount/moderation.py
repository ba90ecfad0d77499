"""Predictions against working-at, teachers against colleagues; pupils to re-mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.recount.arithmetic import (
    Mean,
    beyond_chance,
    difference_of,
    listing,
    mean_of,
    plural,
)
from tests.recount.audit import SheetAudit
from tests.recount.classes import group_rows
from tests.recount.grade_spread import expect_headings
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs

FAR = 3  # grades apart without a reason
FURTHEST = 3  # pupils named for a teacher unlike colleagues


@dataclass(frozen=True)
class TeacherComparison:
    """A lead teacher of a year and subject, and the colleagues in both."""

    year: int
    subject: str
    lead: str
    pupils: Sequence[Enrolment]
    own: Mean
    colleagues: Mean
    apart: Mean


def away(data: RecountData, row: Enrolment) -> Fraction | None:
    """Prediction less working-at, in whole grades."""
    return data.gap(row.subject, row["prediction"], row["working_at"])


def far(data: RecountData, row: Enrolment) -> bool:
    """Whether a prediction is 3 grades or more from working-at without a reason."""
    apart = away(data, row)
    return apart is not None and abs(apart) >= FAR and not row["reason"]


def compare_teachers(
    data: RecountData, rows: Sequence[Enrolment]
) -> list[TeacherComparison]:
    """Every lead teacher by year and subject, against colleagues' other pupils."""
    comparisons = []
    for (year, subject), each in group_rows(
        rows, lambda row: (row.year, row.subject)
    ).items():
        by_lead = group_rows(each, lambda row: (data.lead(row),))
        for (lead,), taught in by_lead.items():
            own_pairs = unique_pairs(taught)
            adnos = {row.adno for row in own_pairs}
            others = [
                row
                for row in unique_pairs(row for row in each if data.lead(row) != lead)
                if row.adno not in adnos
            ]
            own = mean_of(away(data, row) for row in own_pairs)
            peers = mean_of(away(data, row) for row in others)
            comparisons.append(
                TeacherComparison(
                    int(str(year)), str(subject), str(lead), own_pairs, own, peers,
                    _apart(own, peers),
                )
            )  # fmt: skip
    return comparisons


def _apart(own: Mean, peers: Mean) -> Mean:
    """The difference of two means; `n` is the smaller of both."""
    n = min(own.n, peers.n)
    if own.mean is None or peers.mean is None:
        return Mean(0)
    if own.error is None or peers.error is None:
        return Mean(n, own.mean - peers.mean)
    return difference_of(n, own, peers)


def moderation(sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]) -> None:
    """Check the sheet `Moderation`."""
    each = compare_teachers(data, rows)
    if not any(comparison.own.n for comparison in each):
        sheet.expect(
            "A3",
            "Nobody has both a prediction and a working-at grade, so there is nothing "
            "to compare.",
        )
        return
    sides = beyond_chance([comparison.apart for comparison in each])
    unlike = sorted(
        {comparison.lead for comparison, side in zip(each, sides, strict=True) if side}
    )
    sheet.expect(
        "A3",
        "Worth marking some work together, for predictions stand otherwise against "
        f"working-at than colleagues' do: {listing(unlike)}."
        if unlike
        else "Nobody can be compared yet: it takes 11 pupils of a teacher, and as many "
        "of colleagues in the same subject and year, with both a prediction and a "
        "working-at grade."
        if all(comparison.apart.n < 11 for comparison in each)
        else "No teacher's predictions stand otherwise against working-at than "
        "colleagues' do, beyond chance.",
    )
    reasons = [
        pair
        for comparison, side in zip(each, sides, strict=True)
        for pair in _to_re_mark(data, comparison, side)
    ]
    if reasons:
        sheet.expect("A4", f"{plural(len(reasons), 'pupil')} to re-mark: see below.")
    lines = sheet.lines("Colleagues: n")
    assert len(lines) == len(each)
    for line, comparison, side in zip(lines, each, sides, strict=True):
        line.expect(
            {
                "Year": comparison.year,
                "Subject": comparison.subject,
                "Teacher": comparison.lead,
                "Pupils": len(comparison.pupils),
                "n": comparison.own.n,
                "Above working-at": comparison.own.mean,
                "from": comparison.own.low,
                "to": comparison.own.high,
                "Spread": comparison.own.sd,
                "Colleagues: n": comparison.colleagues.n,
                "Above working-at 2": comparison.colleagues.mean,
                "from 2": comparison.colleagues.low,
                "to 2": comparison.colleagues.high,
                "Spread 2": comparison.colleagues.sd,
                "Reasons given": sum(
                    bool(pupil["reason"]) for pupil in comparison.pupils
                ),
                "3 or more apart": sum(far(data, pupil) for pupil in comparison.pupils),
                "Note": _note(comparison, side),
            }
        )
    expect_headings(lines, ["3 or more apart"])
    _named(sheet, data, reasons)


def _note(comparison: TeacherComparison, side: str) -> str:
    if not comparison.own.n:
        return ""
    if not comparison.colleagues.n:
        return "no colleagues to compare with"
    if comparison.own.few or comparison.colleagues.few:
        return "too few to conclude"
    return {
        "Above": "further above working-at than colleagues, beyond chance",
        "Below": "less far above working-at than colleagues, beyond chance",
        "": "",
    }[side]


def _to_re_mark(
    data: RecountData, comparison: TeacherComparison, side: str
) -> list[tuple[Enrolment, str]]:
    """Pupils far apart without a reason, and three more of a teacher unlike colleagues.

    The three are furthest from the colleagues' mean on the teacher's side.
    """
    furthest: list[Enrolment] = []
    if side and comparison.colleagues.mean is not None:
        sign = 1 if side == "Above" else -1
        beyond = [
            (-sign * (float(apart) - comparison.colleagues.mean), at)
            for at, pupil in enumerate(comparison.pupils)
            if (apart := away(data, pupil)) is not None
        ]
        chosen = [at for lead, at in sorted(beyond) if lead < 0][:FURTHEST]
        furthest = [comparison.pupils[at] for at in chosen]
    result = []
    for pupil in comparison.pupils:
        if far(data, pupil):
            result.append((pupil, "3 grades or more apart, no reason given"))
        elif any(pupil is other for other in furthest):
            result.append((pupil, "among the furthest apart of a teacher unlike "
                          "colleagues"))  # fmt: skip
    return sorted(
        result,
        key=lambda pair: (
            -abs(away(data, pair[0]) or 0), pair[0]["surname"],
            pair[0]["forename"], pair[0].adno,
        ),
    )  # fmt: skip


def _named(
    sheet: SheetAudit, data: RecountData, reasons: Sequence[tuple[Enrolment, str]]
) -> None:
    if not reasons:
        text = "Nobody stands out: no pupil is 3 grades or more apart without a reason."
        sheet.expect(sheet.find_cell("Nobody stands out"), text)
        return
    lines = sheet.lines("Apart by", "Why")
    assert len(lines) == len(reasons)
    for line, (row, why) in zip(lines, reasons, strict=True):
        apart = away(data, row)
        assert apart is not None
        line.expect(
            {
                "Year": row.year,
                "Subject": row.subject,
                "Teacher": data.lead(row),
                "Class": row.class_,
                "Surname": row["surname"],
                "Forename": row["forename"],
                "Target": row["target"],
                "Working at": row["working_at"],
                "Prediction": row["prediction"],
                "Apart by": float(apart),
                "Reason": row["reason"],
                "Why": why,
            }
        )
