"""A teacher at LibreOffice, by the keyboard: what is refused, appears and stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from generator.markbook.identity import IDENTITY_NAME, IDENTITY_PROPERTY, Identity
from generator.markbook.layout import HEADING_ROW
from generator.markbook.write_markbook import write_markbook
from tests.generator.markbook import samples
from tests.office import Office, gnumeric, running_office
from udfs.tables import standard

pytestmark = pytest.mark.office
# Columns of `made.whole_class`.
WORKING_AT, PREDICTION, FLAG, CHECK, REASON, EFFORT = "MNOPQR"


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with running_office() as running:
        yield running


@pytest.fixture
def issued(tmp_path: Path) -> Path:
    path = tmp_path / "10x-Ma1.xlsx"
    path.write_bytes(write_markbook(samples.whole_class(10), standard(), samples.KEY))
    return path


def type_(cell: str, text: str) -> dict[str, str]:
    return {"do": "type", "sheet": "Markbook", "cell": cell, "text": text}


def read(*cells: str) -> dict[str, object]:
    return {"do": "read", "sheet": "Markbook", "cells": list(cells)}


def test_locked_cells_refuse_what_is_typed(office, issued):
    cells = ["A7", "B7", "H7", "K7", f"{FLAG}7", f"{CHECK}7", "A6", "A1"]
    steps = [read(*cells), *(type_(cell, "9") for cell in cells), read(*cells)]
    before, *_, after = office.run_steps(issued, steps)
    assert before == after


def test_flag_question_and_progress_appear_as_they_are_typed(office, issued):
    seen = read("A3", f"{FLAG}7", f"{CHECK}7")
    answers = office.run_steps(
        issued,
        [
            type_(f"{WORKING_AT}7", "2"),
            type_(f"{PREDICTION}7", "5"),
            dict(seen),
            type_(f"{REASON}7", "attendance"),
            type_(f"{EFFORT}7", "2"),
            dict(seen),
            type_(f"{PREDICTION}7", "2"),
            dict(seen),
        ],
    )
    assert answers[2] == [
        "0 of 10 complete, 1 to check",
        "Above",
        "Prediction is 3 grades above working-at: check, or give a reason.",
    ]
    assert answers[5] == ["1 of 10 complete, 0 to check", "Above", ""]
    assert answers[7] == ["1 of 10 complete, 0 to check", "Well below", ""]


def test_a_joiner_is_counted_and_one_without_a_number_is_asked_about(office, issued):
    answers = office.run_steps(
        issued,
        [
            type_(f"{PREDICTION}17", "5"),
            read("A3", f"{CHECK}17"),
            type_("A17", "004999"),
            type_("B17", "Joiner"),
            read("A3", f"{CHECK}17", "A17"),
        ],
    )
    assert answers[1] == [
        "0 of 10 complete, 1 to check",
        "Write this pupil's Adno in the first column.",
    ]
    assert answers[4] == ["0 of 11 complete, 0 to check", "", "004999"]


def test_lists_are_offered_and_the_class_can_be_filtered(office, issued):
    offered, shown = office.run_steps(
        issued,
        [
            {"do": "validation", "sheet": "Markbook", "cell": f"{PREDICTION}9"},
            {
                "do": "filter",
                "sheet": "Markbook",
                "area": "A6:V20",
                "column": 4,
                "text": "Y",
            },
        ],
    )
    assert offered == ["LIST", "List_1", 1]
    assert shown == [7, 10, 13, 16]


MARKS = {
    f"{WORKING_AT}7": "4",
    f"{PREDICTION}7": "5",
    f"{EFFORT}7": "1",
    f"{PREDICTION}8": "Abs",
    f"{PREDICTION}9": "N/T",
    "T9": "=not a formula, she says; 'quoted' & <odd>",
    "T10": "Zoë Łukasz 名前",
}


def kept(path: Path) -> dict[str, str]:
    sheet = load_workbook(path)["Markbook"]
    return {cell: str(sheet[cell].value) for cell in MARKS}


def identity(path: Path) -> list[Identity | None]:
    book = load_workbook(path)
    meta = {str(c[0].value): str(c[1].value or "") for c in book["_meta"].rows}
    properties = {p.name: str(p.value) for p in book.custom_doc_props.props}
    names = {name: str(n.attr_text) for name, n in book.defined_names.items()}
    return [
        Identity.parse(meta),
        Identity.from_copies(properties, IDENTITY_PROPERTY),
        Identity.from_copies(names, IDENTITY_NAME),
    ]


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_file_saved_by_libreoffice_keeps_marks_identity_and_locks(
    office, issued, tmp_path, kind
):
    saved = tmp_path / f"saved.{kind}"
    texts = {cell: text for cell, text in MARKS.items() if not text.startswith("=")}
    steps = [type_(cell, text) for cell, text in texts.items()]
    formula = next(cell for cell in MARKS if cell not in texts)
    steps.append({"do": "set", "sheet": "Markbook", "cells": {formula: MARKS[formula]}})
    office.run_steps(issued, [*steps, {"do": "save", "path": str(saved)}])
    back = saved if kind == "xlsx" else office.convert(saved, tmp_path / "back.xlsx")
    assert {c: kept(back)[c] for c in texts} == texts
    assert all(found and found.verify(samples.KEY) for found in identity(back))
    sheet = load_workbook(back)["Markbook"]
    assert sheet.protection.sheet
    assert sheet["B7"].protection.locked
    assert not sheet[f"{PREDICTION}7"].protection.locked
    headings = [cell.value for cell in sheet[HEADING_ROW]]
    assert headings[0] == "Adno"
    assert sheet["A7"].value == "004000"


# gnumeric writes no default style, which openpyxl remarks upon.
@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_a_file_saved_by_gnumeric_keeps_marks_and_identity(issued, tmp_path):
    book = load_workbook(issued)
    for cell, text in MARKS.items():
        book["Markbook"][cell].value = text
        book["Markbook"][cell].data_type = "s"
    filled = tmp_path / "filled.xlsx"
    book.save(filled)
    assert all(found and found.verify(samples.KEY) for found in identity(filled))
    back = gnumeric(filled, tmp_path / "gnumeric.xlsx")
    assert kept(back) == MARKS
    # Gnumeric does not read the properties as openpyxl writes them where lxml is
    # installed; those that we wrote ourselves it keeps, see below.
    meta, _properties, names = identity(back)
    assert meta and meta.verify(samples.KEY)
    assert names and names.verify(samples.KEY)
    straight = gnumeric(issued, tmp_path / "straight.xlsx")
    assert all(found and found.verify(samples.KEY) for found in identity(straight))
