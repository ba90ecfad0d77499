"""The page of moderation: predictions against working-at grades, teacher by teacher."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from generator.packs.layout.columns import pack_columns, widest
from generator.packs.layout.workbook import PackWorkbook
from generator.packs.wording import count_text, join_names, phrase, wording
from udfs.measures.group_summaries import beyond_chance, mean_interval
from udfs.measures.questions import MIN_DIFFERENCE
from udfs.scales.grade_levels import grade_levels
from udfs.scales.scale import POINT
from udfs.statistics.inference import FEW, differences
from udfs.tables import Tables

MAX_REMARKED = 3  # pupils of a teacher unlike colleagues who are named
TEACHER_COLUMNS = (
    "year", "subject", "lead", "pupils", "away_n", "away", "away_low", "away_high",
    "away_sd", "peers_n", "peers", "peers_low", "peers_high", "peers_sd",
    "reasons", "far", "note",
)  # fmt: skip
PUPIL_COLUMNS = (
    "year", "subject", "lead", "class", "surname", "forename", "target", "working_at",
    "prediction", "away_by", "reason", "remark",
)  # fmt: skip


def moderation_page(
    pack: PackWorkbook, title: str, rows: pd.DataFrame, tables: Tables, *, fine: bool
) -> None:
    """Add the page.

    Args:
        pack: The workbook.
        title: The page's title.
        rows: A department's rows of `CollectionSnapshot.rows`.
        tables: Scales.
        fine: Whether thirds of a grade count.
    """
    teacher_columns = pack_columns(TEACHER_COLUMNS)
    pupil_columns = pack_columns(PUPIL_COLUMNS)
    page = pack.page(
        wording("sheets", "moderation"), widest(teacher_columns, pupil_columns)
    )
    page.title_band(title)
    rows = add_distance(rows, tables, fine=fine)
    teachers = compare_teachers(rows)
    if teachers.empty or not teachers["away_n"].sum():
        page.sentence(phrase("moderation_none"), answer=True)
        return
    pupils = pupils_to_remark(rows, teachers)
    unlike = sorted(teachers.loc[teachers["differs"].astype(bool), "lead"].unique())
    if unlike:
        answer = phrase("moderation_unlike", teachers=join_names(unlike))
    elif (teachers["few"].astype(bool) | teachers["peers_few"].astype(bool)).all():
        answer = phrase("moderation_few", least=FEW)
    else:
        answer = phrase("moderation_alike")
    page.sentence(answer, answer=True)
    if len(pupils):
        number = count_text(len(pupils), "pupil")
        page.sentence(phrase("moderation_pupils", pupils=number))
    page.sentence(wording("notes", "moderation"), ink="quiet")
    page.table(
        teachers,
        teacher_columns,
        quiet=teachers["few"].astype(bool),
        painted={
            "note": ["check" if differs else "" for differs in teachers["differs"]]
        },
        parted="year",
    )
    page.gap()
    page.heading(phrase("remark"))
    if pupils.empty:
        page.sentence(phrase("remark_none"))
    else:
        page.table(pupils, pupil_columns, parted="lead")


def add_distance(rows: pd.DataFrame, tables: Tables, *, fine: bool) -> pd.DataFrame:
    """The rows with `away`: prediction less working-at, in sixtieths of a grade.

    It is missing if either is a blank, a code, or a choice of above, on or below.
    """
    working = grade_levels(rows["working_at"], rows["scale"], tables.scales, fine=fine)
    return rows.assign(away=(rows["level"] - working.astype("Int64")))


class _Pupil(NamedTuple):
    """A pupil of a teacher.

    Args:
        distance: Prediction less working-at, or NA.
        has_reason: Whether the teacher gave a reason for it.
        unexplained: Whether it is 3 grades or more without a reason.
    """

    distance: object
    has_reason: bool
    unexplained: bool


def compare_teachers(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare each lead teacher with the colleagues in the same year and subject.

    One collection is enough: work is marked together while it is still at hand.

    Args:
        rows: From `add_distance`.

    Returns:
        One row per `year`, `subject` and `lead`: `away` is the mean of prediction less
        working-at in whole grades, with `away_n` pupils, its 95% interval and its
        standard deviation; `peers` the same of the colleagues, missing if there are
        none; `far` the number of pupils 3 grades or more apart without a reason.
        `differs` is true if the two means are further apart than chance allows, all
        rows considered together, and neither rests on fewer than 11 pupils.
    """
    # Lists, not frames: there are hundreds of teachers with a dozen pupils each.
    pupils = zip(
        rows["year"].tolist(), rows["subject"].tolist(), rows["lead"].tolist(),
        rows["adno"].tolist(), rows["away"].tolist(), rows["reason"].notna().tolist(),
        _unexplained(rows).tolist(), strict=True,
    )  # fmt: skip
    groups: dict[tuple[int, str], dict[str, dict[str, _Pupil]]] = {}
    for year, subject, lead, adno, *values in pupils:
        teachers = groups.setdefault((year, subject), {})
        teachers.setdefault(lead, {}).setdefault(adno, _Pupil(*values))
    comparisons = []
    for (year, subject), teachers in sorted(groups.items()):
        for lead, own in sorted(teachers.items()):
            others: dict[str, _Pupil] = {}
            for colleague, taught in teachers.items():
                if colleague != lead:
                    others = taught | others
            peers = [pupil for adno, pupil in others.items() if adno not in own]
            comparison = _distance_statistics(own.values(), "away")
            comparison |= _distance_statistics(peers, "peers")
            comparison |= {
                "year": year, "subject": subject, "lead": lead, "pupils": len(own),
                "reasons": sum(pupil.has_reason for pupil in own.values()),
                "far": sum(pupil.unexplained for pupil in own.values()),
                "few": bool(comparison["away_few"]),
            }  # fmt: skip
            comparisons.append(comparison)
    names = [*TEACHER_COLUMNS, "few", "peers_few"]
    table = pd.DataFrame(comparisons, columns=pd.Index(names))
    sides = _sides_of_colleagues(table)
    table["differs"] = sides != ""
    table["note"] = [
        _teacher_note(comparison, side)
        for comparison, side in zip(comparisons, sides, strict=True)
    ]
    return table


