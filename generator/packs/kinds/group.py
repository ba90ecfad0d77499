"""The group lead's pack: the group against everyone else, then its pupils."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from generator.packs.facts.group_comparison import compare_with_others
from generator.packs.facts.group_measures import CollectionMeasures
from generator.packs.facts.pupil_summary import summarise_pupils
from generator.packs.facts.readers import group_readers
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import PackColumn, pack_columns
from generator.packs.layout.workbook import PackPage, PackWorkbook
from generator.packs.pack_kind import PackContext, PackKind
from generator.packs.pages.actions import actions_page, opening_sentences
from generator.packs.pages.below_target import below_target_columns, rows_below_target
from generator.packs.pages.cover import PackCover, contents_of, start_pack
from generator.packs.pages.interventions import (
    add_interventions,
    entry_columns,
    intervention_pages,
    intervention_sheets,
)
from generator.packs.wording import (
    count_text,
    join_names,
    percent,
    phrase,
    signed_grades,
    wording,
)
from generator.school.school import School
from udfs.scales.key_stage_4_figures import THIRDS
from udfs.statistics.inference import FEW

NAME = "group"
SEXES = {"F": "Girls", "M": "Boys"}
PRIORS = {name: f"{name} prior attainment" for name in THIRDS}
COMPARED_COLUMNS = (
    "group_pupils", "group_data", "group_share", "group_n", "group_gap",
    "others_pupils", "others_data", "others_share", "others_n", "others_gap",
    "apart", "apart_low", "apart_high", "note",
)  # fmt: skip
FIRST_WIDTH = 24.0  # characters


def scopes(snapshot: CollectionSnapshot, school: School) -> list[str]:
    """The groups of `[[groups]]`, including those whose rules cannot be used."""
    measures = _measures(snapshot)
    return [*measures.groups, *measures.invalid_groups]


def write(snapshot: CollectionSnapshot, context: PackContext, scope: str) -> bytes:
    """The workbook of one group; it names nobody who is not in the group.

    Raises:
        MarkbookError: If the group's rule cannot be used.
    """
    measures = _measures(snapshot)
    if scope in measures.invalid_groups:
        raise measures.invalid_groups[scope]
    rows = add_group_fields(snapshot, measures, scope)
    inside = measures.pupils_in(scope)
    pupils = snapshot.pupils.loc[snapshot.pupils["adno"].isin(inside)]
    own = rows.loc[rows["inside"]]
    below = _pupils_below(snapshot, own, pupils)
    sentences = _sentences(snapshot, scope, rows, below)
    pack_name = f"{NAME}-{scope}"
    interventions = intervention_sheets(snapshot, own, subjects_only=False)
    contents = contents_of(
        "against", "by_subject", "group_pupils", "group_subjects", *interventions,
        "actions",
    )  # fmt: skip
    cover = PackCover(
        scope, wording("titles", NAME), group_readers(snapshot, scope), own, sentences,
        contents,
    )  # fmt: skip
    pack = start_pack(snapshot, context, cover)
    opening = pack.page(wording("sheets", "against"), _comparison_columns(["year"]))
    opening.title_band(f"{scope}: {snapshot.collection.title}", pack.school)
    opening.sentences([*sentences, *opening_sentences(snapshot, pack_name, own)])
    _opening_tables(opening, rows)
    keys = ["year", "subject"]
    title = wording("sheets", "by_subject")
    page = pack.page(title, _comparison_columns(keys))
    page.title_band(f"{scope}: {title.lower()}")
    page.sentence(wording("notes", "against_detail"), ink="quiet")
    _comparison_table(page, rows, keys, filtered=True)
    _pupils_page(pack, scope, own, below)
    _subjects_page(pack, scope, own, snapshot)
    intervention_pages(pack, snapshot, own, subjects_only=False)
    actions_page(pack, snapshot, pack_name, own, pupils=pupils["adno"])
    opening.activate()
    return pack.close()


KIND = PackKind(NAME, scopes, group_readers, write, measures="groups")


def add_group_fields(
    snapshot: CollectionSnapshot, measures: CollectionMeasures, scope: str
) -> pd.DataFrame:
    """The rows with `inside`, and `crossed`: sex and prior attainment in words."""
    rows = snapshot.rows
    prior = measures.members.set_index("adno")["prior"]
    sex = rows["sex"].map(SEXES).fillna(phrase("sex_unknown"))
    third = rows["adno"].map(prior).map(PRIORS).fillna(phrase("prior_unknown"))
    return rows.assign(
        inside=rows["adno"].isin(measures.pupils_in(scope)), crossed=sex + ", " + third
    )


def _measures(snapshot: CollectionSnapshot) -> CollectionMeasures:
    assert snapshot.measures is not None  # they are read for this kind
    return snapshot.measures


def _pupils_below(
    snapshot: CollectionSnapshot, own: pd.DataFrame, pupils: pd.DataFrame
) -> pd.DataFrame:
    """The group's pupils below target, those without an intervention first."""
    summary = summarise_pupils(own, pupils)
    below = add_interventions(summary.loc[summary["below"] > 0], snapshot, own)
    below = below.assign(
        has_help=below["help"].ne(""),
        below_in=below["below"],
        well_below_in=below["well_below"],
    )
    return below.sort_values(
        ["has_help", "below", "well_below", "short", "surname", "forename", "adno"],
        ascending=[True, False, False, True, True, True, True],
        kind="stable",
    ).reset_index(drop=True)


