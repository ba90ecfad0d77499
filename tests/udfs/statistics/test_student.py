"""Student's t: published quantiles, p values, and classes that nothing sets apart."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.recount.arithmetic import student, student_p
from udfs.measures.group_summaries import beyond_chance, mean_by_group
from udfs.statistics.student import t_p_values, t_quantiles

# Published tables (NIST/SEMATECH e-Handbook, 1.3.6.7.2): the two-sided 5% points.
TABLE = {1: 12.706, 2: 4.303, 5: 2.571, 10: 2.228, 11: 2.201, 30: 2.042, 100: 1.984}
SEEDS = 20261129  # every run of a simulation has a seed of its own from here on


def test_the_quantiles_are_those_of_published_tables():
    assert t_quantiles(list(TABLE)).round(3).tolist() == list(TABLE.values())
    assert t_quantiles([math.inf]).round(4).tolist() == [1.96]
    assert t_quantiles([10], 0.002).round(3).tolist() == [4.144]


@pytest.mark.parametrize("freedom", [1, 1.7, 2, 3.25, 11, 57.4, 400, 12000, math.inf])
def test_quantiles_and_p_values_agree_with_the_integral(freedom):
    quantile = t_quantiles([freedom])[0]
    assert quantile == pytest.approx(student(freedom), abs=1e-6)
    for t in (0.0, 0.3, -1.2, 2.2, 6.0):
        value = t_p_values([t], [freedom])[0]
        assert value == pytest.approx(student_p(t, freedom), abs=1e-8)


@pytest.mark.parametrize("freedom", [math.nan, 0, -1])
def test_without_freedom_there_is_no_interval(freedom):
    assert math.isnan(t_quantiles([freedom])[0])


def test_impossible_and_certain_differences():
    values = t_p_values([math.inf, math.nan, 1.0], [5, 5, math.nan])
    assert values[0] == 0
    assert np.isnan(values[1:]).all()


def share_with_an_alarm(runs: int) -> float:
    """How often one of ten classes of 12 is beyond chance though none differs.

    Gaps are whole grades, as in a school: a normal gap of 1.2 grades, rounded.
    """
    alarms = 0
    for run in range(runs):
        random = np.random.default_rng(SEEDS + run)
        gaps = np.rint(random.normal(0, 1.2, 120)).astype(int) * 60
        classes = pd.DataFrame({"class": np.repeat(np.arange(10), 12), "gap": gaps})
        alarms += beyond_chance(mean_by_group(classes, "gap", ["class"])).any()
    return alarms / runs


def test_ten_classes_without_a_difference_are_pointed_out_in_one_run_of_ten():
    # 300 runs: within three standard errors of 10% (1.7 points each).
    assert share_with_an_alarm(300) <= 0.152


@pytest.mark.slow
def test_ten_classes_without_a_difference_over_many_runs():
    assert 0.07 <= share_with_an_alarm(3000) <= 0.125
