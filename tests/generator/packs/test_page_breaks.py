"""What is printed: a heading never stands at the foot of a page without its table."""

from __future__ import annotations

import io
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from generator.packs.layout.columns import PackColumn
from generator.packs.layout.page_breaks import (
    DEFAULT_ROW_HEIGHT,
    FIRST_ROWS,
    PageBlock,
    break_rows,
)
from generator.packs.layout.workbook import PackWorkbook

Sizes = list[tuple[int, int]]


def sheet(sizes: list[int], *, filtered: bool = False) -> Worksheet:
    """A page with a headed table of so many rows for each size."""
    pack = PackWorkbook("Title", "Tiny", "Foot", datetime(2026, 11, 22, 9, 30))
    page = pack.page("Page", [20.0] * 10)
    shown = [PackColumn(f"c{at}", f"C{at}", 20) for at in range(10)]
    for number, size in enumerate(sizes):
        page.gap()
        page.heading(f"Year {number}")
        rows = pd.DataFrame({column.key: ["x"] * size for column in shown})
        page.table(rows, shown, filtered=filtered)
    return load_workbook(io.BytesIO(pack.close())).worksheets[0]


def pages_of(
    parts: list[PageBlock], last: int, fits: float, found: list[int], top: int | None
) -> list[list[int]]:
    """The rows on each page, as a printer lays them: broken where told, or full."""
    pages: list[list[int]] = [[]]
    for row in range(last + 1):
        again = top is not None and pages[-1] and pages[-1][0] > top
        used = (len(pages[-1]) + bool(again)) * DEFAULT_ROW_HEIGHT
        if pages[-1] and (row in found or used + DEFAULT_ROW_HEIGHT > fits):
            pages.append([])
        pages[-1].append(row)
    return pages


@given(
    sizes=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 60)), max_size=8),
    fits=st.integers(10, 50),
    repeats=st.booleans(),
)
def test_what_fits_on_a_page_is_on_one_and_what_does_not_begins_with_rows(
    sizes: Sizes, fits: int, repeats: bool
) -> None:
    parts, row = [], 3  # a band and a sentence
    for said, size in sizes:
        parts.append(PageBlock(row, row + 1 + said, row + 1 + said + size))
        row = parts[-1].last + 2
    top = parts[-1].heading if repeats and parts else None
    found = break_rows(parts, {}, row, fits * DEFAULT_ROW_HEIGHT, repeated=top)
    assert found == sorted(set(found)) and set(found) <= {p.first for p in parts}
    pages = pages_of(parts, row, fits * DEFAULT_ROW_HEIGHT, found, top)
    on = {row: number for number, page in enumerate(pages) for row in page}
    for part in parts:
        spare = 1 if top is not None and part.first > top else 0
        if part is not parts[0] and part.last - part.first + 1 + spare <= fits:
            assert on[part.first] == on[part.last]
        else:
            least = min(part.heading + FIRST_ROWS, part.last)
            assert on[part.first] == on[least] or least - part.first >= fits


def test_a_page_that_needs_no_break_is_fitted_to_the_paper() -> None:
    for sizes in ([3, 3], [200]):
        page = sheet(sizes, filtered=len(sizes) == 1)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.row_breaks.brk == []


@pytest.mark.parametrize("sizes", [[20, 20, 20], [5, 25, 25, 4, 4], [36, 90, 3]])
def test_each_table_is_printed_under_its_heading(sizes: list[int]) -> None:
    page = sheet(sizes)
    starts = [
        cell.row for cell in page["A"] if str(cell.value or "").startswith("Year")
    ]
    ended = {one.id + 1 for one in page.row_breaks.brk}
    assert ended and ended <= set(starts)
    # Excel passes over breaks in what is fitted to pages.
    fitted = page.sheet_properties.pageSetUpPr
    assert not (fitted and fitted.fitToPage)
    assert 30 < page.page_setup.scale < 70  # 200 characters across A4


def test_a_long_last_table_has_its_headings_on_every_page() -> None:
    page = sheet([3, 200])
    heading = max(cell.row for cell in page["A"] if cell.value == "C0")
    assert page.print_title_rows == f"${heading}:${heading}"
    assert sheet([3, 3]).print_title_rows is None


def test_a_sheet_a_few_rows_longer_than_a_page_is_printed_on_one() -> None:
    page = sheet([20, 20])
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (None, None)
    assert page.sheet_properties.pageSetUpPr.fitToPage  # one by one, if none is named
    assert sheet([30, 30]).page_setup.scale < 70


def test_a_tutor_group_s_digits_are_not_the_size_of_its_letters() -> None:
    pack = PackWorkbook("7A: Autumn", "3 Rivers", "7A", datetime(2026, 11, 22, 9, 30))
    pack.page("Grid", [12.0])
    page = load_workbook(io.BytesIO(pack.close())).worksheets[0]
    for part, said in (
        (page.oddHeader.left, "3 Rivers"),
        (page.oddHeader.right, "7A: Autumn · Grid"),
        (page.oddFooter.left, "7A"),
    ):
        assert (part.size, part.text.strip()) == (8, said)
