"""Which pupils are near what counts: English and maths, EBacc, 7 to 9, slots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from generator.measuring import Cohort
from generator.measuring.entries import grade_points
from generator.packs.facts.history import BELOW
from generator.packs.wording import wording
from udfs.measures.attainment8_gains import grade_gains
from udfs.scales.scale import POINT

THRESHOLDS = (4, 5)
ENGLISH = ("english_language", "english_literature")
EBACC = (*ENGLISH, "maths", "science", "combined_science", "humanities", "languages")
STATES = (
    "secure", "english_only", "maths_only", "within", "further", "no_grade",
    "not_taken",
)  # fmt: skip
NEAR_STATES = ("english_only", "maths_only", "within")  # who is worth a mentor's time
NUMERIC_SCALES = ("gcse", "gcse_fine", "combined_science")  # scales that go up to 9
HIGH_GRADE = 7
WEAK_BY = 2 * POINT  # so far below the pupil's own average grade is a weak slot


def measured_entries(of: Cohort, pupils: pd.DataFrame) -> pd.DataFrame:
    """Who takes what, of the years that Key Stage 4 is measured in.

    Args:
        of: The pupils of the collection.
        pupils: Who may be named; nobody else is answered.

    Returns:
        Rows of `Cohort.rows` with `slot` and `scale`, without subjects that the
        pupil turned out not to take.
    """
    rows = of.rows
    mine = rows["year"].isin(of.school.settings.measures.years)
    mine &= rows["adno"].isin(pupils["adno"]) & rows["prediction"].ne("N/T")
    rows = rows.loc[mine]
    subjects = {name: of.tables.subject(name) for name in rows["subject"].unique()}
    return rows.assign(
        slot=rows["subject"].map({name: s.slot for name, s in subjects.items()}),
        scale=rows["subject"].map({name: s.scale for name, s in subjects.items()}),
    )


def english_and_maths(rows: pd.DataFrame, of: Cohort) -> pd.DataFrame:
    """English (the better of the two) and mathematics of each pupil.

    A result that is there already counts in the place of predictions, as it does in
    the headline measures.

    Args:
        rows: From `taken`.
        of: The pupils of the collection, with the results known then.

    Returns:
        By admission number: `english` (`Literature 5` in full), `maths`, their points
        in sixtieths, and for each threshold `at_4`, `at_5` one of `STATES`.
    """
    everybody = pd.Index(sorted(rows["adno"].unique()), name="adno")
    rows = _prefer_results(rows, of)
    english = _best_grades(rows.loc[rows["slot"].isin(ENGLISH)])
    maths = _best_grades(rows.loc[rows["slot"] == "maths"])
    made = pd.DataFrame(index=everybody)
    told = english["subject"] + " " + english["prediction"]
    made["english"] = told.reindex(everybody)
    made["maths"] = maths["prediction"].reindex(everybody)
    made["english_points"] = english["points"].reindex(everybody)
    made["maths_points"] = maths["points"].reindex(everybody)
    takes = [
        everybody.isin(rows.loc[rows["slot"].isin(slots), "adno"])
        for slots in (ENGLISH, ("maths",))
    ]
    one = made["english_points"].astype("float64").to_numpy()
    two = made["maths_points"].astype("float64").to_numpy()
    for threshold in THRESHOLDS:
        least = threshold * POINT
        made[f"at_{threshold}"] = np.select(
            [
                ~(takes[0] & takes[1]),
                np.isnan(one) | np.isnan(two),
                (one >= least) & (two >= least),
                one >= least,
                two >= least,
                (one >= least - POINT) & (two >= least - POINT),
            ],
            ["not_taken", "no_grade", "secure", "english_only", "maths_only", "within"],
            default="further",
        )
    return made


def _prefer_results(rows: pd.DataFrame, of: Cohort) -> pd.DataFrame:
    """English and mathematics; a result, the earliest, instead of predictions."""
    keys = ["adno", "slot"]
    rows = rows.loc[rows["slot"].isin((*ENGLISH, "maths"))]
    rows = rows[[*keys, "subject", "prediction", "points"]]
    if of.banked is None:
        return rows
    known = of.banked.sort_values("entry", kind="stable")
    subjects = {name: of.tables.subject(name) for name in known["subject"].unique()}
    known = known.assign(
        slot=known["subject"].map({name: s.slot for name, s in subjects.items()})
    ).drop_duplicates(keys)
    scales = known["subject"].map({name: s.scale for name, s in subjects.items()})
    known = known.assign(
        points=grade_points(known["grade"], scales, of.tables),
        prediction=known["grade"] + " " + wording("states", "result"),
    )
    settled = pd.MultiIndex.from_frame(rows[keys]).isin(
        pd.MultiIndex.from_frame(known[keys])
    )
    return pd.concat([rows.loc[~settled], known[rows.columns]], ignore_index=True)


def _best_grades(rows: pd.DataFrame) -> pd.DataFrame:
    graded = rows.loc[rows["points"].notna()]
    order = graded.sort_values(
        ["adno", "points", "subject"], ascending=[True, False, True], kind="stable"
    )
    return order.drop_duplicates("adno").set_index("adno")


def count_states(states: pd.DataFrame, years: pd.Series) -> pd.DataFrame:
    """How many pupils of each year are where, one row per year and threshold."""
    made = []
    for threshold in THRESHOLDS:
        table = pd.crosstab(years.reindex(states.index), states[f"at_{threshold}"])
        table = table.reindex(columns=list(STATES), fill_value=0)
        table.insert(0, "aim", f"{threshold}+")
        made.append(table.rename_axis("year").reset_index())
    together = pd.concat(made, ignore_index=True)
    together["pupils"] = together[list(STATES)].sum(axis=1)
    return together.sort_values(["year", "aim"], kind="stable", ignore_index=True)


def ebacc_below(rows: pd.DataFrame) -> pd.DataFrame:
    """Pupils below target in EBacc subjects: `adno`, `below_in`, `named`."""
    below = rows.loc[rows["slot"].isin(EBACC) & rows["flag"].isin(BELOW)]
    # A judgement says that it is below without any target.
    told = below["subject"] + " " + below["prediction"]
    aimed = told + " (" + below["target"] + ")"
    below = below.assign(told=aimed.where(below["target"].notna(), told))
    below = below.sort_values(["adno", "gap", "subject"], kind="stable")
    each = below.groupby("adno")["told"]
    made = pd.DataFrame({"below_in": each.size(), "named": each.agg(", ".join)})
    return made.reset_index()


def high_grades(rows: pd.DataFrame) -> pd.DataFrame:
    """Who may reach 7 to 9, and in what.

    Returns:
        `adno`; `high_in` (predicted 7 or more in so many); `high` (which); `nearly`
        (predicted one grade under 7, or below 7 with a target of 7 or more: with
        the target); `nearly_in`.
    """
    graded = rows.loc[rows["scale"].isin(NUMERIC_SCALES) & rows["points"].notna()]
    points, aim = graded["points"], graded["target_points"]
    high = points >= HIGH_GRADE * POINT
    near = ~high & (
        (points >= (HIGH_GRADE - 1) * POINT) | (aim >= HIGH_GRADE * POINT).fillna(False)
    )
    told = graded["subject"] + " " + graded["prediction"]
    aimed = told + " (" + graded["target"] + ")"
    told = aimed.where(graded["target"].notna(), told)
    made = pd.DataFrame(index=pd.Index(sorted(graded["adno"].unique()), name="adno"))
    for name, chosen in (("high", high), ("nearly", near)):
        mine = told[chosen].groupby(graded.loc[chosen, "adno"])
        made[f"{name}_in"] = mine.size().reindex(made.index, fill_value=0)
        made[name] = mine.agg(", ".join).reindex(made.index, fill_value="")
    some = (made["high_in"] > 0) | (made["nearly_in"] > 0)
    return made.loc[some].reset_index()


def weak_slots(of: Cohort, pupils: pd.DataFrame) -> pd.DataFrame:
    """Attainment 8 slots that are empty, wait for a grade, or are weak.

    Weak: two whole grades or more below the pupil's own average grade.

    Returns:
        One row per pupil and slot: `adno`, `element`, `state` (in words), `now` (what
        fills it), `could` (the pupil's other subjects that may stand there).
    """
    answer = of.attainment
    titles = {one.name: one.title for one in answer.model.elements}
    values = answer.slot_values
    mine = values["adno"].isin(pupils["adno"])
    values = values.loc[mine]
    used = values.loc[values["element"] != ""]
    spare = values.loc[values["element"] == ""]
    graded = used.loc[~used["missing"]]
    weights = graded.groupby("adno")["weight"].sum()
    average = graded.groupby("adno")["counted"].sum() / weights
    weak = graded.loc[
        graded["points"].astype("float64") <= graded["adno"].map(average) - WEAK_BY
    ]
    told = subjects_with_grades(weak)
    parts = [
        pd.DataFrame({"adno": weak["adno"], "element": weak["element"],
                      "state": wording("slots", "weak"), "now": told}),
    ]  # fmt: skip
    waiting = used.loc[used["missing"]]
    parts.append(
        pd.DataFrame({"adno": waiting["adno"], "element": waiting["element"],
                      "state": wording("slots", "waiting"), "now": waiting["subject"]})
    )  # fmt: skip
    empty = answer.empty_slots
    empty = empty.loc[empty["adno"].isin(pupils["adno"])]
    parts.append(
        pd.DataFrame({"adno": empty["adno"], "element": empty["element"],
                      "state": wording("slots", "empty"), "now": ""})
    )  # fmt: skip
    made = pd.concat(parts, ignore_index=True)
    made["could"] = _alternative_subjects(made, spare, of)
    order = {name: at for at, name in enumerate(titles)}
    made["place"] = made["element"].map(order)
    made["element"] = made["element"].map(titles)
    return made.sort_values(["adno", "place", "state"], kind="stable").drop(
        columns="place"
    )


def subjects_with_grades(values: pd.DataFrame) -> pd.Series[str]:
    """`History 3` of every grade; `History` where there is none yet."""
    told = values["subject"] + " " + values["grade"]
    return told.mask(values["missing"], values["subject"])


def _alternative_subjects(
    made: pd.DataFrame, spare: pd.DataFrame, of: Cohort
) -> list[str]:
    """The pupil's subjects that fill no slot and may fill this one."""
    kinds = {
        element.name: {slot for kind in element.kinds for slot in kind.slots}
        for element in of.model.elements
    }
    slot_of = {name: of.tables.subject(name).slot for name in spare["subject"].unique()}
    spare = spare.assign(
        slot=spare["subject"].map(slot_of), told=subjects_with_grades(spare)
    )
    mine = {adno: part for adno, part in spare.groupby("adno")}
    answer = []
    for adno, element, now in zip(
        made["adno"], made["element"], made["now"], strict=True
    ):
        part = mine.get(adno)
        if part is None:
            answer.append("")
            continue
        # Combined science has two values: the other cannot better the one.
        fits = part["slot"].isin(kinds[element]) & part["told"].ne(now)
        could = part.loc[fits, "told"]
        answer.append(", ".join(could.drop_duplicates()))
    return answer


def most_valuable_grades(of: Cohort, pupils: pd.DataFrame) -> pd.DataFrame:
    """The two grades of each pupil that would change Attainment 8 the most.

    Returns:
        `adno`, `a8` (points so far; missing without any grade), `complete`, and for
        each of the two `first`, `second` (`History 4 to 5`) what it `_adds` in points.
    """
    answer = of.attainment
    scores = answer.pupils.loc[answer.pupils["adno"].isin(pupils["adno"])]
    every = grade_gains(answer, of.tables)
    every = every.loc[every["adno"].isin(pupils["adno"]) & (every["gain"] > 0)]
    # Of Language and Literature the better counts, and once: only one is named.
    slot_of = {name: of.tables.subject(name).slot for name in every["subject"].unique()}
    slot = every["subject"].map(slot_of)
    once = every["subject"].mask(slot.isin(ENGLISH), "English")
    every = every.assign(once=once).drop_duplicates(["adno", "once"])
    every = every.assign(
        rank=every.groupby("adno").cumcount(),
        told=every["subject"] + " " + every["grade"] + " → " + every["raised"],
        adds=every["gain"] / POINT,
    )
    made = scores[["adno", "points", "complete", "missing"]].copy()
    values = answer.slot_values
    graded = values.loc[values["points"].notna(), "adno"]
    made["a8"] = (made["points"] / POINT).where(made["adno"].isin(graded))
    for rank, name in enumerate(("first", "second")):
        one = every.loc[every["rank"] == rank].set_index("adno")
        made[name] = made["adno"].map(one["told"])
        made[f"{name}_adds"] = made["adno"].map(one["adds"])
    return made.reset_index(drop=True)


def count_secured(
    now: pd.DataFrame, last: pd.DataFrame, threshold: int
) -> tuple[int, int]:
    """How those chosen last time have done: how many there were, how many are secure.

    Args:
        now: From `english_maths`.
        last: The same of the collection before.
        threshold: 4 or 5.
    """
    column = f"at_{threshold}"
    chosen = last.index[last[column].isin(NEAR_STATES)].intersection(now.index)
    return len(chosen), int(now.loc[chosen, column].eq("secure").sum())


def state_names(states: Sequence[str] | pd.Series[str]) -> list[str]:
    """What the states are called."""
    return [wording("states", state) if state else "" for state in states]
