"""Pupils near what is counted: English and maths, EBacc, grades 7 to 9, slots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from generator.measuring import Cohort
from generator.measuring.entries import grade_points
from generator.packs.facts.history import BELOW
from generator.packs.facts.pupil_summary import prediction_texts
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
NEAR_STATES = ("english_only", "maths_only", "within")  # worth a mentor's time
NUMERIC_SCALES = ("gcse", "gcse_fine", "combined_science")  # scales that go up to 9
HIGH_GRADE = 7
WEAK_BY = 2 * POINT  # below the pupil's own average grade: a weak slot


def measured_entries(cohort: Cohort, pupils: pd.DataFrame) -> pd.DataFrame:
    """The entries of the years that Key Stage 4 is measured in.

    Args:
        cohort: The pupils of the collection.
        pupils: The pupils who may be named; others are left out.

    Returns:
        Rows of `Cohort.rows` with `slot` and `scale`, without subjects that the
        pupil does not take after all.
    """
    rows = cohort.rows
    measured = rows["year"].isin(cohort.school.settings.measures.years)
    measured &= rows["adno"].isin(pupils["adno"]) & rows["prediction"].ne("N/T")
    rows = rows.loc[measured]
    return rows.assign(
        slot=_subject_field(rows, cohort, "slot"),
        scale=_subject_field(rows, cohort, "scale"),
    )


def _subject_field(rows: pd.DataFrame, cohort: Cohort, field: str) -> pd.Series[str]:
    """The `slot` or the `scale` of each row's subject."""
    names = rows["subject"].unique()
    values = {name: getattr(cohort.tables.subject(name), field) for name in names}
    return rows["subject"].map(values)


def english_and_maths(entries: pd.DataFrame, cohort: Cohort) -> pd.DataFrame:
    """English (the better of the two) and mathematics of each pupil.

    A result counts instead of predictions, as it does in the headline measures.

    Args:
        entries: From `measured_entries`.
        cohort: The pupils of the collection, with the results known then.

    Returns:
        By admission number: `english` (`Literature 5` in full), `maths`, their points
        in sixtieths, and for each threshold `at_4`, `at_5` one of `STATES`.
    """
    pupils = pd.Index(sorted(entries["adno"].unique()), name="adno")
    entries = _prefer_results(entries, cohort)
    english = _best_grades(entries.loc[entries["slot"].isin(ENGLISH)])
    maths = _best_grades(entries.loc[entries["slot"] == "maths"])
    english_texts = english["subject"] + " " + english["prediction"]
    states = pd.DataFrame(
        {
            "english": english_texts.reindex(pupils),
            "maths": maths["prediction"].reindex(pupils),
            "english_points": english["points"].reindex(pupils),
            "maths_points": maths["points"].reindex(pupils),
        },
        index=pupils,
    )
    takes_english, takes_maths = (
        pupils.isin(entries.loc[entries["slot"].isin(slots), "adno"])
        for slots in (ENGLISH, ("maths",))
    )
    english_points = states["english_points"].astype("float64").to_numpy()
    maths_points = states["maths_points"].astype("float64").to_numpy()
    for threshold in THRESHOLDS:
        least = threshold * POINT
        near = least - POINT
        states[f"at_{threshold}"] = np.select(
            [
                ~(takes_english & takes_maths),
                np.isnan(english_points) | np.isnan(maths_points),
                (english_points >= least) & (maths_points >= least),
                english_points >= least,
                maths_points >= least,
                (english_points >= near) & (maths_points >= near),
            ],
            ["not_taken", "no_grade", "secure", "english_only", "maths_only", "within"],
            default="further",
        )
    return states


def _prefer_results(entries: pd.DataFrame, cohort: Cohort) -> pd.DataFrame:
    """English and mathematics, with the earliest result in place of predictions."""
    keys = ["adno", "slot"]
    entries = entries.loc[entries["slot"].isin((*ENGLISH, "maths"))]
    entries = entries[[*keys, "subject", "prediction", "points"]]
    if cohort.banked is None:
        return entries
    results = cohort.banked.sort_values("entry", kind="stable")
    results = results.assign(slot=_subject_field(results, cohort, "slot"))
    results = results.drop_duplicates(keys)
    scales = _subject_field(results, cohort, "scale")
    results = results.assign(
        points=grade_points(results["grade"], scales, cohort.tables),
        prediction=results["grade"] + " " + wording("states", "result"),
    )
    with_result = pd.MultiIndex.from_frame(entries[keys]).isin(
        pd.MultiIndex.from_frame(results[keys])
    )
    parts = [entries.loc[~with_result], results[entries.columns]]
    return pd.concat(parts, ignore_index=True)


