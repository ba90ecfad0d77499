"""Marked copies for teachers, and the report for the office."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from generator import workflow
from generator.problems import Problem
from generator.returns.feedback.annotate import annotate
from generator.returns.feedback.corrections_sheet import SHEET, corrections
from generator.xlsx.patch import PatchError
from generator.xlsx.reader import read_workbook
from tests.generator.classroom import (
    ENGLISH,
    LANGUAGE,
    LITERATURE,
    MATHS,
    Classroom,
    fill,
    packed,
    unpacked,
)
from tests.generator.returns.test_merge import A, B, C, at

OFFICE = "the data office"
FAULTY = {(A, "prediction"): "6", (B, "prediction"): "Z", (C, "effort"): "9"}


def fault(cell: str, **more: str) -> Problem:
    expected = {"what": "Not a grade.", "do": "Choose one."}
    return Problem(sheet="Markbook", cell=cell, adno=A, **{**expected, **more})


def test_a_faulty_return_comes_back_marked(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled=FAULTY, at=at(1))
    classroom.collect()
    path = classroom.folder / "checked/AUT/10x-Ma1.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == SHEET
    assert book.active is book[SHEET]
    assert not book["Markbook"].sheet_view.tabSelected
    lines = [[cell.value for cell in row] for row in book[SHEET].iter_rows(min_row=6)]
    assert [line[:5] for line in lines] == [
        ["1", "L8", "Prediction", f"Alice Brown ({B})", "Z"],
        ["2", "P9", "Effort", f"Alice Brown ({C})", "9"],
    ]
    assert book[SHEET]["B6"].hyperlink.location == "'Markbook'!L8"
    assert "'Z' is not a grade" in book["Markbook"]["L8"].comment.text
    assert book["Markbook"]["L7"].comment is None


def test_the_marked_copy_is_the_teachers_own_in_everything_else(
    classroom: Classroom,
) -> None:
    sent = classroom.send("a.xlsx", filled=FAULTY, at=at(1)).read_bytes()
    classroom.collect()
    marked = (classroom.folder / "checked/AUT/10x-Ma1.xlsx").read_bytes()
    before, after = read_workbook(sent), read_workbook(marked)
    for name, sheet in before.sheets.items():
        copied = after.sheets[name]
        assert copied.cells == sheet.cells
        assert (copied.protected, copied.state) == (sheet.protected, sheet.state)
    assert after.names == before.names
    assert after.properties == before.properties
    assert after.modified == before.modified
    before, now = unpacked(sent), unpacked(marked)
    assert {n for n in before if "chart" in n} == {n for n in now if "chart" in n}
    sheet = now["xl/worksheets/sheet2.xml"]
    assert b"<dataValidations" in sheet
    assert sheet.count(b"<sheetProtection") == 1


def test_the_fill_goes_as_soon_as_the_cell_says_something_else(
    classroom: Classroom,
) -> None:
    classroom.send("a.xlsx", filled=FAULTY, at=at(1))
    classroom.collect()
    path = classroom.folder / "checked/AUT/10x-Ma1.xlsx"
    rules = openpyxl.load_workbook(path)["Markbook"].conditional_formatting
    highlights = {
        str(rule.sqref): rule.rules[0].formula[0]
        for rule in rules
        if str(rule.sqref) in ("L8", "P9")
    }
    assert highlights == {"L8": 'L8&""="Z"', "P9": 'P9&""="9"'}
    priorities = [rule.priority for area in rules for rule in area.rules]
    assert len(set(priorities)) == len(priorities)


def test_a_marked_copy_put_right_is_a_return_like_any_other(
    classroom: Classroom,
) -> None:
    classroom.send("a.xlsx", filled=FAULTY, at=at(1))
    assert classroom.collect().exit_status == 1
    marked = (classroom.folder / "checked/AUT/10x-Ma1.xlsx").read_bytes()
    right = {(B, "prediction"): "5", (C, "effort"): "1"}
    path = classroom.send("again.xlsx", data=marked, filled=right, at=at(60))
    report = classroom.collect(path)
    assert not report.problems
    assert (report.cells["new"], report.cells["same"]) == (2, 1)
    assert classroom.collect().exit_status == 0
    assert not (classroom.folder / "checked/AUT/10x-Ma1.xlsx").exists()


def test_a_marked_copy_is_marked_again_with_one_list(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled=FAULTY, at=at(1))
    classroom.collect()
    marked = (classroom.folder / "checked/AUT/10x-Ma1.xlsx").read_bytes()
    classroom.send("b.xlsx", data=marked, filled={(B, "prediction"): "5"}, at=at(60))
    classroom.collect()
    path = classroom.folder / "checked/AUT/10x-Ma1.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames.count(SHEET) == 1
    assert book[SHEET]["B6"].value == "P9"
    assert book[SHEET]["B7"].value is None
    assert book["Markbook"]["L8"].comment is None
    assert book["Markbook"]["P9"].comment is not None


def test_marking_a_marked_copy_again_adds_nothing(classroom: Classroom) -> None:
    sent = fill(classroom.issued(MATHS), FAULTY, at=at(1))
    rows = corrections(
        [fault("L8"), fault("P9", severity="warning")], {A: "Ann"}, contact=OFFICE
    )
    once = annotate(sent, rows, title=MATHS)
    twice = annotate(once, rows, title=MATHS)
    assert {n: len(data) for n, data in unpacked(twice).items()} == {
        n: len(data) for n, data in unpacked(once).items()
    }
    assert annotate(twice, rows, title=MATHS) == twice


def test_what_was_put_right_is_not_marked_any_more(classroom: Classroom) -> None:
    sent = fill(classroom.issued(MATHS), FAULTY, at=at(1))
    rules = [len(r) for r in _rules(sent, "Markbook")]  # the markbook's own, which stay
    both = annotate(
        sent, corrections([fault("L8"), fault("P9")], {}, contact=OFFICE), title=MATHS
    )
    once = annotate(both, corrections([fault("P9")], {}, contact=OFFICE), title=MATHS)
    assert len(_rules(both, "Markbook")) == len(rules) + 2
    assert len(_rules(once, "Markbook")) == len(rules) + 1
    assert set(_rules(sent, "Markbook")) < set(_rules(once, "Markbook"))
    book = openpyxl.load_workbook(io.BytesIO(once))
    assert book["Markbook"]["L8"].comment is None
    assert book["Markbook"]["P9"].comment is not None


def test_in_a_file_of_several_sheets_a_cell_says_which(classroom: Classroom) -> None:
    sent = classroom.issued(ENGLISH)
    other = Problem(sheet=LANGUAGE, cell="L8", adno=A, what="No.", do="Choose.")
    once = annotate(sent, corrections([other], {}, contact=OFFICE), title=ENGLISH)
    more = [other, Problem(sheet=LITERATURE, cell="L9", adno=A, what="No.", do="Yes.")]
    both = annotate(sent, corrections(more, {}, contact=OFFICE), title=ENGLISH)
    for data, expected in ((once, "L8"), (both, f"{LANGUAGE}!L8")):
        sheet = openpyxl.load_workbook(io.BytesIO(data))[SHEET]
        assert sheet["B6"].value == expected
        assert sheet["B6"].hyperlink.location == f"'{LANGUAGE}'!L8"


def _rules(data: bytes, sheet: str) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [
        f"{where.sqref} {rule.formula}"
        for where in book[sheet].conditional_formatting
        for rule in where.rules
    ]


def test_a_row_of_nobody_is_one_thing_to_put_right(classroom: Classroom) -> None:
    """One cause, one line, though each of its cells is marked."""
    filled = {(16, "prediction"): "6", (16, "effort"): "2", (17, "prediction"): "6"}
    classroom.send("a.xlsx", filled=filled, at=at(1))
    assert classroom.collect().cells["rejected"] == 3
    book = openpyxl.load_workbook(classroom.folder / "checked/AUT/10x-Ma1.xlsx")
    lines = [[cell.value for cell in row] for row in book[SHEET].iter_rows(min_row=6)]
    assert [line[1:3] for line in lines] == [
        ["L16, P16", "Prediction, Effort"],
        ["L17", "Prediction"],
    ]
    assert all(book["Markbook"][cell].comment for cell in ("L16", "P16", "L17"))


def test_corrections_name_no_commands(classroom: Classroom) -> None:
    classroom.set_mark(A, "prediction", "7")
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    (problem,) = classroom.collect().problems
    assert "--take" in problem.do
    book = openpyxl.load_workbook(classroom.folder / "checked/AUT/10x-Ma1.xlsx")
    texts = f"{book[SHEET]['G6'].value} {book['Markbook']['L7'].comment.text}"
    assert "--take" not in texts
    assert texts.count("until you tell the data office which is right.") == 2


def test_a_clean_return_gets_no_copy(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    report = classroom.collect()
    assert [path.name for path in report.written] == ["report.xlsx"]


def test_a_note_of_the_teachers_own_stays(classroom: Classroom) -> None:
    data = classroom.issued(MATHS)
    book = openpyxl.load_workbook(io.BytesIO(data))
    from openpyxl.comments import Comment

    book["Markbook"]["L7"].comment = Comment("Ask her mother.", "Ms Abara")
    output = io.BytesIO()
    book.save(output)
    marked = annotate(
        output.getvalue(), corrections([fault("L8")], {}, contact=OFFICE), title=MATHS
    )
    sheet = openpyxl.load_workbook(io.BytesIO(marked))["Markbook"]
    assert sheet["L7"].comment.text == "Ask her mother."
    assert sheet["L8"].comment.text == "Not a grade. Choose one."


THREADED = (
    "[Threaded comment]\n\nYour version of Excel allows you to read this threaded "
    "comment.\n\nComment:\n    Ask her mother."
)


@pytest.mark.parametrize(
    ("cell", "author", "text"),
    [
        ("L7", "tc={0B5A3C7E-1111-4222-8333-444455556666}", THREADED),
        ("L7", "Ms Abara", "Ask her mother."),
        ("L8", "tc={0B5A3C7E-1111-4222-8333-444455556666}", THREADED),
        ("K7", "", "No author."),
    ],
)
def test_a_teachers_comment_at_a_marked_cell_survives_as_the_mark_does(
    classroom: Classroom, cell: str, author: str, text: str
) -> None:
    from openpyxl.comments import Comment

    book = openpyxl.load_workbook(io.BytesIO(classroom.issued(MATHS)))
    book["Markbook"][cell].comment = Comment(text, author)
    output = io.BytesIO()
    book.save(output)
    thread = {
        "xl/threadedComments/threadedComment1.xml": b"<ThreadedComments/>",
        "xl/persons/person.xml": b"<personList/>",
    }
    data = packed(unpacked(output.getvalue()) | thread)
    rows = corrections([fault("L7"), fault("K7")], {}, contact=OFFICE)
    for _ in range(2):  # a marked copy that is marked again too
        data = annotate(data, rows, title=MATHS)
    marked = openpyxl.load_workbook(io.BytesIO(data))
    sheet = marked["Markbook"]
    assert sheet[cell].comment.text == text
    assert thread.items() <= unpacked(data).items()
    listed = {row[1] for row in marked["To put right"].iter_rows(values_only=True)}
    assert {"L7", "K7"} <= listed
    highlighted = {str(area.sqref) for area in sheet.conditional_formatting}
    assert {"L7", "K7"} <= highlighted


@pytest.mark.parametrize(
    "value", ['say "6"', "a<b>", "R&D", "x" * 300, "two\nlines", "=1+1", "ﬁve", "🎓"]
)
def test_any_value_can_be_marked(classroom: Classroom, value: str) -> None:
    data = fill(classroom.issued(MATHS), {(A, "prediction"): value})
    rows = corrections(
        [fault("L7", value=value, what=f"{value!r} is wrong.")],
        {A: value},
        contact=OFFICE,
    )
    marked = annotate(data, rows, title=MATHS)
    openpyxl.load_workbook(io.BytesIO(marked))
    assert (
        read_workbook(marked).sheets["Markbook"].cells
        == read_workbook(data).sheets["Markbook"].cells
    )


def test_the_same_file_marked_twice_is_the_same_bytes(classroom: Classroom) -> None:
    data = classroom.issued(MATHS)
    rows = corrections([fault("L7")], {}, contact=OFFICE)
    assert annotate(data, rows, title=MATHS) == annotate(data, rows, title=MATHS)


def test_microsoft_finds_nothing_wrong_with_it(
    classroom: Classroom, tmp_path: Path, office_faults: Callable[[Path], list[str]]
) -> None:
    warning = Problem(sheet="Markbook", cell="K8", severity="warning", what="W.")
    rows = corrections([fault("L7, L8"), warning], {A: "O'Neill & Co"}, contact=OFFICE)
    marked = annotate(classroom.issued(MATHS), rows, title=MATHS)
    for name, data in (
        ("once.xlsx", marked),
        ("twice.xlsx", annotate(marked, rows[:1], title=MATHS)),
    ):
        (tmp_path / name).write_bytes(data)
        assert office_faults(tmp_path / name) == []


def test_a_file_in_an_unknown_form_is_left_alone(classroom: Classroom) -> None:
    parts = unpacked(classroom.issued(MATHS))
    book = parts["xl/workbook.xml"].decode()
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    book = book.replace(f'xmlns="{main}"', f'xmlns:x="{main}"')
    import re

    book = re.sub(r"<(/?)([a-z])", r"<\1x:\2", book)
    parts["xl/workbook.xml"] = book.encode()
    data = packed(parts)
    read_workbook(data)  # it is a workbook all the same
    with pytest.raises(PatchError):
        annotate(data, corrections([fault("L7")], {}, contact=OFFICE), title=MATHS)


def test_two_classes_get_a_copy_each(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled=FAULTY, at=at(1))
    filled = {("000104", "prediction"): "Z"}
    classroom.send("b.xlsx", ENGLISH, filled, sheet=LANGUAGE, at=at(2))
    report = classroom.collect()
    names = sorted(path.name for path in report.written)
    assert names == ["10x-En1.xlsx", "10x-Ma1.xlsx", "report.xlsx"]


def test_a_file_collected_from_checked_is_not_written_over(
    classroom: Classroom,
) -> None:
    path = classroom.folder / "checked/AUT/10x-Ma1.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(fill(classroom.issued(MATHS), FAULTY, at=at(1)))
    before = path.read_bytes()
    classroom.collect(path)
    assert path.read_bytes() == before
    assert path.with_name("10x-Ma1-checked.xlsx").exists()


def test_the_report_adds_up_and_tells_everything(classroom: Classroom) -> None:
    classroom.set_mark(A, "prediction", "7")
    classroom.send("a.xlsx", filled=FAULTY, at=at(1))
    (classroom.returned / "b.csv").write_text("a,b")
    report = classroom.collect()
    book = openpyxl.load_workbook(classroom.folder / "checked/AUT/report.xlsx")
    summary = {
        row[column].value: row[column + 1].value
        for row in book["Summary"].iter_rows(min_row=5, max_row=10)
        for column in (0, 3)
    }
    assert summary["found"] == report.files["found"] == 2
    assert summary["read"] == report.cells["read"]
    assert summary["in conflict"] == 1
    problems = [
        [cell.value for cell in row] for row in book["Problems"].iter_rows(min_row=5)
    ]
    assert len(problems) == len(report.problems) == 4
    named = {tuple(row[5:8]) for row in problems if row[5]}
    twins = {(B, "Alice Brown", "Z"), (C, "Alice Brown", "9")}
    assert named == {(A, "Tunde Adeyemi", "6"), *twins}
    conflict = [cell.value for cell in book["Conflicts"][5]]
    assert conflict[:3] == [MATHS, "Mathematics", A]
    assert conflict[4:7] == ["Prediction", "7", "6"]
    missing = [row[0].value for row in book["Not returned"].iter_rows(min_row=5)]
    assert missing == list(report.missing["AUT"])


def test_the_report_keeps_what_still_stands(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled=FAULTY, at=at(1))
    classroom.collect()
    (classroom.returned / "a.xlsx").unlink()
    classroom.send("b.xlsx", "10y/Ma2", {("000110", "prediction"): "6"}, at=at(2))
    classroom.collect()
    book = openpyxl.load_workbook(classroom.folder / "checked/AUT/report.xlsx")
    rows = [(r[0].value, r[2].value) for r in book["Problems"].iter_rows(min_row=5)]
    assert ("before", "returned/a.xlsx") in rows


def test_what_a_later_return_put_right_no_longer_stands(classroom: Classroom) -> None:
    """Also where the faulty file is gone; taken back, it stands again."""
    faulty = classroom.send("a.xlsx", filled=FAULTY, at=at(1))
    classroom.collect()
    half = {(A, "prediction"): "6", (B, "prediction"): "5", (C, "effort"): "9"}
    classroom.send("b.xlsx", filled=half, at=at(2))
    classroom.collect()
    assert standing(classroom) == {("returned/a.xlsx", "P9"), ("returned/b.xlsx", "P9")}
    faulty.unlink()
    classroom.send("c.xlsx", filled={**half, (C, "effort"): "2"}, at=at(3))
    classroom.collect()
    classroom.collect()
    assert standing(classroom) == set()
    book = openpyxl.load_workbook(classroom.folder / "checked/AUT/report.xlsx")
    texts = [row[1].value for row in book["Problems"].iter_rows(min_row=5)]
    assert "error" not in texts
    workflow.undo(classroom.school, "c.xlsx", now=classroom.now, who="office")
    assert standing(classroom) == {("returned/a.xlsx", "P9"), ("returned/b.xlsx", "P9")}


def standing(classroom: Classroom) -> set[tuple[str, str]]:
    """File and cell of every problem in the table `problems`."""
    out = classroom.folder / "problems.csv"
    workflow.export(classroom.school, "problems", out=out, now=classroom.now)
    with out.open(encoding="utf-8", newline="") as file:
        return {
            (row["file"], row["cell"])
            for row in csv.DictReader(file)
            if row["severity"] == "error"
        }


def test_the_same_run_writes_the_same_report(classroom: Classroom) -> None:
    from generator.returns.feedback.report_workbook import report_workbook

    classroom.send("a.xlsx", filled=FAULTY, at=at(1))
    report = classroom.collect()
    moment = datetime(2026, 10, 14, 10, 30)
    output = [
        report_workbook(
            report,
            collection="AUT",
            title="Autumn",
            open_problems=(),
            pupils={},
            now=moment,
        )
        for _ in range(2)
    ]
    assert output[0] == output[1]
