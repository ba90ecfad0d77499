"""Report files: writing them, and reading them with other programs."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
from sqlalchemy import Connection, update

from generator import workflow
from generator.reports.request import ReportRequest
from generator.reports.write_reports import ReportsReport
from generator.school.school import School
from generator.store import schema
from tests.generator.packs import sample_school

NOW = datetime(2026, 11, 30, 9, 30)
YEAR = sample_school.YEAR


def add_facts(connection: Connection) -> None:
    """Attendance, effort, comments, praise and conduct for a few pupils."""
    connection.execute(
        schema.attendance.insert(),
        [
            attendance(1, "2026-09-02", "2026-10-23", 70, 60, 10, 0, 0),
            attendance(1, "2026-09-02", "2026-11-27", 120, 111, 6, 3, 2),
            attendance(2, "2026-09-02", "2026-11-27", 120, 120, 0, 0, 0),
        ],
    )
    for number, name, value in (
        (1, "Achievement Points", "25"), (1, "Behaviour Points", "0"),
        (2, "Attendance %", "98.5"), (3, "Attendance %", "91.2"),
    ):  # fmt: skip
        connection.execute(
            schema.indicators.insert(),
            {"academic_year": YEAR, "adno": sample_school.adno(number),
             "name": name, "value": value},
        )  # fmt: skip
    adno = sample_school.adno(1)
    for field, value in (("effort", "2"), ("comment", "Ask more."), ("praise", "Yes")):
        sample_school.mark(connection, "AUT", adno, "Mathematics", field, value)


def attendance(number: int, first: str, last: str, *counts: int) -> dict[str, Any]:
    """A row of the table of attendance: possible, attended, authorised …"""
    names = ("possible", "attended", "authorised", "unauthorised", "late")
    return {"adno": sample_school.adno(number), "from": first, "to": last,
            "academic_year": YEAR, **dict(zip(names, counts, strict=True))}  # fmt: skip


def write(
    school: School, *kinds: str, now: datetime = NOW, **request: Any
) -> ReportsReport:
    """Write reports of AUT, as `markbook reports AUT` does."""
    return workflow.reports(
        school, "AUT", ReportRequest(kinds, **request), now=now, who="Test"
    )


def rename(school: School, number: int, forename: str, surname: str) -> None:
    """Give a pupil another name."""
    opened = sample_school.open_store(school)
    pupils = schema.pupils
    with opened.begin() as connection:
        connection.execute(
            update(pupils)
            .where(pupils.c.adno == sample_school.adno(number))
            .values(forename=forename, surname=surname)
        )
    opened.close()


def pdf_text(path: Path, order: str = "-raw") -> str:
    """The text of a PDF file.

    Args:
        path: The file.
        order: `-raw` for reading order, its spaces single; `-layout` as on the page.
    """
    text = subprocess.run(
        ["pdftotext", order, str(path), "-"],
        capture_output=True, check=True, timeout=60, encoding="utf-8",
    ).stdout  # fmt: skip
    return " ".join(text.split()) if order == "-raw" else text


def hidden_texts(path: Path) -> str:
    """What a PDF file says beside its pages: metadata, outline, alternative texts."""
    texts: list[str] = []
    with pikepdf.open(path) as pdf:
        texts += [str(value) for value in pdf.docinfo.values()]
        if "/Metadata" in pdf.Root:
            texts.append(pdf.Root.Metadata.read_bytes().decode("utf-8"))
        with pdf.open_outline() as outline:
            queue = list(outline.root)
            while queue:
                item = queue.pop()
                texts.append(str(item.title))
                queue += item.children
        texts += [
            str(element[key])
            for element in structure(pdf)
            for key in ("/Alt", "/ActualText", "/T")
            if key in element
        ]
    return "\n".join(texts)


def structure(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """Every element of the structure tree of a PDF file."""
    elements, queue = [], [pdf.Root.StructTreeRoot]
    while queue:
        element = queue.pop(0)
        if isinstance(element, pikepdf.Array):
            queue = list(element) + queue
        elif isinstance(element, pikepdf.Dictionary):
            if "/S" in element:
                elements.append(element)
            if "/K" in element:
                queue.insert(0, element.K)
    return elements


def tags(path: Path) -> list[str]:
    """The tags of a PDF file in reading order."""
    with pikepdf.open(path) as pdf:
        return [str(element.S) for element in structure(pdf)]


def pages(path: Path) -> int:
    """The number of pages."""
    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """The bytes and the time of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): (
            path.read_bytes(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
