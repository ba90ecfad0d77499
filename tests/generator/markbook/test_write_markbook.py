"""What stands in a markbook, what may be changed in it, and what never gets lost."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook
from xlsxwriter.worksheet import Worksheet

from generator.markbook.identity import IDENTITY_NAME, IDENTITY_PROPERTY, Identity
from generator.markbook.layout import HEADING_ROW, SPARE_ROWS
from generator.markbook.write_markbook import write_markbook
from generator.xlsx import writer
from generator.xlsx.writer import (
    ExcelLimitError,
    WorkbookWriter,
    checked_call,
    strict_writing,
    writable_text,
)
from tests.generator.markbook import samples
from tests.workbook_text import describe
from udfs.errors import UnknownScale
from udfs.tables import standard


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def written(book) -> Workbook:
    return opened(write_markbook(book, standard(), samples.KEY))


def marks(number: int) -> dict[str, str]:
    return (
        {"working_at": "2", "prediction": "6", "effort": "2", "comment": "=1+1"},
        {"working_at": "5", "prediction": "5", "effort": "1", "praise": "Yes"},
        {"prediction": "Abs"},
        {"working_at": "3", "prediction": "8", "effort": "3", "reason": "attendance"},
        {},
    )[number % 5]


def test_an_issued_markbook_reads_as_agreed(tmp_path, golden):
    path = tmp_path / "10x-Ma1.xlsx"
    path.write_bytes(
        write_markbook(samples.whole_class(5, marks), standard(), samples.KEY)
    )
    golden("10x-Ma1.txt", describe(path))


def test_the_same_markbook_is_the_same_bytes():
    book = samples.whole_class(5, marks)
    assert write_markbook(book, standard(), samples.KEY) == write_markbook(
        book, standard(), samples.KEY
    )


def test_the_sheets_are_those_of_the_contract():
    book = written(samples.whole_class())
    assert [(sheet.title, sheet.sheet_state) for sheet in book.worksheets] == [
        ("Read me", "visible"),
        ("Markbook", "visible"),
        ("Summary", "visible"),
        ("Over time", "visible"),
        ("For the board", "visible"),
        ("Print", "visible"),
        ("_lists", "veryHidden"),
        ("_meta", "veryHidden"),
    ]
    assert book.active.title == "Markbook"
    assert book.security.lockStructure


def test_the_headings_are_those_of_the_contract_in_one_row():
    sheet = written(samples.whole_class())["Markbook"]
    assert [cell.value for cell in sheet[HEADING_ROW]] == [
        "Adno", "Surname", "Forename", "Reg", "PP", "SEN", "EAL", "Prior", "SPR",
        "SUM", "Target", "Aspirational", "Working at", "Prediction", "Flag", "Check",
        "Reason", "Effort", "Praise", "Comment", "Target query", "Your notes",
    ]  # fmt: skip


def test_only_entry_cells_and_the_names_of_joiners_are_unlocked():
    book = written(samples.whole_class(3))
    entry = {"Working at", "Prediction", "Reason", "Effort", "Praise", "Comment"}
    entry |= {"Target query", "Your notes"}
    joiner = entry | {"Adno", "Surname", "Forename", "Reg"}
    for sheet in book.worksheets:
        assert sheet.protection.sheet
        for cells in sheet.iter_rows():
            for cell in cells:
                if sheet.title != "Markbook":
                    assert cell.protection.locked
                    continue
                heading = sheet.cell(HEADING_ROW, cell.column).value
                spare = cell.row > HEADING_ROW + 3
                open_ = heading in (joiner if spare else entry)
                there = HEADING_ROW < cell.row <= HEADING_ROW + 3 + SPARE_ROWS
                assert cell.protection.locked == (not (open_ and there)), (
                    cell.coordinate
                )


def test_filtering_and_widths_are_allowed_and_nothing_else():
    protection = written(samples.whole_class())["Markbook"].protection
    assert not protection.autoFilter
    assert not protection.formatColumns
    assert not protection.formatRows
    for name in ("sort", "insertRows", "deleteRows", "insertColumns", "formatCells"):
        assert getattr(protection, name), name


def test_names_that_look_like_formulas_are_text():
    sheet = written(samples.whole_class(10))["Markbook"]
    names = [(sheet.cell(at, 2).value, sheet.cell(at, 3).value) for at in range(7, 17)]
    assert names == list(samples.NAMES)
    kinds = {
        cell.data_type
        for cells in sheet.iter_rows(min_row=7, max_row=16, max_col=12)
        for cell in cells
        if cell.value is not None
    }
    assert kinds == {"s"}


def test_flags_questions_and_counts_are_there_before_anything_is_calculated():
    data = write_markbook(samples.whole_class(5, marks), standard(), samples.KEY)
    sheet = load_workbook(io.BytesIO(data), data_only=True)["Markbook"]
    column = {cell.value: cell.column for cell in sheet[HEADING_ROW]}
    flags = [sheet.cell(at, column["Flag"]).value or "" for at in range(7, 12)]
    checks = [sheet.cell(at, column["Check"]).value or "" for at in range(7, 12)]
    assert flags == ["Above", "On", "", "", ""]
    assert checks == [
        "Prediction is 4 grades above working-at: check, or give a reason.",
        *[""] * 4,
    ]
    assert sheet["A3"].value == "3 of 5 complete, 1 to check"


def test_formulas_use_nothing_newer_than_excel_2007():
    data = write_markbook(samples.whole_class(), standard(), samples.KEY)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        text = "".join(
            package.read(name).decode()
            for name in package.namelist()
            if name.endswith(".xml")
        )
    assert "_xlfn" not in text
    assert "<tablePart" not in text
    functions = set(
        re.findall(r"([A-Z][A-Z.]+)\(", " ".join(re.findall(r"<f>(.*?)</f>", text)))
    )
    assert functions <= {
        "ABS", "AND", "CHAR", "FIND", "IF", "LEFT", "LEN", "LOOKUP", "OR", "ROUND",
        "SUBSTITUTE", "SUM", "SUMPRODUCT", "TRIM",
    }  # fmt: skip


def test_skipping_the_search_for_new_functions_changes_no_byte(monkeypatch):
    book = samples.whole_class(5, marks)
    quick = write_markbook(book, standard(), samples.KEY)
    monkeypatch.setattr(
        writer._Worksheet, "_prepare_formula", Worksheet._prepare_formula
    )
    assert write_markbook(book, standard(), samples.KEY) == quick


def test_the_hidden_identity_names_no_pupil_and_verifies_from_every_place():
    book = samples.whole_class(10)
    file = written(book)
    said = {
        str(cells[0].value): str(cells[1].value or "") for cells in file["_meta"].rows
    }
    everything = " ".join([*said, *said.values()])
    for pupil in book.sheets[0].rows:
        assert pupil.adno not in everything
        assert len(pupil.surname) < 3 or pupil.surname not in everything
    properties = {p.name: p.value for p in file.custom_doc_props.props}
    names = {name: found.attr_text for name, found in file.defined_names.items()}
    assert all(
        found.hidden for name, found in file.defined_names.items() if "_mb" in name
    )
    for found in (
        Identity.parse(said),
        Identity.from_copies(properties, IDENTITY_PROPERTY),
        Identity.from_copies(names, IDENTITY_NAME),
    ):
        assert found is not None
        assert found.verify(samples.KEY)
        assert not found.verify(b"another key")
        assert found.sheets[0].class_code == "10x/Ma1"


def test_grades_are_offered_best_first_then_codes_and_clear_last():
    file = written(samples.whole_class(1))
    area = file.defined_names["List_1"].attr_text
    assert area == "'_lists'!$A$1:$A$14"
    offered = [cells[0].value for cells in file["_lists"]["A1:A14"]]
    assert offered == [*"987654321U", "Abs", "N/T", "TE", "Clear"]
    rules = file["Markbook"].data_validations.dataValidation
    assert {rule.formula1 for rule in rules if rule.formula1} == {
        "List_1", "Effort", "Praise", "Reasons", "500"
    }  # fmt: skip


def test_help_for_a_grade_shows_at_its_heading_and_covers_no_cell_below():
    rules = written(samples.whole_class(2))["Markbook"].data_validations.dataValidation
    helped = {str(rule.sqref): rule.promptTitle for rule in rules if rule.prompt}
    assert set(helped.values()) == {"Working at", "Prediction"}
    assert all(area.endswith("6") and ":" not in area for area in helped)


@pytest.mark.parametrize("pupils", [1, 2, 31, 60])
def test_a_class_of_any_size_is_written(pupils):
    sheet = written(samples.whole_class(pupils))["Markbook"]
    assert sheet.auto_filter.ref == f"A6:V{HEADING_ROW + pupils + SPARE_ROWS}"


@pytest.mark.parametrize("scale", sorted(standard().scales))
def test_every_scale_can_be_issued(scale):
    best = standard().scale(scale).grades[-1]
    rows = [samples.row(n, target=best, entries={"prediction": best}) for n in range(3)]
    file = written(samples.markbook(samples.sheet(rows, scale=scale)))
    assert file["Markbook"]["I7"].value == best


def test_a_class_in_two_subjects_has_an_entry_sheet_for_each():
    rows = [samples.row(number) for number in range(4)]
    file = written(
        samples.markbook(
            samples.sheet(rows, name="English Language", subject="English Language"),
            samples.sheet(
                rows, name="English Literature", subject="English Literature"
            ),
        )
    )
    assert file.sheetnames[1:3] == ["English Language", "English Literature"]
    assert [file["Read me"].cell(at, 4).value for at in (5, 6)] == [
        "English Language",
        "English Literature",
    ]


def test_only_what_was_asked_for_is_asked():
    rows = [samples.row(number) for number in range(3)]
    file = written(
        samples.markbook(samples.sheet(rows, asks=["prediction", "comment"]))
    )
    headings = [cell.value for cell in file["Markbook"][HEADING_ROW]]
    assert headings[7:] == [
        "Prior", "Target", "Aspirational", "Prediction", "Flag", "Check", "Comment",
        "Your notes",
    ]  # fmt: skip


def test_a_collection_without_predictions_has_no_flags_and_still_works():
    rows = [samples.row(number, entries={"effort": "2"}) for number in range(3)]
    data = write_markbook(
        samples.markbook(samples.sheet(rows, asks=["effort"])), standard(), samples.KEY
    )
    sheet = load_workbook(io.BytesIO(data), data_only=True)["Markbook"]
    assert sheet["A3"].value == "3 of 3 complete, 0 to check"


def test_no_targets_at_all_is_no_flags():
    rows = [
        samples.row(number, None, None, entries={"prediction": "5"})
        for number in range(3)
    ]
    file = written(samples.markbook(samples.sheet(rows)))
    assert file["Markbook"]["I7"].value is None


def test_targets_are_projected_only_where_the_school_allows_it():
    rows = [samples.row(number, target="7") for number in range(3)]
    for allowed in (False, True):
        book = samples.markbook(samples.sheet(rows), targets_on_board=allowed)
        board = written(book)["For the board"]
        shown = {cell.value for cells in board.rows for cell in cells}
        assert ("7" in shown) == allowed


def test_a_long_list_of_grades_is_no_obstacle():
    # Excel holds 255 characters of a list written into the rule; ours are on a sheet.
    fine = standard().scale("combined_science")
    assert len(",".join(fine.grades)) < 255 < 10 * len(fine.grades) * 2
    file = written(
        samples.markbook(samples.sheet([samples.row(0, "5-4")], scale=fine.name))
    )
    for rule in file["Markbook"].data_validations.dataValidation:
        assert len(rule.error or "") <= 225
        assert len(rule.prompt or "") <= 255


def test_microsofts_validator_finds_no_fault(tmp_path, office_faults):
    for number, book in enumerate(
        (
            samples.whole_class(10, marks),
            samples.markbook(samples.sheet([samples.row(0)], asks=["comment"])),
            samples.markbook(
                samples.sheet([samples.row(0)], name="A", code="A"),
                samples.sheet(
                    [samples.row(0, "D")], name="B", code="B", scale="alevel"
                ),
            ),
        )
    ):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(write_markbook(book, standard(), samples.KEY))
        assert office_faults(path) == []


def test_an_unknown_scale_is_refused_by_name():
    book = samples.markbook(samples.sheet([samples.row(0)], scale="stars"))
    with pytest.raises(UnknownScale, match="There is no scale 'stars'"):
        write_markbook(book, standard(), samples.KEY)


def test_what_excel_cannot_hold_is_an_error():
    with strict_writing():
        book = WorkbookWriter(datetime(2026, 10, 14))
        page = book.add_sheet("A")
        look = book.formats.cell()
        with pytest.raises(ExcelLimitError, match="Excel cannot hold write_string"):
            page.text(0, 0, "x" * 32_768, look)
        with pytest.raises(ExcelLimitError):
            checked_call(page.sheet.write_string, 0, 99_999, "x", look)


def test_what_xlsxwriter_only_warns_of_is_an_error():
    with pytest.raises(ExcelLimitError, match="255"), strict_writing():
        book = WorkbookWriter(datetime(2026, 10, 14))
        book.set_property("a", "x" * 256)


def test_control_characters_and_broken_ones_are_left_out():
    assert writable_text("a\x00b\ud800c\nd\x1fe") == "abc\nde"


def test_a_very_long_name_gets_a_taller_row_and_is_never_shrunk_to_nothing():
    # Number 9 of the names has a surname of 63 characters.
    book = samples.markbook(samples.sheet([samples.row(0), samples.row(9)]))
    sheet = load_workbook(io.BytesIO(write_markbook(book, standard(), samples.KEY)))[
        "Markbook"
    ]
    heights = [sheet.row_dimensions[row].height for row in (7, 8)]
    assert heights[1] > 2 * heights[0]
    assert sheet["B8"].font.size == 9
    assert sheet["B8"].alignment.wrap_text
    assert sheet["C8"].font.size == sheet["C7"].font.size


def test_one_cell_and_one_minute_are_reported_as_one():
    book = samples.markbook(samples.sheet([samples.row(0)], asks=["prediction"]))
    sheet = load_workbook(io.BytesIO(write_markbook(book, standard(), samples.KEY)))[
        "Markbook"
    ]
    assert "1 cell, about 1 minute." in sheet["D3"].value
