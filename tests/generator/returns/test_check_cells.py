"""Entry cells are read, or rejected with a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.returns.check_cells import EntryReader, normalize_comment
from generator.xlsx.worksheet import Cell
from udfs.tables import standard

TABLES = standard()
GCSE = TABLES.scale("gcse")
PAIRS = TABLES.scale("combined_science")
JUDGEMENT = TABLES.scale("judgement")


def reader(
    scale: str = "gcse", *, judgement: bool = False, mac: bool = False
) -> EntryReader:
    subject_scale = TABLES.scale(scale)
    return EntryReader(
        subject_scale,
        JUDGEMENT if judgement else subject_scale,
        TABLES.codes,
        ("1", "2", "3", "4"),
        mac,
    )


def text(value: str) -> Cell:
    return Cell("s", value)


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("prediction", text("6"), "6"),
        ("prediction", text(" 6\xa0"), "6"),
        ("prediction", text("６"), "6"),
        ("prediction", text("u"), "U"),
        ("prediction", Cell("n", "6"), "6"),
        ("prediction", Cell("n", "6.0"), "6"),
        ("prediction", Cell("n", "6E0"), "6"),
        ("prediction", text("abs"), "Abs"),
        ("working_at", text("NT"), "N/T"),
        ("working_at", text("te"), "TE"),
        ("working_at", text("Clear"), ""),
        ("effort", text("2"), "2"),
        ("effort", Cell("n", "2"), "2"),
        ("effort", text("CLEAR"), ""),
        ("praise", text("yes"), "Yes"),
        ("praise", text("Y"), "Yes"),
        ("praise", Cell("b", "1"), "Yes"),
        ("praise", text("clear"), ""),
        ("praise", text("x"), "Yes"),
        ("praise", Cell("n", "1"), "Yes"),
        ("praise", text("☑"), "Yes"),
        ("praise", text("TRUE"), "Yes"),
        ("prediction", Cell("n", "5.0000000000000009"), "5"),
        ("prediction", Cell("n", "4.9999999999999991"), "5"),
        ("working_at", Cell("n", "6.000000000000001"), "6"),
        ("effort", Cell("n", "1.9999999999999998"), "2"),
        ("reason", text("Mock  Evidence"), "mock evidence"),
        ("comment", text("  Good.\r\nWork on graphs.  "), "Good.\nWork on graphs."),
        ("comment", text("=cmd|' /C calc'!A0"), "=cmd|' /C calc'!A0"),
        ("comment", Cell("n", "7"), "7"),
        ("comment", text("clear"), ""),
        ("target_query", text("7: mock was 7"), "7: mock was 7"),
        ("target_query", Cell("n", "7"), "7"),
    ],
)
def test_a_valid_value_is_read_as_it_is_stored(
    field: str, cell: Cell, value: str
) -> None:
    reading = reader().read(field, cell)
    assert (reading.value, reading.fault) == (value, None)


@pytest.mark.parametrize("spelling", ["5-4", "54", "5 4", "5/4", "５–４", "5—4"])
def test_a_pair_is_read_in_any_spelling(spelling: str) -> None:
    assert reader("combined_science").read("prediction", text(spelling)).value == "5-4"


@pytest.mark.parametrize("cell", [text(""), text("   "), text("\u200b"), text("\xa0")])
def test_a_blank_cell_is_blank(cell: Cell) -> None:
    reading = reader().read("prediction", cell)
    assert (reading.value, reading.is_blank, reading.fault) == (None, True, None)


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("prediction", text("10"), "grade-not-listed"),
        ("prediction", text("6+"), "grade-not-listed"),
        ("prediction", text("A"), "grade-not-listed"),
        ("prediction", text("5/6"), "grade-not-listed"),
        ("prediction", text("6?"), "grade-not-listed"),
        ("prediction", Cell("n", "5.5"), "grade-not-listed"),
        ("prediction", Cell("n", "-6"), "grade-not-listed"),
        ("prediction", Cell("b", "1"), "grade-not-listed"),
        ("prediction", Cell("n", "5", has_date_format=True), "grade-not-listed"),
        ("prediction", text("А"), "grade-not-listed"),
        ("prediction", Cell("e", "#N/A"), "error-value"),
        ("prediction", Cell("n", "6", "RANDBETWEEN(1,9)"), "formula"),
        ("comment", Cell("s", "", 'IF(1,"","")'), "formula"),
        ("effort", text("5"), "effort-not-listed"),
        ("effort", text("Abs"), "effort-not-listed"),
        ("praise", text("No"), "praise-not-listed"),
        ("reason", text("because"), "reason-not-listed"),
        ("comment", text("x" * 501), "too-long"),
    ],
)
def test_an_invalid_value_is_rejected_in_two_sentences(
    field: str, cell: Cell, code: str
) -> None:
    reading = reader().read(field, cell)
    assert reading.value is None
    assert not reading.is_blank
    assert reading.fault is not None
    assert reading.fault.code == code
    assert reading.fault.severity == "error"
    for sentence in (reading.fault.what, reading.fault.do):
        assert sentence[0].isupper() or sentence[0] in "'\""
        assert sentence.endswith((".", "?"))


def test_a_rejected_grade_names_the_allowed_grades() -> None:
    fault = reader().read("prediction", text("Z")).fault
    assert fault
    assert fault.do == (
        "Choose one of: 9, 8, 7, 6, 5, 4, 3, 2, 1, U, Abs, N/T, TE, or Clear."
    )


@pytest.mark.parametrize(
    ("scale", "typed", "meant"),
    [
        ("gcse", text("Grade 6"), "6"),
        ("gcse", text("gr. 6"), "6"),
        ("gcse", text("G6"), "6"),
        ("gcse", text("six"), "6"),
        ("gcse", text("6/5"), "6"),
        ("gcse", text("6 or 5"), "6"),
        ("gcse", text("6-5"), "6"),
        ("gcse", Cell("n", "46148", has_date_format=True), "6"),  # 6 May, once 6/5
        ("gcse", text("5+"), "5"),
        ("gcse", text("6-"), "6"),
        ("gcse", text("6?"), "6"),
        ("gcse", text("5,0"), "5"),
        ("gcse", text("6 (secure)"), "6"),
        ("alevel", text("B+"), "B"),
        ("alevel", text("A**"), "A*"),
        ("combined_science", text("6"), "6-6"),
        ("combined_science", text("Grade 6-5"), "6-5"),
        ("gcse_fine", text("Grade 5+"), "5+"),
        ("judgement", text("on target"), "on"),
    ],
)
def test_a_likely_grade_is_asked_about_and_never_taken(
    scale: str, typed: Cell, meant: str
) -> None:
    reading = reader(scale).read("prediction", typed)
    assert reading.value is None
    assert reading.fault
    assert reading.fault.what.endswith(f": did you mean {meant}?")
    assert reading.fault.do == f"If you mean {meant}, type that."


@pytest.mark.parametrize(
    ("scale", "typed"),
    [
        ("gcse", "5.5"),
        ("gcse", "10"),
        ("gcse", "Wednesday"),
        ("gcse", "A bit weak"),
        ("gcse", "-6"),
        ("alevel", "A bit weak"),
        ("combined_science", "5-3"),
        ("combined_science", "5-4-4"),
    ],
)
def test_no_grade_is_named_where_none_is_likely(scale: str, typed: str) -> None:
    fault = reader(scale).read("prediction", text(typed)).fault
    assert fault
    assert "did you mean" not in fault.what


@pytest.mark.parametrize(
    "cell", [Cell("b", "0"), Cell("n", "0"), text("FALSE"), text("☐"), text("false")]
)
def test_a_box_that_is_not_ticked_is_blank(cell: Cell) -> None:
    reading = reader().read("praise", cell)
    assert (reading.value, reading.is_blank, reading.fault) == (None, True, None)


@pytest.mark.parametrize(
    ("field", "cell", "meant"),
    [
        ("prediction", Cell("s", "A*", unstruck="A"), ""),
        ("prediction", Cell("s", "54", unstruck="4"), "4"),
        ("prediction", Cell("s", "5 6", unstruck=" 6"), "6"),
        ("prediction", Cell("n", "5", unstruck=""), ""),
        ("effort", Cell("s", "12", unstruck="2"), "2"),
        ("praise", Cell("s", "Yes", unstruck=""), ""),
        ("comment", Cell("s", "Lazy. Keen.", unstruck=" Keen."), "Keen."),
    ],
)
def test_what_is_struck_out_is_a_question(field: str, cell: Cell, meant: str) -> None:
    reading = reader().read(field, cell)
    assert reading.value is None
    assert reading.fault
    assert reading.fault.code == "struck-out"
    assert "struck out" in reading.fault.what
    assert (f"If you mean {meant}," in reading.fault.do) == bool(meant)


def test_a_letter_of_another_alphabet_is_rejected() -> None:
    fault = reader("alevel").read("prediction", text("А")).fault  # Cyrillic
    assert fault
    assert "cyrillic" in fault.what
    assert fault.do.startswith("If you mean A, type that.")


def test_a_formula_is_quoted() -> None:
    fault = reader().read("prediction", Cell("n", "6", "K9+1")).fault
    assert fault
    assert "=K9+1" in fault.what


@pytest.mark.parametrize(
    "cell",
    [
        Cell("n", "46117", has_date_format=True),  # 5 April 2026
        Cell("d", "2026-04-05T00:00:00"),
        text("05-Apr"),
        text("5 April"),
        text("Apr-05"),
        text("05/04/2026"),
        text("2026-04-05"),
        text("2026-04-05 00:00:00"),
        Cell("n", "46146", has_date_format=True),  # 4 May: typed in an American Excel
    ],
)
def test_a_date_that_was_a_grade_is_read_with_a_warning(cell: Cell) -> None:
    reading = reader("combined_science").read("prediction", cell)
    assert reading.value == "5-4"
    assert reading.fault
    assert (reading.fault.code, reading.fault.severity) == ("date-was-grade", "warning")


def test_dates_from_1904_are_the_same_days() -> None:
    cell = Cell("n", str(46117 - 1462), has_date_format=True)
    assert reader("combined_science", mac=True).read("prediction", cell).value == "5-4"


@pytest.mark.parametrize(
    "cell", [Cell("n", "46117", has_date_format=True), text("05-Apr")]
)
def test_a_date_is_no_grade_where_no_grade_looks_like_one(cell: Cell) -> None:
    assert reader().read("prediction", cell).value is None


def test_a_date_of_two_equal_or_impossible_grades_is_not_guessed() -> None:
    eleven = Cell("n", "46337", has_date_format=True)  # 11 November 2026
    assert reader("combined_science").read("prediction", eleven).value is None
    four = Cell("n", "46116", has_date_format=True)  # 4 April: only 4-4 can be meant
    assert reader("combined_science").read("prediction", four).value == "4-4"


def test_where_the_choice_is_the_flag_working_at_is_still_a_grade() -> None:
    entry_reader = reader(judgement=True)
    assert entry_reader.read("prediction", text("Above")).value == "above"
    assert entry_reader.read("prediction", text("6")).value is None
    assert entry_reader.read("working_at", text("6")).value == "6"


@given(st.text(max_size=60))
def test_no_text_is_read_as_another_grade(value: str) -> None:
    reading = reader().read("prediction", text(value))
    if reading.value:
        plain = "".join(value.split()).casefold()
        assert reading.value.casefold()[:1] in plain or not plain.isascii()
    assert reading.is_blank or reading.value is not None or reading.fault is not None


@given(st.text())
def test_a_comment_has_no_control_characters(value: str) -> None:
    comment = normalize_comment(value)
    assert normalize_comment(comment) == comment
    assert not any(ord(c) < 32 and c not in "\n\t" for c in comment)
