"""Wrong rows are reported by file, row and value; correct rows are stored."""

from __future__ import annotations

import pytest

from generator.problems import Problem
from tests.generator.mis.conftest import ImportOffice
from tests.generator.mis.sample_exports import upn

A, B, C, D = (upn(n) for n in range(4))
PUPILS = f"""\
Adno,UPN,Surname,Forename,Sex,Year,PP
001,{A},Adeyemi,Tunde,M,7,Y
002,{B},Brown,Alice,F,7,N
003,{C},Khan,Zara,F,8,N
"""
CLASSES = """\
Class,Subject,Year,Teacher
7A/Ma,Mathematics,7,KAM
8A/Ma,Mathematics,8,RO8
"""
MEMBERS = """\
Class,Adno
7A/Ma,001
7A/Ma,002
8A/Ma,003
"""


def errors(problems: tuple[Problem, ...]) -> list[tuple[str, str, str, str]]:
    return [
        (p.file, p.cell, p.code, p.value) for p in problems if p.severity == "error"
    ]


def warnings(problems: tuple[Problem, ...]) -> list[tuple[str, str, str]]:
    return [(p.cell, p.code, p.value) for p in problems if p.severity == "warning"]


def test_a_correct_import_has_no_problems(office: ImportOffice) -> None:
    report = office.import_texts(pupils=PUPILS, classes=CLASSES, members=MEMBERS)
    assert report.problems == ()
    assert report.exit_status == 0
    assert (report.pupils, report.classes, report.memberships) == (3, 2, 3)
    assert report.lines()[-1] == (
        "The store holds 3 pupils, 2 classes, 3 memberships and 2 staff."
    )


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (f"001,{D},Dunn,Dee,F,7,N", ("row 5", "adno-twice", "001")),
        (f"004,{A},Dunn,Dee,F,7,N", ("row 5", "upn-twice", A)),
        (f"002,{A},Dunn,Dee,F,7,N", ("row 5", "adno-twice", "002")),
        (",,Dunn,Dee,F,7,N", ("row 5", "no-admission-number", "")),
        (f",{D},Dunn,Dee,F,7,N", ("row 5", "no-admission-number", D)),
    ],
)
def test_a_row_of_two_pupils_or_none_is_refused(
    office: ImportOffice, row: str, problem: tuple[str, str, str]
) -> None:
    report = office.import_texts(
        pupils=PUPILS + row + "\n", classes=CLASSES, members=MEMBERS
    )
    assert errors(report.problems) == [("pupils.csv", *problem)]
    assert report.refused == report.exit_status == 1
    assert (report.pupils, report.memberships) == (3, 3)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("7A/Ma,999", ("row 5", "pupil-unknown", "999")),
        ("9Z/Ma,001", ("row 5", "class-unknown", "9Z/Ma")),
        ("7A/Ma,", ("row 5", "pupil-not-named", "")),
        (",001", ("row 5", "class-not-named", "")),
    ],
)
def test_a_membership_without_pupil_or_class_is_refused(
    office: ImportOffice, row: str, problem: tuple[str, str, str]
) -> None:
    report = office.import_texts(
        pupils=PUPILS, classes=CLASSES, members=MEMBERS + row + "\n"
    )
    assert errors(report.problems) == [("members.csv", *problem)]
    assert (report.refused, report.memberships) == (1, 3)


def test_an_unknown_pupil_is_reported_once_with_all_rows(office: ImportOffice) -> None:
    rows = "7A/Ma,999\n8A/Ma,999\n"
    report = office.import_texts(pupils=PUPILS, classes=CLASSES, members=MEMBERS + rows)
    assert [p.cell for p in report.problems] == ["row 5, row 6"]
    assert report.refused == 2
    assert str(report.problems[0]) == (
        "members.csv row 5, row 6: No pupil has the admission number '999'. Check the "
        "number, or import the pupil list that has this pupil."
    )


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("7A/Ma,History,7,KAM", ("row 4", "class-with-two-subjects", "History")),
        ("7A/Ma,Mathematics,8,KAM", ("row 4", "class-with-two-years", "8")),
        (",Mathematics,8,KAM", ("row 4", "class-not-named", "")),
        ("9A/Ma,,9,KAM", ("row 4", "class-without-subject", "")),
    ],
)
def test_a_class_with_two_subjects_or_years_is_refused(
    office: ImportOffice, row: str, problem: tuple[str, str, str]
) -> None:
    report = office.import_texts(
        pupils=PUPILS, classes=CLASSES + row + "\n", members=MEMBERS
    )
    assert errors(report.problems) == [("classes.csv", *problem)]
    assert (report.refused, report.classes, report.memberships) == (1, 2, 3)
    assert office.rows("classes")[0]["subject"] == "Mathematics"


