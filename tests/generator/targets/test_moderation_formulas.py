"""What a moderation workbook says by itself is what applying it would say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from generator.markbook.layout import column_letters
from generator.targets.check_row import RowChecker, TargetVersion
from generator.targets.form import (
    ENTRY,
    FormSheet,
    ModerationForm,
    chance_grades,
    form_fields,
)
from generator.targets.read_form import FormRow
from generator.targets.write_form import write_form
from generator.xlsx.cell_values import BLANK_VALUE, CellValue
from generator.xlsx.theme import template
from tests.office import Office, running_office
from udfs.tables import standard

pytestmark = pytest.mark.office
TABLES = standard()
SUBJECTS = {"gcse": "History", "gcse_fine": "History", "combined_science": "Science"}
CODES = {
    "not_listed": "grade-not-listed",
    "no_expected": "no-expected-target",
    "crossed": "aspirational-below-expected",
    "lower": "lowered-without",
}
HALVES = 204


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with running_office() as running:
        yield running


def build_sheet(name: str) -> FormSheet:
    """Every target that may stand, with everything that may be agreed instead."""
    scale = TABLES.scale(name)
    national = TABLES.subject(SUBJECTS[name]).national
    figures = TABLES.transition_matrix(national)
    assert figures is not None
    agreed = ["", *scale.grades, "?"]
    rows = []
    for at, current in enumerate((None, *scale.grades)):
        for other, low in enumerate(agreed):
            number = len(rows)
            rows.append(
                {
                    "adno": f"{number:06}",
                    "expected": current,
                    "aspirational": scale.above(current, 1) if current else None,
                    "status": ("issued", "draft", "provisional")[number % 3]
                    if current
                    else "",
                    "agreed_expected": low,
                    "agreed_aspirational": agreed[(at * 3 + other * 5) % len(agreed)],
                    "reason": "tests" if number % 4 > 1 else "",
                    "by": "ION" if number % 5 > 1 else "",
                }
            )
    frame = pd.DataFrame(rows, dtype=object)
    frame["free"] = frame["status"].isin(["", "provisional"])
    frame = frame.assign(band=figures.bands.index(HALVES), version=1, answer_version=0)
    frame = frame.assign(subject=SUBJECTS[name], halves=HALVES, year=9, query="")
    frame = frame.assign(proposal="")
    frame["class"] = "9A"
    columns = form_fields(scale, chances=True)
    for field in columns:
        if field.key not in frame and field.section != "auto":
            frame[field.key] = None if field.show in ("share", "count") else ""
    return FormSheet(name, SUBJECTS[name], 9, scale, figures, columns, frame)


def build_form(sheet: FormSheet) -> ModerationForm:
    return ModerationForm(
        kind="moderation", department="D", school="S", school_id="S",
        academic_year="2026/27", contact="", method="", written_by="HAR",
        written_at="2026-10-14T09:30:00", issue_id="mb", sheets=(sheet,),
    )  # fmt: skip


def expected_check(sheet: FormSheet, row: dict) -> str:
    cells = {key: CellValue(row[key]) if row[key] else BLANK_VALUE for key in ENTRY}
    form_row = FormRow(sheet.name, sheet.subject, 7, row["adno"], cells, {})
    if not row["agreed_expected"] and not row["agreed_aspirational"]:
        return ""
    current = TargetVersion(1, row["expected"], row["aspirational"], row["status"])
    _, problems = RowChecker(sheet.scale, TABLES.codes, 1).check(
        form_row, base=current, now=current
    )
    texts = template("moderation")["check"]
    for name, code in CODES.items():
        if any(problem.code.startswith(code) for problem in problems):
            return texts[name]
    assert not problems
    return texts["fine"]


@pytest.mark.parametrize("name", SUBJECTS)
def test_check_and_chance_are_those_of_python(office: Office, tmp_path: Path, name):
    sheet = build_sheet(name)
    path = tmp_path / "live.xlsx"
    path.write_bytes(
        write_form(
            build_form(sheet), TABLES, b"key", class_teachers={}, years=("2023/24",)
        )
    )
    first, last = (
        column_letters(sheet.column("agreed_chance")),
        column_letters(sheet.column("check")),
    )
    area = f"{first}{sheet.first_row}:{last}{sheet.last_row}"
    _, answers = office.run_steps(
        path, [{"do": "calculate"}, {"do": "values", "sheet": name, "area": area}]
    )
    rows = sheet.rows.to_dict("records")
    assert [str(text) for _, text in answers] == [
        expected_check(sheet, row) for row in rows
    ]
    for (chance, _), row in zip(answers, rows, strict=True):
        low = row["agreed_expected"]
        if not low:
            assert chance == ""
        elif low != "?":
            whole = sheet.scale.whole(low)
            share = sheet.figures.share(HALVES, whole).value
            assert float(chance) == pytest.approx(float(share))


def test_chances_are_displayed_of_whole_grades():
    assert chance_grades(TABLES.scale("gcse_fine")) == tuple("123456789")
