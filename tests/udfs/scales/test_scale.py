from __future__ import annotations

import pickle
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.errors import UnknownGrade, UnknownScale
from udfs.scales.scale import CLEAR, POINT, CellReading
from udfs.tables import standard

TABLES = standard()
CODES = TABLES.codes
SCALES = sorted(TABLES.scales)
NUMBERS = "0123456789"


def read(value: object, scale: str = "combined_science") -> CellReading:
    return TABLES.scale(scale).read(value, CODES)


@pytest.mark.parametrize(
    ("scale", "grades"),
    [
        ("gcse", "U 1 2 3 4 5 6 7 8 9"),
        (
            "gcse_fine",
            "U 1- 1 1+ 2- 2 2+ 3- 3 3+ 4- 4 4+ 5- 5 5+ 6- 6 6+ 7- 7 7+ 8- 8 8+ 9- 9",
        ),
        (
            "combined_science",
            "U 1-1 2-1 2-2 3-2 3-3 4-3 4-4 5-4 5-5 6-5 6-6 7-6 7-7 8-7 8-8 9-8 9-9",
        ),
        ("level12", "U L1P L1M L1D L2P L2M L2D L2D*"),
        ("alevel", "U E D C B A A*"),
        ("judgement", "below on above"),
    ],
)
def test_a_scale_lists_its_grades_from_the_lowest(scale, grades):
    assert " ".join(TABLES.scale(scale).grades) == grades


@pytest.mark.parametrize(
    ("scale", "points"),
    [
        ("gcse", list(range(10))),
        ("level12", [0, 1.25, 2, 3, 4, 5.5, 7, 8.5]),
        ("alevel", [0, 10, 20, 30, 40, 50, 60]),
    ],
)
def test_points_are_those_of_the_performance_tables(scale, points):
    question = TABLES.scale(scale)
    assert [question.points(grade) / POINT for grade in question.grades] == points


@pytest.mark.parametrize("scale", ["level12", "alevel", "gcse"])
def test_levels_count_whole_grades_from_the_lowest(scale):
    question = TABLES.scale(scale)
    assert [question.level(g) // POINT for g in question.grades] == list(
        range(len(question.grades))
    )


def test_the_level_of_a_pair_is_its_mean_and_so_are_its_points():
    science = TABLES.scale("combined_science")
    for grade in science.grades[1:]:
        first, second = map(int, grade.split("-"))
        assert science.level(grade) == science.points(grade)
        assert science.level(grade) == POINT * (first + second) // 2


def test_thirds_share_a_level_and_are_a_third_apart_when_compared_finely():
    fine = TABLES.scale("gcse_fine")
    five = ["5-", "5", "5+"]
    assert [fine.level(g) for g in five] == [5 * POINT] * 3
    assert [fine.level(g, fine=True) for g in five] == [280, 300, 320]
    assert fine.thirds("5+") == ("5-", "5", "5+")
    assert fine.thirds("9") == ("9-", "9", "9")
    assert fine.thirds("U") == ("U", "U", "U")
    assert fine.whole("5-") == "5"


def test_steps_up_stop_at_the_highest_grade():
    assert TABLES.scale("gcse").step_up("8", 5) == "9"
    assert TABLES.scale("gcse_fine").step_up("5", 2) == "6-"
    assert TABLES.scale("gcse_fine").step_up_whole("5-", 2) == "7"
    assert TABLES.scale("combined_science").step_up("5-4", 1) == "5-5"


def test_the_lowest_grade_that_reaches_a_level_is_never_under_it():
    assert TABLES.scale("gcse").lowest_reaching(270) == "5"
    assert TABLES.scale("gcse").lowest_reaching(10_000) == "9"


@pytest.mark.parametrize(
    "typed",
    [
        "5-4",
        "54",
        "5 4",
        "5/4",
        " 5 - 4 ",
        "5–4",
        "5−4",
        "５-４",
        "٥٤",
        "5⁄4",
        54,
        54.0,
        "54.0",
        Decimal("54.0"),
        "5\xa04",
        "5\u200b-4",
        "5\n4",
    ],
)
def test_the_ways_of_writing_a_pair(typed):
    assert read(typed) == CellReading("5-4", "grade")


