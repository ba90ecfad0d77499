"""Attainment 8 and every group table of a school's 75,000 results of a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.attainment8_reference import pupil_attainment8
from benchmarks.timing import compare_times
from udfs.measures.attainment8 import attainment8
from udfs.measures.group_summaries import count_flags, mean_by_group
from udfs.statistics.cross_tabulation import cross_tabulate, dimension
from udfs.statistics.suppression import suppress
from udfs.tables import standard

PUPILS, COLLECTIONS = 1250, 5
SUBJECTS = (
    "English Language", "English Literature", "Mathematics", "Combined Science",
    "History", "Geography", "French", "Religious Studies", "Art and Design",
    "Computer Science", "Health and Social Care", "Drama",
)  # fmt: skip
FIELDS = {
    "sex": ("F", "M"),
    "pp": ("N", "N", "N", "Y"),
    "disadvantaged": ("N", "N", "N", "Y"),
    "fsm": ("N", "N", "N", "N", "Y"),
    "sen": ("N", "N", "N", "N", "N", "K", "E"),
    "eal": ("N", "N", "N", "N", "Y"),
    "ethnicity": ("WBRI",) * 8 + ("APKN", "AIND", "BAFR", "MWBC", "WOTH", "CHNE"),
    "lac": ("N",) * 60 + ("Y",),
    "prior": ("low", "middle", "high"),
    "year": (7, 8, 9, 10, 11),
}
GROUPS = {"PP": ("pp", "Y"), "EAL": ("eal", "Y"), "High": ("prior", "high")}


def run(rounds: int) -> None:
    """Time Attainment 8 beside its reference implementation, then the group tables."""
    results = school(PUPILS)
    keys = ["collection", "adno"]
    tables = standard()
    compare_times(
        f"Attainment 8 of {len(results):,} results",
        {
            "attainment8": lambda: attainment8(results, tables, by=keys),
            "groupby.apply of the same rules": lambda: results.groupby(keys)[
                ["subject", "grade"]
            ].apply(pupil_attainment8, tables),
        },
        rounds=min(rounds, 5),
    )
    computations = {
        "flags and means by class, teacher, subject": lambda: group_tables(results),
        "any group and any two crossed, by subject": lambda: crossings(results),
        "the same, with what to hide": lambda: suppressions(results),
    }
    compare_times(
        f"Group tables of {len(results):,} results", computations, rounds=rounds
    )


def school(pupils: int) -> pd.DataFrame:
    """A year of results of a synthetic school, the same every time, unordered."""
    random = np.random.default_rng(20261122)
    pupil_columns = {
        name: random.choice(np.array(values, dtype=object), pupils)
        for name, values in FIELDS.items()
    }
    for group, (field, value) in GROUPS.items():
        pupil_columns[group] = np.where(pupil_columns[field] == value, "Y", "N")
    pupil_columns["adno"] = [f"{number:06d}" for number in range(pupils)]
    rows = pd.DataFrame(pupil_columns).merge(
        pd.DataFrame({"collection": [f"C{n}" for n in range(COLLECTIONS)]}), how="cross"
    )
    rows = rows.merge(pd.DataFrame({"subject": SUBJECTS}), how="cross")
    number = random.integers(1, 10, len(rows))
    grade = pd.Series(number).astype("str")
    grade = grade.mask(rows["subject"] == "Combined Science", grade + "-" + grade)
    grade = grade.mask(rows["subject"] == "Health and Social Care", "L2M")
    rows["grade"] = grade.mask(random.random(len(rows)) < 0.01)
    rows["gap"] = pd.Series(random.integers(-3, 3, len(rows)) * 60, dtype="Int64")
    flags = np.array(["Well below", "Below", "On", "Above"], dtype=object)
    rows["flag"] = flags[np.clip(rows["gap"] // 60 + 2, 0, 3).astype(int)]
    rows["class"] = rows["subject"] + (number % 7).astype(str)
    rows["teacher"] = rows["subject"].str[:3] + (number % 5).astype(str)
    return rows.sample(frac=1, random_state=1).reset_index(drop=True)


def group_tables(results: pd.DataFrame) -> list[pd.DataFrame]:
    """The tables of packs: flags and mean gaps, by one column each."""
    return [
        make
        for by in ("class", "teacher", "subject", "year", *FIELDS)
        for make in (count_flags(results, [by]), mean_by_group(results, "gap", [by]))
    ]


def crossings(results: pd.DataFrame) -> tuple[object, object]:
    """The sums of the table `groups`, for all collections."""
    blocks = results["collection"] + results["subject"]
    codes, names = pd.factorize(blocks, sort=True)
    dimensions = [dimension(name, results[name]) for name in (*FIELDS, *GROUPS)]
    gap = results["gap"].to_numpy(dtype="int64")
    ones = np.ones(len(results), dtype=np.int64)
    quantities = {"pupils": ones, "with_data": ones, "gap": gap, "squares": gap * gap}
    for flag in ("Above", "On", "Below", "Well below"):
        quantities[flag] = results["flag"].eq(flag).to_numpy(dtype="int64")
    return cross_tabulate(codes, len(names), dimensions, quantities), dimensions


def suppressions(results: pd.DataFrame) -> object:
    """The cells of these sums that the export suppresses."""
    sums, dimensions = crossings(results)
    sizes = {by: array[..., :2] for by, array in sums.items()}
    group_fields = {group: (field,) for group, (field, _) in GROUPS.items()}
    return suppress(sizes, dimensions, rule_fields=group_fields)
