from __future__ import annotations

from fractions import Fraction

import pytest

from udfs.targets.cat4_estimates import fit_cat4, standard_age_score

EXACT = [(Fraction(80 + n), 180 + n) for n in range(40)]


def test_the_line_goes_through_pupils_that_lie_on_one():
    result = fit_cat4(EXACT)
    assert (result.slope, result.intercept, result.pupils) == (1, 100, 40)
    assert result.spread == 0
    assert result.halves(Fraction(100)) == 200


def test_the_spread_is_the_deviation_round_the_line_in_points():
    # Two half points above and below the line in turn: one point each.
    pupils = [(x, y + (2 if n % 2 else -2)) for n, (x, y) in enumerate(EXACT)]
    assert fit_cat4(pupils).spread == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("cat4", [59, 141])
def test_an_estimate_stays_within_the_range_of_scores(cat4):
    steep = [(Fraction(90 + n), 160 + 4 * n) for n in range(30)]
    assert 160 <= fit_cat4(steep).halves(Fraction(cat4)) <= 240


def test_an_estimate_is_rounded_to_half_a_point():
    pupils = [(x, y) for x, y in EXACT]
    assert fit_cat4(pupils).halves(Fraction(201, 2)) == 201  # 200.5, upward


def test_too_few_pupils_estimate_nothing():
    assert fit_cat4(EXACT[:29]) is None
    assert fit_cat4([(Fraction(100), 200)] * 40) is None
    assert fit_cat4([]) is None


def test_the_order_of_pupils_does_not_matter():
    pupils = [(x, y + n % 3) for n, (x, y) in enumerate(EXACT)]
    assert fit_cat4(pupils) == fit_cat4(reversed(pupils))


def test_it_reports_from_how_many_and_how_sure():
    assert fit_cat4(EXACT).description(Fraction(97)) == (
        "score 98.5 ± 0.0 from CAT4 97, by 40 of this school's pupils with both"
    )


@pytest.mark.parametrize(
    ("value", "score"),
    [("97", 97), ("101.5", Fraction(203, 2)), ("", None), ("absent", None),
     ("58", None), ("150", None), (None, None)],
)  # fmt: skip
def test_only_a_standard_age_score_is_one(value, score):
    assert standard_age_score(value) == score
