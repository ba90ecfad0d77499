"""Predictions against working-at, teacher beside colleagues; pupils to re-mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.recount.arithmetic import Mean, beyond_chance, count_text, list_text, mean_of
from tests.recount.audit import SheetAudit
from tests.recount.classes import group_rows
from tests.recount.grade_spread import expect_headings
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs

FAR = 3  # grades apart without a reason
FURTHEST = 3  # pupils named of a teacher unlike colleagues


@dataclass(frozen=True)
class TeacherComparison:
    """A lead teacher of a year and subject beside the colleagues of both."""

    year: int
    subject: str
    lead: str
    pupils: Sequence[Enrolment]
    own: Mean
    colleagues: Mean
    apart: Mean


def away(data: RecountData, one: Enrolment) -> Fraction | None:
    """Prediction less working-at, in whole grades."""
    return data.gap(one.subject, one["prediction"], one["working_at"])


def far(data: RecountData, one: Enrolment) -> bool:
    """Whether a prediction is 3 grades or more off, and nobody has said why."""
    apart = away(data, one)
    return apart is not None and abs(apart) >= FAR and not one["reason"]


def compare_teachers(
    data: RecountData, rows: Sequence[Enrolment]
) -> list[TeacherComparison]:
    """Every lead teacher by year and subject; the colleagues' other pupils."""
    found = []
    for (year, subject), each in group_rows(
        rows, lambda one: (one.year, one.subject)
    ).items():
        by_lead = group_rows(each, lambda one: (data.lead(one),))
        for (lead,), taught in by_lead.items():
            mine = unique_pairs(taught)
            theirs = {one.adno for one in mine}
            others = [
                one
                for one in unique_pairs(one for one in each if data.lead(one) != lead)
                if one.adno not in theirs
            ]
            own = mean_of(away(data, one) for one in mine)
            peers = mean_of(away(data, one) for one in others)
            found.append(
                TeacherComparison(
                    int(str(year)), str(subject), str(lead), mine, own, peers,
                    _apart(own, peers),
                )
            )  # fmt: skip
    return found


def _apart(own: Mean, peers: Mean) -> Mean:
    """How far two means are apart; it rests on as many as the smaller of both."""
    n = min(own.n, peers.n)
    if own.mean is None or peers.mean is None:
        return Mean(0)
    if own.error is None or peers.error is None:
        return Mean(n, own.mean - peers.mean)
    error = math.hypot(own.error, peers.error)
    mean = own.mean - peers.mean
    return Mean(n, mean, mean - 1.96 * error, mean + 1.96 * error, None, error)


def moderation(sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]) -> None:
    """Count the sheet `Moderation`."""
    each = compare_teachers(data, rows)
    if not any(one.own.n for one in each):
        sheet.expect(
            "A3",
            "Nobody has both a prediction and a working-at grade, so there is nothing "
            "to compare.",
        )
        return
    sides = beyond_chance([one.apart for one in each])
    unlike = sorted({one.lead for one, side in zip(each, sides, strict=True) if side})
    sheet.expect(
        "A3",
        "Worth marking some work together, for predictions stand otherwise against "
        f"working-at than colleagues' do: {list_text(unlike)}."
        if unlike
        else "Nobody can be compared yet: it takes 11 pupils of a teacher, and as many "
        "of colleagues in the same subject and year, with both a prediction and a "
        "working-at grade."
        if all(one.apart.n < 11 for one in each)
        else "No teacher's predictions stand otherwise against working-at than "
        "colleagues' do, beyond chance.",
    )
    named = [
        pair
        for one, side in zip(each, sides, strict=True)
        for pair in _to_re_mark(data, one, side)
    ]
    if named:
        sheet.expect("A4", f"{count_text(len(named), 'pupil')} to re-mark: see below.")
    lines = sheet.lines("Colleagues: n")
    assert len(lines) == len(each)
    for line, one, side in zip(lines, each, sides, strict=True):
        line.expect(
            {
                "Year": one.year,
                "Subject": one.subject,
                "Teacher": one.lead,
                "Pupils": len(one.pupils),
                "n": one.own.n,
                "Above working-at": one.own.mean,
                "from": one.own.low,
                "to": one.own.high,
                "Spread": one.own.sd,
                "Colleagues: n": one.colleagues.n,
                "Above working-at 2": one.colleagues.mean,
                "from 2": one.colleagues.low,
                "to 2": one.colleagues.high,
                "Spread 2": one.colleagues.sd,
                "Reasons given": sum(bool(pupil["reason"]) for pupil in one.pupils),
                "3 or more apart": sum(far(data, pupil) for pupil in one.pupils),
                "Note": _note(one, side),
            }
        )
    expect_headings(lines, ["3 or more apart"])
    _named(sheet, data, named)


def _note(one: TeacherComparison, side: str) -> str:
    if not one.own.n:
        return ""
    if not one.colleagues.n:
        return "no colleagues to compare with"
    if one.own.few or one.colleagues.few:
        return "too few to conclude"
    return {
        "Above": "further above working-at than colleagues, beyond chance",
        "Below": "less far above working-at than colleagues, beyond chance",
        "": "",
    }[side]


def _to_re_mark(
    data: RecountData, one: TeacherComparison, side: str
) -> list[tuple[Enrolment, str]]:
    """Those far apart without a reason; of a teacher unlike colleagues, three more.

    The three are those furthest from the colleagues' mean on the teacher's side.
    """
    furthest: list[Enrolment] = []
    if side and one.colleagues.mean is not None:
        sign = 1 if side == "Above" else -1
        beyond = [
            (-sign * (float(apart) - one.colleagues.mean), at)
            for at, pupil in enumerate(one.pupils)
            if (apart := away(data, pupil)) is not None
        ]
        chosen = [at for lead, at in sorted(beyond) if lead < 0][:FURTHEST]
        furthest = [one.pupils[at] for at in chosen]
    found = []
    for pupil in one.pupils:
        if far(data, pupil):
            found.append((pupil, "3 grades or more apart, no reason given"))
        elif any(pupil is other for other in furthest):
            found.append((pupil, "among the furthest apart of a teacher unlike "
                          "colleagues"))  # fmt: skip
    return sorted(
        found,
        key=lambda pair: (
            -abs(away(data, pair[0]) or 0), pair[0]["surname"],
            pair[0]["forename"], pair[0].adno,
        ),
    )  # fmt: skip


def _named(
    sheet: SheetAudit, data: RecountData, named: Sequence[tuple[Enrolment, str]]
) -> None:
    if not named:
        text = "Nobody stands out: no pupil is 3 grades or more apart without a reason."
        sheet.expect(sheet.find_cell("Nobody stands out"), text)
        return
    lines = sheet.lines("Apart by", "Why")
    assert len(lines) == len(named)
    for line, (one, why) in zip(lines, named, strict=True):
        apart = away(data, one)
        assert apart is not None
        line.expect(
            {
                "Year": one.year,
                "Subject": one.subject,
                "Teacher": data.lead(one),
                "Class": one.class_,
                "Surname": one["surname"],
                "Forename": one["forename"],
                "Target": one["target"],
                "Working at": one["working_at"],
                "Prediction": one["prediction"],
                "Apart by": float(apart),
                "Reason": one["reason"],
                "Why": why,
            }
        )
