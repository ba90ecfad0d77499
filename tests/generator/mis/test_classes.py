"""What a class is: its teachers, its year, who is in it."""

from __future__ import annotations

import pytest

from tests.generator.mis.conftest import ImportOffice
from tests.generator.mis.sample_exports import upn

PUPILS = "Adno,Surname,Forename,Sex,Year\n1,A,A,M,7\n2,B,B,F,8\n3,C,C,F,8\n"


def taught(office: ImportOffice) -> dict[object, object]:
    return {row["class"]: row["teachers"] for row in office.rows("classes")}


def test_rows_that_differ_only_in_teacher_are_co_teachers_lead_first(
    office: ImportOffice,
) -> None:
    report = office.import_texts(
        classes="Class,Subject,Teacher\nA,Art,K\nB,Art,L\nA,Art,J\nA,Art,K\nC,Art,\n"
    )
    assert taught(office) == {"A": "K;J", "B": "L", "C": ""}
    assert report.refused == 0


@pytest.mark.parametrize(
    ("headings", "cells", "teachers"),
    [
        ("Teacher", "K; J", "K;J"),
        ("Teacher", "K/J", "K;J"),
        ("Teacher,Co-teacher", "K,J", "K;J"),
        ("Main Teacher,Second teacher", ",J", "J"),
        ("Teacher", "Vacancy", ""),
        ("Teacher Name", "Mr K Kay", "K"),
        ("Teacher Name", "Ms Nobody", "Ms Nobody"),
        ("Staff Code", "K", "K"),
        ("Teacher,Teacher Code", "Mr K Kay,K", "K"),
    ],
)
def test_teachers_become_codes(
    office: ImportOffice, headings: str, cells: str, teachers: str
) -> None:
    staff = "Code,Name\nK,Mr K Kay\nJ,Ms J Jay\n"
    office.import_texts(
        staff=staff, classes=f"Class,Subject,{headings}\nA,Art,{cells}\n"
    )
    assert taught(office) == {"A": teachers}


def test_without_a_staff_list_the_teachers_are_the_staff(office: ImportOffice) -> None:
    report = office.import_texts(classes="Class,Subject,Teacher\nA,Art,K\nB,Art,L\n")
    assert report.staff == 2
    report = office.import_texts(staff="Code,Name,Email\nK,Mr K Kay,k@x.example\n")
    assert [(r["code"], r["name"]) for r in office.rows("staff")] == [
        ("K", "Mr K Kay"),
        ("L", ""),
    ]


def test_a_class_of_mixed_ages_has_the_year_of_most_of_its_pupils(
    office: ImportOffice,
) -> None:
    listed = "Class,Subject,Adno,Year\nMu,Music,1,7\nMu,Music,2,8\nMu,Music,3,8\n"
    report = office.import_texts(pupils=PUPILS, listed=listed)
    assert report.refused == 0
    assert office.rows("classes")[0]["year"] == 8
    assert office.pupil("1")["year"] == 7


def test_a_class_year_is_the_year_of_the_class(office: ImportOffice) -> None:
    listed = "Class,Subject,Class Year,Adno\nMu,Music,9,1\nMu,Music,9,2\n"
    office.import_texts(pupils=PUPILS, listed=listed)
    assert office.rows("classes")[0]["year"] == 9


@pytest.mark.parametrize(
    ("code", "year"), [("10x/Ma1", 10), ("Yr7 Mu", 7), ("Mu2", None), ("2026", None)]
)
def test_a_class_without_year_or_pupils_has_that_of_its_code(
    office: ImportOffice, code: str, year: int | None
) -> None:
    office.import_texts(classes=f"Class,Subject\n{code},Music\n")
    assert office.rows("classes")[0]["year"] == year


def test_a_class_column_without_class_codes_is_the_tutor_group(
    office: ImportOffice,
) -> None:
    report = office.import_texts(
        pupils="Adno,Surname,Forename,Sex,Year,Class\n1,A,A,M,7,7N\n"
    )
    assert report.refused == 0
    assert office.pupil("1")["reg"] == "7N"


def test_a_pupil_list_may_contain_classes(office: ImportOffice) -> None:
    report = office.import_texts(
        classes="Class,Subject\nA,Art\n",
        pupils=PUPILS,
        sets="Adno,Surname,Forename,Sex,Class\n1,A,A,M,A\n2,B,B,F,A\n",
    )
    assert (report.memberships, report.refused) == (2, 0)


def test_a_class_list_may_contain_scores_and_indicators(office: ImportOffice) -> None:
    office.import_texts(
        all="Class,Subject,Adno,Surname,Forename,KS2 Reading,CAT4 Mean SAS,Seat\n"
        "A,Art,1,A,Ann,101,95,3\nB,Music,1,A,Ann,101,95,4\n"
    )
    assert office.pupil("1")["ks2_reading"] == "101"
    assert [(r["name"], r["value"]) for r in office.rows("indicators")] == [
        ("CAT4 Mean SAS", "95")
    ]