def _sentences(
    snapshot: CollectionSnapshot, scope: str, rows: pd.DataFrame, below: pd.DataFrame
) -> list[str]:
    """What the group shows, in sentences; the first is the main one.

    Args:
        snapshot: The collection.
        scope: The group's name.
        rows: From `add_group_fields`.
        below: The group's pupils below target.
    """
    number = len(_measures(snapshot).pupils_in(scope))
    if not number:
        return [phrase("group_nobody", scope=scope)]
    everybody = len(snapshot.pupils)
    pupils = count_text(number, "pupil")
    total = compare_with_others(rows)
    if not len(total) or not total["group_data"].item():
        all_pupils = count_text(everybody, "pupil")
        return [phrase("group_no_data", pupils=pupils, all=all_pupils, scope=scope)]
    comparison = total.iloc[0]
    size = phrase(
        "group_of",
        pupils=f"{number:,}",
        all=f"{everybody:,}",
        scope=scope,
        below=f"{len(below):,}",
        without=f"{int(below['help'].eq('').sum()):,}",
    )
    if number == everybody:
        return [phrase("group_everybody", pupils=pupils, scope=scope), size]
    if not comparison["others_data"]:
        share = percent(float(comparison["group_share"]))
        return [phrase("group_alone", share=share, scope=scope), size]
    with_data = rows.loc[rows["inside"] & rows["flag"].notna(), "adno"].nunique()
    if with_data < FEW:
        few = count_text(with_data, "pupil")
        return [phrase("group_few", scope=scope, pupils=few), size]
    return [*_comparison_sentences(scope, rows, comparison), size]


def _comparison_sentences(
    scope: str, rows: pd.DataFrame, comparison: pd.Series
) -> list[str]:
    """How the group compares with everyone else, and in which subjects it is behind."""
    verdict = {"Above": "verdict_over", "Below": "verdict_under"}.get(
        comparison["side"], "verdict_few" if comparison["few"] else "verdict_none"
    )
    sentences = [
        phrase(
            "group_answer",
            share=percent(float(comparison["group_share"])),
            scope=scope,
            others=percent(float(comparison["others_share"])),
            verdict=phrase(verdict),
        )
    ]
    if not np.isnan(comparison["apart_low"]):
        sentences.append(
            phrase(
                "group_apart",
                gap=signed_grades(comparison["group_gap"]),
                other=signed_grades(comparison["others_gap"]),
                apart=signed_grades(comparison["apart"]).lstrip("+−"),
                low=signed_grades(comparison["apart_low"]),
                high=signed_grades(comparison["apart_high"]),
            )
        )
    subjects = compare_with_others(rows, ["subject"])
    behind = subjects.loc[subjects["side"] == "Below"].sort_values("apart")
    names = behind["subject"] + " (" + behind["apart"].map(signed_grades) + ")"
    if len(names):
        sentences.append(phrase("group_worst", names=join_names(names.tolist())))
    else:
        sentences.append(phrase("group_none_stand_out"))
    return sentences


