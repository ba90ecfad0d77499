"""Export sets in the manner of five MIS give the tables of their plain twin."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import xlsxwriter

from generator.mis.identifiers import check_letter

TABLES = ("pupils", "classes", "memberships", "staff")
NAMES = ["Ní Bhriain", "Okoro", "O’Shea", "Zając", "van der Berg", "Li", "Khan", "Hale"]
FORENAMES = ["Aoife", "Chidi", "Seán", "Łucja", "Bo", "Mei", "Amir", "Ivo"]


def upn(number: int) -> str:
    digits = f"8012000{number:05d}"
    return check_letter(f"A{digits}") + digits


PUPILS = [
    {
        "adno": f"{2100 + n:06d}", "upn": upn(n), "surname": NAMES[n % 8],
        "forename": FORENAMES[n % 8], "sex": "FM"[n % 2], "year": 9 + n // 8,
        "reg": f"{9 + n // 8}{'AB'[n % 2]}", "eal": "NY"[n % 3 == 0],
        "sen": "NKE"[n % 3], "disadvantaged": "NY"[n % 4 == 0], "mis": 70_000 + n,
    }
    for n in range(16)
]  # fmt: skip
CLASSES = [
    (f"{year}{band}/{code}1", subject, year, band, teacher)
    for year in (9, 10)
    for code, subject, teacher in (
        ("Ma", "Mathematics", "OSE"), ("Hi", "History", "KAY"), ("Fr", "French", "RUI"),
    )
    for band in "AB"
]  # fmt: skip
MEMBERS = [
    (code, subject, teacher, pupil)
    for code, subject, year, band, teacher in CLASSES
    for pupil in PUPILS
    if pupil["reg"] == f"{year}{band}"
]
STAFF = {"OSE": "Ms R Osei", "KAY": "Mr T Kay", "RUI": "Dr L Ruiz"}


def lines(*rows: tuple[object, ...]) -> str:
    def cell(value: object) -> str:
        text = str(value)
        return f'"{text}"' if "," in text else text

    return "".join(",".join(map(cell, row)) + "\n" for row in rows)


def staff_list(head: str) -> str:
    return head + lines(*STAFF.items())


def plain() -> dict[str, bytes]:
    keys = ("adno", "upn", "surname", "forename", "sex", "year", "reg", "eal", "sen",
            "disadvantaged")  # fmt: skip
    return {
        "pupils.csv": lines(keys, *([p[k] for k in keys] for p in PUPILS)).encode(),
        "classes.csv": lines(
            ("Class", "Subject", "Year", "Teacher", "Adno"),
            *((c, s, p["year"], t, p["adno"]) for c, s, t, p in MEMBERS),
        ).encode(),
        "staff.csv": staff_list("Staff Code,Name\n").encode(),
    }


def sims() -> dict[str, bytes]:
    """A pupil report with legal names, and a class report in blocks."""
    head = ("Adno", "Legal Surname", "Legal Forename", "Gender", "Year Group", "Reg",
            "UPN", "EAL", "SEN Status", "FSM Ever 6")  # fmt: skip
    rows = [
        (
            p["adno"], p["surname"], p["forename"],
            "Female" if p["sex"] == "F" else "Male",
            f"Year  {p['year']}", p["reg"], p["upn"],
            "English" if p["eal"] == "N" else "Other than English",
            {"N": "N - No Special Educational Need", "K": "K - SEN Support",
             "E": "E - Education, Health and Care Plan"}[str(p["sen"])],
            "T" if p["disadvantaged"] == "Y" else "F",
        )
        for p in PUPILS
    ]  # fmt: skip
    report = "Class List,,\nAcademic Year 2026/2027,,\n"
    for code, subject, _, _, teacher in CLASSES:
        inside = [p for c, _, _, p in MEMBERS if c == code]
        report += f"\nClass: {code} ({STAFF[teacher]}),,\nSubject: {subject},,\n"
        report += lines(
            ("Adno", "Legal Surname", "Reg Group"),
            *((p["adno"], p["surname"], p["reg"]) for p in inside),
        )
        report += f"Total,{len(inside)},\n"
    return {
        "pupil report.csv": ("Pupil details,,\n\n" + lines(head, *rows)).encode(
            "utf-16"
        ),
        "class report.csv": report.encode(),
        "staff.csv": staff_list("Staff Code,Full Name\n").encode(),
    }


def arbor() -> dict[str, bytes]:
    """Students and group memberships by UPN, with prefixed group names."""
    students = lines(
        ("Arbor ID", "Admission number", "UPN", "Legal last name", "Legal first name",
         "Legal sex", "Year group", "Registration form", "EAL", "SEN status", "FSM6"),
        *(
            (p["mis"], p["adno"], p["upn"], p["surname"], p["forename"], p["sex"],
             f"Year {p['year']}", p["reg"], {"Y": "Yes", "N": "No"}[str(p["eal"])],
             p["sen"], {"Y": "Yes", "N": "No"}[str(p["disadvantaged"])])
            for p in PUPILS
        ),
    )  # fmt: skip
    groups = lines(
        ("Arbor ID", "Student", "UPN", "Year group", "Timetabled class",
         "Teaching group subject", "Teachers"),
        *(
            (p["mis"], f"{p['surname']}, {p['forename']}", p["upn"],
             f"Year {p['year']}",
             f"{s}: Year {p['year']}: {c}", s, STAFF[t])
            for c, s, t, p in MEMBERS
        ),
    )  # fmt: skip
    return {
        "students.csv": students.encode("utf-8-sig"),
        "groups.csv": groups.encode("utf-8-sig"),
        "staff.csv": staff_list("Staff Code,Staff Name\n").encode(),
    }


def bromcom() -> dict[str, bytes]:
    """Lists that the MIS ID joins."""
    pupils = lines(
        ("MIS ID", "Admission Number", "UPN", "Surname", "Forename", "Gender",
         "Year Group", "Tutor Group", "EAL", "SEN", "Ever 6"),
        *(
            (p["mis"], p["adno"], p["upn"], p["surname"], p["forename"], p["sex"],
             p["year"], p["reg"], p["eal"], p["sen"], p["disadvantaged"])
            for p in PUPILS
        ),
    )  # fmt: skip
    listed = lines(
        ("MIS ID", "Class Name", "Subject", "Teacher Name", "Teacher Code"),
        *((p["mis"], c, s, STAFF[t], t) for c, s, t, p in MEMBERS),
    )
    return {
        "b pupils.csv": pupils.replace(",", ";").encode(),
        "a members.csv": listed.replace(",", "\t").encode(),
        "staff.csv": staff_list("Code;Name\n".replace(";", ",")).encode(),
    }


def isams() -> dict[str, bytes]:
    """One workbook with a sheet for each list, below titles."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})

    def sheet(name: str, rows: list[tuple[object, ...]]) -> None:
        worksheet = book.add_worksheet(name)
        worksheet.write_string(0, 0, f"{name} report")
        for at, row in enumerate(rows, 2):
            for column, value in enumerate(row):
                worksheet.write(at, column, value)

    sheet("Pupils", [
        ("School ID", "Admission No", "UPN", "Surname", "Preferred Name", "Gender",
         "NC Year", "Form", "EAL", "SEN", "Pupil Ever 6 FSM"),
        *((p["mis"], p["adno"], p["upn"], p["surname"], p["forename"], p["sex"],
           p["year"], p["reg"], p["eal"], p["sen"], p["disadvantaged"])
          for p in PUPILS),
    ])  # fmt: skip
    sheet("Set lists", [
        ("School ID", "Set", "Subject", "NC Year", "Teacher", "Teacher Initials"),
        *((p["mis"], c, s, p["year"], STAFF[t], t) for c, s, t, p in MEMBERS),
    ])  # fmt: skip
    sheet("Staff", [("Initials", "Full Name"), *STAFF.items()])
    book.close()
    return {"isams.xlsx": data.getvalue()}


