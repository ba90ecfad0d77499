"""Sample exports of a school, in several formats."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from generator.mis.identifiers import check_letter

Row = dict[str, str]

NAMES = [
    ("O'Neill", "Siân"),
    ("Null", "Oscar"),
    ("True", "Grace"),
    ("NA", "Nan"),
    ("None", "Will"),
    ("May", "April"),
    ("March", "June"),
    ("van-der-Berg", "Lotte"),
    ("Nguyễn", "Minh"),
    ("Łukasz", "Jan"),
    ("=Equal", "+Plus"),
    ("-Minus", "@At"),
    ("Smith", "Ann"),
    ("Smith", "Ann"),
    ("de la Cruz", "José María"),
    ("Çelik", "İpek"),
    ("1E5", "Inf"),
    ("FALSE", "nan"),
    ("Brown", "Zoë"),
    ("Total", "Page"),
]
ETHNICITY = {
    "WBRI": "White - British",
    "APKN": "Pakistani",
    "BAFR": "Black African",
    "MWAS": "White and Asian",
}
SEN = {"N": "No special educational need", "K": "SEN support", "E": "EHC plan"}
STATUS = {
    "C": "Single registration",
    "M": "Main (dual registration)",
    "S": "Current subsidiary (dual registration)",
}


@dataclass(frozen=True)
class SampleExports:
    """The exports of a school, each a list of rows."""

    pupils: list[Row]
    classes: list[Row]
    enrolments: list[Row]
    ks2: list[Row]
    conduct: list[Row]
    staff: list[Row]
    roles: list[Row]


def upn(number: int) -> str:
    rest = f"8014001{number:05d}"
    return check_letter("A" + rest) + rest


def sample_exports() -> SampleExports:
    pupils = [
        {
            "Adno": f"{101 + n:06d}",
            "UPN": upn(n),
            "Surname": surname,
            "Forename": forename,
            "Legal Sex": "MF"[n % 2],
            "DOB": f"{1 + n:02d}/03/2014",
            "Year": f"Year {7 + n % 2}",
            "Reg": f"{7 + n % 2}{'AB'[n // 2 % 2]}",
            "PP": "YNN"[n % 3],
            "SEN": "NNKNE"[n % 5],
            "EAL": "NNNY"[n % 4],
            "Ethnicity": list(ETHNICITY)[n % 4],
            "LAC": "Y" if n == 3 else "N",
            "FSM Ever 6": "YN"[n % 2],
            "Enrolment Status": "CCCCMS"[n % 6],
            "Date of Leaving": {5: "2026-10-01", 6: "2026-12-18"}.get(n, ""),
        }
        for n, (surname, forename) in enumerate(NAMES)
    ]
    classes = [
        {"Class": code, "Subject": subject, "Year": year, "Teacher": teacher}
        for code, subject, year, teacher in (
            ("7x/En1", "English", "7", "KAM"),
            ("7x/Ma1", "Mathematics", "7", "RO8"),
            ("7x/Ma1", "Mathematics", "7", "IO2"),
            ("8x/En1", "English", "8", ""),
            ("8x/Ma1", "Mathematics", "8", "RO8"),
            ("8x/Ma1", "Mathematics", "8", "KAM"),
            ("Mu", "Music", "7", "IO2"),  # mixed ages, mostly Year 7
        )
    ]
    enrolments = [
        {"Class": code, "UPN": pupil["UPN"]}
        for code in ("7x/En1", "7x/Ma1", "8x/En1", "8x/Ma1")
        for pupil in pupils
        if pupil["Year"] == f"Year {code[0]}"
    ]
    enrolments += [
        {"Class": "Mu", "UPN": pupils[n]["UPN"]} for n in (0, 2, 4, 6, 1, 3, 5)
    ]
    ks2 = [
        {
            "UPN": pupil["UPN"],
            "KS2 Reading Scaled Score": "N" if n == 7 else str(85 + n),
            "KS2 Maths Scaled Score": "" if n == 9 else str(115 - n),
        }
        for n, pupil in enumerate(pupils)
        if n != 12
    ]
    conduct = [
        {
            "UPN": pupil["UPN"],
            "Attendance %": f"{90 + n / 10:g}",
            "Behaviour Points": str(n),
        }
        for n, pupil in enumerate(pupils)
    ]
    staff = [
        {"Code": code, "Name": name, "Email": f"{code.lower()}@school.example"}
        for code, name in (
            ("KAM", "Ms A Kamara"),
            ("RO8", "Mr B Roe"),
            ("IO2", "Mx C Iona"),
        )
    ]
    roles = [
        {"Staff": "KAM", "Role": "head of department", "Scope": "English"},
        {"Staff": "RO8", "Role": "tutor", "Scope": "7A"},
    ]
    return SampleExports(pupils, classes, enrolments, ks2, conduct, staff, roles)


def write_csv(
    path: Path,
    rows: Sequence[Mapping[str, str]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    above: Iterable[str] = (),
    below: Iterable[str] = (),
) -> Path:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    for line in above:
        writer.writerow([line])
    writer.writerow(list(rows[0]))
    writer.writerows(list(row.values()) for row in rows)
    for line in below:
        writer.writerow(line.split("|"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_plain(folder: Path, school: SampleExports) -> list[Path]:
    """As the MIS exports it: a CSV file for each list."""
    return [
        write_csv(folder / f"{name}.csv", getattr(school, name), encoding="utf-8-sig")
        for name in school.__dataclass_fields__
        if getattr(school, name)
    ]


def _labelled(school: SampleExports) -> list[Row]:
    """The pupils in labels instead of codes, under other headings."""
    return [
        {
            "Admission No.": pupil["Adno"],
            "Unique Pupil Number": pupil["UPN"],
            "Pupil name": f"{pupil['Surname']}, {pupil['Forename']}",
            "Gender": {"M": "Male", "F": "Female"}[pupil["Legal Sex"]],
            "Date of Birth": pupil["DOB"],
            "NC Year": pupil["Year"].removeprefix("Year ").zfill(2),
            "Registration Group": pupil["Reg"],
            "Pupil premium eligible": {"Y": "Yes", "N": ""}[pupil["PP"]],
            "SEN Status": f"{pupil['SEN']} - {SEN[pupil['SEN']]}",
            "English as an additional language": {"Y": "T", "N": "F"}[pupil["EAL"]],
            "Ethnic Origin": ETHNICITY.get(pupil["Ethnicity"], pupil["Ethnicity"]),
            "In Care": {"Y": "True", "N": "False"}[pupil["LAC"]],
            "Ever 6 FSM": {"Y": "1", "N": "0"}[pupil["FSM Ever 6"]],
            "Enrolment": STATUS[pupil["Enrolment Status"]],
            "Leaving date": _day(pupil["Date of Leaving"]),
        }
        for pupil in school.pupils
    ]


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d/%m/%Y") if text else ""


def _class_list(school: SampleExports, *, whole: bool = False) -> list[Row]:
    """One row for each pupil, class and teacher, carrying everything."""
    pupils = {pupil["UPN"]: pupil for pupil in school.pupils}
    labelled = {row["Unique Pupil Number"]: row for row in _labelled(school) if whole}
    scores = {row["UPN"]: row for row in school.ks2}
    taught: dict[str, list[Row]] = {}
    for row in school.classes:
        taught.setdefault(row["Class"], []).append(row)
    rows: list[Row] = []
    for enrolment in school.enrolments:
        pupil = pupils[enrolment["UPN"]]
        for row in taught[enrolment["Class"]]:
            line = {
                "Class Code": row["Class"],
                "Subject Name": row["Subject"],
                "Taught by": row["Teacher"],
            }
            if whole:
                line |= labelled[enrolment["UPN"]]
                score = scores.get(enrolment["UPN"], {})
                for name in ("Reading", "Maths"):
                    line[f"Key Stage 2 {name} scaled score"] = score.get(
                        f"KS2 {name} Scaled Score", ""
                    )
            else:
                line |= {
                    "Adm No": pupil["Adno"],
                    "Pupil": f"{pupil['Surname']}, {pupil['Forename']}",
                    "Yr": f"Y{pupil['Year'].removeprefix('Year ')}",
                }
            rows.append(line)
    return rows


def write_semicolons(folder: Path, school: SampleExports) -> list[Path]:
    """Semicolons, tabs, UTF-16 and Windows-1252; labels; one class list for all."""
    adnos = {pupil["UPN"]: pupil["Adno"] for pupil in school.pupils}
    ks2 = [
        {
            "Adno": adnos[row["UPN"]],
            "KS2 Read SS": row["KS2 Reading Scaled Score"],
            "KS2 Mathematics Scaled Score": row["KS2 Maths Scaled Score"],
        }
        for row in school.ks2
    ]
    conduct = [
        {"Unique Pupil No": r.pop("UPN"), **r} for r in map(dict, school.conduct)
    ]
    staff = [
        {"Initials": r["Code"], "Staff Name": r["Name"], "Work e-mail": r["Email"]}
        for r in school.staff
    ]
    lists = _class_list(school)
    return [
        write_csv(
            folder / "Pupils.txt", _labelled(school), delimiter="\t", encoding="utf-16"
        ),
        write_csv(folder / "Groups.csv", lists, delimiter=";", encoding="utf-8"),
        write_csv(
            folder / "KS2.csv",
            ks2,
            delimiter=";",
            encoding="cp1252",
            above=["Prior attainment – all", ""],
            below=["", "Total|20"],
        ),
        write_csv(folder / "Conduct.csv", conduct, delimiter="|"),
        write_csv(folder / "Staff.csv", staff, delimiter=";", encoding="utf-8"),
        write_csv(folder / "Roles.csv", school.roles),
    ]


def write_workbooks(folder: Path, school: SampleExports) -> list[Path]:
    """Workbooks: titles, merged cells, totals, dates as dates, numbers as numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    adnos = {pupil["UPN"]: pupil["Adno"] for pupil in school.pupils}
    ks2 = [
        {"Admission Number": adnos[r.pop("UPN")], **r} for r in map(dict, school.ks2)
    ]
    conduct = [{"Adno": adnos[r.pop("UPN")], **r} for r in map(dict, school.conduct)]
    staff = [
        {"Staff Code": r["Code"], "Full": "", "Name": r["Name"], "E-mail": r["Email"]}
        for r in school.staff
    ]
    path = folder / "MIS.xlsx"
    book = xlsxwriter.Workbook(path)
    bold = book.add_format({"bold": True})
    notes = book.add_worksheet("About this report")
    notes.write(0, 0, "Made by the MIS for the data manager")
    for title, rows, numbers in (
        ("Pupil list", _labelled(school), {"NC Year"}),
        ("Class list", _class_list(school), set()),
        ("KS2", ks2, set(ks2[0])),
        ("Conduct", conduct, set(conduct[0])),
        ("Staff", staff, set()),
        ("Who leads what", school.roles, set()),
    ):
        sheet = book.add_worksheet(title)
        sheet.merge_range(0, 0, 0, 3, f"Northfield School: {title}", bold)
        sheet.write(1, 0, "Printed 22/11/2026 09:30")
        _fill(book, sheet, rows, numbers)
    book.close()
    return [path]


