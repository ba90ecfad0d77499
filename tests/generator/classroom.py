"""A school that has just issued one collection, and teachers who fill it in."""

from __future__ import annotations

import io
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd
import pytest

from generator import workflow
from generator.context import Context
from generator.returns.collect import collect
from generator.returns.collect_report import CollectReport
from generator.school.school import School
from generator.school.school_tables import school_tables
from generator.store import marks, schema
from generator.store.engine import Store
from generator.store.store_facts import AUDIT_END
from generator.xlsx.reader import read_workbook
from generator.xlsx.worksheet import Cell, column_index

NOW = datetime(2026, 10, 14, 9, 30)
MATHS, ENGLISH = "10x/Ma1", "10x/En1"
LANGUAGE, LITERATURE = "English Language", "English Literature"
HEADINGS = {
    "adno": "Adno",
    "surname": "Surname",
    "forename": "Forename",
    "target": "Target",
    "working_at": "Working at",
    "prediction": "Prediction",
    "reason": "Reason",
    "effort": "Effort",
    "praise": "Praise",
    "comment": "Comment",
    "target_query": "Target query",
    "notes": "Your notes",
}
Filled = Mapping[tuple[str, str], object]

TOML = """
[school]
name = "Tiny School"
urn = 100001
academic_year = "2026/27"

[[collections]]
code = "AUT"
name = "Autumn"
years = [10]
opens = 2026-10-12
closes = 2026-10-23

[[collections]]
code = "SPR"
name = "Spring"
years = [10]
opens = 2027-01-05
closes = 2027-01-20

[[subjects]]
name = "Dual Science"
scale = "combined_science"
"""
CLASSES_MORE = """\
10y/Ma2,Mathematics,10,COH
10x/Sc1,Dual Science,10,
"""


