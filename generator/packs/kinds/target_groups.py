"""The mentors' pack: dated lists of pupils whom one grade would take far."""

from __future__ import annotations

import pandas as pd

from generator.measuring import Cohort
from generator.packs.facts.group_measures import CollectionMeasures
from generator.packs.facts.near_thresholds import (
    NEAR_STATES,
    STATES,
    THRESHOLDS,
    count_secured,
    count_states,
    ebacc_below,
    english_and_maths,
    high_grades,
    measured_entries,
    most_valuable_grades,
    state_names,
    weak_slots,
)
from generator.packs.facts.pupil_summary import summarise_pupils
from generator.packs.facts.readers import senior_leaders
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import PackColumn, pack_columns
from generator.packs.layout.workbook import PackPage
from generator.packs.pack_kind import PackContext, PackKind, whole_school
from generator.packs.pages.cover import PackCover, contents_of, start_pack
from generator.packs.wording import (
    count_text,
    date_text,
    join_names,
    percent,
    phrase,
    wording,
    year_name,
)

NAME = "target-groups"
PUPIL_FIELDS = ("year", "surname", "forename", "reg", "groups")
LISTS = {
    "both": ("english_grade", "maths_grade", "at_4", "last_4", "at_5", "last_5"),
    "ebacc": ("below_in", "named"),
    "nines": ("high_in", "high", "nearly_in", "nearly"),
    "slots": ("element", "slot_state", "slot_now", "could"),
    "grades": ("a8", "a8_note", "first", "first_adds", "second", "second_adds"),
    "underachieving": ("member_of", "below_in", "well_below_in", "with_data", "named"),
}
# Those in most subjects first; within each, by name.
MOST_FIRST = {
    "ebacc": ["below_in"],
    "nines": ["high_in", "nearly_in"],
    "underachieving": ["below_in", "well_below_in"],
}


def write(snapshot: CollectionSnapshot, context: PackContext, scope: str) -> bytes:
    """The lists, one sheet each.

    Raises:
        MarkbookError: If the rule of a group cannot be used.
    """
    measures = snapshot.valid_measures()
    settings = context.school.settings
    years = settings.measures.years
    pupils = snapshot.pupils.loc[snapshot.pupils["year"].isin(years)]
    cohort = measures.current
    entries = measured_entries(cohort, pupils) if cohort is not None else pd.DataFrame()
    lists: dict[str, pd.DataFrame] = {}
    counts = pd.DataFrame()
    if cohort is None or entries.empty:
        names = [year_name(year) for year in years]
        sentences = [phrase("mentors_nobody", years=join_names(names))]
    else:
        states = english_and_maths(entries, cohort)
        counts = count_states(states, pupils.set_index("adno")["year"])
        last = _previous_states(measures, pupils)
        sentences = _sentences(states, counts, last, measures.previous_code)
        below_in = settings.packs.below_in
        lists = {
            "both": _english_and_maths_list(states, last),
            "grades": _grades_list(cohort, pupils),
            "slots": weak_slots(cohort, pupils).rename(
                columns={"state": "slot_state", "now": "slot_now"}
            ),
            "ebacc": ebacc_below(entries),
            "nines": high_grades(entries),
            "underachieving": _members_below(snapshot, measures, pupils, below_in),
        }
    rows = snapshot.rows.loc[snapshot.rows["adno"].isin(pupils["adno"])]
    cover = PackCover(
        phrase("school"), wording("titles", "target_groups"), senior_leaders(snapshot),
        rows, sentences, contents_of(*lists), footer="mentors",
    )  # fmt: skip
    pack = start_pack(snapshot, context, cover)
    dated = f"{snapshot.collection.title}, {date_text(context.now.date())}"
    has_grades = not entries.empty and bool(entries["points"].notna().any())
    empty = phrase("list_empty" if has_grades else "list_unknown")
    for name, frame in lists.items():
        page = pack.page(wording("sheets", name), _list_columns(name))
        page.title_band(wording("sheets", name), dated)
        if name == "both":
            page.sentences(sentences)
            _counts_table(page, counts)
            page.activate()
        page.sentence(wording("notes", f"list_{name}"), ink="quiet")
        frame = _add_pupils(name, frame, pupils)
        if frame.empty:
            page.sentence(empty, answer=True)
        else:
            columns = _list_columns(name)
            page.table(frame, columns, parted="year", filtered=True, frozen=3)
    return pack.close()


KIND = PackKind(NAME, whole_school, senior_leaders, write, measures="all")


def _list_columns(name: str) -> list[PackColumn]:
    return pack_columns(["adno", *PUPIL_FIELDS, *LISTS[name]])


def _counts_table(page: PackPage, counts: pd.DataFrame) -> None:
    page.gap()
    keys = ["year", "aim", "pupils", *(f"state_{state}" for state in STATES)]
    table = counts.rename(columns={state: f"state_{state}" for state in STATES})
    page.table(table, pack_columns(keys))
    page.gap()


