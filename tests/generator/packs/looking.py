"""How tests look into packs, and into what `export` says."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from generator.export import export
from generator.packs import PackReport, packs
from generator.school import School
from generator.store.engine import Store
from tests.generator.packs import made
from udfs.tables import standard

Row = dict[str, Any]


def write(
    school: School, store: Store, kinds: Sequence[str], code: str = "AUT"
) -> PackReport:
    return packs(
        store, school, standard(), school.collection(code), kinds,
        now=made.NOW, who="HAR",
    )  # fmt: skip


def page(school: School, name: str, sheet: str, code: str = "AUT") -> Worksheet:
    return load_workbook(school.packs(code) / f"{name}.xlsx")[sheet]


def table(sheet: Worksheet, heading: str, which: int = 0) -> list[Row]:
    """The rows under the heading row that has this heading, the which-th of them.

    Of two headings alike, the second is called `… 2`.
    """
    rows = list(sheet.iter_rows(values_only=True))
    starts = [at for at, row in enumerate(rows) if heading in row]
    names: list[str] = []
    for name in rows[starts[which]]:
        if name is not None:
            names.append(f"{name} 2" if name in names else str(name))
    found = []
    for row in rows[starts[which] + 1 :]:
        if sum(cell is not None for cell in row) < 2:
            break
        found.append(dict(zip(names, row, strict=False)))
    return found


def tables(sheet: Worksheet, heading: str) -> list[Row]:
    """The rows of every table that has this heading, one after another."""
    lines = sheet.iter_rows(values_only=True)
    number = sum(heading in line for line in lines)
    return [row for which in range(number) for row in table(sheet, heading, which)]


def text(sheet: Worksheet) -> str:
    cells = (cell for row in sheet.iter_rows(values_only=True) for cell in row)
    return "\n".join(str(cell) for cell in cells if cell is not None)


def whole(path: Path) -> str:
    """Everything there is in the file, part after part."""
    with zipfile.ZipFile(path) as pack:
        parts = [pack.read(name) for name in pack.namelist()]
    return b"\n".join(parts).decode("utf-8", errors="replace")


def exported(school: School, store: Store, name: str) -> list[dict[str, str]]:
    out = school.folder / "out.csv"
    with store.begin() as connection:
        export(connection, school, standard(), name, out=out, today=made.NOW.date())
    return list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))


def read(school: School, name: str) -> list[Row]:
    """The rows of a table that was exported into the school folder."""
    text = (school.folder / f"{name}.csv").read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def names_of(school: School) -> dict[str, str]:
    """Staff code -> name, as the school's list of staff has them."""
    found = {"": "no teacher"}
    for path in (school.folder / "exports").glob("*taff*.csv"):
        for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))):
            cells = list(row.values())
            found[str(cells[0])] = str(cells[1])
    return found


BOTH = "English (Language and Literature)"


def taught(school: School, code: str) -> list[Row]:
    """A row for each pupil, class and subject, with the marks of one collection.

    A mark belongs to a pupil and a subject: who is in two classes has it in both.
    """
    marks = {
        (row["adno"], row["subject"]): row for row in read(school, f"marks-{code}")
    }
    classes = {row["class"]: row for row in read(school, "classes")}
    pupils = {row["adno"]: row for row in read(school, "pupils")}
    found = []
    for member in read(school, "memberships"):
        of, pupil = classes[member["class"]], pupils[member["adno"]]
        subjects = (of["subject"],)
        if of["subject"] == BOTH:
            subjects = ("English Language", "English Literature")
        for subject in subjects:
            mark = marks.get((pupil["adno"], subject), {})
            if not pupil["left"] or pupil["left"] > "2027-07-05":
                found.append(
                    {**dict.fromkeys(("prediction", "working_at", "target", "reason",
                                      "aspirational", "flag"), ""), **mark, **pupil,
                     "class": of["class"], "subject": subject,
                     "teacher": of["teacher"]}
                )  # fmt: skip
    return found