@pytest.fixture(scope="session")
def issued_school(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    """The tiny school with two classes more, issued; copied for every test."""
    from tests.conftest import (  # the texts of the tiny school
        CLASSES,
        IN_ENGLISH,
        IN_MATHS,
        PUPILS,
        ROLES,
        SCORES,
        STAFF,
    )

    folder = tmp_path_factory.mktemp("issued")
    (folder / "school.toml").write_text(TOML, encoding="utf-8")
    exports = folder / "exports"
    exports.mkdir()
    upns = [line.split(",")[1] for line in PUPILS.splitlines()[1:]]
    members = ["Class,UPN"]
    members += [f"{MATHS},{upns[n - 1]}" for n in IN_MATHS]
    members += [f"{ENGLISH},{upns[n - 1]}" for n in IN_ENGLISH]
    members += [f"10y/Ma2,{upns[n - 1]}" for n in (10, 11, 12)]
    members += [f"10x/Sc1,{upns[n - 1]}" for n in (1, 2, 3)]
    for name, text in {
        "pupils.csv": PUPILS,
        "ks2.csv": SCORES,
        "classes.csv": CLASSES + CLASSES_MORE,
        "memberships.csv": "\n".join(members) + "\n",
        "staff.csv": STAFF,
        "roles.csv": ROLES,
    }.items():
        (exports / name).write_text(text, encoding="utf-8", newline="\n")
    school = School.load(folder)
    workflow.import_exports(school, now=NOW, who="office")
    workflow.draft_targets(school, now=NOW, who="office")
    workflow.issue(school, "AUT", now=NOW, who="office")
    return folder


class Classroom:
    """The school as a test meets it: fill in, send back, collect, look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.school = School.load(folder)
        self.tables = school_tables(self.school)
        self.now = NOW
        self.returned = folder / "returned"
        self.returned.mkdir(exist_ok=True)

    def store(self) -> Store:
        return Store.open(self.folder, self.school.settings.school.database)

    def issued(self, code: str, collection: str = "AUT") -> bytes:
        name = code.replace("/", "-") + ".xlsx"
        return next((self.folder / "issued" / collection).rglob(name)).read_bytes()

    def send(
        self,
        name: str,
        code: str = MATHS,
        filled: Filled | None = None,
        *,
        at: datetime | None = None,
        sheet: str = "Markbook",
        data: bytes | None = None,
        change: Callable[[dict[str, bytes]], None] | None = None,
    ) -> Path:
        """A markbook filled in and put into the inbox.

        Args:
            name: The file's name.
            code: The class.
            filled: (admission number or Excel row, field) -> what is typed.
            at: When the teacher saved it; None leaves the moment of issue.
            sheet: The sheet filled in.
            data: The markbook to fill in; None for the class's issued one.
            change: Whatever else is done to its parts.
        """
        data = fill(data or self.issued(code), filled or {}, sheet=sheet, at=at)
        if change is not None:
            parts = unpacked(data)
            change(parts)
            data = packed(parts)
        path = self.returned / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        stamp = (at or NOW).timestamp()
        os.utime(path, (stamp, stamp))
        return path

    def collect(
        self,
        *paths: Path,
        collection: str | None = None,
        take: str | None = None,
        dry: bool = False,
        after: timedelta = timedelta(hours=1),
        progress: Callable[[int, int, str], None] | None = None,
    ) -> CollectReport:
        """Collect the inbox, or the paths named, an hour after the last time."""
        if not dry:
            self.now += after
        store = self.store()
        try:
            return collect(
                Context(self.school, self.tables, store, self.now, "office"),
                list(paths) or [self.returned],
                collection=collection,
                take=take,
                dry=dry,
                progress=progress,
            )
        finally:
            store.close()

    def issue_again(self, *classes: str) -> None:
        """Issue classes anew: their files are lost, so they are written again."""
        self.now += timedelta(hours=1)
        for code in classes:
            name = code.replace("/", "-") + ".xlsx"
            next((self.folder / "issued").rglob(name)).unlink()
        workflow.issue(self.school, "AUT", classes=classes, now=self.now, who="office")

    def set_mark(
        self, adno: str, field: str, value: str, subject: str = "Mathematics"
    ) -> None:
        """A value that came from elsewhere: a person's edit, another class."""
        store = self.store()
        with store.begin() as connection:
            table = schema.marks
            here = (
                (table.c.adno == adno)
                & (table.c.field == field)
                & (table.c.subject == subject)
            )
            connection.execute(table.delete().where(here))
            if value:
                connection.execute(
                    table.insert().values(
                        collection="AUT",
                        adno=adno,
                        subject=subject,
                        field=field,
                        academic_year="2026/27",
                        value=value,
                        source_file="a person",
                    )
                )
        store.close()

    def marks(self) -> dict[tuple[str, str, str], str]:
        """Pupil, subject and field -> the value that stands."""
        frame = self.frame(schema.marks.name)
        keys = zip(frame["adno"], frame["subject"], frame["field"], strict=True)
        return dict(zip(keys, frame["value"], strict=True))

    def maths(self, adno: str, field: str = "prediction") -> str | None:
        return self.marks().get((adno, "Mathematics", field))

    def history(self) -> list[tuple[str, str, str, str]]:
        """Pupil, field, old and new of every value, oldest first."""
        store = self.store()
        with store.begin() as connection:
            frame = marks.history(connection)
        store.close()
        rows = frame[["adno", "field", "old", "new"]].to_dict("split")["data"]
        return [tuple(row) for row in rows]

    def frame(self, table: str) -> pd.DataFrame:
        store = self.store()
        with store.begin() as connection:
            frame = pd.read_sql_table(table, connection)
        store.close()
        return frame

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything in the store, to tell whether anything was stored.

        Without the audit: a job that is refused is an entry of it, too.
        """
        store = self.store()
        with store.begin() as connection:
            content = {
                table.name: sorted(
                    (tuple(row) for row in connection.execute(table.select())), key=repr
                )
                for table in schema.metadata.sorted_tables
                if table.name != "audit"
            }
            content["settings"] = [
                row for row in content["settings"] if row[0] != AUDIT_END
            ]
        store.close()
        return content


@pytest.fixture
def classroom(issued_school: Path, tmp_path: Path) -> Classroom:
    folder = tmp_path / "school"
    shutil.copytree(issued_school, folder)
    return Classroom(folder)


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return buffer.getvalue()


def sheet_part(parts: Mapping[str, bytes], name: str) -> str:
    """The part that a sheet of a file written by us lies in."""
    book = parts["xl/workbook.xml"].decode()
    link = re.search(
        rf'<sheet [^>]*name="{re.escape(escape(name))}"[^>]*r:id="([^"]+)"', book
    )
    assert link, f"no sheet {name!r}"
    rels = parts["xl/_rels/workbook.xml.rels"].decode()
    entry = re.search(rf'<Relationship [^>]*Id="{link[1]}"[^>]*/>', rels)
    assert entry
    target = re.search(r'Target="/?(?:xl/)?([^"]+)"', entry[0])
    assert target
    return f"xl/{target[1]}"


def set_cell(xml: str, cell: str, value: object) -> str:
    """A cell of a sheet's XML set to what a person typed, its style kept."""
    found = re.search(rf'<c r="{cell}"((?: s="\d+")?)[^>]*?(?:/>|>.*?</c>)', xml)
    assert found, f"no cell {cell}"
    if value is None:
        made = f'<c r="{cell}"{found[1]}/>'
    elif isinstance(value, str) and value.startswith("<"):
        made = f'<c r="{cell}"{found[1]}{value[1:]}</c>'  # raw: ` t="e"><v>#N/A</v>`
    elif isinstance(value, str):
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        made = f'<c r="{cell}"{found[1]} t="inlineStr">{text}</c>'
    else:
        made = f'<c r="{cell}"{found[1]}><v>{value}</v></c>'
    return xml[: found.start()] + made + xml[found.end() :]


@lru_cache(maxsize=8)
def _cells(data: bytes, sheet: str) -> dict[tuple[int, int], Cell]:
    return read_workbook(data).sheets[sheet].cells


def address(data: bytes, sheet: str, who: str | int, field: str) -> str:
    """Where a pupil's field stands: by admission number, or by Excel's row."""
    cells = _cells(data, sheet)
    heading = HEADINGS.get(field, field)
    at = {c.text: key for key, c in cells.items() if key[0] == 5}
    column = at[heading][1]
    row = who - 1 if isinstance(who, int) else None
    for (r, c), cell in cells.items():
        if c == 0 and cell.text == who:
            row = r
    assert row is not None, who
    letters = next(k for k in _letters() if column_index(k) == column)
    return f"{letters}{row + 1}"


def _letters() -> list[str]:
    first = [chr(65 + n) for n in range(26)]
    return [*first, *(a + b for a in first for b in first)]


def fill(
    data: bytes, filled: Filled, *, sheet: str = "Markbook", at: datetime | None = None
) -> bytes:
    parts = unpacked(data)
    name = sheet_part(parts, sheet)
    xml = parts[name].decode()
    for (who, field), value in filled.items():
        xml = set_cell(xml, address(data, sheet, who, field), value)
    parts[name] = xml.encode()
    if at is not None:
        core = parts["docProps/core.xml"].decode()
        parts["docProps/core.xml"] = re.sub(
            r"(<dcterms:modified[^>]*>)[^<]*", rf"\g<1>{at.isoformat()}Z", core
        ).encode()
    return packed(parts)