def test_only_the_contradictory_row_of_a_class_list_is_refused(
    office: ImportOffice,
) -> None:
    listed = f"""\
Class,Subject,Teacher,UPN
7A/Ma,Music,KAM,{A}
7A/Ma,maths,KAM,{B}
7A/Ma,Maths,KAM,{C}
"""
    report = office.import_texts(pupils=PUPILS, listed=listed)
    assert errors(report.problems) == [
        ("listed.csv", "row 2", "class-with-two-subjects", "Music")
    ]
    assert report.memberships == 2
    assert office.rows("classes")[0]["subject"] == "maths"


def test_adno_and_upn_of_different_pupils_are_an_error(office: ImportOffice) -> None:
    members = f"Class,Adno,UPN\n7A/Ma,001,{A}\n7A/Ma,002,{A}\n7A/Ma,,{C}\n"
    report = office.import_texts(pupils=PUPILS, classes=CLASSES, members=members)
    assert errors(report.problems) == [
        ("members.csv", "row 3", "two-pupils-named", f"002 / {A}")
    ]
    assert report.memberships == 2


def test_a_pupil_list_that_swaps_two_stored_pupils_is_refused(
    office: ImportOffice,
) -> None:
    office.import_texts(pupils=PUPILS)
    swapped = PUPILS.replace(f"001,{A}", f"001,{B}")
    report = office.import_texts(pupils=swapped)
    assert [(code, cell) for _, cell, code, _ in errors(report.problems)] == [
        ("two-pupils-named", "row 2")
    ]
    assert office.pupil("001")["upn"] == A
    assert office.pupil("001")["left"] is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("A" + A[1:] if A[0] != "A" else "B" + A[1:], "upn-wrong-check-letter"),
        ("", "upn-blank"),
        ("n/a", "upn-blank"),
        ("A12345", "upn-wrong-shape"),
        ("M80140012600A", "upn-temporary"),
    ],
)
def test_a_doubtful_upn_is_a_warning_and_the_pupil_is_stored(
    office: ImportOffice, wrong: str, code: str
) -> None:
    report = office.import_texts(pupils=PUPILS.replace(A, wrong))
    assert [(cell, code) for cell, code, _ in warnings(report.problems)] == [
        ("row 2", code)
    ]
    assert (report.pupils, report.exit_status) == (3, 0)
    assert report.problems[0].adno == "001"


def test_an_unknown_code_is_a_warning_and_is_stored(office: ImportOffice) -> None:
    pupils = """\
Adno,Surname,Forename,Sex,Year,SEN,Ethnicity,PP,Enrolment Status,Date of Leaving
1,A,A,X,Year 99,DS,ZZZZ,maybe,Q,next week
2,B,B,F,8,K,ZZZZ,no,C,
"""
    report = office.import_texts(pupils=pupils)
    assert report.exit_status == 0
    assert {(cell, value) for cell, _, value in warnings(report.problems)} == {
        ("row 2", "X"),
        ("row 2", "Year 99"),
        ("row 2", "DS"),
        ("row 2, row 3", "ZZZZ"),
        ("row 2", "maybe"),
        ("row 2", "Q"),
        ("row 2", "next week"),
    }
    pupil = office.pupil("1")
    names = ("sex", "year", "sen", "ethnicity", "pp", "status", "left")
    assert [pupil[name] for name in names] == ["X", None, "DS", "ZZZZ", "", "Q", None]


def test_lost_leading_zeros_are_restored_with_a_warning(
    office: ImportOffice,
) -> None:
    members = "Class,Adno\n7A/Ma,1\n7A/Ma,2.0\n8A/Ma,003\n"
    report = office.import_texts(pupils=PUPILS, classes=CLASSES, members=members)
    assert warnings(report.problems) == [("row 2, row 3", "leading-zeros", "1")]
    assert report.memberships == 3


def test_a_number_that_fits_two_pupils_without_zeros_is_refused(
    office: ImportOffice,
) -> None:
    pupils = "Adno,Surname,Forename,Sex,Year\n07,A,A,M,7\n007,B,B,F,7\n"
    members = "Class,Adno\n7A/Ma,7\n7A/Ma,07\n"
    report = office.import_texts(pupils=pupils, classes=CLASSES, members=members)
    assert errors(report.problems) == [("members.csv", "row 2", "pupil-unclear", "7")]
    assert [row["adno"] for row in office.rows("memberships")] == ["07"]


def test_a_pupil_list_without_zeros_matches_the_pupils_of_the_store(
    office: ImportOffice,
) -> None:
    office.import_texts(pupils=PUPILS)
    report = office.import_texts(
        pupils="Adno,Surname,Forename,Sex,Year\n1,Adeyemi,Tunde,M,7\n2,Brown,Al,F,7\n"
    )
    assert [row["adno"] for row in office.rows("pupils")] == ["001", "002", "003"]
    assert (report.joiners, report.leavers, report.changed) == (0, 0, 1)


def test_a_second_row_with_other_scores_is_refused(office: ImportOffice) -> None:
    scores = "Adno,KS2 Reading,KS2 Maths\n001,101,\n001,,99\n001,103,99\n002,95,N\n"
    report = office.import_texts(pupils=PUPILS, scores=scores)
    assert errors(report.problems) == [("scores.csv", "row 4", "pupil-twice", "001")]
    pupil = office.pupil("001")
    assert (pupil["ks2_reading"], pupil["ks2_maths"]) == ("101", "99")
    assert office.pupil("002")["ks2_maths"] == "N"


