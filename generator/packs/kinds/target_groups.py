"""The mentors' workbook: dated lists of pupils whom one grade would carry far."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from generator.measuring import Cohort
from generator.packs.facts import near_thresholds
from generator.packs.facts.group_measures import Measured
from generator.packs.facts.near_thresholds import NEAR, STATES, THRESHOLDS
from generator.packs.facts.pupil_summary import across
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.layout.columns import columns
from generator.packs.layout.workbook import Pack
from generator.packs.pages.cover import start_pack
from generator.packs.schoolwide import (
    SENIOR_LEADER,
    led,
    no_leader,
    of_standing,
    one_for_the_school,
)
from generator.packs.wording import day, listed, many, per_cent, say, words, year_name
from generator.problems import Problem
from generator.school.school import School
from udfs.tables import Tables

KIND = "target-groups"
WHO = ("year", "surname", "forename", "reg", "groups")
PAGES = {
    "both": ("english_grade", "maths_grade", "at_4", "last_4", "at_5", "last_5"),
    "ebacc": ("below_in", "named"),
    "nines": ("high_in", "high", "nearly_in", "nearly"),
    "slots": ("element", "slot_state", "slot_now", "could"),
    "grades": ("a8", "a8_note", "first", "first_adds", "second", "second_adds"),
    "underachieving": ("member_of", "below_in", "well_below_in", "with_data", "named"),
}

scopes = one_for_the_school


def without_holder(standing: CollectionSnapshot, scope: str) -> Problem | None:
    """That nobody leads the school, as a problem to put right."""
    return no_leader(standing, KIND)


def write(
    standing: CollectionSnapshot,
    school: School,
    tables: Tables,
    scope: str,
    *,
    now: datetime,
) -> bytes:
    """The lists, one sheet each.

    Raises:
        MarkbookError: If the rule of a group cannot be used.
    """
    known = of_standing(standing)
    years = school.settings.measures.years
    pupils = standing.pupils.loc[standing.pupils["year"].isin(years)]
    of = known.now
    rows = near_thresholds.taken(of, pupils) if of is not None else pd.DataFrame()
    nobody = of is None or rows.empty
    lists: dict[str, pd.DataFrame] = {}
    counts = pd.DataFrame()
    if of is None or nobody:
        said = [say("mentors_nobody", years=listed([year_name(y) for y in years]))]
    else:
        states = near_thresholds.english_maths(rows, of)
        counts = near_thresholds.counted(states, pupils.set_index("adno")["year"])
        last = _last(known, pupils)
        said = _answer(states, counts, last, known)
        lists = _lists(standing, school, known, of, rows, pupils, states, last)
    pack = start_pack(
        standing, school, say("school"),
        standing.rows.loc[standing.rows["adno"].isin(pupils["adno"])],
        title=words("titles", "target_groups"), role=SENIOR_LEADER,
        holders=led(standing, SENIOR_LEADER), elsewhere=0, now=now, said=said,
        contents={words("sheets", n): words("contents", n) for n in lists},
        foot="mentors",
    )  # fmt: skip
    dated = f"{standing.collection.title}, {day(now.date())}"
    known_yet = not nobody and bool(rows["points"].notna().any())
    empty = say("list_empty" if known_yet else "list_unknown")
    for name, frame in lists.items():
        _page(pack, name, frame, dated, said, counts, empty=empty)
    return pack.close()


def _lists(
    standing: CollectionSnapshot,
    school: School,
    known: Measured,
    of: Cohort,
    rows: pd.DataFrame,
    pupils: pd.DataFrame,
    states: pd.DataFrame,
    last: pd.DataFrame | None,
) -> dict[str, pd.DataFrame]:
    both = states.rename(columns={"english": "english_grade", "maths": "maths_grade"})
    for threshold in THRESHOLDS:
        before = None if last is None else last[f"at_{threshold}"].reindex(both.index)
        told = [""] * len(both) if before is None else before.fillna("").tolist()
        both[f"last_{threshold}"] = near_thresholds.words_of(told)
    order = {state: at for at, state in enumerate((*NEAR, "no_grade", "secure"))}
    both["place"] = both["at_4"].map(order).fillna(len(order))
    both["place"] = both["place"].where(
        both["at_4"] != "secure", 2.5 + 0.1 * both["at_5"].map(order).fillna(9)
    )
    for threshold in THRESHOLDS:
        both[f"at_{threshold}"] = near_thresholds.words_of(both[f"at_{threshold}"])
    slots = near_thresholds.slots(of, pupils).rename(
        columns={"state": "slot_state", "now": "slot_now"}
    )
    grades = near_thresholds.two_grades(of, pupils)
    grades["a8_note"] = [
        "" if done else say("a8_missing", missing=many(int(n), "prediction"))
        for done, n in zip(grades["complete"], grades["missing"], strict=True)
    ]
    summed = across(standing.rows, pupils)
    summed = summed.loc[summed["below"] >= school.settings.packs.below_in]
    member = known.members.set_index("adno")[list(known.groups)]
    names = [
        ", ".join(
            name for name, is_in in zip(known.groups, flags, strict=True) if is_in
        )
        for flags in member.reindex(summed["adno"], fill_value=False).to_numpy()
    ]
    under = summed.assign(
        member_of=names, below_in=summed["below"], well_below_in=summed["well_below"]
    ).drop(columns=[name for name in WHO])
    lists = {
        "both": both.reset_index(),
        "grades": grades,
        "slots": slots,
        "ebacc": near_thresholds.ebacc_below(rows),
        "nines": near_thresholds.nines(rows),
        "underachieving": under.loc[under["member_of"] != ""],
    }
    return {name: _named(name, frame, pupils) for name, frame in lists.items()}


def _named(name: str, frame: pd.DataFrame, pupils: pd.DataFrame) -> pd.DataFrame:
    """The list with each pupil's name, in its order."""
    made = frame.merge(pupils[["adno", *WHO]], on="adno")
    first = {
        "both": (["place"], [True]),
        "ebacc": (["below_in"], [False]),
        "nines": (["high_in", "nearly_in"], [False, False]),
        "underachieving": (["below_in", "well_below_in"], [False, False]),
    }.get(name, ([], []))
    keys = ["year", *first[0], "surname", "forename", "adno"]
    ways = [True, *first[1], True, True, True]
    return made.sort_values(keys, ascending=ways, kind="stable", ignore_index=True)


