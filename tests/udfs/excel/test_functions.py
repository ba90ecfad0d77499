from __future__ import annotations

import inspect
import keyword
from datetime import datetime
from itertools import product
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.excel import functions
from udfs.excel.functions import (
    ACCURACY,
    ATTAINMENT8,
    CHANCE,
    ENGLISHMATHS,
    ERRORS,
    FLAG,
    FUNCTIONS,
    GAP,
    GROUPS,
    POINTS,
    PRAISE,
    PROGRESS8,
    TARGET,
    UNDERACHIEVING,
    WHY,
)
from udfs.measures.flags import flag, gap
from udfs.tables import standard

TABLES = standard()
BLANKS = [None, "", " ", float("nan")]
MARKS = [
    ["Adno", "Surname", "Subject", "PP", "Target", "Prediction", "Praise"],
    ["1", "Adeyemi", "Mathematics", "Y", "5", "3", ""],
    ["1", "Adeyemi", "History", "Y", "5", "4", ""],
    ["2", "Brown", "Mathematics", "N", "6", "6", ""],
    ["2", "Brown", "History", "N", "6", "5", "Yes"],
    ["3", "Khan", "Combined Science", "N", "5-5", "6-5", ""],
    ["4", "May", "History", "Y", "4", "Abs", ""],
]
# What VBA keeps to itself: no argument may be called so (compared without case).
VBA = """
    any array as attribute boolean byref byte byval call case circle class close const
    currency date debug decimal declare default dim do double each else elseif empty
    end enum eqv erase error event exit false for friend function get global gosub goto
    if imp implements in input inputb integer is lbound len let like line local lock
    long loop lset me mid mod name new next not nothing null object of on open option
    optional or paramarray preserve print private property public put raiseevent redim
    rem resume return rset scale seek select set single spc static step stop string sub
    tab then to true type typeof ubound unlock until variant wend while width with
    withevents write xor
""".split()


def test_every_function_of_the_contract_exists():
    assert set(FUNCTIONS) == {
        "POINTS", "TARGET", "CHANCE", "FLAG", "GAP", "WHY", "GROUPS",
        "UNDERACHIEVING", "PRAISE", "ATTAINMENT8", "PROGRESS8", "ENGLISHMATHS",
        "ACCURACY", "ERRORS",
    }  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_has_help_and_a_name_that_vba_allows(name):
    result = FUNCTIONS[name]
    parameters = inspect.signature(result.function).parameters
    assert list(parameters) == list(result.arguments)
    assert result.summary.endswith(".") and "\n" not in result.summary
    for argument, says in result.arguments.items():
        assert says.endswith(".") and len(says) < 255, argument
        assert argument.casefold() not in VBA and not keyword.iskeyword(argument)
    kinds = {parameter.kind for parameter in parameters.values()}
    assert kinds == {inspect.Parameter.POSITIONAL_OR_KEYWORD}


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda: POINTS("9"), 9),
        (lambda: POINTS(9.0), 9),
        (lambda: POINTS("8-7"), 7.5),
        (lambda: POINTS(54), 4.5),
        (lambda: POINTS("L2D*", "level12"), 8.5),
        (lambda: POINTS("a*", "alevel"), 60),
        (lambda: POINTS("U"), 0),
        (lambda: TARGET("Physics", 97, 97), "4"),
        (lambda: TARGET("Physics", 97, 97, 0.8), "5"),
        (lambda: TARGET("Mathematics", "N", 79), "2"),
        (lambda: TARGET("Combined Science", 101, 101), "4-4"),
        (lambda: TARGET("Combined Science", 101, 101, 0.8), "5-4"),
        (lambda: TARGET("Spanish", 85, 85, 0.6), "3"),
        (lambda: TARGET("Spanish", 85, 85, 0.8), "5"),
        (lambda: TARGET("Physics", 97, 97, 0.6, 1), "5"),
        (lambda: FLAG("6", "5"), "Above"),
        (lambda: FLAG(5.0, "5"), "On"),
        (lambda: FLAG("A", "A*", "A level"), "Below"),
        (lambda: GAP("4-4", "5-5"), -1),
        (lambda: GAP("5-4", "5-5"), -0.5),
        (lambda: WHY("5", "5", ""), "On: the prediction 5 is at the target 5."),
        (lambda: ENGLISHMATHS(["English Language", "Maths"], ["4", "5"], 5), False),
        (lambda: PROGRESS8(38.94, 101, 102), 0.0),
        (lambda: PROGRESS8(48.94, 101, 102), 1.0),
    ],
)
def test_answers(ask, answer):
    assert ask() == answer


