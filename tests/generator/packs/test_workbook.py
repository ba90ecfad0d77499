from __future__ import annotations

import io
from datetime import datetime

import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from generator.packs.facts.class_summary import summarise_classes
from generator.packs.layout.columns import NUMBER_FORMATS, PackColumn, pack_columns
from generator.packs.layout.workbook import PackPage, PackWorkbook
from generator.xlsx.theme import template

GRID = [12.0, 12.0, 30.0]


def page_of(write, name: str = "Page", school: str = "Tiny & Co") -> Worksheet:
    pack = PackWorkbook("Title", school, "Foot & more", datetime(2026, 11, 22, 9, 30))
    page = pack.page(name, GRID)
    write(page)
    return load_workbook(io.BytesIO(pack.close())).worksheets[0]


def one_column(kind: str, values: list[object]) -> Worksheet:
    rows = pd.DataFrame({"x": pd.Series(values, dtype=object)})

    def write(page: PackPage) -> None:
        page.table(rows, [PackColumn("x", "X", 10, kind)])  # type: ignore[arg-type]  # any kind

    return page_of(write)


@pytest.mark.parametrize("text", ["=1+1", "+44 20", "-", "@home", "5", "5-4", "007"])
def test_text_stays_text_whatever_it_begins_with(text: str) -> None:
    cell = one_column("text", [text])["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, ""])
@pytest.mark.parametrize("kind", ["text", "count", "share", "grades", "flag"])
def test_what_is_missing_is_blank_and_never_nought(kind: str, nothing: object) -> None:
    assert one_column(kind, [nothing])["A2"].value is None


def test_nought_is_nought() -> None:
    assert one_column("count", [0])["A2"].value == 0


@pytest.mark.parametrize(
    ("value", "shown_as"),
    [(0.04, "0.0;0.0"), (-0.04, "0.0;0.0"), (-0.06, "+0.0;-0.0;0.0")],
)
def test_what_rounds_to_nought_is_displayed_without_sign(
    value: float, shown_as: str
) -> None:
    cell = one_column("grades", [value])["A2"]
    assert (cell.value, cell.number_format) == (value, shown_as)


def test_a_flag_is_reported_by_sign_word_and_colour() -> None:
    cell = one_column("flag", ["Well below"])["A2"]
    assert cell.value == "Well below"
    assert "▼▼" in cell.number_format
    assert cell.fill.fgColor.rgb == "FF8A2B06"


def test_a_very_long_text_is_cut_and_says_so() -> None:
    value = one_column("text", ["x" * 40_000])["A2"].value
    assert value.endswith("… (cut)") and len(value) < 32_767


def test_an_ampersand_in_a_name_is_printed_as_it_is() -> None:
    page = page_of(lambda page: page.title_band("A & B"))
    assert "Tiny && Co" in str(page.oddHeader.left.text)
    assert page["A1"].value == "A & B"


def test_a_page_is_set_up_for_a4_with_the_headings_on_every_sheet_of_paper() -> None:
    rows = pd.DataFrame({"class": ["10A"] * 3})
    page = page_of(
        lambda page: page.table(rows, pack_columns(["class"]), filtered=True, frozen=1)
    )
    assert page.page_setup.paperSize == 9
    assert page.print_title_rows == "$1:$1"
    assert page.auto_filter.ref == "A1:A4"
    assert page.freeze_panes == "B2"


@pytest.mark.parametrize("key", template("packs")["columns"])
def test_every_worded_column_has_a_kind_that_can_be_written(key: str) -> None:
    column = pack_columns([key])[0]
    assert column.kind in {"text", "grade", "flag", "measure", *NUMBER_FORMATS}
    assert column.width > 0


def test_nobody_sums_up_to_nobody() -> None:
    names = [
        "year",
        "class_year",
        "subject",
        "class",
        "teacher",
        "adno",
        "flag",
        "gap",
        "last_gap",
        "movement",
    ]
    rows = pd.DataFrame(columns=names)
    whole = dict.fromkeys(("gap", "last_gap", "movement"), "Int64")
    sums = summarise_classes(rows.astype(whole), issued=(), returned={})
    assert sums.classes.empty
    assert sums.total["pupils"] == 0