def _best_grades(entries: pd.DataFrame) -> pd.DataFrame:
    graded = entries.loc[entries["points"].notna()]
    graded = graded.sort_values(
        ["adno", "points", "subject"], ascending=[True, False, True], kind="stable"
    )
    return graded.drop_duplicates("adno").set_index("adno")


def count_states(states: pd.DataFrame, years: pd.Series) -> pd.DataFrame:
    """The number of pupils of each year in each state, by year and threshold.

    Args:
        states: From `english_and_maths`.
        years: The year group of each pupil, by admission number.
    """
    tables = []
    for threshold in THRESHOLDS:
        table = pd.crosstab(years.reindex(states.index), states[f"at_{threshold}"])
        table = table.reindex(columns=list(STATES), fill_value=0)
        table.insert(0, "aim", f"{threshold}+")
        tables.append(table.rename_axis("year").reset_index())
    counts = pd.concat(tables, ignore_index=True)
    counts["pupils"] = counts[list(STATES)].sum(axis=1)
    return counts.sort_values(["year", "aim"], kind="stable", ignore_index=True)


def count_secured(
    states: pd.DataFrame, last: pd.DataFrame, threshold: int
) -> tuple[int, int]:
    """The number of pupils who were near last time, and of those who are secure now.

    Args:
        states: From `english_and_maths`.
        last: The same of the previous collection.
        threshold: 4 or 5.
    """
    column = f"at_{threshold}"
    near = last.index[last[column].isin(NEAR_STATES)].intersection(states.index)
    return len(near), int(states.loc[near, column].eq("secure").sum())


def state_names(states: Sequence[str] | pd.Series[str]) -> list[str]:
    """The states in words."""
    return [wording("states", state) if state else "" for state in states]


def ebacc_below(entries: pd.DataFrame) -> pd.DataFrame:
    """Pupils below target in EBacc subjects: `adno`, `below_in`, `named`."""
    below = entries.loc[entries["slot"].isin(EBACC) & entries["flag"].isin(BELOW)]
    below = below.assign(text=prediction_texts(below))
    below = below.sort_values(["adno", "gap", "subject"], kind="stable")
    texts = below.groupby("adno")["text"]
    table = pd.DataFrame({"below_in": texts.size(), "named": texts.agg(", ".join)})
    return table.reset_index()


def high_grades(entries: pd.DataFrame) -> pd.DataFrame:
    """The pupils who may reach 7 to 9, and in what.

    Returns:
        `adno`; `high_in` (the number predicted 7 or more); `high` (which); `nearly`
        (predicted one grade under 7, or below 7 with a target of 7 or more: with
        the target); `nearly_in`.
    """
    graded = entries["scale"].isin(NUMERIC_SCALES) & entries["points"].notna()
    graded_entries = entries.loc[graded]
    points, target = graded_entries["points"], graded_entries["target_points"]
    high = points >= HIGH_GRADE * POINT
    high_target = (target >= HIGH_GRADE * POINT).fillna(False)
    nearly = ~high & ((points >= (HIGH_GRADE - 1) * POINT) | high_target)
    texts, adnos = prediction_texts(graded_entries), graded_entries["adno"]
    table = pd.DataFrame(index=pd.Index(sorted(adnos.unique()), name="adno"))
    for name, chosen in (("high", high), ("nearly", nearly)):
        of_pupil = texts[chosen].groupby(adnos[chosen])
        table[f"{name}_in"] = of_pupil.size().reindex(table.index, fill_value=0)
        table[name] = of_pupil.agg(", ".join).reindex(table.index, fill_value="")
    return table.loc[(table["high_in"] > 0) | (table["nearly_in"] > 0)].reset_index()


