"""A class list with a column for each subject is read where it is certain."""

from __future__ import annotations

import pytest

from tests.generator.mis.conftest import ImportOffice

PUPILS = "Adno,Surname,Forename,Sex,Year\n" + "".join(
    f"{n},S{n},F{n},M,10\n" for n in range(1, 5)
)
CLASSES = "Class,Subject,Teacher\nA,English,K\nB,English,L\nM,Mathematics,K\n"
MATRIX = """Adno,Surname,Forename,{0}
1,S1,F1,10/En1,10/Ma1
2,S2,F2,10/En1,10/Ma2
3,S3,F3,10/En2,
"""


def taught(office: ImportOffice) -> dict[object, object]:
    return {row["class"]: row["subject"] for row in office.rows("classes")}


def members(office: ImportOffice) -> set[tuple[object, object]]:
    return {(row["class"], row["adno"]) for row in office.rows("memberships")}


@pytest.mark.parametrize(
    "headings",
    [
        "English,Maths",
        "English class,Class (Maths)",
        "English Set,Maths Teaching Group",
    ],
)
def test_columns_of_subjects_are_class_lists(
    office: ImportOffice, headings: str
) -> None:
    report = office.import_texts(pupils=PUPILS, matrix=MATRIX.format(headings))
    assert (report.refused, report.problems[1:], report.unrecognised) == (0, (), ())
    assert taught(office) == {
        "10/En1": "English",
        "10/En2": "English",
        "10/Ma1": "Maths",
        "10/Ma2": "Maths",
    }
    assert members(office) == {
        ("10/En1", "1"),
        ("10/En1", "2"),
        ("10/En2", "3"),
        ("10/Ma1", "1"),
        ("10/Ma2", "2"),
    }
    assert {row[2] for row in report.read_as} == {
        "pupils",
        "plain pupils",
        "class list",
    }
    assert (
        office.import_texts(pupils=PUPILS, matrix=MATRIX.format(headings)).changed == 0
    )


def test_columns_of_subjects_may_be_the_only_list(office: ImportOffice) -> None:
    report = office.import_texts(matrix=MATRIX.format("English,Maths"))
    assert (report.pupils, report.classes, report.memberships) == (3, 4, 5)


def test_stored_classes_keep_their_subjects(office: ImportOffice) -> None:
    listed = "Adno,English,Maths\n1,A,M\n2,B,M\n3,B,X\n"
    report = office.import_texts(pupils=PUPILS, classes=CLASSES, matrix=listed)
    assert taught(office) == {"A": "English", "B": "English", "M": "Mathematics"}
    assert members(office) == {
        *(("A", "1"), ("B", "2"), ("B", "3")),
        *(("M", "1"), ("M", "2")),
    }
    (problem,) = (p for p in report.problems if p.severity == "error")
    assert (report.refused, problem.cell) == (1, "row 4")
    assert "The class X has no subject." in problem.what


def test_a_class_column_may_have_a_teacher_column(office: ImportOffice) -> None:
    listed = (
        "Adno,English,English Teacher,Maths Class,Teacher\n1,10/En1,K,10/Ma1,J\n"
        "2,10/En1,K,10/Ma2,L\n"
    )
    report = office.import_texts(pupils=PUPILS, listed=listed)
    teachers = {row["class"]: row["teachers"] for row in office.rows("classes")}
    assert teachers == {"10/En1": "K", "10/Ma1": "J", "10/Ma2": "L"}
    assert report.unrecognised == ()


@pytest.mark.parametrize(
    "headings", ["Class,Teacher,Class,Teacher", "Class 1,Teacher 1,Class 2,Teacher 2"]
)
def test_a_class_list_may_have_several_columns_of_classes(
    office: ImportOffice, headings: str
) -> None:
    listed = f"Adno,{headings}\n1,A,K,M,J\n2,B,L,M,J\n"
    office.import_texts(pupils=PUPILS, classes=CLASSES, listed=listed)
    assert members(office) == {("A", "1"), ("B", "2"), ("M", "1"), ("M", "2")}


@pytest.mark.parametrize(
    ("cells", "doubt"),
    [
        ("K,K\n2,L,K", "The cells hold teachers (K, L), not classes."),
        ("10A,10A\n2,10B,10A", "10A is in the columns of English and Maths"),
        ("5+,4-\n2,U,6", "The cells (5+, U, 4-) are no class codes"),
    ],
)
def test_columns_without_class_codes_are_reported_and_not_read(
    office: ImportOffice, cells: str, doubt: str
) -> None:
    report = office.import_texts(
        pupils=PUPILS, classes=CLASSES, listed=f"Adno,English,Maths\n1,{cells}\n"
    )
    (problem,) = (p for p in report.problems if p.code == "subjects-side-by-side")
    assert doubt in problem.what
    assert problem.cell == "columns B, C"
    assert "a row for each pupil and class" in problem.do
    assert (report.memberships, report.unrecognised) == (0, ())


def test_one_column_alone_may_hold_anything(office: ImportOffice) -> None:
    report = office.import_texts(
        listed="Adno,Surname,Forename,Music\n1,A,B,Violin\n2,C,D,Drum\n"
    )
    assert [item.heading for item in report.unrecognised] == ["Music"]
    assert report.memberships == 0
