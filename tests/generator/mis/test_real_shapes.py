"""Lists in the shapes that MIS give them, and what spreadsheets do to them."""

from __future__ import annotations

import pytest

from tests.generator.mis.conftest import ImportOffice

PUPILS = (
    "Adno,MIS ID,UPN,Surname,Forename,Year,Reg\n"
    "0701,90211,P801200005011,Hale,Ivo,9,9B\n"
    "0702,90212,D801200005012,Iqbal,Jo,9,9B\n"
)


def classes(office: ImportOffice) -> dict[object, tuple[object, object]]:
    return {r["class"]: (r["subject"], r["teachers"]) for r in office.rows("classes")}


def members(office: ImportOffice) -> list[tuple[object, object]]:
    return [(r["class"], r["adno"]) for r in office.rows("memberships")]


BOTH = [
    ("9b/Hi1", "0701"), ("9b/Hi1", "0702"), ("9c/Fr2", "0701"),
]  # fmt: skip
HEAD = "Adno,Legal Surname,Reg Group,Year Group,EAL\n"
HALE = "0701,Hale,9B,Year  9,English\n"
IQBAL = "0702,Iqbal,9B,Year  9,Other than English\n"


@pytest.mark.parametrize(
    "report",
    [
        # Labels in one cell, as a report that was printed to CSV.
        f"Class List\n\nClass: 9b/Hi1 (Ms R Osei)\nSubject: History\n{HEAD}{HALE}"
        f"{IQBAL}Total,2\n\nClass: 9c/Fr2 (Mr T Kay; Dr L Ruiz)\nSubject: French\n"
        f"{HEAD}{HALE}Total,1\n",
        # Labels and values in two cells; the headings once.
        f"{HEAD}Class:,9b/Hi1\nSubject:,History\nTeacher:,Ms R Osei\n{HALE}{IQBAL}"
        f"Class:,9c/Fr2\nSubject:,French\nTeacher:,Mr T Kay Dr L Ruiz\n{HALE}",
        # Everything in the title of each block.
        f"Teaching Group: 9b/Hi1 - History - Ms R Osei\n{HEAD}{HALE}{IQBAL}"
        f"Teaching Group: 9c/Fr2 - French - Mr T Kay & Dr L Ruiz\n{HEAD}{HALE}",
    ],
)  # fmt: skip
def test_class_reports_in_blocks(office, report):
    office.import_texts(pupils=PUPILS)
    result = office.import_texts(report=report)
    assert (result.refused, result.exit_status) == (0, 0)
    assert classes(office) == {
        "9b/Hi1": ("History", "Ms R Osei"),
        "9c/Fr2": ("French", "Mr T Kay;Dr L Ruiz"),
    }
    assert members(office) == BOTH
    assert [office.pupil(a)["eal"] for a in ("0701", "0702")] == ["N", "Y"]


GROUPS = [
    "Arbor ID,Student,UPN,Timetabled class,Teaching group subject,Teachers\n"
    '555,"Hale, Ivo",P801200005011,History: Year 9: 9b/Hi1,History,'
    '"Ms R Osei, Mr T Kay"\n',
    "Person ID,Class,Subject,Teacher,UPN\n"
    "5,History: 9b/Hi1,History,Ms R Osei / Mr T Kay,P801200005011\n",
    "MIS ID,Class,Subject,Teacher\n90211,9b/Hi1,History,Ms R Osei and Mr T Kay\n",
    "Student ID,Class,Subject,Teacher\n90211,9b/Hi1,History,Ms R Osei | Mr T Kay\n",
]


@pytest.mark.parametrize("groups", GROUPS)
def test_other_numbers_prefixes_and_several_teachers(office, groups):
    pupils = (
        PUPILS.replace("MIS ID", "Student ID") if "Student ID" in groups else PUPILS
    )
    report = office.import_texts(pupils=pupils, groups=groups)
    assert (report.refused, report.exit_status) == (0, 0)
    assert members(office) == [("9b/Hi1", "0701")]
    assert classes(office)["9b/Hi1"] == ("History", "Ms R Osei;Mr T Kay")


def test_full_names_beside_codes_are_both_used_and_a_loser_is_named(office):
    report = office.import_texts(
        pupils=PUPILS,
        classes="Class,Subject,Year,Teacher,Teacher initials,Set\n"
        "9b/Hi1,History,9,Ms R Osei,OSE,2\n",
    )
    assert classes(office) == {"9b/Hi1": ("History", "OSE")}
    assert [(r["code"], r["name"]) for r in office.rows("staff")] == [
        ("OSE", "Ms R Osei")
    ]
    other = PUPILS.replace("Reg\n", "Reg,Form\n").replace("9B\n", "9B,Oak\n")
    report = office.import_texts(pupils=other)
    (problem,) = report.problems
    assert (problem.code, problem.value) == ("heading-not-used", "Form")