def _add_pupils(name: str, frame: pd.DataFrame, pupils: pd.DataFrame) -> pd.DataFrame:
    """The list with each pupil's name, in its order."""
    frame = frame.merge(pupils[["adno", *PUPIL_FIELDS]], on="adno")
    most = MOST_FIRST.get(name, [])
    place = ["place"] if name == "both" else []
    keys = ["year", *place, *most, "surname", "forename", "adno"]
    return frame.sort_values(
        keys, ascending=[key not in most for key in keys], kind="stable",
        ignore_index=True,
    )  # fmt: skip


def _english_and_maths_list(
    states: pd.DataFrame, last: pd.DataFrame | None
) -> pd.DataFrame:
    """English and mathematics of each pupil, now and in the previous collection.

    Args:
        states: From `english_and_maths`.
        last: The same of the previous collection; None if there is none.
    """
    frame = states.rename(columns={"english": "english_grade", "maths": "maths_grade"})
    for threshold in THRESHOLDS:
        before = [""] * len(frame)
        if last is not None:
            column = last[f"at_{threshold}"].reindex(frame.index)
            before = column.fillna("").tolist()
        frame[f"last_{threshold}"] = state_names(before)
    order = {
        state: place for place, state in enumerate((*NEAR_STATES, "no_grade", "secure"))
    }
    place = frame["at_4"].map(order).fillna(len(order)).astype("float64")
    secure = 2.5 + 0.1 * frame["at_5"].map(order).fillna(9)
    frame["place"] = place.where(frame["at_4"] != "secure", secure)
    for threshold in THRESHOLDS:
        frame[f"at_{threshold}"] = state_names(frame[f"at_{threshold}"])
    return frame.reset_index()


def _grades_list(cohort: Cohort, pupils: pd.DataFrame) -> pd.DataFrame:
    """The two grades of each pupil that would change Attainment 8 the most."""
    grades = most_valuable_grades(cohort, pupils)
    grades["a8_note"] = [
        ""
        if complete
        else phrase("a8_missing", missing=count_text(int(missing), "prediction"))
        for complete, missing in zip(grades["complete"], grades["missing"], strict=True)
    ]
    return grades


def _members_below(
    snapshot: CollectionSnapshot,
    measures: CollectionMeasures,
    pupils: pd.DataFrame,
    least: int,
) -> pd.DataFrame:
    """The members of groups who are below target in so many subjects."""
    summary = summarise_pupils(snapshot.rows, pupils)
    below = summary.loc[summary["below"] >= least]
    members = measures.members.set_index("adno")[list(measures.groups)]
    names = [
        ", ".join(
            name for name, member in zip(measures.groups, flags, strict=True) if member
        )
        for flags in members.reindex(below["adno"], fill_value=False).to_numpy()
    ]
    below = below.assign(
        member_of=names, below_in=below["below"], well_below_in=below["well_below"]
    ).drop(columns=list(PUPIL_FIELDS))
    return below.loc[below["member_of"] != ""]


def _previous_states(
    measures: CollectionMeasures, pupils: pd.DataFrame
) -> pd.DataFrame | None:
    """English and mathematics in the previous collection, if it has any."""
    if measures.previous is None:
        return None
    entries = measured_entries(measures.previous, pupils)
    if entries.empty or not entries["points"].notna().any():
        return None
    return english_and_maths(entries, measures.previous)


def _sentences(
    states: pd.DataFrame,
    counts: pd.DataFrame,
    last: pd.DataFrame | None,
    previous_code: str,
) -> list[str]:
    """How many are secure in English and mathematics, in sentences.

    Args:
        states: From `english_and_maths`.
        counts: From `count_states`.
        last: The states in the previous collection; None if there are none.
        previous_code: The code of the previous collection.
    """
    sentences = []
    for row in counts.to_dict("records"):
        year, aim = year_name(row["year"]), row["aim"]
        with_grades = int(row["pupils"] - row["no_grade"] - row["not_taken"])
        if not with_grades:
            sentences.append(phrase("mentors_no_grades", year=year, aim=aim))
            continue
        sentences.append(
            phrase(
                "mentors_answer", year=year, aim=aim,
                secure=f"{row['secure']:,}", of=f"{with_grades:,}",
                share=percent(row["secure"] / with_grades),
                english=f"{row['english_only']:,}", maths=f"{row['maths_only']:,}",
                within=f"{row['within']:,}",
            )
        )  # fmt: skip
    if last is None:
        return sentences
    for threshold in THRESHOLDS:
        number, secured = count_secured(states, last, threshold)
        if number:
            sentences.append(
                phrase(
                    "mentors_moved", aim=f"{threshold}+", last=previous_code,
                    number=count_text(number, "pupil"), done=f"{secured:,}",
                )
            )  # fmt: skip
    return sentences
