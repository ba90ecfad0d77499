"""The demonstration, end to end on a small school."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest

from generator import workflow
from generator.demo.demo_folder import MARKER, NotADemo
from generator.demo.demo_report import DemoReport
from generator.demo.scenario import run_demo
from generator.demo.term_dates import HALF_TERMS, TermCalendar
from generator.school.school import School
from generator.xlsx.reader import read_workbook
from tests.conftest import DEMO_DAY, DEMO_PUPILS, DemoRun

NOW = DEMO_DAY


@pytest.fixture
def report(demonstration: DemoRun) -> DemoReport:
    return demonstration.report


def table(report: DemoReport, name: str, tmp_path: Path) -> list[dict[str, str]]:
    out = tmp_path / f"{name}.csv"
    workflow.export(School.load(report.folder), name, out=out, now=NOW)
    with out.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.whole
def test_its_progress_goes_one_way(demonstration: DemoRun) -> None:
    amounts = [amount for amount, _, _ in demonstration.progress]
    assert amounts == sorted(amounts)
    assert all(0 <= amount <= total for amount, total, _ in demonstration.progress)


@pytest.mark.whole
def test_it_ends_with_five_files_to_open_that_exist(report):
    assert report.exit_status == 0
    assert len(report.files) == 5
    for each in report.files:
        read_workbook((report.folder / each.file).read_bytes())
        assert each.hint.endswith(".")
    text = "\n".join(report.lines())
    assert all(each.file in text for each in report.files)
    assert report.json()["files"][0]["file"] == report.files[0].file


@pytest.mark.whole
def test_both_collections_are_in_the_store(report, tmp_path):
    marks = table(report, "marks", tmp_path)
    assert {row["collection"] for row in marks} == {"Y11-25", "AUT1", "AUT2"}
    before = [row for row in marks if row["collection"] == "AUT1" and row["prediction"]]
    now = [row for row in marks if row["collection"] == "AUT2" and row["prediction"]]
    assert len(before) > 100
    assert len(now) > 100


@pytest.mark.whole
def test_every_return_is_merged_and_the_mistakes_are_reported(report, tmp_path):
    returns = table(report, "returns", tmp_path)
    assert not [row for row in returns if row["status"] == "rejected"
                and "Seating plan" not in row["file"]]  # fmt: skip
    assert sum(int(row["changed"] or 0) for row in returns) > 0
    codes = {row["code"] for row in table(report, "problems", tmp_path)}
    assert {"not-ours", "grade-not-listed", "formula", "late"} <= codes


@pytest.mark.whole
def test_no_row_of_an_import_is_refused(report, tmp_path):
    problems = table(report, "problems", tmp_path)
    assert not [row for row in problems if row["file"].startswith("exports/")
                and row["severity"] == "error"]  # fmt: skip


@pytest.mark.whole
def test_the_sets_changed_between_the_collections(report, tmp_path):
    pupils = table(report, "pupils", tmp_path)
    assert len(pupils) > 6 * DEMO_PUPILS  # last year's Year 11 too, who have left
    assert sum(bool(row["left"]) for row in pupils) >= DEMO_PUPILS + 2


@pytest.mark.whole
def test_last_years_results_are_stored_with_their_predictions(report, tmp_path):
    results = table(report, "results", tmp_path)
    assert {row["academic_year"] for row in results} == {"2025/26"}
    assert sum(row["collection"] == "Y11-25" for row in results) > 60
    assert sum(row["predicted"] != row["grade"] for row in results) > 20
    now = {row["adno"] for row in table(report, "marks", tmp_path)
           if row["collection"] == "AUT2"}  # fmt: skip
    assert not now & {row["adno"] for row in results}
    assert (report.folder / "packs" / "results" / "results.xlsx").exists()


@pytest.mark.whole
def test_the_targets_that_a_head_of_department_agreed_are_stored(report, tmp_path):
    targets = table(report, "targets", tmp_path)
    assert any(row["reason"].startswith("agreed in the department") for row in targets)
    assert len(list((report.folder / "moderation").glob("*.xlsx"))) > 5


@pytest.mark.whole
def test_every_command_of_the_year_is_run(report):
    steps = [line.split(":")[0][6:].strip() for line in report.steps]
    for command in (
        "import", "targets draft", "targets moderate", "targets apply", "issue",
        "check", "collect", "undo", "chase", "pack", "pack results", "results",
        "export",
    ):  # fmt: skip
        assert any(line.startswith(command) for line in steps), command
    kinds = {path.stem.split("-")[0] for path in report.folder.glob("packs/*/*.xlsx")}
    assert {"department", "pastoral", "group", "leadership", "governors", "praise",
            "journey", "results"} <= kinds  # fmt: skip


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear all")
    with pytest.raises(NotADemo, match="not empty"):
        run_demo(tmp_path, now=NOW, who="Demo")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_file_is_refused(tmp_path):
    (tmp_path / "demo").write_text("")
    with pytest.raises(NotADemo, match="is a file"):
        run_demo(tmp_path / "demo", now=NOW, who="Demo")


@pytest.mark.whole
def test_a_demonstration_replaces_another_and_nothing_else(tmp_path):
    (tmp_path / MARKER).write_text("")
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "old.csv").write_text("")
    (tmp_path / "my notes.txt").write_text("keep")
    run_demo(tmp_path, now=NOW, who="Demo", pupils_per_year=6, years=(7,))
    assert not (tmp_path / "exports" / "old.csv").exists()
    assert (tmp_path / "my notes.txt").read_text() == "keep"


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("day", [1, 14, 28])
def test_on_every_day_of_the_year_one_collection_is_open(month, day):
    calendar = TermCalendar.around(datetime(2027, month, day, 0, 30))
    today = calendar.now.date()
    assert calendar.current.opens <= today <= calendar.current.closes
    assert calendar.previous.closes < calendar.current.opens
    assert calendar.previous.code != calendar.current.code
    assert calendar.current.code in {code for _, code, _ in HALF_TERMS}
    assert (
        calendar.first_import
        < calendar.issue_moment(calendar.previous)
        < calendar.first_collect
    )
    assert (
        calendar.late_collect
        < calendar.second_import
        < calendar.issue_moment(calendar.current)
    )
    assert calendar.early_collect < calendar.now
