from __future__ import annotations

import pytest

from tests.generator.mis.conftest import ImportOffice

PUPILS = """Adno,UPN,Surname,Forename,Year,PP
0041,H889400120000,Ali,Ann,10,Y
0042,,Bell,Ben,10,N
"""
CLASSES = "Class,Subject,Teacher\n10/Fr1,French,ABA\n"


def helped(office: ImportOffice) -> list[dict[str, object]]:
    return office.rows("interventions")


@pytest.fixture
def here(office: ImportOffice) -> ImportOffice:
    office.import_texts(pupils=PUPILS, classes=CLASSES)
    return office


def test_a_list_of_interventions_is_stored(here: ImportOffice) -> None:
    report = here.import_texts(
        interventions="Adno,Subject,What,Who,Department or pastoral,From,Until,"
        "Pupil view,Parent view,Ended because\n"
        "0041,french,Tutoring,Ms A,Languages,02/11/2026,2026-12-18,It helps,Yes,\n"
    )
    assert report.interventions == (1, 0, 0) and report.refused == 0
    (row,) = helped(here)
    assert {k: row[k] for k in ("adno", "subject", "what", "who", "from", "until")} == {
        "adno": "0041", "subject": "French", "what": "Tutoring", "who": "Ms A",
        "from": "2026-11-02", "until": "2026-12-18",
    }  # fmt: skip
    assert (row["pupil_view"], row["department_or_pastoral"]) == (
        "It helps",
        "Languages",
    )
    assert ("interventions", 1) in [(kind, n) for *_, kind, n in report.read_as]


def test_a_subject_under_another_name_is_the_taught_one(
    office: ImportOffice,
) -> None:
    office.import_texts(
        pupils=PUPILS, classes="Class,Subject,Teacher\n10/Ma1,Mathematics,A\n"
    )
    report = office.import_texts(
        interventions="Adno,Subject,What,Who\n0041,maths,Help,A\n"
    )
    assert report.refused == 0
    assert "subject-not-taught" not in {problem.code for problem in report.problems}
    assert [row["subject"] for row in helped(office)] == ["Mathematics"]


def test_importing_the_same_list_again_changes_nothing(here: ImportOffice) -> None:
    text = "Adno,Intervention,Start date\n0041,Mentoring,2026-11-02\n"
    here.import_texts(interventions=text)
    before = helped(here)
    assert here.import_texts(interventions=text).interventions == (0, 0, 1)
    assert helped(here) == before


def test_other_headings_upn_and_lost_zeros_are_understood(here: ImportOffice) -> None:
    report = here.import_texts(
        some="UPN,Intervention,Led by,Start Date,End Date\nH889400120000,Club,X,,\n",
        other="Admission No,Surname,What,From\n42,Bell,Reading,1 Nov 2026\n",
    )
    assert report.refused == 0
    assert [(r["adno"], r["what"], r["from"]) for r in helped(here)] == [
        ("0041", "Club", ""),
        ("0042", "Reading", "2026-11-01"),
    ]


@pytest.mark.parametrize(
    ("row", "code", "refused"),
    [
        ("9999,French,Tutoring,2026-11-02,", "pupil-unknown", 1),
        ("0041,French,,2026-11-02,", "intervention-not-named", 1),
        ("0041,French,Tutoring,soon,", "value-not-recognised", 0),
        ("0041,Frensh,Tutoring,2026-11-02,", "subject-not-taught", 0),
        ("0041,French,Tutoring,2026-11-02,2026-10-01", "ends-before-it-begins", 0),
    ],
)
def test_each_fault_of_a_row_is_reported(
    here: ImportOffice, row: str, code: str, refused: int
) -> None:
    report = here.import_texts(interventions=f"Adno,Subject,What,From,Until\n{row}\n")
    assert code in [problem.code for problem in report.problems]
    assert report.refused == refused
    assert len(helped(here)) == 1 - refused


def test_a_formula_is_text(here: ImportOffice) -> None:
    here.import_texts(interventions="Adno,What,Who\n0041,=1+1,@who\n")
    assert [(r["what"], r["who"]) for r in helped(here)] == [("=1+1", "@who")]
