"""What tables that name nobody tell together about 1 to 5 pupils: nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from generator.measuring import cohort as cohort_module
from generator.measuring import group_table, measure_table
from tests.disclosure.attacker import (
    PublishedFigures,
    changed_targets,
    fitted_numbers,
    pinned_numbers,
    small_counts,
    small_remainders,
    small_sums,
)
from tests.disclosure.schools import make_school
from udfs.measures import disclosure
from udfs.statistics import secondary_suppression, suppression

SAMPLE = (1, 2)
ALL_SCHOOLS = range(1, 51)
TRIED = range(1, 13)  # the schools in one of which a weaker rule is seen through


ATTACKS = {
    "elimination": lambda *figures: [small_sums(each) for each in figures],
    "differences": lambda *figures: [small_remainders(each) for each in figures],
    "two collections": lambda *figures: [changed_targets(*figures)],
    "linear programming": lambda *figures: [
        pinned_numbers(each, subject)
        for each in figures
        for subject in each.values["subject"]
    ],
    "whole numbers": lambda *figures: [fitted_numbers(each) for each in figures],
    "missing predictions": lambda *figures: [small_counts(each) for each in figures],
}


def attack(seed: int, folder: Path, *names: str) -> dict[str, object]:
    """What every attack, or each of some, finds in one school."""
    figures = [PublishedFigures(each) for each in make_school(seed, folder)]
    results = {name: ATTACKS[name](*figures) for name in names or ATTACKS}
    return {name: found for name, found in results.items() if any(found)}


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_patient_reader_finds_nothing(seed, tmp_path):
    assert attack(seed, tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", ALL_SCHOOLS)
def test_a_patient_reader_finds_nothing_in_fifty_schools(seed, tmp_path):
    assert attack(seed, tmp_path) == {}


def test_subjects_of_ordinary_size_stay_displayed(tmp_path):
    for collection in make_school(2, tmp_path):
        whole = collection.groups.loc[collection.groups["dimension"] == "all"]
        hidden = whole.loc[whole["suppressed"] == "Y", "subject"]
        assert hidden.tolist() == ["Polish"]


# Weaker rules -----------------------------------------------------------------------


def without_anchor(patch):
    def hide(sizes):
        hiding = disclosure.hide_jointly(sizes)
        return replace(hiding, whole_only=np.zeros_like(hiding.whole_only))

    patch.setattr(cohort_module, "hide_jointly", hide)


def with_any_anchor(patch):
    patch.setattr(cohort_module, "anchored", lambda years, *_: np.ones(len(years)))


def without_company(patch):
    patch.setattr(disclosure, "_with_company", lambda tiny, whole: (tiny, True))


def without_any_joint_hiding(patch):
    without_anchor(patch)
    without_company(patch)


def without_earlier_collections(patch):
    def show(now, earlier, by):
        return (pd.Series(True, index=now[by].unique()),) * 2

    for module in (group_table, measure_table):
        patch.setattr(module, "shown_targets", show)


def without_small_counts(patch):
    patch.setattr(measure_table, "SHOWN", ("counted", "pupils"))


def without_secondary_groups(patch):
    patch.setattr(suppression, "groups_to_hide", secondary_suppression.is_small)


def without_squares(patch):
    def square(sizes):
        small = secondary_suppression.is_small(sizes)
        return small.any(axis=2), small.any(axis=1), np.zeros(len(sizes), dtype=int)

    patch.setattr(suppression, "square_to_hide", square)


def without_secondary_hiding(patch):
    def suppress(sizes, dimensions, *, rule_fields):
        small = {by: secondary_suppression.is_small(each) for by, each in sizes.items()}
        return {by: suppression.HiddenCells(of, of) for by, of in small.items()}

    for module in (group_table, measure_table):
        patch.setattr(module, "suppress", suppress)


def with_a_smaller_minimum(patch):
    for module in (secondary_suppression, disclosure):
        patch.setattr(module, "MIN_CELL_SIZE", 4)


WEAKER = [
    (without_anchor, "elimination"),
    (with_any_anchor, "differences"),
    (without_company, "elimination"),
    (without_any_joint_hiding, "whole numbers"),
    (without_earlier_collections, "two collections"),
    (without_small_counts, "missing predictions"),
    (without_secondary_groups, "elimination"),
    (without_squares, "elimination"),
    (without_secondary_hiding, "linear programming"),
    (with_a_smaller_minimum, "elimination"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("weaken", "name"), WEAKER)
def test_a_weaker_rule_is_seen_through(weaken, name, tmp_path, monkeypatch):
    weaken(monkeypatch)
    assert any(attack(seed, tmp_path, name) for seed in TRIED)
