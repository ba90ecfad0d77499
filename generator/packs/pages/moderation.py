"""Predictions against working-at, teacher beside colleagues, and whom to re-mark."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

import pandas as pd

from generator.packs.layout.columns import columns
from generator.packs.layout.workbook import Page
from generator.packs.wording import listed, many, say, words
from udfs.measures.group_summaries import FEW, UNIT, beyond_chance, spread_of
from udfs.measures.questions import FAR
from udfs.scales.grade_levels import levels
from udfs.statistics.inference import apart
from udfs.tables import Tables

BY = ["year", "subject", "lead"]
FURTHEST = 3  # pupils of a teacher unlike colleagues who are named
TEACHERS = (
    "year", "subject", "lead", "pupils", "away_n", "away", "away_low", "away_high",
    "away_sd", "peers_n", "peers", "peers_low", "peers_high", "peers_sd",
    "reasons", "far", "note",
)  # fmt: skip
PUPILS = (
    "year", "subject", "lead", "class", "surname", "forename", "target", "working_at",
    "prediction", "away_by", "reason", "remark",
)  # fmt: skip


def with_distance(rows: pd.DataFrame, tables: Tables, *, fine: bool) -> pd.DataFrame:
    """The rows with `away`: prediction less working-at, in sixtieths of a grade.

    It is missing where either is: a blank, a code, a choice of above, on or below.
    """
    working = levels(rows["working_at"], rows["scale"], tables.scales, fine=fine)
    return rows.assign(away=(rows["level"] - working.astype("Int64")))


def teachers(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per year, subject and lead teacher, beside the colleagues of both.

    `away` is the mean of prediction less working-at in whole grades, with how many
    (`away_n`), its 95% interval and its spread (the standard deviation);
    `peers` the same of the colleagues, missing where there are none; `far` how many
    are 3 grades or more apart without a reason. `differs` is True where the two means
    are further apart than chance gives, all these teachers considered together (as
    `udfs.measures.group_summaries.beyond_chance` has it), and neither rests on fewer
    than 11 pupils. One collection is enough: work is marked together while it is still
    at hand.
    """
    made = []
    # Lists, not frames: there are hundreds of teachers with a dozen pupils each.
    asked = zip(
        rows["year"].tolist(), rows["subject"].tolist(), rows["lead"].tolist(),
        rows["adno"].tolist(), rows["away"].tolist(), rows["reason"].notna().tolist(),
        _far(rows).tolist(), strict=True,
    )  # fmt: skip
    taught: dict[tuple[int, str], dict[str, dict[str, _Pupil]]] = {}
    for year, subject, lead, adno, *found in asked:
        of = taught.setdefault((year, subject), {}).setdefault(lead, {})
        of.setdefault(adno, _Pupil(*found))
    for (year, subject), leads in sorted(taught.items()):
        for lead, mine in sorted(leads.items()):
            theirs: dict[str, _Pupil] = {}
            for other, pupils in leads.items():
                if other != lead:
                    theirs = pupils | theirs
            peers = [one for adno, one in theirs.items() if adno not in mine]
            one = _measured(mine.values(), "away") | _measured(peers, "peers")
            one |= {
                "year": year, "subject": subject, "lead": lead, "pupils": len(mine),
                "reasons": sum(pupil.reason for pupil in mine.values()),
                "far": sum(pupil.far for pupil in mine.values()),
                "few": bool(one["away_few"]),
            }  # fmt: skip
            made.append(one)
    names = [*TEACHERS, "few", "peers_few"]
    beside = pd.DataFrame(made, columns=pd.Index(names))
    sides = _sides(beside)
    beside["differs"] = sides != ""
    beside["note"] = [_note(one, side) for one, side in zip(made, sides, strict=True)]
    return beside


class _Pupil(NamedTuple):
    """A pupil of a teacher: how far apart, with a reason, 3 grades without one."""

    away: object
    reason: bool
    far: bool


def _measured(pupils: Iterable[_Pupil], name: str) -> dict[str, object]:
    values = [int(str(one.away)) for one in pupils if one.away is not pd.NA]
    found = spread_of(values)
    return {
        f"{name}_n": found.n,
        name: found.mean,
        f"{name}_low": found.low,
        f"{name}_high": found.high,
        f"{name}_sd": found.deviation if found.n > 1 else None,
        f"{name}_few": found.few,
    }


