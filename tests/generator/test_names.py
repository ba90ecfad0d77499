"""Names that files and sheets can have, whatever a school calls its classes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.names import (
    SHEET_LENGTH,
    file_names,
    printable,
    safe_name,
    sheet_name,
    sheet_names,
    shown_path,
    without_steering,
)

TEXTS = st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("10x/Ma1", "10x-Ma1"),
        ('a\\b:c*d?e"f<g>h|i', "a-b-c-d-e-f-g-h-i"),
        ("O'Neill [set 1]", "O'Neill [set 1]"),
        ("Łukasz 名", "Łukasz 名"),
        ("con", "con-"),
        ("Aux.2", "Aux-.2"),
        ("COM1", "COM1-"),
        ("console", "console"),
        ("...", "-"),
        ("", "-"),
        (" 7A. ", "7A"),
        ("~$lock", "-lock"),
        (".hidden", "-hidden"),
        ("..", "-"),
    ],
)
def test_a_file_name_is_as_near_as_possible_to_the_text(text, name):
    assert safe_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("10x/Ma1", "10x-Ma1"),
        ("[set 1]", "-set 1-"),
        ("'tis'", "-tis-"),
        ("O'Neill", "O'Neill"),
        ("History", "History-"),
        ("x" * 40, "x" * 31),
        ("🎓" * 20, "🎓" * 15),  # two of the units that Excel counts in
        ("", "-"),
    ],
)
def test_a_sheet_name_is_as_near_as_possible_to_the_text(text, name):
    assert sheet_name(text) == name


@given(TEXTS)
def test_a_file_name_is_valid_on_windows(text):
    name = safe_name(text)
    assert name
    assert not set(name) & set('\\/:*?"<>|\0\n')
    assert name == name.strip()
    assert not name.endswith(".")
    assert name.split(".")[0].casefold() not in {"con", "nul", "aux", "prn", "com1"}


@given(TEXTS)
def test_a_sheet_name_is_valid_in_excel(text):
    name = sheet_name(text)
    assert 0 < len(name.encode("utf-16-le")) <= 2 * SHEET_LENGTH
    assert not set(name) & set("\\/:*?[]")
    assert not name.startswith("'")
    assert not name.endswith("'")


@given(st.sets(TEXTS, max_size=20))
def test_names_differ_in_more_than_case(texts):
    for names in (file_names(texts), sheet_names(texts)):
        assert set(names) == texts
        folded = [name.casefold() for name in names.values()]
        assert len(set(folded)) == len(folded)


def test_the_order_of_the_codes_decides_which_keeps_the_name():
    assert file_names(["10x/Ma1", "10x-Ma1", "10x-ma1", "10x:Ma1"]) == {
        "10x-Ma1": "10x-Ma1",
        "10x-ma1": "10x-ma1-2",
        "10x/Ma1": "10x-Ma1-3",
        "10x:Ma1": "10x-Ma1-4",
    }


def test_a_long_sheet_name_with_a_number_stays_within_its_length():
    names = sheet_names(["x" * 40, "x" * 41])
    assert sorted(names.values()) == ["x" * 29 + "-2", "x" * 31]


def test_a_file_is_displayed_from_the_school_folder_on(tmp_path):
    school = tmp_path / "school"
    school.mkdir()
    inside, outside = school / "returned" / "a.xlsx", tmp_path / "b\u202e.xlsx"
    outside.touch()
    assert shown_path(inside, school) == "returned/a.xlsx"
    assert shown_path(school / ".." / "school" / "a.csv", school) == "a.csv"
    assert shown_path(outside, school) == f"{tmp_path.as_posix()}/b?.xlsx"
    assert shown_path(outside, school, short=True) == "b?.xlsx"
    assert shown_path(tmp_path / "schoolbook", school).endswith("/schoolbook")


@given(TEXTS)
def test_no_text_steers_a_terminal(text):
    plain = without_steering(text)
    assert len(plain) == len(text)
    assert not set(plain) & set("\x00\x07\x1b\x7f\x9b\u202e\u2066")
    assert printable(text).isprintable()