@pytest.mark.parametrize("scale", TABLES.scales.values(), ids=lambda item: item.name)
def test_the_flag_in_a_cell_is_the_flag_of_the_markbook(scale):
    for predicted, aimed in product([*scale.grades, "Abs", None], repeat=2):
        expected_value = flag(predicted, aimed, scale) or ""
        assert FLAG(predicted, aimed, scale.name) == expected_value
        apart = gap(predicted, aimed, scale)
        assert GAP(predicted, aimed, scale.name) == (
            "" if apart is None else apart / 60
        )


@pytest.mark.parametrize("nothing", [*BLANKS, 0])
def test_a_blank_in_is_a_blank_out_also_where_excel_makes_it_nought(nothing):
    question = [
        POINTS(nothing),
        TARGET(nothing, 100, 100),
        TARGET("History", nothing, nothing),
        CHANCE("History", 100, 100, nothing),
        FLAG(nothing, "5"),
        FLAG("5", nothing),
        GAP(nothing, "5"),
        WHY(nothing, nothing, "5"),
        ATTAINMENT8(["Mathematics"], [nothing]),
        ENGLISHMATHS(["English Language", "Mathematics"], [nothing, nothing], 4),
        PROGRESS8(50, nothing, nothing),
        ACCURACY(nothing, "5"),
    ]
    assert question == [""] * len(question)


@pytest.mark.parametrize("code", ["Abs", "N/T", "TE", "Clear"])
def test_a_code_is_neither_a_grade_nor_nought(code):
    assert [POINTS(code), FLAG(code, "5"), GAP(code, "5")] == ["", "", ""]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (
            lambda: FLAG("6+", "5"),
            "? '6+' is not a grade of GCSE 9–1: did you mean 6? Use one of: U, 1",
        ),
        (lambda: FLAG("A*", "A"), "For another scale, name it: "),
        (
            lambda: FLAG("5", "5", "marks"),
            "? There is no scale 'marks'. Use one of: gc",
        ),
        (lambda: FLAG("#N/A", "5"), "? The cell holds the error #N/A. Put that right"),
        (lambda: POINTS("4-5"), "the higher grade stands first"),
        (lambda: POINTS("х"), "? "),
        (
            lambda: TARGET("History", "12O", 100),
            "is not a Key Stage 2 scaled score. Use",
        ),
        (lambda: TARGET("Klingon", 100, 100), "? There are no national figures for Kl"),
        (lambda: TARGET("History", 100, 100, 60), "Use a number from 0.01 to 0.99."),
        (lambda: TARGET("History", 100, 100, 0.605), "Use hundredths, such as 0.60."),
        (lambda: GROUPS([["a"], ["b"]], "PP"), "? The selection has no headings that"),
        (lambda: GROUPS(MARKS, "Shoe"), "? The table has no column 'Shoe'. It has: Ad"),
        (lambda: GROUPS(MARKS, "PP", "iq"), "Use one of: on_or_above, mean_gap, mean_"),
        (lambda: GROUPS(MARKS, ""), "? There is nothing to group by."),
        (
            lambda: GROUPS([["PP", "PP", "Flag"], ["Y", "Y", "On"]], "PP"),
            "there twice.",
        ),
        (
            lambda: GROUPS([["Adno", "PP"], ["1", "Y"]], "PP"),
            "? The table has no flags",
        ),
        (lambda: UNDERACHIEVING(MARKS, "many"), "Use a number from 1 to 30."),
        (lambda: PRAISE(MARKS, 1.5), "Use a whole number from 1 to 30."),
        (
            lambda: ATTAINMENT8(["Maths"] * 3, ["5", "6"]),
            "? There are 3 subjects and 2",
        ),
        (
            lambda: ATTAINMENT8(["Maths", "Art"], ["5", ""]),
            "? There is no grade in Art.",
        ),
        (
            lambda: ATTAINMENT8(["Maths", "Art"], ["5", "6+"]),
            "'6+' is not a grade of GC",
        ),
        (lambda: ENGLISHMATHS(["Art"], ["5"], 4), "? There is no English among the su"),
        (lambda: ENGLISHMATHS(["Maths"], ["5"], ""), "? There is no threshold."),
        (lambda: PROGRESS8(95, 100, 100), "Use a number from 0 to 90."),
        (lambda: ACCURACY(["5", "x"], ["5", "5"]), "? 'x' is not a grade of GCSE"),
        (
            lambda: FLAG([["5"], ["6"]], [["5"], ["6"], ["7"]]),
            "not of one size (2 and 3)",
        ),
    ],
)
def test_a_mistake_reports_the_problem_and_the_valid_values(ask, says):
    answer = ask()
    assert answer.startswith("? ")
    assert says in answer
    assert answer.endswith(".")


