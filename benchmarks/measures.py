"""One school's year of results, 75,000 of them: Attainment 8 and every group table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.attainment8_by_hand import of_one_pupil
from benchmarks.stopwatch import race
from udfs.measures.attainment8 import attainment8
from udfs.measures.group_summaries import by_flag, spread
from udfs.statistics.cross_tabulation import crossed, dimension
from udfs.statistics.suppression import hidden
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
    """Attainment 8 against a function for each pupil, then the group tables."""
    results = school(PUPILS)
    keys = ["collection", "adno"]
    tables = standard()
    race(
        f"Attainment 8 of {len(results):,} results",
        {
            "attainment8": lambda: attainment8(results, tables, by=keys),
            "groupby.apply of the same rules": lambda: results.groupby(keys)[
                ["subject", "grade"]
            ].apply(of_one_pupil, tables),
        },
        rounds=min(rounds, 5),
    )
    made = {
        "flags and means by class, teacher, subject": lambda: plain(results),
        "any group and any two crossed, by subject": lambda: crossings(results),
        "the same, with what to hide": lambda: hides(results),
    }
    race(f"Group tables of {len(results):,} results", made, rounds=rounds)


def school(pupils: int) -> pd.DataFrame:
    """A year of results of a made-up school, the same every time, in no order."""
    random = np.random.default_rng(20261122)
    each = {
        name: random.choice(np.array(values, dtype=object), pupils)
        for name, values in FIELDS.items()
    }
    for group, (field, value) in GROUPS.items():
        each[group] = np.where(each[field] == value, "Y", "N")
    each["adno"] = [f"{number:06d}" for number in range(pupils)]
    rows = pd.DataFrame(each).merge(
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


def plain(results: pd.DataFrame) -> list[pd.DataFrame]:
    """The tables of packs: flags and mean gaps, by one column at a time."""
    return [
        make
        for by in ("class", "teacher", "subject", "year", *FIELDS)
        for make in (by_flag(results, [by]), spread(results, "gap", [by]))
    ]


def crossings(results: pd.DataFrame) -> tuple[object, object]:
    """The sums of the table `groups`, of all collections at once."""
    blocks = results["collection"] + results["subject"]
    codes, names = pd.factorize(blocks, sort=True)
    dimensions = [dimension(name, results[name]) for name in (*FIELDS, *GROUPS)]
    gap = results["gap"].to_numpy(dtype="int64")
    one = np.ones(len(results), dtype=np.int64)
    quantities = {"pupils": one, "with_data": one, "gap": gap, "squares": gap * gap}
    for flag in ("Above", "On", "Below", "Well below"):
        quantities[flag] = results["flag"].eq(flag).to_numpy(dtype="int64")
    return crossed(codes, len(names), dimensions, quantities), dimensions


def hides(results: pd.DataFrame) -> object:
    """What the export hides of them."""
    sums, dimensions = crossings(results)
    sizes = {by: each[..., :2] for by, each in sums.items()}
    made_of = {group: (field,) for group, (field, _) in GROUPS.items()}
    return hidden(sizes, dimensions, made_of=made_of)