def _distance_statistics(pupils: Iterable[_Pupil], name: str) -> dict[str, object]:
    distances = [int(str(p.distance)) for p in pupils if p.distance is not pd.NA]
    mean = mean_interval(distances)
    return {
        f"{name}_n": mean.n,
        name: mean.mean,
        f"{name}_low": mean.low,
        f"{name}_high": mean.high,
        f"{name}_sd": mean.deviation if mean.n > 1 else None,
        f"{name}_few": mean.few,
    }


def _sides_of_colleagues(teachers: pd.DataFrame) -> pd.Series:
    """The side of the colleagues' predictions on which each teacher's are, if any."""
    own, peers = (_mean_with_error(teachers, name) for name in ("away", "peers"))
    few = teachers["few"].astype(bool) | teachers["peers_few"].astype(bool)
    between = differences(own, peers).rename(columns={"value": "mean"})
    return beyond_chance(between.assign(few=few))


def _mean_with_error(teachers: pd.DataFrame, name: str) -> pd.DataFrame:
    """A mean with its standard error and degrees of freedom, as `differences` uses."""
    n, deviation = (
        teachers[column].astype("float64") for column in (f"{name}_n", f"{name}_sd")
    )
    error = deviation / n.where(n > 1) ** 0.5
    value = teachers[name].astype("float64")
    return pd.DataFrame({"value": value, "error": error, "freedom": n - 1})


def _teacher_note(comparison: dict[str, object], side: str) -> str:
    if not comparison["away_n"]:
        return ""
    if not comparison["peers_n"]:
        return phrase("no_colleagues")
    if comparison["away_few"] or comparison["peers_few"]:
        return phrase("few")
    notes = {"Above": "predicts_higher", "Below": "predicts_lower"}
    return phrase(notes[side]) if side else ""


def _unexplained(rows: pd.DataFrame) -> pd.Series[bool]:
    far = rows["away"].abs().ge(MIN_DIFFERENCE * POINT).fillna(False).astype(bool)
    return far & rows["reason"].isna()


def pupils_to_remark(rows: pd.DataFrame, teachers: pd.DataFrame) -> pd.DataFrame:
    """The pupils whose work is to be marked again, with why: the furthest apart first.

    They are those 3 grades or more apart without a reason; and of a teacher whose
    predictions differ from the colleagues', the three furthest apart in that direction.

    Args:
        rows: From `add_distance`.
        teachers: From `compare_teachers`.
    """
    once = rows.drop_duplicates(["adno", "subject", "lead"])
    far = _unexplained(once)
    why = pd.Series("", index=once.index, dtype="str").mask(
        far, phrase("remark_far", grades=MIN_DIFFERENCE)
    )
    differing = teachers.loc[teachers["differs"].astype(bool)]
    for year, subject, lead, mean, others in differing[
        ["year", "subject", "lead", "away", "peers"]
    ].to_numpy():
        own = once.loc[
            once["year"].eq(year) & once["subject"].eq(subject) & once["lead"].eq(lead)
        ]
        beyond = own["away"].dropna().astype("float64") - others * POINT
        signed = beyond * (1 if mean > others else -1)
        chosen = signed.loc[signed > 0].nlargest(MAX_REMARKED).index
        why = why.mask(why.index.isin(chosen) & ~far, phrase("remark_unlike"))
    pupils = once.assign(remark=why, away_by=once["away"] / POINT)
    pupils = pupils.loc[pupils["remark"] != ""]
    return pupils.assign(depth=-pupils["away"].abs()).sort_values(
        ["year", "subject", "lead", "depth", "surname", "forename", "adno"],
        kind="stable",
    )