def marks_table(*rows):
    return [["Adno", "PP", "Subject", "Target", "Prediction"], *map(list, rows)]


@pytest.mark.parametrize("ask", [lambda t: GROUPS(t, "PP"), UNDERACHIEVING, PRAISE])
@pytest.mark.parametrize(
    ("target", "prediction", "heading", "says"),
    [
        ("5", "5+", "Prediction", "'5+' is not a grade of GCSE 9–1: did you mean 5?"),
        ("5", "55", "Prediction", "'55' is not a grade of GCSE 9–1."),
        ("5", "5,0", "Prediction", "'5,0' is not a grade of GCSE 9–1: did you mean 5?"),
        ("5", True, "Prediction", "'True' is not a grade of GCSE 9–1."),
        (
            "5",
            datetime(2026, 5, 4),
            "Prediction",
            "The spreadsheet has made the date 4 May of what",
        ),
        ("5", 46146, "Prediction", "'46146' is not a grade of GCSE 9–1."),
        (
            "Grade 6",
            "5",
            "Target",
            "'Grade 6' is not a grade of GCSE 9–1: did you mean 6?",
        ),
        ("6/5", "", "Target", "'6/5' is not a grade of GCSE 9–1: did you mean 6?"),
    ],
)
def test_a_table_with_an_unreadable_grade_is_refused_by_row_and_heading(
    ask, target, prediction, heading, says
):
    answer = ask(
        marks_table(
            ("1", "Y", "History", "5", "5"),
            ("", "", "", "", ""),
            ("2", "N", "History", target, prediction),
        )
    )
    assert answer.startswith(f"? {says}")
    assert f"It stands under '{heading}' in row 4 of the table." in answer


def test_a_table_says_how_many_more_cells_cannot_be_read():
    rows = [("1", "Y", "Art", "5", cell) for cell in ("x", "y", "5", "z")]
    assert "in row 2 of the table, and 2 more cells" in GROUPS(marks_table(*rows), "PP")


@pytest.mark.parametrize("flag_text", ["Belw", "? '6+' is not a grade.", 3])
def test_a_flag_that_is_none_is_not_counted_as_no_data(flag_text):
    answer = GROUPS([["Adno", "PP", "Flag"], ["1", "Y", flag_text]], "PP")
    assert "is no flag. It stands under 'Flag' in row 2 of the table." in answer


def test_a_table_reads_the_scale_that_it_names():
    table = [["PP", "Scale", "Target", "Prediction"], ["Y", "A level", "A", "A*"]]
    assert GROUPS(table, "PP")[1][:4] == ["Y", 1, 1, 1]
    table[1][1] = "marks"
    assert GROUPS(table, "PP").startswith("? There is no scale 'marks'.")


