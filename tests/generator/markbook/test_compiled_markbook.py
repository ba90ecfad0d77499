"""A stamped markbook is the authored one, cell for cell and format for format."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from openpyxl import load_workbook

from generator.markbook.batch_writer import BatchWriter, estimate_seconds, make_batches
from generator.markbook.compiled_markbook import CompiledMarkbook
from generator.markbook.layout import Markbook
from generator.markbook.placeholders import markbook_shape
from generator.markbook.write_markbook import write_markbook
from generator.xlsx.writer import ExcelLimitError
from tests.generator.markbook import samples
from tests.generator.markbook.test_write_markbook import marks
from tests.workbook_text import describe
from udfs.tables import standard

TABLES = standard()
CHARTS = ("xl/charts/chart1.xml", "xl/charts/chart2.xml")


def two_subjects(pupils: int) -> Markbook:
    rows = [
        samples.row(n, entries=marks(n), earlier={"SUM": "3 (On)"})
        for n in range(pupils)
    ]
    return samples.markbook(
        *(
            samples.sheet(
                rows, name=name, subject=name, code="11/En'1 & <A>", earlier=["SUM"]
            )
            for name in ("English Language", "Children's Care")
        )
    )


def by_teacher(pupils: int) -> Markbook:
    maths = samples.whole_class(pupils, marks).sheets[0]
    science = samples.sheet(
        [samples.row(n, "5-4", None, entries=marks(n)) for n in range(pupils + 1)],
        name="10y-Sc1",
        code="10y/Sc1",
        subject="Combined Science",
        scale="combined_science",
        year=9,
        teachers=(),
    )
    return samples.markbook(
        replace(maths, name="10x-Ma1"), science, targets_on_board=True
    )


def judged(pupils: int) -> Markbook:
    rows = [
        samples.row(n, entries={"prediction": "Below"} if n % 2 else {})
        for n in range(pupils)
    ]
    return samples.markbook(
        samples.sheet(rows, style="judgement", code="7a/Sc", year=7)
    )


def told(pupils: int) -> Markbook:
    texts = {"asked": "SUM: 6? → agreed & done (HAR)", "running": ""}
    rows = [
        replace(samples.row(n), extras=texts if n % 2 else {}) for n in range(pupils)
    ]
    return samples.markbook(samples.sheet(rows, extras=("asked", "running")))


def bare(pupils: int) -> Markbook:
    rows = [samples.row(n, None, None) for n in range(pupils)]
    return samples.markbook(samples.sheet(rows, asks=["effort", "comment"]))


def full(pupils: int) -> Markbook:
    return samples.whole_class(pupils, marks)


def with_a_long_name(book: Markbook) -> Markbook:
    """The same class with a name in it that is written small on several lines."""
    first, *others = book.sheets[0].rows
    rows = (replace(first, forename="Maria Antonia Josefa Johanna"), *others)
    return replace(book, sheets=(replace(book.sheets[0], rows=rows),))


def on_paper(pupils: int) -> Markbook:
    """Groups and flags printed, and texts too long for paper."""

    def long(number: int) -> dict[str, str]:
        text = "She asks.\nWhy & how? " * (number % 25)
        return {**marks(number), "comment": text[:500], "target_query": text[:200]}

    return replace(samples.whole_class(pupils, long), print_groups=True)


def another(book: Markbook) -> Markbook:
    """A class of the same shape about which everything else differs."""
    return replace(
        book,
        issue_ids={f"{sheet.class_code} too": "mb" + 14 * "9" for sheet in book.sheets},
        sheets=tuple(
            replace(
                sheet,
                class_code=f"{sheet.class_code} too",
                subject=f"{sheet.subject} & more",
                teachers=("Mx _x0041_ <Q>",),
                year=None,
                rows=tuple(
                    replace(
                        row,
                        adno=str(9000 + at),
                        # Over as many lines as the other's, where that is long.
                        surname=row.surname.swapcase()
                        if len(row.surname) > 26
                        else f" _x0041_ {at}\x0b" + "m" * (len(row.surname) // 2),
                        forename="",
                        target="4",
                        entries={},
                        groups={},
                        earlier={"SUM": "7 (Above)"},
                    )
                    for at, row in enumerate(sheet.rows)
                ),
            )
            for sheet in book.sheets
        ),
    )


def everything(data: bytes, tmp_path, name: str) -> dict[str, object]:
    """All that a reader could tell apart, but how texts are kept in the package."""
    (tmp_path / name).mkdir()
    path = tmp_path / name / "book.xlsx"
    path.write_bytes(data)
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        plain = {
            part: package.read(part)
            for part in package.namelist()
            if not part.startswith("xl/worksheets/sheet")
            and part != "xl/sharedStrings.xml"
        }
        parts = package.namelist()
    book = load_workbook(path)
    shown = load_workbook(path, data_only=True)
    cells = [
        (
            sheet.title,
            cell.coordinate,
            cell.value,
            cell.data_type,
            cell.style_id,
            shown[sheet.title][cell.coordinate].value,
        )
        for sheet in book.worksheets
        for cells in sheet.iter_rows()
        for cell in cells
    ]
    return {"parts": parts, "cells": cells, "text": describe(path), **plain}


def kinds() -> Iterator[object]:
    for make in (full, two_subjects, by_teacher, judged, told, bare, on_paper):
        for pupils in (1, 20, 30, 60) if make is full else (1, 7):
            yield pytest.param(make, pupils, id=f"{make.__name__}-{pupils}")


@pytest.mark.parametrize(("make", "pupils"), list(kinds()))
def test_stamped_is_authored_cell_for_cell_and_format_for_format(
    make, pupils, tmp_path
):
    book = make(pupils)
    # The stamp is cut from another class, so that nothing of this one is in it.
    model = another(book)
    assert markbook_shape(model) == markbook_shape(book)
    stamp = CompiledMarkbook(model, TABLES, samples.KEY)
    for at, one in enumerate((book, model)):
        authored = everything(
            write_markbook(one, TABLES, samples.KEY), tmp_path, f"authored{at}"
        )
        stamped = everything(stamp.fill(one), tmp_path, f"stamped{at}")
        assert stamped == authored


def test_charts_hold_the_counts_of_their_own_class():
    book = full(20)
    data = CompiledMarkbook(another(book), TABLES, samples.KEY).fill(book)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in CHARTS:
            assert b">7000" not in package.read(name)


def test_stamped_markbooks_are_the_same_bytes_each_time():
    book = full(5)
    stamp = CompiledMarkbook(another(book), TABLES, samples.KEY)
    first = stamp.fill(book)
    stamp.fill(another(book))
    assert stamp.fill(book) == first
    assert CompiledMarkbook(book, TABLES, samples.KEY).fill(book) == first


def test_no_mark_of_the_specimen_is_left():
    for book in (full(5), two_subjects(3), by_teacher(3), judged(3), bare(3)):
        data = CompiledMarkbook(book, TABLES, samples.KEY).fill(book)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            text = "".join(package.read(name).decode() for name in package.namelist())
        assert "\ue000" not in text
        assert "\ue001" not in text
        assert ">7000000" not in text


def test_what_differs_by_class_makes_no_shape_and_what_is_laid_out_does():
    book = full(5)
    assert markbook_shape(book) == markbook_shape(another(book))
    for other in (
        full(6),
        replace(book, collection="SPR"),
        replace(book, issued_at=datetime(2026, 10, 15).isoformat()),
        replace(book, targets_on_board=True),
        samples.markbook(replace(book.sheets[0], style="judgement")),
        samples.markbook(replace(book.sheets[0], scale="gcse_fine")),
        replace(book, print_groups=True),
        with_a_long_name(book),
    ):
        assert markbook_shape(book) != markbook_shape(other)


def test_a_text_too_long_for_excel_is_refused_here_too():
    book = full(1)
    stamp = CompiledMarkbook(book, TABLES, samples.KEY)
    row = replace(book.sheets[0].rows[0], surname="x" * 40_000)
    long = replace(book, sheets=(replace(book.sheets[0], rows=(row,)),))
    with pytest.raises(ExcelLimitError, match="40,000 characters"):
        stamp.fill(long)
    with pytest.raises(ExcelLimitError):
        write_markbook(long, TABLES, samples.KEY)


def test_the_press_authors_what_comes_once_and_stamps_what_comes_again():
    book = full(3)
    press = BatchWriter(TABLES, samples.KEY)
    authored = write_markbook(book, TABLES, samples.KEY)
    assert press.write(book, shared_shape=False) == authored
    stamped = press.write(book, shared_shape=True)
    assert stamped == CompiledMarkbook(book, TABLES, samples.KEY).fill(book)
    assert stamped != authored


def test_copies_of_one_shape_go_together_and_the_commonest_first(tmp_path):
    three, two = full(3), full(2)
    wanted = [
        (tmp_path / str(at), book)
        for at, book in enumerate((full(1), two, three, another(two), three, three))
    ]
    found = [
        [(int(copy.path.name), copy.shared_shape) for copy in sheaf]
        for sheaf in make_batches(wanted)
    ]
    assert found == [
        [(at, True) for at in (2, 4, 5)],
        [(at, True) for at in (1, 3)],
        [(0, False)],
    ]
    many = make_batches([(tmp_path / str(at), two) for at in range(230)])
    assert [len(sheaf) for sheaf in many] == [100, 100, 30]
    assert all(estimate_seconds(sheaf) > estimate_seconds([sheaf[0]]) for sheaf in many)


def test_a_worker_needs_neither_pandas_nor_the_store():
    code = (
        "import sys, generator.markbook.batch_writer as p; "
        "heavy = {'pandas', 'numpy', 'sqlalchemy', 'pydantic'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
