"""Write the MIS exports of a synthetic school."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from generator.demo.synthetic_school import ALL_YEARS, SyntheticSchool, make_school
from generator.files import publish

Row = Sequence[object]
SEN_LABELS = {"N": "", "K": "K - SEN support", "E": "E - EHC plan"}


def write_exports(
    folder: Path,
    *,
    seed: int = 2026,
    pupils_per_year: int = 210,
    years: Sequence[int] = ALL_YEARS,
    today: date,
    later: bool = False,
) -> SyntheticSchool:
    """Write the exports of a synthetic school.

    The same arguments give the same bytes.

    Args:
        folder: The folder; files of the same names are replaced.
        seed: The seed of the school.
        pupils_per_year: The size of each year group.
        years: The years taught.
        today: The day from which dates of leaving and admission count.
        later: Whether it is half a term later.

    Returns:
        The school behind the files.
    """
    school = make_school(
        seed=seed,
        pupils_per_year=pupils_per_year,
        years=years,
        today=today,
        later=later,
    )
    for name, data in export_contents(school).items():
        publish(folder / name, data)
    return school


def export_contents(school: SyntheticSchool) -> Mapping[str, bytes]:
    """Return file name -> content of a school's exports: CSV, and one XLSX."""
    adnos = {pupil.adno: pupil for pupil in school.pupils}
    return {
        "pupils.csv": csv_bytes(_pupil_rows(school)),
        "classes.csv": csv_bytes(_class_rows(school)),
        "class_lists.csv": csv_bytes(
            [
                ("Class", "Admission No.", "Pupil Name"),
                *(
                    (taught.code, p.adno, f"{p.surname}, {p.forename}")
                    for taught in school.classes
                    for p in sorted(taught.members, key=lambda pupil: pupil.adno)
                    if p.adno in adnos
                ),
            ]
        ),
        "ks2.csv": csv_bytes(
            [
                ("UPN", "KS2 Reading Scaled Score", "KS2 Maths Scaled Score"),
                *(
                    (p.upn, p.reading, p.maths)
                    for p in school.pupils
                    if p.reading or p.maths
                ),
            ]
        ),
        "cat4.csv": csv_bytes(
            [
                ("UPN", "CAT4 Mean SAS", "CAT4 Verbal SAS"),
                *(
                    (p.upn, p.cat4, p.cat4_verbal)
                    for p in school.pupils
                    if p.cat4 is not None
                ),
            ]
        ),
        "conduct.xlsx": _conduct(school),
        "staff.csv": csv_bytes(
            [
                ("Staff Code", "Name", "Email"),
                *((t.code, t.name, t.email) for t in school.staff),
            ]
        ),
        "roles.csv": csv_bytes([("Staff", "Role", "Scope"), *school.roles]),
    }


def _pupil_rows(school: SyntheticSchool) -> Iterable[Row]:
    yield (
        "Admission No.",
        "UPN",
        "Surname",
        "Forename",
        "Legal Sex",
        "DOB",
        "NC Year",
        "Reg Group",
        "Pupil premium eligible",
        "FSM",
        "FSM Ever 6",
        "SEN Status",
        "EAL",
        "Ethnicity",
        "In Care",
        "Enrolment Status",
        "Date of Admission",
        "Date of Leaving",
    )
    for pupil in school.pupils:
        yield (
            pupil.adno,
            pupil.upn,
            pupil.surname,
            pupil.forename,
            pupil.sex,
            pupil.born.strftime("%d/%m/%Y"),
            f"Year {pupil.year}",
            pupil.reg,
            _yes_no(pupil.pp),
            _yes_no(pupil.fsm),
            _yes_no(pupil.fsm6),
            SEN_LABELS[pupil.sen],
            _yes_no(pupil.eal),
            pupil.ethnicity,
            _yes_no(pupil.lac),
            pupil.status,
            pupil.admitted.strftime("%d/%m/%Y") if pupil.admitted else "",
            pupil.left.strftime("%d/%m/%Y") if pupil.left else "",
        )


def _class_rows(school: SyntheticSchool) -> Iterable[Row]:
    yield ("Class", "Subject", "Year", "Teacher")
    for taught in school.classes:
        for teacher in taught.teachers or [""]:
            yield (taught.code, taught.subject, taught.year, teacher)


def _yes_no(value: bool) -> str:
    return "Yes" if value else "No"


def csv_bytes(rows: Iterable[Row]) -> bytes:
    """Return rows as CSV of an MIS."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")  # what Excel opens without asking


def _conduct(school: SyntheticSchool) -> bytes:
    """Attendance and behaviour as a workbook with a title and a total."""
    buffer = io.BytesIO()
    book: Any = xlsxwriter.Workbook(buffer, {"in_memory": True})
    # A fixed moment, so that the same school gives the same bytes.
    book.set_properties({"created": datetime(2000, 1, 1)})
    bold, percent = book.add_format({"bold": True}), book.add_format({"num_format": 2})
    sheet = book.add_worksheet("Attendance and behaviour")
    sheet.merge_range(
        "A1:E1",
        f"Attendance and behaviour, year to date, {school.today:%d/%m/%Y}",
        bold,
    )
    headings = ("UPN", "Name", "Attendance %", "Behaviour Points", "Achievement Points")
    sheet.write_row(2, 0, headings, bold)
    present = [p for p in school.pupils if p.left is None or p.left > school.today]
    for row, pupil in enumerate(present, start=3):
        sheet.write_string(row, 0, pupil.upn)
        sheet.write_string(row, 1, f"{pupil.surname}, {pupil.forename}")
        sheet.write_number(row, 2, pupil.attendance, percent)
        sheet.write_number(row, 3, pupil.behaviour)
        sheet.write_number(row, 4, pupil.achievement)
    last = len(present) + 3
    sheet.write_string(last, 0, "Total", bold)
    sheet.write_number(last, 3, sum(p.behaviour for p in present), bold)
    sheet.write_number(last, 4, sum(p.achievement for p in present), bold)
    sheet.set_column(0, 1, 18)
    book.close()
    return buffer.getvalue()