def test_blanks_handed_over_as_nought_are_blanks():
    real = [("1", "Y", "Art", "5", "4"), ("2", None, "Art", "5", "5")]
    noughts = [
        ("1", "Y", "Art", "5", "4"),
        (0,) * 5,
        ("2", 0, "Art", "5", "5"),
        (0,) * 5,
    ]
    blanks, zeros = marks_table(*real), marks_table(*noughts)
    assert GROUPS(zeros, "PP") == GROUPS(blanks, "PP")
    assert [row[0] for row in GROUPS(zeros, "PP")[1:]] == ["(blank)", "Y"]
    assert PRAISE(zeros) == PRAISE(blanks)
    assert UNDERACHIEVING(zeros) == UNDERACHIEVING(blanks)


@pytest.mark.parametrize(
    ("grades", "answer"),
    [
        (["N/T", "5", "5"], True),
        (["N/T", "N/T", "9"], False),
        (["5", "5", "N/T"], False),
        (["NT", "4", "9"], False),
        (["N/T", "Abs", "9"], ""),
        (["N/T", "", "9"], ""),
        (["5", "TE", "6"], True),
    ],
)
def test_a_subject_not_taken_is_not_reached_in_english_and_maths(grades, answer):
    subjects = ["English Language", "English Literature", "Mathematics"]
    assert ENGLISHMATHS(subjects, grades, 5) == answer


def column_of(cells, blank=None):
    return [[cell] for cell in cells] + [[blank]] * (1_048_576 - len(cells))


@pytest.mark.parametrize("blank", [None, "", 0])
def test_whole_columns_are_answered_for_their_used_part(blank):
    grades = column_of(["5", "", "6+"], blank)
    answers = FLAG(grades, column_of(["5", "5", "5", "4"], blank))
    assert [row[0][:1] for row in answers] == ["O", "", "?", ""]
    assert FLAG(grades, "5")[0] == ["On"]
    assert ACCURACY(column_of(["5", "6"], blank), column_of(["5"], blank))[1][0] == 1
    heads, *rows = marks_table(("1", "Y", "Art", "5", "4"))
    table = [heads, *rows, *[[blank] * 5] * (1_048_576 - 2)]
    assert GROUPS(table, "PP") == GROUPS([heads, *rows], "PP")
    assert ERRORS(answers) == 1
    assert ERRORS(column_of(["? wrong"], blank)) == 1


def test_ranges_of_two_lengths_are_reported_also_where_they_are_whole_columns():
    answer = FLAG(column_of(["5", "5"]), column_of(["5"] * 3)[1:])
    assert answer.startswith("? The ranges are not of one size")


def test_a_whole_row_is_answered_for_its_used_part():
    row = ["5", "6", *[None] * 16_382]
    assert POINTS([row] * 13) == [[5, 6]] * 13


def test_a_mistake_answers_in_its_own_cell():
    answers = FLAG([["5"], ["6+"], ["4"]], "5")
    assert [answers[0], answers[2]] == [["On"], ["Below"]]
    assert answers[1][0].startswith("? '6+'")


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(
                st.sampled_from(["U", "5", "9", "5-4", "Abs", "", "6+", 4, 4.0, True]),
                min_size=width,
                max_size=width,
            ),
            min_size=1,
            max_size=5,
        )
    )
)
def test_a_range_answers_cell_by_cell_in_its_own_shape(cells):
    for ask in (lambda cell: FLAG(cell, "5"), POINTS):
        answers = ask(cells)
        assert answers == [[ask(cell) for cell in row] for row in cells]
        # 1 and True are equal in Python, and are not the same cell.
        assert [[type(a) for a in row] for row in answers] == [
            [type(ask(cell)) for cell in row] for row in cells
        ]


def test_a_row_beside_a_column_makes_a_rectangle():
    assert FLAG([["4"], ["5"]], [["4", "5"]]) == [["On", "Below"], ["Above", "On"]]


def test_the_chance_of_a_target_is_at_least_what_its_ambition_asks():
    for subject, score in product(
        ["Mathematics", "History", "Spanish"], range(80, 121)
    ):
        grade = TARGET(subject, score, score, 0.7)
        assert grade == "U" or CHANCE(subject, score, score, grade) >= 0.3


