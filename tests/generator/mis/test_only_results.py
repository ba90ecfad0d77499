"""Lists of results take only results: no forecast, no part, no other qualification."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.mis.results.subject_titles import SubjectTitles
from generator.tabular.rows import Unreadable
from tests.generator.mis.test_results import Exams, workbook
from udfs.tables import standard

TITLES = SubjectTitles(standard(), ["Maths", "English Language", "Biology"])


@pytest.fixture
def exams(tmp_path: Path) -> Iterator[Exams]:
    yield Exams(tmp_path)


# A title -> what it is instead of the subject's result; empty for the result.
@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Maths", ""), ("GCSE Maths (9-1)", ""), ("Maths - Final Grade", ""),
        ("Mathematics 8300H", ""), ("Combined Science: Trilogy 8464", ""),
        ("Art and Design (Fine Art)", ""), ("English Literature A", ""),
        ("AQA Level 1/Level 2 GCSE (9-1) in Geography", ""),
        ("Science: Biology", ""), ("RE", ""), ("BTEC Sport", ""),
        ("Religious Studies: Full Course", ""), ("Biology 9BI0 A level", ""),
        ("Mathematics (Predicted)", "forecast"), ("Maths Forecast Grade", "forecast"),
        ("Maths est.", "forecast"), ("English Language - Mock Exam", "mock"),
        ("Maths PPE2", "mock"), ("Maths (Target)", "target"), ("FFT20 Maths", "target"),
        ("Maths (TAG)", "teacher assessment"), ("Maths (Working at)", "working at"),
        ("Maths (Rank)", "figure"), ("Maths (%)", "figure"), ("Maths Mark", "figure"),
        ("Maths: Effort", "figure"), ("Maths Residual", "figure"),
        ("Mathematics - Paper 2", "component"), ("Maths 8300/2H", "component"),
        ("French: Speaking", "component"), ("Sport Unit 3", "component"),
        ("Music (Performing)", "component"),
        ("English Language: Spoken Language Endorsement", "endorsement"),
        ("Biology Practical Endorsement", "endorsement"),
        ("AS Biology", "as"), ("Biology (Advanced Subsidiary)", "as"),
        ("AQA GCE Biology 7401", "as"), ("Pearson GCE Biology 8BI0", "as"),
        ("GCSE RS (Short Course)", "short course"), ("RS half course", "short course"),
        ("Entry Level Certificate in Mathematics", "entry level"),
        ("FSMQ Additional Maths", "fsmq"),
        ("Functional Skills English Level 2", "functional skills"),
        ("Mathematics (Further)", "other qualification"),
        ("Science (Single Award)", "other qualification"),
        ("BTEC Level 3 Sport", "other qualification"),
        ("Maths 2026", "unknown"), ("Maths Wombat", "unknown"), ("Maths*", "unknown"),
    ],
)  # fmt: skip
def test_a_title_says_what_it_is(title, kind):
    reading = TITLES.read(title)
    assert (reading.other.kind if reading.other else "") == kind
    assert bool(reading.subject) == (not kind)


@pytest.mark.parametrize(
    ("level", "kind"),
    [
        ("GCSE", ""), ("GCSE/9FC", ""), ("GCSE (9-1) Full Course", ""), ("Level 2", ""),
        ("", ""), ("1/2", ""), ("GCSE Short Course", "short course"),
        ("GCSE/SC", "short course"), ("Entry Level Certificate", "entry level"),
        ("ELC", "entry level"), ("FSMQ", "fsmq"), ("GCE/AS", "as"), ("AS Level", "as"),
        ("Functional Skills", "functional skills"), ("Mock", "mock"),
        ("Level 3 Certificate", "other qualification"), ("Wombat", "unknown"),
    ],
)  # fmt: skip
def test_the_level_column_decides(level, kind):
    reading = TITLES.read("Biology", level)
    assert (reading.other.kind if reading.other else "") == kind


def test_an_a_level_is_one_by_its_title_or_its_level():
    assert TITLES.read("OCR GCE A Level Biology").subject == "Biology A level"
    assert TITLES.read("Biology", "GCE/A").subject == "Biology A level"


def test_psychology_and_sociology_are_two_subjects():
    titles = SubjectTitles(standard(), ["Sociology", "Psychology"])
    own = ["Sociology", "Psychology"]
    assert titles.match("AQA GCSE Psychology 8182", own).subject == "Psychology"
    assert titles.match("Sociology", own).subject == "Sociology"
    assert titles.match("Psych", ["Psychology"]).subject == "Psychology"


FORECASTS = [
    "Adno,Mathematics (Predicted),English Language - Mock Exam\n004001,9,8\n",
    "Adno,Subject,Predicted Grade\n004001,Maths,9\n",
    "Adno,Subject,TAG\n004001,Maths,9\n",
    "Year 11 mocks,,\n,,\nAdno,Maths,English Language\n004001,9,8\n",
    "Target grades 2027,,\n,,\nAdno,Subject,Grade\n004001,Maths,9\n",
    "Adno,Maths,English Language\n,Predicted,Forecast\n004001,9,8\n",
    ",Maths,English Language\nAdno,Mock,Mock\n004001,9,8\n",
]


@pytest.mark.parametrize("text", FORECASTS)
def test_a_list_of_forecasts_is_refused_as_a_whole(exams, text):
    with pytest.raises(Unreadable, match="Nothing of it was stored"):
        exams.read(text)
    good = exams.file("Adno,Subject,Grade\n004002,Maths,4\n", "good.csv")
    report = exams.read(exams.file(text, "list.csv"), good)
    assert exams.grades() == {("004002", "Maths"): "4"}
    assert report.exit_status == 1
    assert [p.code for p in report.problems] == ["file-left-out"]


@pytest.mark.parametrize("text", FORECASTS)
def test_a_list_of_forecasts_is_read_when_reported_to(exams, text):
    path = exams.file(text)
    exams.read(path, as_results=True)
    assert exams.grades()["004001", "Maths"] == "9"


@pytest.mark.parametrize("name", ["Y11 mock results.csv", "predicted_grades.csv"])
def test_the_name_of_a_file_or_sheet_says_what_it_holds(exams, name):
    text = "Adno,Maths\n004001,9\n"
    with pytest.raises(Unreadable, match="not results"):
        exams.read(exams.file(text, name))
    data = workbook([["Adno", "Maths"], ["004001", "9"]], sheet="Mocks")
    path = exams.folder / "book.xlsx"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match="Mocks"):
        exams.read(path)
    assert exams.rows() == []


BESIDE = [
    "Adno,English Language (Forecast),English Language\n004001,7,6\n",
    "Adno,English Language: Spoken Language,English Language\n004001,7,6\n",
    "Adno,English Language %,English Language Mark,English Language\n004001,7,9,6\n",
    "Adno,AQA GCSE English Language 8700,English Language\n004001,7,6\n",
    "Adno,English Language,,Maths\n,Forecast,Result,Rank\n004001,7,6,3\n",
    ",English Language,,Maths\nAdno,Forecast,Result,Rank\n004001,7,6,3\n",
]


@pytest.mark.parametrize("text", BESIDE)
def test_the_result_is_taken_and_what_stands_beside_it_is_left_out(exams, text):
    report = exams.read(text)
    assert exams.grades() == {("004001", "English Language"): "6"}
    assert report.exit_status == 0
    said = [p.value for p in report.problems] + list(report.endorsements)
    assert said, "what was left out is named"


ROWS_OF_OTHERS = [
    "Adno,Subject,Assessment,Grade\n004001,Maths,Mock 1,9\n004001,Maths,Final,6\n",
    "Adno,Subject,Result Type,Grade\n004001,Maths,Forecast,9\n004001,Maths,Result,6\n",
    "Adno,Subject,Grade\n004001,Mathematics Paper 1,9\n004001,Maths,6\n",
    "Adno,Subject,Level,Grade\n004001,Maths,Entry Level,3\n004001,Maths,GCSE,6\n",
    "Adno,Subject,Component,Grade\n004001,Maths,Unit 2,3\n004001,Maths,Overall,6\n",
    "Adno,Subject,Qual Size,Type,Grade\n004001,Maths,Short Course,GCSE,3\n"
    "004001,Maths,Full Course,GCSE,6\n",
]


@pytest.mark.parametrize("text", ROWS_OF_OTHERS)
def test_rows_that_are_no_results_are_left_out_by_name(exams, text):
    report = exams.read(text)
    assert exams.grades() == {("004001", "Maths"): "6"}
    (problem,) = report.problems
    assert (problem.cell, problem.severity) == ("row 2", "warning")
    assert report.exit_status == 0


@pytest.mark.parametrize(
    "row",
    [
        "AQA GCE Advanced Subsidiary Biology 7401,A", "Religious Studies (Short),4",
        "French: Speaking,7", "Entry Level Maths,3", "Functional Skills English,1",
    ],
)  # fmt: skip
def test_another_qualification_alone_needs_a_person(exams, row):
    report = exams.read(f"Adno,Qualification Title,Grade\n004001,{row}\n")
    assert exams.grades() == {} and report.exit_status == 1
    (problem,) = report.problems
    assert (problem.code, problem.cell) == ("not-the-result", "row 2")


def test_an_as_beside_the_a_level_is_never_its_points(exams):
    exams.read(
        "Adno,Qualification Title,Grade\n004001,GCE Biology AS Level,B\n"
        "004001,GCE Biology A Level,D\n"
    )
    (row,) = exams.rows()
    assert (row["subject"], row["grade"], row["points"]) == ("Biology A level", "D", 20)


@pytest.mark.parametrize(
    ("cell", "grade"),
    [("05-Apr", "5-4"), ("5-May", "5-5"), ("2027-04-05", "5-4"), ("05/04/2027", "5-4"),
     ("Apr-05", "5-4"), ("05-Apr-2027", "5-4"), ("5 April 2027 00:00", "5-4"),
     ("46117", "5-4")],
)  # fmt: skip
def test_a_date_that_was_a_grade_is_reported_with_the_grade(exams, cell, grade):
    report = exams.read(f"Adno,Subject,Grade\n004001,Combined Science,{cell}\n")
    (problem,) = report.problems
    assert f"probably {grade}" in problem.what and problem.value == cell
    assert exams.rows() == []


UCI = "10000A000001X"


def test_results_by_uci_and_qan(exams):
    exams.set_number("Maths", "601/4608/4")
    rows = f"Date,UCI,QAN,Grade\n19/08/2027,{UCI},601/4608/4,6\n"
    results = exams.file(rows, "r.csv")
    alone = exams.read(results)
    assert alone.problems[0].code == "uci-unknown" and "second file" in str(
        alone.problems[0]
    )
    people = exams.file(f"Adno,UCI\n004001,{UCI.lower()}\n", "people.csv")
    exams.read(results, people)
    assert exams.grades() == {("004001", "Maths"): "6"}
    wide = exams.file(f"Date,UCI,60146084\n19/08/2027,{UCI},7\n", "wide.csv")
    report = exams.read(wide, people)
    assert (report.changed, exams.grades()) == (1, {("004001", "Maths"): "7"})


@pytest.mark.parametrize(
    "text",
    ["Adno,QAN,Grade\n004001,601/9999/X,6\n", "Adno,6019999X,Maths\n004001,6,\n"],
)
def test_a_qualification_number_that_no_subject_has_is_reported(exams, text):
    report = exams.read(text)
    (problem,) = report.problems
    assert "qualification number" in problem.what and report.exit_status == 1
    assert "qualification_number" in problem.do and exams.rows() == []


def test_a_file_for_the_exams_program_says_what_to_export(exams):
    with pytest.raises(Unreadable, match="Export a broadsheet"):
        exams.read(exams.file("X01 12345 records\nA,B\n", "R1234501.X01"))


def test_a_level_column_may_be_ignored(exams):
    text = "Adno,Subject,Type,Grade\n004001,Maths,Wombat,6\n"
    assert exams.read(text).problems[0].code == "not-the-result"
    exams.ignore("Type")
    exams.read(text)
    assert exams.grades() == {("004001", "Maths"): "6"}


# What no decoration of a result is, and what may stand beside one.
NOISE = st.sampled_from(
    ["(Predicted)", "- Mock", ": Effort", "(Rank)", "%", "(Target)", "Paper 1", "(TAG)",
     "Unit 2", "AS Level", "Short Course", "Entry Level", "working at", "Residual",
     "2026", "Wombat", "FFT", "Mark", "P1", "Spoken Language", "UMS", "Class"]
)  # fmt: skip
PLAIN = st.sampled_from(["", "GCSE", "(9-1)", "AQA", "8300", "Final Grade", "Tier H"])
OTHERS = st.sampled_from(
    ["House", "Predicted", "Mock grade", "Attainment 8", "Target", "Notes", "Rank",
     "Average", "Band", "DOB", "Points"]
)  # fmt: skip


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("result"), PLAIN),
            st.tuples(st.just("noise"), NOISE),
            st.tuples(st.just("other"), OTHERS),
        ),
        min_size=1, max_size=7, unique_by=lambda column: column[1],
    ),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_nothing_but_results_is_ever_stored(tmp_path_factory, columns, before, is_long):
    """Results are 6 here and everything else is 9: no 9 is ever stored."""
    exams = Exams(tmp_path_factory.mktemp("any"))
    text = _long_list(columns, before) if is_long else _wide_list(columns, before)
    try:
        exams.read(text)
    except Unreadable:
        assert not any(kind == "result" for kind, _ in columns)
    grades = exams.grades()
    assert set(grades.values()) <= {"6"}
    if any(kind == "result" for kind, _ in columns):
        assert grades == {("004001", "Maths"): "6"}


def _wide_list(columns: list[tuple[str, str]], before: bool) -> str:
    def heading(kind: str, words: str) -> str:
        if kind == "other":
            return words
        return f"{words} Maths" if before else f"Maths {words}"

    cells = [(heading(*column).strip(), "6" if column[0] == "result" else "9")
             for column in columns]  # fmt: skip
    return _csv([["Adno", *(h for h, _ in cells)], ["004001", *(v for _, v in cells)]])


def _long_list(columns: list[tuple[str, str]], before: bool) -> str:
    others = [words for kind, words in columns if kind == "other"]
    rows = [["Adno", "Subject", *others, "Grade"]]
    for kind, words in columns:
        title = f"{words} Maths" if before else f"Maths {words}"
        if kind != "other":
            grade = "6" if kind == "result" else "9"
            rows.append(["004001", title.strip(), *["9"] * len(others), grade])
    return _csv(rows)


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