def _opening_tables(page: PackPage, rows: pd.DataFrame) -> None:
    if not rows["inside"].any():
        return
    page.sentence(wording("notes", "against"), ink="quiet")
    _comparison_table(page, rows, ["year"], total=True)
    page.gap(14)
    _comparison_table(page, rows, ["crossed"])
    page.gap(14)
    _comparison_table(page, rows, ["subject"])


def _comparison_table(
    page: PackPage,
    rows: pd.DataFrame,
    keys: list[str],
    *,
    total: bool = False,
    filtered: bool = False,
) -> None:
    """Write the group against everyone else, for each value of the keys.

    Args:
        page: The page.
        rows: From `add_group_fields`.
        keys: What is compared.
        total: Whether a last row compares them all together.
        filtered: Whether the table has a filter.
    """
    table = compare_with_others(rows, keys)
    strong = [False] * len(table)
    if total and len(table) > 1:
        together = compare_with_others(rows).assign(**dict.fromkeys(keys, None))
        table = pd.concat([table.astype(object), together.astype(object)])
        strong = [*strong, True]
    if table.empty:
        return
    page.table(
        table.reset_index(drop=True),
        _comparison_columns(keys),
        quiet=table["few"].astype(bool),
        strong=pd.Series(strong),
        painted={"note": table["side"].tolist(), "apart": table["side"].tolist()},
        filtered=filtered,
        frozen=len(keys) if filtered else None,
        parted="year" if keys == ["year", "subject"] else "",
    )


def _comparison_columns(keys: list[str]) -> list[PackColumn]:
    """The columns of a comparison; those of one key all have the same widths."""
    columns = pack_columns(keys)
    if len(columns) == 1:
        columns = [replace(columns[0], width=FIRST_WIDTH)]
    return [*columns, *pack_columns(COMPARED_COLUMNS)]


def _pupils_page(
    pack: PackWorkbook, scope: str, own: pd.DataFrame, below: pd.DataFrame
) -> None:
    keys = ["adno", "surname", "forename", "year", "reg", "groups", "below_in",
            "well_below_in", "with_data", "last_below", "named", "attendance",
            "help"]  # fmt: skip
    columns = [*pack_columns(keys), *entry_columns()]
    title = wording("sheets", "group_pupils")
    page = pack.page(title, columns)
    page.title_band(f"{scope}: {title.lower()}")
    if below.empty:
        page.sentence(_nobody_below(scope, own), answer=True)
        return
    page.sentence(wording("notes", "group_pupils"), ink="quiet")
    page.table(below, columns, filtered=True, frozen=3)
    page.protect()


def _subjects_page(
    pack: PackWorkbook, scope: str, own: pd.DataFrame, snapshot: CollectionSnapshot
) -> None:
    columns = [*pack_columns(["year"]), *below_target_columns(own, snapshot)]
    title = wording("sheets", "group_subjects")
    page = pack.page(title, columns)
    page.title_band(f"{scope}: {title.lower()}")
    below = rows_below_target(own)
    if below.empty:
        page.sentence(_nobody_below(scope, own), answer=True)
        return
    page.sentence(wording("notes", "group_subjects"), ink="quiet")
    below = below.sort_values("year", kind="stable")
    page.table(below, columns, parted="year", filtered=True, frozen=5)


def _nobody_below(scope: str, own: pd.DataFrame) -> str:
    """A sentence: that nobody is below target, or that nobody knows."""
    unknown = len(own) and not own["flag"].notna().any()
    return phrase("group_unknown" if unknown else "group_nobody_below", scope=scope)