@pytest.mark.parametrize("typed", ["9.0", 9.0, 9, "９", "९", "9.00", " 9 "])
def test_a_number_is_the_grade_it_shows(typed):
    assert read(typed, "gcse") == CellReading("9", "grade")


@pytest.mark.parametrize(
    ("typed", "scale", "grade"),
    [
        ("a*", "alevel", "A*"),
        ("A *", "alevel", "A*"),
        ("a＊", "alevel", "A*"),
        ("A∗", "alevel", "A*"),
        ("l2d*", "level12", "L2D*"),
        ("l2 d *", "level12", "L2D*"),
        ("L2D", "level12", "L2D"),
        ("*2", "level12", "L2D*"),
        ("u", "gcse", "U"),
        ("5 +", "gcse_fine", "5+"),
        ("Above", "judgement", "above"),
    ],
)
def test_case_and_spaces_do_not_matter_and_a_star_is_only_a_star(typed, scale, grade):
    assert read(typed, scale) == CellReading(grade, "grade")


@pytest.mark.parametrize("typed", ["*", "A?", "?*", "L2*", "L2D**", "~*", "L*"])
def test_a_star_never_stands_for_any_text(typed):
    assert read(typed, "alevel").kind == "unknown"
    assert read(typed, "level12").kind == "unknown"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Abs", "Abs"),
        ("ABS", "Abs"),
        ("n/t", "N/T"),
        ("N / T", "N/T"),
        ("NT", "N/T"),
        ("te", "TE"),
        ("absent", "Abs"),
    ],
)
def test_codes_answer_a_cell(typed, code):
    assert read(typed) == CellReading(code, "code")


def test_clear_is_neither_a_grade_nor_a_blank():
    assert read("clear") == CellReading(CLEAR, "clear")


@pytest.mark.parametrize("typed", [None, "", "  ", "\u00a0", float("nan"), "\u200b"])
def test_a_blank_is_a_blank(typed):
    assert read(typed) == CellReading(None, "blank")


@pytest.mark.parametrize(
    ("typed", "scale", "meant", "words"),
    [
        ("А", "alevel", "A", "cyrillic capital letter a"),
        ("А*", "alevel", "A*", "cyrillic"),
        ("В", "alevel", "B", "cyrillic"),
        ("Е", "alevel", "E", "cyrillic"),
        ("С", "alevel", "C", "cyrillic"),
        ("Β", "alevel", "B", "greek"),
        ("ТE", "gcse", "TE", "cyrillic"),
        ("l", "gcse", "1", "latin small letter l"),
        ("I-1", "combined_science", "1-1", "latin capital letter i"),
        ("4-5", "combined_science", "5-4", "the higher grade stands first"),
        ("45", "combined_science", "5-4", "the higher grade stands first"),
        (45, "combined_science", "5-4", "the higher grade stands first"),
    ],
)
def test_whatever_was_probably_meant_is_suggested_and_never_used(
    typed, scale, meant, words
):
    reading = read(typed, scale)
    assert (reading.value, reading.kind) == (None, "unknown")
    assert reading.suggestion == meant
    assert words in reading.question
    assert meant in reading.question


