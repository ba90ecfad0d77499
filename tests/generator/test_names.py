"""Names that files and sheets can have, whatever a school calls its classes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.names import (
    SHEET_LENGTH,
    file_names,
    safe_name,
    sheet_name,
    sheet_names,
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
def test_a_file_is_named_as_near_as_a_file_can_be(text, name):
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
def test_a_sheet_is_named_as_near_as_a_sheet_can_be(text, name):
    assert sheet_name(text) == name


@given(TEXTS)
def test_no_name_holds_what_windows_cannot(text):
    name = safe_name(text)
    assert name
    assert not set(name) & set('\\/:*?"<>|\0\n')
    assert name == name.strip()
    assert not name.endswith(".")
    assert name.split(".")[0].casefold() not in {"con", "nul", "aux", "prn", "com1"}


@given(TEXTS)
def test_no_sheet_name_holds_what_excel_cannot(text):
    name = sheet_name(text)
    assert 0 < len(name.encode("utf-16-le")) <= 2 * SHEET_LENGTH
    assert not set(name) & set("\\/:*?[]")
    assert not name.startswith("'")
    assert not name.endswith("'")


@given(st.sets(TEXTS, max_size=20))
def test_names_that_are_alike_are_told_apart_without_case(texts):
    for names in (file_names(texts), sheet_names(texts)):
        assert set(names) == texts
        folded = [name.casefold() for name in names.values()]
        assert len(set(folded)) == len(folded)


def test_the_order_of_the_codes_decides_who_keeps_the_name():
    assert file_names(["10x/Ma1", "10x-Ma1", "10x-ma1", "10x:Ma1"]) == {
        "10x-Ma1": "10x-Ma1",
        "10x-ma1": "10x-ma1-2",
        "10x/Ma1": "10x-Ma1-3",
        "10x:Ma1": "10x-Ma1-4",
    }


def test_a_long_sheet_name_stays_within_its_length_when_told_apart():
    names = sheet_names(["x" * 40, "x" * 41])
    assert sorted(names.values()) == ["x" * 29 + "-2", "x" * 31]