def weak_slots(cohort: Cohort, pupils: pd.DataFrame) -> pd.DataFrame:
    """Attainment 8 slots that are empty, wait for a grade, or are weak.

    Weak: two whole grades or more below the pupil's own average grade.

    Args:
        cohort: The pupils of the collection.
        pupils: The pupils who may be named.

    Returns:
        One row per pupil and slot: `adno`, `element`, `state` (in words), `now` (what
        fills it), `could` (the pupil's other subjects that may fill it).
    """
    attainment = cohort.attainment
    titles = {element.name: element.title for element in attainment.model.elements}
    values = attainment.slot_values
    values = values.loc[values["adno"].isin(pupils["adno"])]
    used = values.loc[values["element"] != ""]
    spare = values.loc[values["element"] == ""]
    graded = used.loc[~used["missing"]]
    weights = graded.groupby("adno")["weight"].sum()
    average = graded.groupby("adno")["counted"].sum() / weights
    limit = graded["adno"].map(average) - WEAK_BY
    weak = graded.loc[graded["points"].astype("float64") <= limit]
    waiting = used.loc[used["missing"]]
    empty = attainment.empty_slots
    empty = empty.loc[empty["adno"].isin(pupils["adno"])]
    slots = pd.concat(
        [
            part[["adno", "element"]].assign(state=wording("slots", state), now=now)
            for state, part, now in (
                ("weak", weak, _subjects_with_grades(weak)),
                ("waiting", waiting, waiting["subject"]),
                ("empty", empty, ""),
            )
        ],
        ignore_index=True,
    )
    slots["could"] = _alternative_subjects(slots, spare, cohort)
    order = {name: place for place, name in enumerate(titles)}
    slots["place"] = slots["element"].map(order)
    slots["element"] = slots["element"].map(titles)
    slots = slots.sort_values(["adno", "place", "state"], kind="stable")
    return slots.drop(columns="place")


def _subjects_with_grades(values: pd.DataFrame) -> pd.Series[str]:
    """`History 3` for every grade; `History` if there is none yet."""
    texts = values["subject"] + " " + values["grade"]
    return texts.mask(values["missing"], values["subject"])


def _alternative_subjects(
    slots: pd.DataFrame, spare: pd.DataFrame, cohort: Cohort
) -> list[str]:
    """For each slot, the pupil's subjects that fill no slot and may fill this one."""
    fitting = {
        element.name: {slot for kind in element.kinds for slot in kind.slots}
        for element in cohort.model.elements
    }
    spare = spare.assign(
        slot=_subject_field(spare, cohort, "slot"), text=_subjects_with_grades(spare)
    )
    of_pupil = {adno: part for adno, part in spare.groupby("adno")}
    alternatives = []
    for adno, element, now in zip(
        slots["adno"], slots["element"], slots["now"], strict=True
    ):
        part = of_pupil.get(adno)
        if part is None:
            alternatives.append("")
            continue
        # Combined science has two values: the second cannot better the first.
        fits = part["slot"].isin(fitting[element]) & part["text"].ne(now)
        alternatives.append(", ".join(part.loc[fits, "text"].drop_duplicates()))
    return alternatives


def most_valuable_grades(cohort: Cohort, pupils: pd.DataFrame) -> pd.DataFrame:
    """The two grades of each pupil that would change Attainment 8 the most.

    Args:
        cohort: The pupils of the collection.
        pupils: The pupils who may be named.

    Returns:
        `adno`, `a8` (points so far; missing without any grade), `complete`, and for
        each of the two `first`, `second` (`History 4 to 5`) what it `_adds` in points.
    """
    attainment = cohort.attainment
    scores = attainment.pupils.loc[attainment.pupils["adno"].isin(pupils["adno"])]
    gains = grade_gains(attainment, cohort.tables)
    gains = gains.loc[gains["adno"].isin(pupils["adno"]) & (gains["gain"] > 0)]
    # The better of Language and Literature counts, once: only one is named.
    slots = _subject_field(gains, cohort, "slot")
    subjects = gains["subject"].mask(slots.isin(ENGLISH), "English")
    gains = gains.assign(counted_as=subjects).drop_duplicates(["adno", "counted_as"])
    gains = gains.assign(
        rank=gains.groupby("adno").cumcount(),
        text=gains["subject"] + " " + gains["grade"] + " → " + gains["raised"],
        adds=gains["gain"] / POINT,
    )
    table = scores[["adno", "points", "complete", "missing"]].copy()
    values = attainment.slot_values
    graded = values.loc[values["points"].notna(), "adno"]
    table["a8"] = (table["points"] / POINT).where(table["adno"].isin(graded))
    for rank, name in enumerate(("first", "second")):
        ranked = gains.loc[gains["rank"] == rank].set_index("adno")
        table[name] = table["adno"].map(ranked["text"])
        table[f"{name}_adds"] = table["adno"].map(ranked["adds"])
    return table.reset_index(drop=True)