def test_reading_and_maths_under_a_title_of_key_stage_2_are_scores(
    office: ImportOffice,
) -> None:
    scores = 'KS2 results\n\nAdno,Name,Reading,Maths\n1,"A, A",101,N\n'
    office.import_texts(pupils=PUPILS, other=scores)
    assert office.pupil("1")["ks2_reading"] == "101"
    office.import_texts(pupils=PUPILS, ages='Adno,Name,Reading,Maths\n1,"A, A",12,13\n')
    assert office.pupil("1")["ks2_reading"] == "101"
    assert [r["name"] for r in office.rows("indicators")] == ["Maths", "Reading"]


def test_numbers_quoted_for_excel_are_unquoted(office: ImportOffice) -> None:
    office.import_texts(pupils='Adno,Surname,Forename\n"=""0041""",A,B\n\'007,C,D\n')
    assert [row["adno"] for row in office.rows("pupils")] == ["0041", "007"]


@pytest.mark.parametrize(
    "headings", ["Staff,Code,Email", "Name,Staff,Email", "Teacher,Code,Email"]
)
def test_a_staff_list_is_codes_and_names(office: ImportOffice, headings: str) -> None:
    office.import_texts(staff=f"{headings}\nMr K Kay,K,k@x.example\n")
    (row,) = office.rows("staff")
    assert (row["code"], row["name"]) == ("K", "Mr K Kay")


def test_one_number_under_two_names_in_two_lists_is_two_pupils(
    office: ImportOffice,
) -> None:
    report = office.import_texts(
        year7="Adno,Surname,Forename,Year\n1,Smith,Ann,7\n2,Brown,Bo,7\n",
        year8="Adno,Surname,Forename,Year\n1,Jones,Tim,8\n2,Brown,Beau,8\n",
    )
    assert report.problems[0].code == "adno-twice"
    assert report.problems[0].what == (
        "The admission number 1 is that of another pupil in year7.csv row 2."
    )
    assert (report.pupils, report.refused) == (2, 1)


def test_the_year_of_a_class_list_never_overrides_the_pupil_list(
    office: ImportOffice,
) -> None:
    office.import_texts(pupils=PUPILS)
    report = office.import_texts(listed="Class,Subject,Adno,Year\nMu,Music,1,8\n")
    assert (office.pupil("1")["year"], report.changed) == (7, 0)
    assert office.rows("classes")[0]["year"] == 8


def test_only_a_subject_code_is_the_subject_until_there_is_a_name(
    office: ImportOffice,
) -> None:
    office.import_texts(classes="Class,Subject Code\nA,Ma\n")
    assert office.rows("classes")[0]["subject"] == "Ma"
    office.import_texts(classes="Class,Subject Code,Subject\nA,Ma,Mathematics\n")
    assert office.rows("classes")[0]["subject"] == "Mathematics"


def test_a_pupil_id_beside_a_upn_is_the_admission_number_where_there_is_no_other(
    office: ImportOffice,
) -> None:
    pupils = f"Pupil ID,UPN,Surname,Forename,Sex\n0012,{upn(1)},A,B,M\n"
    report = office.import_texts(
        pupils=pupils, ks2=f"Pupil ID,UPN,KS2 Maths\n12,{upn(1)},101\n"
    )
    assert (report.pupils, report.refused) == (1, 0)
    assert office.pupil("0012")["ks2_maths"] == "101"
    assert office.import_texts(pupils=pupils).joiners == 0


def test_a_pupil_id_that_is_no_admission_number_is_ignored(
    office: ImportOffice,
) -> None:
    report = office.import_texts(
        pupils=f"Adno,UPN,Surname,Forename,Sex\n0012,{upn(1)},A,B,M\n",
        ks2=f"Pupil ID,UPN,KS2 Maths\n987654,{upn(1)},101\n",
    )
    assert (report.pupils, report.refused) == (1, 0)
    assert office.pupil("0012")["ks2_maths"] == "101"


def test_columns_with_one_heading_are_reported_where_they_differ(
    office: ImportOffice,
) -> None:
    heading = "Adno,Surname,Forename,Surname,Sex\n"
    report = office.import_texts(pupils=f"{heading}1,A,B,C,M\n")
    (problem,) = (p for p in report.problems if p.code == "heading-twice")
    assert "The columns B and D have the heading 'Surname'" in problem.what
    report = office.import_texts(pupils=f"{heading}1,A,B,A,M\n2,D,E,,F\n")
    assert not [p for p in report.problems if p.code == "heading-twice"]


def test_a_list_of_results_is_no_list_of_pupils(office: ImportOffice) -> None:
    report = office.import_texts(
        pupils=PUPILS, out="Adno,Subject,Grade\n1,Art,5\n2,Art,6\n"
    )
    (problem,) = (p for p in report.problems if p.code == "looks-like-results")
    assert "markbook results FILE" in problem.do
    assert (office.rows("indicators"), report.unrecognised) == ([], ())
