"""Markbooks filled in by hand in several programs are collected with the same marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from generator import workflow
from generator.school.school import School
from generator.store.engine import Store
from generator.store.marks import wide_marks
from tests.office import Office, gnumeric, running_office

pytestmark = pytest.mark.office

MATHS = "issued/AUT/ABA/10x-Ma1.xlsx"
# What a teacher types, by the pupil's row on the sheet and the column's heading.
TYPED = {
    (7, "Working at"): "4",
    (7, "Prediction"): "5",
    (7, "Effort"): "1",
    (7, "Comment"): "Zoë: reads “Łukasz & 名前” <well>",
    (8, "Working at"): "Abs",
    (8, "Prediction"): "N/T",
    (9, "Prediction"): "9",
    (9, "Reason"): "attendance",
    (9, "Praise"): "Yes",
    (9, "Target query"): "7: joined in Year 9",
}
FIELDS = {
    "Working at": "working_at",
    "Prediction": "prediction",
    "Reason": "reason",
    "Effort": "effort",
    "Praise": "praise",
    "Comment": "comment",
    "Target query": "target_query",
}
META_VISIBLE = ("The sheet _meta is no longer hidden.",)


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with running_office() as running:
        yield running


@pytest.fixture
def school(tiny_school: Path, now: datetime) -> School:
    result = School.load(tiny_school)
    result.returned.mkdir(exist_ok=True)
    workflow.import_exports(result, now=now, who="HAR")
    workflow.draft_targets(result, now=now, who="HAR")
    workflow.issue(result, "AUT", now=now, who="HAR")
    return result


def by_keyboard(office: Office, path: Path, to: Path) -> None:
    """Type everything into LibreOffice, a key at a time, and save."""
    sheet = load_workbook(path)["Markbook"]
    letters = {cell.value: cell.column_letter for cell in sheet[6]}
    steps = [
        {
            "do": "type",
            "sheet": "Markbook",
            "cell": f"{letters[heading]}{row}",
            "text": text,
        }
        for (row, heading), text in TYPED.items()
    ]
    office.run_steps(path, [*steps, {"do": "save", "path": str(to.resolve())}])


def by_openpyxl(_: Office, path: Path, to: Path) -> None:
    """Set the cells as a script would, and save."""
    book = load_workbook(path)
    sheet = book["Markbook"]
    letters = {cell.value: cell.column_letter for cell in sheet[6]}
    for (row, heading), text in TYPED.items():
        sheet[f"{letters[heading]}{row}"].value = text
    book.save(to)


def by_gnumeric(office: Office, path: Path, to: Path) -> None:
    """Typed in LibreOffice, then opened and saved by gnumeric."""
    typed = to.with_name("typed.xlsx")
    by_keyboard(office, path, typed)
    gnumeric(typed, to)
    typed.unlink()


def by_way_of(kind: str) -> Callable[[Office, Path, Path], None]:
    """Saved as another kind of file, and from that as Excel Workbook again."""

    def fill(office: Office, path: Path, to: Path) -> None:
        other = to.with_name(f"typed.{kind}")
        by_keyboard(office, path, other)
        office.convert(other, to)
        other.unlink()

    return fill


def stored(school: School) -> dict[tuple[str, str], str]:
    store = Store.open(school.folder, school.settings.school.database)
    with store.begin() as connection:
        frame = wide_marks(connection, "AUT")
    store.close()
    return {
        (row["adno"], field): row[field]
        for row in frame.to_dict("records")
        for field in FIELDS.values()
        if isinstance(row.get(field), str) and row[field]
    }


@pytest.mark.parametrize(
    ("fill", "program", "changes"),
    [
        pytest.param(by_keyboard, "LibreOffice", (), id="LibreOffice"),
        pytest.param(by_openpyxl, "Openpyxl", (), id="openpyxl"),
        pytest.param(by_gnumeric, "gnumeric", META_VISIBLE, id="gnumeric"),
        pytest.param(by_way_of("ods"), "LibreOffice", (), id="ods"),
        pytest.param(by_way_of("xls"), "LibreOffice", (), id="xls"),
    ],
)
def test_what_was_typed_is_what_is_stored(office, school, now, fill, program, changes):
    issued = school.folder / MATHS
    sheet = load_workbook(issued)["Markbook"]
    adnos = {row: str(sheet.cell(row, 1).value) for row in (7, 8, 9)}
    back = school.returned / "back.xlsx"
    fill(office, issued, back)
    result = workflow.doctor(school, back, now=now)
    assert program in result.program
    assert (result.exit_status, result.changes) == (0, changes)
    assert result.counts["readable"] == result.counts["filled"] == len(TYPED)
    report = workflow.collect(school, now=now + timedelta(days=1), who="HAR").json()
    assert report["files"]["merged"] == 1
    assert report["cells"]["new"] == report["cells"]["read"] == len(TYPED)
    expected = {
        (adnos[row], FIELDS[heading]): text for (row, heading), text in TYPED.items()
    }
    assert stored(school) == expected


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_a_kind_that_cannot_be_read_is_refused_with_the_way_to_save(
    office, school, now, kind
):
    by_keyboard(office, school.folder / MATHS, school.returned / f"back.{kind}")
    report = workflow.collect(school, now=now + timedelta(days=1), who="HAR")
    assert report.json()["files"]["rejected"] == 1
    (problem,) = report.problems
    assert "save it as Excel" in problem.do
    assert ".xlsx" in problem.do
    assert not stored(school)
