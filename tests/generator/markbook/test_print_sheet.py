"""What a markbook shows on paper: everything asked for, and nothing private."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from generator.markbook.layout import Markbook
from generator.markbook.write_markbook import write_markbook
from tests.generator.markbook import samples
from tests.generator.markbook.test_compiled_markbook import by_teacher, on_paper
from tests.generator.markbook.test_write_markbook import marks
from tests.office import Office, running_office
from udfs.tables import standard

HEADINGS = 4  # the row of them on the sheet `Print`


def written(book: Markbook, *, shown: bool = False) -> Workbook:
    data = write_markbook(book, standard(), samples.KEY)
    return load_workbook(io.BytesIO(data), data_only=shown)


def headings(book: Workbook) -> list[str]:
    return [cell.value for cell in book["Print"][HEADINGS]]


def test_the_page_leaves_out_groups_prior_attainment_earlier_marks_and_flags():
    found = headings(written(samples.whole_class(3)))
    assert found == [
        "Surname", "Forename", "Reg", "Target", "Working at", "Prediction", "Effort",
        "Praise", "Comment", "Target query",
    ]  # fmt: skip


def test_a_school_may_want_groups_and_flags_on_it():
    book = replace(samples.whole_class(3), print_groups=True)
    found = headings(written(book))
    assert found[3:6] == ["PP", "SEN", "EAL"]
    assert "Flag" in found
    area = written(book)["Markbook"].print_area
    assert area.startswith("'Markbook'!$A$1:")


def test_the_entry_sheet_printed_as_it_is_shows_names_and_what_is_public():
    sheet = written(samples.whole_class(3))["Markbook"]
    area = re.fullmatch(r"'Markbook'!\$(\w)\$6:\$(\w)\$13", sheet.print_area)
    assert area
    printed = [
        sheet.cell(6, at).value for at in range(1, sheet.max_column + 1)
        if area[1] <= sheet.cell(6, at).column_letter <= area[2]
    ]  # fmt: skip
    assert printed == ["Target", "Aspirational", "Working at", "Prediction"]
    assert sheet.print_title_cols == "$A:$D"
    assert "Print" in sheet.oddHeader.right.text


@pytest.mark.parametrize("pupils", [1, 12, 28, 32])
def test_a_class_is_on_one_landscape_page_of_a4(pupils):
    book = written(samples.whole_class(pupils))
    for sheet in (book["Markbook"], book["Print"]):
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # One by one is what Excel takes where nothing is said.
        assert (
            sheet.page_setup.fitToWidth or 1,
            sheet.page_setup.fitToHeight or 1,
        ) == (1, 1)


def test_what_is_too_long_for_paper_ends_in_a_sign_that_there_is_more():
    text = "word " * 100
    book = samples.whole_class(28, lambda n: {"comment": text[: 10 + n * 18]})
    sheet = written(book, shown=True)["Print"]
    shown = [sheet.cell(row, 9).value for row in range(5, 33)]
    most = max(len(one) for one in shown)
    assert shown[0] == text[:10]
    assert shown[-1].endswith("…")
    assert {len(one) for one in shown if one.endswith("…")} == {most}


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with running_office() as running:
        yield running


def pages(office: Office, book: Markbook, folder: Path) -> list[str]:
    """The text of each page that the whole workbook comes to, when printed."""
    path = folder / "class.xlsx"
    path.write_bytes(write_markbook(book, standard(), samples.KEY))
    pdf = office.convert(path, folder / "class.pdf")
    done = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\f")[:-1]


@pytest.mark.office
def test_printed_by_libreoffice_no_page_of_the_class_says_who_is_in_a_group(
    office, tmp_path
):
    found = pages(office, samples.whole_class(28, marks), tmp_path)
    classes = [page for page in found if "004027" in page or "Confidential" in page]
    entry = [page for page in classes if "Adno" in page and "How to" not in page]
    (paper,) = [page for page in classes if "Groups, prior attainment" in page]
    assert len(entry) == 1
    for page in (*entry, paper):
        assert "Łukasz" in page
        assert not re.search(r"\b(PP|SEN|EAL|Prior|Flag|Above|Below|101\.5)\b", page)
    assert "004027" in entry[0]  # the whole class on one page


@pytest.mark.office
def test_the_page_follows_what_is_typed_joiners_too(office, tmp_path):
    path = tmp_path / "class.xlsx"
    path.write_bytes(write_markbook(on_paper(3), standard(), samples.KEY))
    typed = {"N7": "9", "T7": "Well done", "B10": "Joiner", "C10": "Jo", "N10": "4"}
    answers = office.run_steps(
        path,
        [
            *(
                {"do": "type", "sheet": "Markbook", "cell": cell, "text": text}
                for cell, text in typed.items()
            ),
            {"do": "values", "sheet": "Print", "area": "A5:M8"},
        ],
    )
    rows = answers[-1]
    assert "9" in rows[0]
    assert "Well done" in rows[0]
    assert "Above" in rows[0]
    assert rows[3][:2] == ["Joiner", "Jo"]
    assert "4" in rows[3]


@pytest.mark.office
def test_by_teacher_each_class_has_a_page_of_its_own(office, tmp_path):
    found = pages(office, by_teacher(26), tmp_path)
    papers = [page for page in found if "Groups, prior attainment" in page]
    assert len(papers) == 2
    assert "Mathematics" in papers[0]
    assert "Combined Science" in papers[1]