def _sides(beside: pd.DataFrame) -> pd.Series:
    """On which side of their colleagues' each teacher's predictions are, if either."""
    mine, theirs = (
        beside[[name, f"{name}_low", f"{name}_high"]]
        .astype("float64")
        .set_axis(["value", "low", "high"], axis=1)
        for name in ("away", "peers")
    )
    few = beside["few"].astype(bool) | beside["peers_few"].astype(bool)
    between = apart(mine, theirs).rename(columns={"value": "mean"})
    return beyond_chance(between.assign(few=few))


def _note(one: dict[str, object], side: str) -> str:
    if not one["away_n"]:
        return ""
    if not one["peers_n"]:
        return say("no_colleagues")
    if one["away_few"] or one["peers_few"]:
        return say("few")
    signs = {"Above": "predicts_higher", "Below": "predicts_lower"}
    return say(signs[side]) if side else ""


def _far(rows: pd.DataFrame) -> pd.Series[bool]:
    distant = rows["away"].abs().ge(FAR * UNIT).fillna(False).astype(bool)
    return distant & rows["reason"].isna()


def to_look_at(rows: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """The pupils to re-mark, with why: the furthest apart first.

    Those 3 grades or more apart for whom no reason was given; and of a teacher whose
    predictions differ from the colleagues', the three furthest apart that way.
    """
    once = rows.drop_duplicates(["adno", "subject", "lead"])
    far = _far(once)
    why = pd.Series("", index=once.index, dtype="str").mask(
        far, say("remark_far", grades=FAR)
    )
    sides = beside.loc[beside["differs"].astype(bool)]
    for year, subject, lead, mean, others in sides[
        ["year", "subject", "lead", "away", "peers"]
    ].to_numpy():
        mine = once.loc[
            once["year"].eq(year) & once["subject"].eq(subject) & once["lead"].eq(lead)
        ]
        beyond = mine["away"].dropna().astype("float64") - others * UNIT
        signed = beyond * (1 if mean > others else -1)
        chosen = signed.loc[signed > 0].nlargest(FURTHEST).index
        why = why.mask(why.index.isin(chosen) & ~far, say("remark_unlike"))
    found = once.assign(remark=why, away_by=once["away"] / UNIT)
    found = found.loc[found["remark"] != ""]
    return found.assign(depth=-found["away"].abs()).sort_values(
        ["year", "subject", "lead", "depth", "surname", "forename", "adno"],
        kind="stable",
    )


def widths() -> list[float]:
    """The widths of the page, which has two tables."""
    pairs = zip_longest(columns(TEACHERS), columns(PUPILS))
    return [max(column.width for column in pair if column) for pair in pairs]


def moderation_page(page: Page, title: str, rows: pd.DataFrame) -> None:
    """Write the page.

    Args:
        page: An empty page of `widths`.
        title: Its title.
        rows: As `with_distance` answers.
    """
    page.band(title)
    beside = teachers(rows)
    if beside.empty or not beside["away_n"].sum():
        page.say(say("moderation_none"), answer=True)
        return
    found = to_look_at(rows, beside)
    unlike = sorted(beside.loc[beside["differs"].astype(bool), "lead"].unique())
    if unlike:
        first = say("moderation_unlike", teachers=listed(unlike))
    elif (beside["few"].astype(bool) | beside["peers_few"].astype(bool)).all():
        first = say("moderation_few", least=FEW)
    else:
        first = say("moderation_alike")
    page.say(first, answer=True)
    if len(found):
        page.say(say("moderation_pupils", pupils=many(len(found), "pupil")))
    page.say(words("notes", "moderation"), ink="quiet")
    page.table(
        beside,
        columns(TEACHERS),
        quiet=beside["few"].astype(bool),
        painted={"note": ["check" if d else "" for d in beside["differs"]]},
        parted="year",
    )
    page.gap()
    page.heading(say("remark"))
    if found.empty:
        page.say(say("remark_none"))
    else:
        page.table(found, columns(PUPILS), parted="lead")