def test_lists_that_disagree_are_reported_and_the_first_counts(
    office: ImportOffice,
) -> None:
    other = "Adno,SEN,PP\n001,K,N\n002,N,N\n"
    report = office.import_texts(pupils=PUPILS, zsend=other)
    assert warnings(report.problems) == [("row 2", "value-differs", "N")]
    assert office.pupil("001")["pp"] == "Y"
    assert office.pupil("001")["sen"] == "K"


def test_unknown_teachers_are_a_warning(office: ImportOffice) -> None:
    staff = "Code,Name,Email\nKAM,Ms A Kamara,kam@school.example\n"
    report = office.import_texts(pupils=PUPILS, classes=CLASSES, staff=staff)
    assert warnings(report.problems) == [("row 3", "teacher-unknown", "RO8")]
    assert report.staff == 1


def test_teachers_are_matched_by_code_in_any_case_or_unique_name(
    office: ImportOffice,
) -> None:
    staff = "Code,Name\nKAM,Ms A Kamara\nWRI,Mr A Wright\nWR5,Mr A Wright\n"
    classes = (
        "Class,Subject,Year,Teacher\n7x/En1,English,7,kam\n"
        "7x/En2,English,7,Ms A Kamara\n7x/En3,English,7,Mr A Wright\n"
    )
    report = office.import_texts(pupils=PUPILS, classes=classes, staff=staff)
    assert [row["teachers"] for row in office.rows("classes")][:2] == ["KAM", "KAM"]
    assert warnings(report.problems) == [("row 4", "teacher-unclear", "Mr A Wright")]
    assert any("WR5, WRI" in problem.what for problem in report.problems)


def test_staff_with_one_code_and_roles_without_staff_are_refused(
    office: ImportOffice,
) -> None:
    staff = "Code,Name\nKAM,Ms A Kamara\nKAM,Mr B Kamen\n,Mx Nobody\n"
    roles = "Staff,Role,Scope\nKAM,HoD,Maths\n,tutor,7A\nKAM,,7B\nKAM,wizard,7C\n"
    report = office.import_texts(staff=staff, roles=roles)
    assert [(cell, code) for _, cell, code, _ in errors(report.problems)] == [
        ("row 3", "staff-twice"),
        ("row 4", "staff-not-named"),
        ("row 3", "role-incomplete"),
        ("row 4", "role-incomplete"),
    ]
    assert [(r["role"], r["scope"]) for r in office.rows("roles")] == [
        ("head of department", "Maths"),
        ("wizard", "7C"),
    ]


def test_an_unknown_heading_is_reported_and_can_be_set(office: ImportOffice) -> None:
    pupils = "Adno,Surname,Forename,Sex,Year,Tutor Grp,Hat size\n1,A,B,M,7,7A,58\n"
    report = office.import_texts(pupils=pupils)
    assert [(u.heading, u.near, u.is_indicator) for u in report.unrecognised] == [
        ("Tutor Grp", "reg", False),
        ("Hat size", "", True),
    ]
    assert report.exit_status == 0
    assert "Not recognised in pupils.csv: 'Tutor Grp' (nearest: reg)." in report.lines()
    assert [p.value for p in report.problems] == ["Tutor Grp", "Hat size"]
    assert office.rows("indicators")[0]["value"] == "58"
    report = office.import_files(
        office.text("pupils.csv", pupils),
        columns={"tutor grp": "reg", "Hat Size": "ignore"},
    )
    assert report.problems == ()
    assert office.pupil("1")["reg"] == "7A"


def test_an_ignored_heading_is_not_reported(office: ImportOffice) -> None:
    pupils = (
        "Adno,UPN,Surname,Forename,Middle name,DOB,Year,Exam No,ULN,Home address,"
        "Parent e-mail,First Language,Sex\n"
        f"1,{A},A,B,C,01/02/2012,7,0001,1234567890,1 The Road,p@x.example,ENG,M\n"
    )
    report = office.import_texts(pupils=pupils)
    assert report.unrecognised == ()
    assert office.rows("indicators") == []


def test_the_report_has_the_documented_json(office: ImportOffice) -> None:
    report = office.import_texts(
        pupils=PUPILS, members="Class,Adno\nX,001\n", classes=CLASSES
    )
    report_json = report.json()
    assert {"pupils", "classes", "memberships", "staff", "refused", "problems"} <= set(
        report_json
    )
    assert report_json["refused"] == 1
    assert report_json["problems"][0] == {
        "file": "members.csv",
        "sheet": "",
        "cell": "row 2",
        "adno": "001",
        "severity": "error",
        "code": "class-unknown",
        "value": "X",
        "what": "There is no class X.",
        "do": "Check the code, or import the class list that has this class.",
    }
