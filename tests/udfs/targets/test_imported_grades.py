from __future__ import annotations

import pytest

from udfs.errors import UnknownGrade
from udfs.tables import standard
from udfs.targets.imported_grades import imported_grade, indicator_name

TABLES = standard()


@pytest.mark.parametrize(
    ("value", "scale", "grade"),
    [
        ("5", "gcse", "5"),
        (5, "gcse", "5"),
        ("5.4", "gcse", "5"),
        ("5.5", "gcse", "6"),  # halfway, the higher
        ("0.2", "gcse", "U"),
        ("9.0", "gcse", "9"),
        ("5.4", "gcse_fine", "5+"),
        ("4.7", "gcse_fine", "5-"),
        ("54", "combined_science", "5-4"),
        ("5-4", "combined_science", "5-4"),
        ("5.4", "combined_science", "6-5"),
        ("4.0", "combined_science", "4-4"),
        ("L2M", "level12", "L2M"),
        ("b", "alevel", "B"),
        ("D*", "level3", "D*"),
    ],
)
def test_an_imported_value_is_a_grade(value, scale, grade):
    assert imported_grade(value, TABLES.scale(scale)) == grade


def test_whole_targets_have_no_thirds():
    assert imported_grade("5.4", TABLES.scale("gcse_fine"), fine=False) == "5"


@pytest.mark.parametrize("blank", ["", "  ", None, float("nan")])
def test_a_blank_is_no_target(blank):
    assert imported_grade(blank, TABLES.scale("gcse")) is None


@pytest.mark.parametrize(
    ("value", "scale"),
    [
        ("54", "gcse"),
        ("9.5", "gcse"),
        ("abs", "gcse"),
        ("-1", "gcse"),
        ("5.4", "alevel"),
        ("A/B", "alevel"),
        ("nan", "gcse"),
    ],
)
def test_anything_but_a_grade_lists_the_valid_names(value, scale):
    with pytest.raises(UnknownGrade, match="Use one of: U"):
        imported_grade(value, TABLES.scale(scale))


def test_a_pattern_names_the_subjects_column():
    assert indicator_name("FFT50 {subject}", "Art") == "FFT50 Art"