def _fill(
    book: xlsxwriter.Workbook, sheet: Any, rows: Sequence[Row], numbers: set[str]
) -> None:
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for column, heading in enumerate(rows[0]):
        sheet.write_string(3, column, heading)
    place = 4
    for number, row in enumerate(rows):
        place += number == 5  # a blank row in the middle of the list
        for column, (heading, text) in enumerate(row.items()):
            if not text:
                continue
            if heading in numbers and text.replace(".", "").isdigit():
                sheet.write_number(place, column, float(text))
            elif heading == "Leaving date":
                when = date(*map(int, reversed(text.split("/"))))
                sheet.write_datetime(place, column, when, day)
            else:
                sheet.write_string(place, column, text)
        place += 1
    sheet.write(place + 1, 0, "Total")
    sheet.write(place + 1, 1, len(rows))


def write_single(folder: Path, school: SampleExports) -> list[Path]:
    """Everything about pupils and classes in one list, nothing else."""
    return [
        write_csv(
            folder / "everything.csv", _class_list(school, whole=True), delimiter=";"
        )
    ]


def with_letter_in_adno(school: SampleExports) -> SampleExports:
    """The same school, with admission numbers that no spreadsheet can spoil."""
    pupils = [{**row, "Adno": "A" + row["Adno"]} for row in school.pupils]
    return replace(school, pupils=pupils)