@pytest.mark.parametrize(
    ("typed", "scale"),
    [
        ("10", "gcse"),
        ("0", "gcse"),
        (5.5, "gcse"),
        (True, "gcse"),
        ("5-3", "combined_science"),
        ("see me", "gcse"),
        ("=1+1", "gcse"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(typed, scale):
    reading = read(typed, scale)
    assert (reading.value, reading.kind, reading.suggestion) == (None, "unknown", "")
    assert reading.question.endswith(f"is not a grade of {TABLES.scale(scale).title}.")


def test_a_long_text_is_quoted_in_part():
    assert len(read("x" * 30_000, "gcse").question) < 100


@pytest.mark.parametrize(
    ("day", "meant"),
    [
        (date(2026, 4, 5), "5-4"),
        (datetime(2026, 5, 4, 0, 0), "5-4"),
        (date(2026, 9, 9), "9-9"),
        (date(2026, 1, 2), "2-1"),
    ],
)
def test_a_date_suggests_the_pair_that_it_was(day, meant):
    reading = read(day)
    assert (reading.value, reading.kind) == (None, "unknown")
    assert reading.suggestion == meant
    assert TABLES.scale("combined_science").grades_from_date(day) == (meant,)


def test_a_date_that_was_no_pair_suggests_nothing():
    assert read(date(2026, 12, 25)).suggestion == ""
    assert TABLES.scale("gcse").grades_from_date(date(2026, 4, 5)) == ()


def test_an_unknown_grade_lists_the_valid_names():
    with pytest.raises(UnknownGrade, match=r"Use one of: U, E, D, C, B, A, A\*"):
        TABLES.scale("alevel").points("7")


def test_an_unknown_scale_lists_the_valid_names():
    with pytest.raises(UnknownScale, match="gcse, gcse_fine, combined_science"):
        TABLES.scale("gsce")


@pytest.mark.parametrize("name", SCALES)
def test_a_scale_goes_to_another_process_whole(name):
    scale = TABLES.scale(name)
    assert pickle.loads(pickle.dumps(scale)) == scale
    assert pickle.loads(pickle.dumps(scale)).grades == scale.grades


@given(st.sampled_from(SCALES), st.data())
def test_every_grade_reads_as_itself_however_it_is_spaced_and_cased(name, data):
    scale = TABLES.scale(name)
    grade = data.draw(st.sampled_from(scale.grades))
    spaced = data.draw(st.sampled_from(["", " ", "\u00a0"])).join(grade)
    cased = data.draw(st.sampled_from([str.upper, str.lower, str]))(spaced)
    assert scale.read(cased, CODES) == CellReading(grade, "grade")


@given(st.sampled_from(SCALES), st.text(max_size=12))
def test_any_text_is_read_without_fault_and_only_grades_are_grades(name, text):
    scale = TABLES.scale(name)
    reading = scale.read(text, CODES)
    assert (reading.value in scale.grades) == (reading.kind == "grade")
    assert (reading.kind == "unknown") == bool(reading.question)


@given(st.sampled_from([name for name in SCALES if name != "judgement"]), st.data())
def test_a_higher_grade_has_no_fewer_points_and_no_lower_level(name, data):
    scale = TABLES.scale(name)
    lower, higher = sorted(
        data.draw(st.lists(st.sampled_from(scale.grades), min_size=2, max_size=2)),
        key=scale.rank,
    )
    assert scale.points(lower) <= scale.points(higher)
    assert scale.level(lower) <= scale.level(higher)
    assert scale.level(lower, fine=True) <= scale.level(higher, fine=True)


@pytest.mark.parametrize(
    ("level", "scale", "grade"),
    [(5 * POINT, "gcse", "5"), (5 * POINT + 30, "gcse", "6"), (-90, "gcse", "U"),
     (999, "gcse", "9"), (320, "gcse_fine", "5+"), (285, "gcse_fine", "5-"),
     (270, "combined_science", "5-4"), (284, "combined_science", "5-4"),
     (285, "combined_science", "5-5")],
)  # fmt: skip
def test_the_nearest_grade_is_the_higher_one_halfway(level, scale, grade):
    assert TABLES.scale(scale).nearest(level) == grade


def test_the_nearest_whole_grade_is_no_third():
    assert TABLES.scale("gcse_fine").nearest(320, fine=False) == "5"


@pytest.mark.parametrize(
    ("grade", "wholes", "scale", "above"),
    [("5", 1, "gcse", "6"), ("9", 1, "gcse", "9"),
     ("5-4", 1, "combined_science", "6-5"), ("5-", 1, "gcse_fine", "6-"),
     ("B", 1, "alevel", "A"), ("5", 0, "gcse", "5"),
     ("MM", 1, "level3_double", "DD"), ("DDM", 1, "level3_triple", "D*D*D")],
)  # fmt: skip
def test_a_whole_grade_above_is_one_on_every_scale(grade, wholes, scale, above):
    assert TABLES.scale(scale).above(grade, wholes) == above


@pytest.mark.parametrize(
    ("scale", "yes"),
    [("gcse", True), ("gcse_fine", True), ("combined_science", True), ("level12", True),
     ("alevel", False), ("judgement", False), ("level3", False)],
)  # fmt: skip
def test_which_scales_count_as_gcse_does(scale, yes):
    assert TABLES.scale(scale).counts_as_gcse is yes
