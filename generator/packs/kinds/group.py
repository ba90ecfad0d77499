"""The group lead's workbook: the group against everyone else, then its pupils."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd

from generator.packs.facts.group_comparison import against
from generator.packs.facts.group_measures import Measured
from generator.packs.facts.pupil_summary import across
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import Column, columns
from generator.packs.layout.workbook import Page
from generator.packs.pages import actions, below_target, interventions
from generator.packs.pages import interventions as helped
from generator.packs.pages.cover import missing_reader, start_pack
from generator.packs.wording import grades, listed, many, per_cent, say, words
from generator.problems import Problem
from generator.school.school import School
from udfs.measures.group_summaries import FEW
from udfs.scales.key_stage_4_figures import THIRDS
from udfs.tables import Tables

KIND = "group"
GROUP_LEAD = "group lead"
SEXES = {"F": "Girls", "M": "Boys"}
PRIORS = {name: f"{name} prior attainment" for name in THIRDS}
COMPARED = (
    "group_pupils", "group_data", "group_share", "group_n", "group_gap",
    "others_pupils", "others_data", "others_share", "others_n", "others_gap",
    "apart", "apart_low", "apart_high", "note",
)  # fmt: skip
FIRST_WIDTH = 24.0  # characters


def scopes(standing: CollectionSnapshot) -> list[str]:
    """The groups of `[[groups]]`, those whose rules cannot be used among them."""
    known = _measured(standing)
    return [*known.groups, *known.refused]


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """That nobody leads a group, as a problem to put right."""
    if standing.holders(GROUP_LEAD, scope):
        return None
    return missing_reader(KIND, scope, GROUP_LEAD)


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
) -> bytes:
    """One group's workbook; it names nobody who is not in the group.

    Raises:
        BadRule: If the group's rule cannot be used.
    """
    known = _measured(standing)
    if scope in known.refused:
        raise known.refused[scope]
    inside = known.inside(scope)
    rows = with_fields(standing, known, scope)
    pupils = standing.pupils.loc[standing.pupils["adno"].isin(inside)]
    mine = rows.loc[rows["inside"]]
    below = _below(standing, mine, pupils)
    whole = against(rows)
    said = _answer(standing, scope, rows, whole, below)
    before = actions.opening(standing, f"{KIND}-{scope}", mine)
    names = ("against", "by_subject", "group_pupils", "group_subjects",
             *interventions.sheets(standing, mine, own=False), "actions")  # fmt: skip
    pack = start_pack(
        standing, school, scope, mine,
        title=words("titles", KIND), role=GROUP_LEAD,
        holders=standing.holders(GROUP_LEAD, scope),
        elsewhere=0, now=now, said=said,
        contents={words("sheets", n): words("contents", n) for n in names},
    )  # fmt: skip
    opening = pack.page(words("sheets", "against"), [c.width for c in _grid(["year"])])
    opening.band(f"{scope}: {standing.collection.title}", pack.school)
    for number, text in enumerate([*said, *before]):
        opening.say(text, answer=number == 0)
    _opening(opening, rows)
    page = pack.page(
        words("sheets", "by_subject"), [c.width for c in _grid(["year", "subject"])]
    )
    page.band(f"{scope}: {words('sheets', 'by_subject').lower()}")
    page.say(words("notes", "against_detail"), ink="quiet")
    _table(page, rows, ["year", "subject"], filtered=True)
    page = pack.page(words("sheets", "group_pupils"), _pupil_widths())
    _pupils(page, scope, mine, below)
    _subjects(
        pack.page(
            words("sheets", "group_subjects"),
            [c.width for c in _subject_columns(mine, standing)],
        ),
        scope,
        mine,
        standing,
    )
    interventions.pages(pack, standing, mine, own=False)
    sheet = pack.page(words("sheets", "actions"), actions.widths())
    moved = actions.moved_since(standing, mine)
    actions.actions_page(
        sheet, standing, f"{KIND}-{scope}", moved=moved, pupils=pupils["adno"]
    )
    opening.open_here()
    return pack.close()


def with_fields(
    standing: CollectionSnapshot, known: Measured, scope: str
) -> pd.DataFrame:
    """The roll with `inside`, and `crossed`: sex and prior attainment in words."""
    rows = standing.rows
    prior = known.members.set_index("adno")["prior"]
    sex = rows["sex"].map(SEXES).fillna(say("sex_unknown"))
    third = rows["adno"].map(prior).map(PRIORS).fillna(say("prior_unknown"))
    return rows.assign(
        inside=rows["adno"].isin(known.inside(scope)), crossed=sex + ", " + third
    )


def _measured(standing: CollectionSnapshot) -> Measured:
    assert standing.measured is not None  # `packs` works it out for this kind
    return standing.measured


def _answer(
    standing: CollectionSnapshot,
    scope: str,
    rows: pd.DataFrame,
    whole: pd.DataFrame,
    below: pd.DataFrame,
) -> list[str]:
    """What the group has to say, in sentences; the first is the answer."""
    known = _measured(standing)
    number, everybody = len(known.inside(scope)), many(len(standing.pupils), "pupil")
    if not number:
        return [say("group_nobody", scope=scope)]
    pupils = many(number, "pupil")
    if not len(whole) or not whole["group_data"].item():
        return [say("group_no_data", pupils=pupils, all=everybody, scope=scope)]
    one = whole.iloc[0]
    of = say(
        "group_of",
        pupils=f"{number:,}",
        all=everybody.split()[0],
        scope=scope,
        below=f"{len(below):,}",
        without=f"{int(below['help'].eq('').sum()):,}",
    )
    if number == len(standing.pupils):
        return [say("group_everybody", pupils=pupils, scope=scope), of]
    if not one["others_data"]:
        share = per_cent(float(one["group_share"]))
        return [say("group_alone", share=share, scope=scope), of]
    with_data = rows.loc[rows["inside"] & rows["flag"].notna(), "adno"].nunique()
    if with_data < FEW:
        few = say("group_few", scope=scope, pupils=many(with_data, "pupil"))
        return [few, of]
    verdict = {"Above": "verdict_over", "Below": "verdict_under"}.get(
        one["side"], "verdict_few" if one["few"] else "verdict_none"
    )
    said = [
        say(
            "group_answer",
            share=per_cent(float(one["group_share"])),
            scope=scope,
            others=per_cent(float(one["others_share"])),
            verdict=say(verdict),
        )
    ]
    if not np.isnan(one["apart_low"]):
        said.append(
            say(
                "group_apart",
                gap=grades(one["group_gap"]),
                other=grades(one["others_gap"]),
                apart=grades(one["apart"]).lstrip("+−"),
                low=grades(one["apart_low"]),
                high=grades(one["apart_high"]),
            )
        )
    by_subject = against(rows, ["subject"])
    behind = by_subject.loc[by_subject["side"] == "Below"].sort_values("apart")
    names = behind["subject"] + " (" + behind["apart"].map(grades) + ")"
    if len(names):
        said.append(say("group_worst", names=listed(names.tolist())))
    else:
        said.append(say("group_none_stand_out"))
    return [*said, of]


def _opening(page: Page, rows: pd.DataFrame) -> None:
    if not rows["inside"].any():
        return
    page.say(words("notes", "against"), ink="quiet")
    _table(page, rows, ["year"], whole=True)
    page.gap(14)
    _table(page, rows, ["crossed"])
    page.gap(14)
    _table(page, rows, ["subject"])


def _table(
    page: Page,
    rows: pd.DataFrame,
    by: list[str],
    *,
    whole: bool = False,
    filtered: bool = False,
) -> None:
    made = against(rows, by)
    strong = [False] * len(made)
    if whole and len(made) > 1:
        together = against(rows).assign(**dict.fromkeys(by, None))
        made = pd.concat([made.astype(object), together.astype(object)])
        strong = [*strong, True]
    if made.empty:
        return
    page.table(
        made.reset_index(drop=True),
        _grid(by),
        quiet=made["few"].astype(bool),
        strong=pd.Series(strong),
        painted={"note": made["side"].tolist(), "apart": made["side"].tolist()},
        filtered=filtered,
        frozen=len(by) if filtered else None,
        parted="year" if by == ["year", "subject"] else "",
    )


def _grid(by: list[str]) -> list[Column]:
    """The columns of a comparison; the tables of the opening page share one grid."""
    keys = columns(by)
    if len(keys) == 1:
        keys = [replace(keys[0], width=FIRST_WIDTH)]
    return [*keys, *columns(COMPARED)]


def _below(
    standing: CollectionSnapshot, mine: pd.DataFrame, pupils: pd.DataFrame
) -> pd.DataFrame:
    summed = across(mine, pupils)
    below = helped.add_interventions(summed.loc[summed["below"] > 0], standing, mine)
    below = below.assign(
        helped=below["help"].ne(""),
        below_in=below["below"],
        well_below_in=below["well_below"],
    )
    return below.sort_values(
        ["helped", "below", "well_below", "short", "surname", "forename", "adno"],
        ascending=[True, False, False, True, True, True, True],
        kind="stable",
    ).reset_index(drop=True)


def _pupil_columns() -> list[Column]:
    keys = ["adno", "surname", "forename", "year", "reg", "groups", "below_in",
            "well_below_in", "with_data", "last_below", "named", "attendance",
            "help"]  # fmt: skip
    return [*columns(keys), *helped.entry_columns()]


def _pupil_widths() -> list[float]:
    return [column.width for column in _pupil_columns()]


def _none_below(scope: str, mine: pd.DataFrame) -> str:
    """That nobody is below target, or that nobody knows."""
    unknown = len(mine) and not mine["flag"].notna().any()
    return say("group_unknown" if unknown else "group_nobody_below", scope=scope)


def _pupils(page: Page, scope: str, mine: pd.DataFrame, below: pd.DataFrame) -> None:
    page.band(f"{scope}: {words('sheets', 'group_pupils').lower()}")
    if below.empty:
        page.say(_none_below(scope, mine), answer=True)
        return
    page.say(words("notes", "group_pupils"), ink="quiet")
    page.table(below, _pupil_columns(), filtered=True, frozen=3)
    page.protect()


def _subject_columns(mine: pd.DataFrame, standing: CollectionSnapshot) -> list[Column]:
    shown = below_target.year_columns(mine, standing)
    return [*columns(["year"]), *shown]


def _subjects(
    page: Page, scope: str, mine: pd.DataFrame, standing: CollectionSnapshot
) -> None:
    below = below_target.underachieving(mine)
    page.band(f"{scope}: {words('sheets', 'group_subjects').lower()}")
    if below.empty:
        page.say(_none_below(scope, mine), answer=True)
        return
    page.say(words("notes", "group_subjects"), ink="quiet")
    below = below.sort_values("year", kind="stable")
    page.table(
        below, _subject_columns(mine, standing), parted="year", filtered=True, frozen=5
    )
