"""Made-up schools whose small groups somebody might want to work out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from generator.measuring import Cohort
from generator.measuring.group_table import group_rows
from generator.measuring.measure_table import measure_rows
from generator.school.school import School
from udfs.measures.group_rules import read_rule
from udfs.tables import standard

SETTINGS = '[school]\nname = "Small Numbers"\nacademic_year = "2026/27"\n'
DIMENSIONS = ("sex", "pp", "sen", "SEND")
EMPTY = ("disadvantaged", "fsm", "eal", "ethnicity", "lac", "reg", "prior")
CORE = ("English Language", "Mathematics")
OPTIONS = ("History", "Geography", "French", "Music")
FLAGS = ("Well below", "Below", "On", "Above")
SEND = read_rule("SEND", 'sen in ["K", "E"]')


@dataclass(frozen=True)
class MadeUpCollection:
    """One collection of a made-up school: what is true, and what is published."""

    code: str
    cohort: Cohort
    groups: pd.DataFrame
    measures: pd.DataFrame


def make_school(seed: int, folder: Path) -> list[MadeUpCollection]:
    """Two collections of a school with a one-entrant language and a leaver.

    Every other school has a further small subject beside the language, and in every
    third the core subjects' predictions for girls of Year 10 are not in.
    """
    random = np.random.default_rng(seed)
    (folder / "school.toml").write_text(SETTINGS, encoding="utf-8")
    school = School.load(folder)
    pupils = _pupils(random)
    entries = _entries(random, pupils, small=bool(seed % 2))
    leavers = random.choice(pupils["adno"], int(random.integers(1, 3)), replace=False)
    cohorts = []
    for code in ("AUT", "SPR"):
        rows = _marked(random, entries)
        if seed % 3 == 0:
            rows = _not_returned(rows, pupils)
        if code == "SPR":
            rows = rows.loc[~rows["adno"].isin(leavers)].reset_index(drop=True)
        present = pupils.loc[pupils["adno"].isin(rows["adno"])].reset_index(drop=True)
        cohorts.append(
            Cohort(rows.merge(pupils, on="adno"), present, (SEND,), standard(), school)
        )
    first, second = cohorts
    earlier = first.compared_targets
    published = [
        replace(first, earlier=earlier.iloc[:0].assign(collection="AUT")),
        replace(second, earlier=earlier.assign(collection="AUT")),
    ]
    return [
        MadeUpCollection(
            code, cohort, group_rows(code, cohort), measure_rows(code, cohort)
        )
        for code, cohort in zip(("AUT", "SPR"), published, strict=True)
    ]


def _pupils(random: np.random.Generator) -> pd.DataFrame:
    parts = []
    for year in (10, 11):
        n = int(random.integers(30, 75))
        parts.append(
            pd.DataFrame(
                {
                    "adno": [f"{year}{number:04d}" for number in range(n)],
                    "year": year,
                    "sex": random.choice(["F", "M"], n),
                    "pp": random.choice(["N", "Y"], n, p=[0.75, 0.25]),
                    "sen": random.choice(["N", "K", "E"], n, p=[0.82, 0.13, 0.05]),
                    "halves": random.integers(180, 231, n),
                    "academic_year": "2026/27",
                }
            )
        )
    pupils = pd.concat(parts, ignore_index=True).assign(**dict.fromkeys(EMPTY, ""))
    pupils["SEND"] = pupils["sen"].isin(["K", "E"]).map({True: "Y", False: "N"})
    return pupils.astype({"year": "Int64", "halves": "Int64"})


def _entries(
    random: np.random.Generator, pupils: pd.DataFrame, *, small: bool
) -> pd.DataFrame:
    adnos = pupils["adno"].to_numpy()
    pairs = [(adno, subject) for adno in adnos for subject in CORE]
    pairs += [
        (adno, subject)
        for adno in adnos
        for subject in random.choice(OPTIONS, 2, replace=False, p=[0.4, 0.3, 0.2, 0.1])
    ]
    pairs.append((str(random.choice(adnos)), "Polish"))
    if small:
        size = int(random.integers(6, 12))
        pairs += [
            (adno, "Astronomy") for adno in random.choice(adnos, size, replace=False)
        ]
    entries = pd.DataFrame(pairs, columns=["adno", "subject"])
    entries["target_level"] = random.integers(3, 9, len(entries))
    return entries.sort_values(["adno", "subject"], ignore_index=True)


def _not_returned(rows: pd.DataFrame, pupils: pd.DataFrame) -> pd.DataFrame:
    """The rows without the core subjects' predictions for girls of Year 10."""
    girls = pupils.loc[(pupils["sex"] == "F") & (pupils["year"] == 10), "adno"]
    blank = rows["subject"].isin(CORE) & rows["adno"].isin(girls)
    names = ["prediction", "points", "gap", "flag", "residual"]
    rows[names] = rows[names].mask(blank)
    return rows


def _marked(random: np.random.Generator, entries: pd.DataFrame) -> pd.DataFrame:
    """The entries with predictions, some of them missing."""
    level = entries["target_level"] + random.choice(
        [-2, -1, 0, 1], len(entries), p=[0.1, 0.3, 0.4, 0.2]
    )
    known = pd.Series(random.random(len(entries)) > 0.04)
    gap = (level - entries["target_level"]).astype("Int64").where(known)
    points = (level * 60).astype("Int64").where(known)
    return entries[["adno", "subject"]].assign(
        prediction=level.astype("str").where(known),
        points=points,
        target_points=(entries["target_level"] * 60).astype("Int64"),
        gap=gap * 60,
        flag=gap.map(dict(zip((-2, -1, 0, 1), FLAGS, strict=True))).astype("str"),
        residual=points * 100,
    )