def test_groups_have_a_heading_row_and_mark_small_groups():
    heads, *rows = GROUPS(MARKS, "pp")
    assert heads[:9] == [
        "PP", "marks", "with data", "above", "on", "below", "well below",
        "on or above", "mean gap",
    ]  # fmt: skip
    assert [row[:7] for row in rows] == [
        ["N", 3, 3, 1, 1, 1, 0],
        ["Y", 3, 2, 0, 0, 1, 1],
    ]
    assert {row[-1] for row in rows} == {"too few to conclude"}
    assert rows[1][8] == -1.5
    assert GROUPS(MARKS, "PP x Subject", "mean_points")[1][:4] == [
        "N", "Combined Science", 1, 1,
    ]  # fmt: skip


def test_groups_take_the_flags_that_stand_there_where_nothing_else_does():
    table = [["Adno", "PP", "Flag"], ["1", "Y", "Well below"], ["2", "Y", "no data"]]
    assert GROUPS(table, "PP")[1][:8] == ["Y", 2, 1, 0, 0, 0, 1, 0.0]


def test_pupils_below_target_come_worst_first_with_their_subjects():
    assert UNDERACHIEVING(MARKS) == [
        ["Adno", "Surname", "below", "well below", "of", "subjects"],
        ["1", "Adeyemi", 2, 1, 2, "Mathematics, History"],
        ["2", "Brown", 1, 0, 2, "History"],
    ]
    assert [row[0] for row in UNDERACHIEVING(MARKS, 2)[1:]] == ["1"]
    assert UNDERACHIEVING(MARKS, 3)[1][0] == (
        "Nobody is below target in 3 subjects or more."
    )


def test_praise_is_for_all_subjects_or_a_teachers_own():
    assert [row[0] for row in PRAISE(MARKS)[1:]] == ["2", "3"]
    assert PRAISE(MARKS)[1] == ["2", "Brown", 1, 1, 2, "Mathematics"]


def test_attainment_8_of_a_year_group_beside_each_other_and_below():
    subjects = ["English Language", "English Literature", "Mathematics", "History"]
    across = [["5", "6", "5", "4"], ["4", "N/T", "3", "N/T"], ["", "", "", ""]]
    assert ATTAINMENT8([subjects], across) == [[31], [10], [""]]
    down = [list(cells) for cells in zip(*across, strict=True)]
    assert ATTAINMENT8([[name] for name in subjects], down) == [[31, 10, ""]]


def test_how_predictions_turned_out_counts_only_pupils_with_both():
    heads, row = ACCURACY([["5"], ["6"], ["Abs"], ["4"]], [["5"], ["4"], ["9"], [""]])
    text = dict(zip(heads, row, strict=True))
    assert (text["pupils"], text["exact"], text["mean error"]) == (2, 0.5, 1)
    assert (text["too high"], text["too low"]) == (1, 0)
    assert text["note"] == "too few to conclude"


def test_a_schools_own_scale_is_recognised_once_it_is_used():
    own = TABLES.scale("gcse")
    from dataclasses import replace

    school = replace(
        TABLES, scales={**TABLES.scales, "house": replace(own, name="house")}
    )
    assert FLAG("5", "5", "house").startswith("? ")
    functions.use_tables(school)
    try:
        assert FLAG("5", "5", "house") == "On"
    finally:
        functions.use_tables(None)


def test_five_thousand_rows_answer_at_once():
    grades = [str(number % 10 or "U") for number in range(5000)]
    column = [[grade] for grade in grades]
    table = [["Adno", "PP", "Target", "Prediction"]]
    table += [[str(n), "YN"[n % 2], "5", grade] for n, grade in enumerate(grades)]
    FLAG("5", "5")  # the tables are read once
    began = perf_counter()
    FLAG(column, column)
    GROUPS(table, "PP")
    assert perf_counter() - began < 2  # far more than it takes, for a busy machine