def _last(known: Measured, pupils: pd.DataFrame) -> pd.DataFrame | None:
    """English and mathematics of the collection before, where it has any."""
    if known.last is None:
        return None
    rows = near_thresholds.taken(known.last, pupils)
    if rows.empty or not rows["points"].notna().any():
        return None
    return near_thresholds.english_maths(rows, known.last)


def _answer(
    states: pd.DataFrame,
    counts: pd.DataFrame,
    last: pd.DataFrame | None,
    known: Measured,
) -> list[str]:
    said = []
    for row in counts.to_dict("records"):
        there = int(row["pupils"] - row["no_grade"] - row["not_taken"])
        if not there:
            said.append(
                say("mentors_no_grades", year=year_name(row["year"]), aim=row["aim"])
            )
            continue
        said.append(
            say(
                "mentors_answer",
                year=year_name(row["year"]), aim=row["aim"],
                secure=f"{row['secure']:,}", of=f"{there:,}",
                share=per_cent(row["secure"] / there),
                english=f"{row['english_only']:,}", maths=f"{row['maths_only']:,}",
                within=f"{row['within']:,}",
            )
        )  # fmt: skip
    if last is not None:
        for threshold in THRESHOLDS:
            number, done = near_thresholds.moved(states, last, threshold)
            if number:
                said.append(
                    say(
                        "mentors_moved", aim=f"{threshold}+", last=known.last_code,
                        number=many(number, "pupil"), done=f"{done:,}",
                    )
                )  # fmt: skip
    return said


def _page(
    pack: Pack,
    name: str,
    frame: pd.DataFrame,
    dated: str,
    said: list[str],
    counts: pd.DataFrame,
    *,
    empty: str,
) -> None:
    shown = columns(["adno", *WHO, *PAGES[name]])
    page = pack.page(words("sheets", name), [column.width for column in shown])
    page.band(words("sheets", name), dated)
    if name == "both":
        for number, text in enumerate(said):
            page.say(text, answer=number == 0)
        page.gap()
        keys = ["year", "aim", "pupils", *(f"state_{state}" for state in STATES)]
        table = counts.rename(columns={state: f"state_{state}" for state in STATES})
        page.table(table, columns(keys))
        page.gap()
        page.open_here()
    page.say(words("notes", f"list_{name}"), ink="quiet")
    if frame.empty:
        page.say(empty, answer=True)
        return
    page.table(frame, shown, parted="year", filtered=True, frozen=3)