def go4schools() -> dict[str, bytes]:
    """Students, and a file of classes beside a file of memberships."""
    students = lines(
        ("UPN", "Admission Number", "Last Name", "First Name", "Gender", "Year",
         "Tutor Group", "EAL", "SEN", "FSM Ever 6"),
        *(
            (p["upn"], p["adno"].lstrip("0"), p["surname"], p["forename"], p["sex"],
             f"Y{p['year']}", p["reg"], p["eal"], p["sen"], p["disadvantaged"])
            for p in PUPILS
        ),
    )  # fmt: skip
    groups = lines(
        ("Teaching Group", "Subject", "Year", "Teacher"),
        *((c, s, y, t) for c, s, y, _, t in CLASSES),
    )
    inside = lines(
        ("UPN", "Teaching Group"), *((p["upn"], c) for c, _, _, p in MEMBERS)
    )
    return {
        "students.csv": students.encode(),
        "teaching groups.csv": groups.encode(),
        "group members.csv": inside.encode(),
        "staff.csv": staff_list("Staff Initials,Name\n").encode(),
    }


def tables(office, files: dict[str, bytes]) -> dict[str, list[dict[str, object]]]:
    paths = []
    for name, data in files.items():
        (office.folder / name).write_bytes(data)
        paths.append(office.folder / name)
    report = office.import_files(*paths)
    assert [p for p in report.problems if p.severity == "error"] == []
    content = office.content(TABLES)
    for row in content["pupils"]:
        row["adno"] = str(row["adno"]).zfill(6)
    for row in content["memberships"]:
        row["adno"] = str(row["adno"]).zfill(6)
    return content


@pytest.mark.parametrize("export", [sims, arbor, bromcom, isams, go4schools])
def test_an_export_set_gives_the_tables_of_its_plain_twin(
    offices, export: Callable[[], dict[str, bytes]]
):
    expected = tables(offices("plain"), plain())
    assert len(expected["memberships"]) == 48
    assert tables(offices("export"), export()) == expected