def test_most_rows_with_one_fault_are_one_line(office):
    rows = "".join(f"9b/Hi1,History,OSE,88{n:03d}\n" for n in range(40))
    listed = f"Class,Subject,Teacher,Adno\n9b/Hi1,History,OSE,0701\n{rows}"
    report = office.import_texts(pupils=PUPILS, groups=listed)
    (problem,) = report.problems
    assert report.refused == 40
    assert "40 of 41 rows" in problem.what and "'88000'" in problem.what


@pytest.mark.parametrize(
    ("code", "damaged"),
    [("9-3", "09-Mar"), ("9-3", "9-Mar"), ("9E2", "9.00E+02"), ("9-3", "2026-03-09")],
)
def test_a_class_code_that_became_something_else_is_a_doubt(office, code, damaged):
    listed = f"Class,Subject,Adno\n{code},History,0701\n{code},History,0702\n"
    office.import_texts(pupils=PUPILS, groups=listed)
    report = office.import_texts(groups=listed.replace(f"{code},", f"{damaged},"))
    (problem,) = report.problems
    assert (problem.code, problem.value) == ("code-damaged", damaged)
    assert f"probably {code}" in problem.what
    assert (report.refused, report.exit_status) == (2, 1)
    assert members(office) == [(code, "0701"), (code, "0702")]
    assert not any(row["until"] for row in office.rows("memberships"))


def test_a_tutor_group_and_an_admission_number_that_became_something_else(office):
    office.import_texts(pupils=PUPILS)
    report = office.import_texts(pupils=PUPILS.replace("9B", "09-Feb"))
    assert office.pupil("0701")["reg"] == "9B"
    assert "probably 9-2" in report.problems[0].what
    report = office.import_texts(scores="Adno,KS2 Maths\n7.01E+02,99\n0702,98\n")
    assert [problem.code for problem in report.problems] == ["code-damaged"]
    assert office.pupil("0702")["ks2_maths"] == "98"


def test_an_admission_number_in_another_case_is_matched_with_a_warning(office):
    office.import_texts(pupils="Adno,Surname,Forename,Year\nA77,Hale,Ivo,9\n")
    report = office.import_texts(scores="Adno,KS2 Maths\na77,101\n")
    assert [problem.code for problem in report.problems] == ["adno-case"]
    assert office.pupil("A77")["ks2_maths"] == "101"


NAMED = "Adno,Surname,Forename,Year\n1,Núñez,Zoë,9\n2,Dvořák,Élodie,9\n3,O’Shea,Ann,9\n"
LATIN = NAMED.replace("ř", "r")


@pytest.mark.parametrize(
    "data",
    [
        LATIN.encode("mac_roman").replace(b"\n", b"\r"),
        LATIN.encode("cp1252"),
        NAMED.encode().decode("cp1252", "replace").encode()
        if "\ufffd" not in NAMED.encode().decode("cp1252", "replace")
        else LATIN.encode().decode("cp1252").encode(),
        NAMED.encode().decode("mac_roman").encode(),
    ],
    ids=["mac", "windows", "twice-windows", "twice-mac"],
)
def test_letters_come_out_right(office, data):
    path = office.folder / "pupils.csv"
    path.write_bytes(data)
    report = office.import_files(path)
    names = [(r["surname"], r["forename"]) for r in office.rows("pupils")]
    assert names[0] == ("Núñez", "Zoë")
    assert names[1][1] == "Élodie"
    assert names[2][0] == "O’Shea"
    codes = {problem.code for problem in report.problems}
    assert codes <= {"letters-repaired"}


@pytest.mark.parametrize(
    ("days", "expected", "code"),
    [
        (("09/25/2026", "09/07/2026"), ("2026-09-25", "2026-09-07"), "month-first"),
        (("7-13-26", "8-2-26"), ("2026-07-13", "2026-08-02"), "month-first"),
        (("25/09/2026", "07/09/2026"), ("2026-09-25", "2026-09-07"), ""),
        (("09/25/2026", "25/09/2026"), ("2026-09-25", "2026-09-25"), ""),
    ],
)
def test_days_are_read_by_their_whole_column(office, days, expected, code):
    head = "Adno,Surname,Forename,Year,Date of Leaving\n"
    report = office.import_texts(
        pupils=f"{head}1,A,B,9,{days[0]}\n2,C,D,9,{days[1]}\n3,E,F,9,\n"
    )
    assert tuple(office.pupil(n)["left"] for n in ("1", "2")) == expected
    assert [p.code for p in report.problems] == ([code] if code else [])


def test_days_that_may_be_either_are_asked_about(office):
    report = office.import_texts(
        pupils="Adno,Surname,Forename,Year,Date of Leaving\n"
        "1,A,B,9,09/25/2026\n2,C,D,9,25/09/2026\n3,E,F,9,05/06/2026\n"
    )
    (problem,) = report.problems
    assert (problem.code, problem.cell, problem.value) == (
        "days-unclear", "row 4", "05/06/2026",
    )  # fmt: skip
    assert office.pupil("3")["left"] is None
