"""What each button does to a workbook, as xlwings' remote engine records it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import openpyxl
import pytest

from addin.ribbon import buttons

MARKS = [
    ["Class list", None, None, None, None, None, None],
    [None] * 7,
    ["Adno", "Subject", "PP", "Target", "Prediction", "KS2 Reading", "KS2 Maths"],
    ["000101", "Mathematics", "Y", "5", "4", 97, 101],
    ["000102", "Mathematics", "N", "5", "6+", 113, 110],
    ["000103", "Combined Science", "N", "5-5", "5-4", "N", 95],
    ["000104", "Mathematics", "N", "6", "", None, None],
]
WITH_FLAGS = [[*row, "Flag" if n == 2 else None] for n, row in enumerate(MARKS)]
WITH_FLAGS[3][-1] = "On"
ON_A_TABLE = (
    "targets_here",
    "flags_here",
    "groups_here",
    "underachieving_here",
    "praise_here",
    "help",
)
JOBS = ("issue", "check", "merge", "chase", "packs")
MODERATION = ("moderate", "apply")
BESIDE = [[*row, "note" if n == 4 else None] for n, row in enumerate(MARKS)]


@pytest.fixture(scope="module")
def record(now):
    """Press buttons on workbooks; what each of them did."""

    def press(*cases):
        asked = [{"now": now.isoformat(), "sure": True, **case} for case in cases]
        run = subprocess.run(
            [sys.executable, "-W", "ignore", Path(__file__).with_name("recorder.py")],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONPATH": ".", "PATH": ""},
        )
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return press


def told(actions):
    """The lines of what was recorded, one action each."""
    lines = []
    for action in actions:
        place = ""
        if action.get("start_row") is not None:
            place = (
                f" sheet {action['sheet_position']} R{action['start_row'] + 1}"
                f"C{action['start_column'] + 1} {action['row_count']}x"
                f"{action['column_count']}"
            )
        says = action["values"] if action.get("values") else action.get("args")
        lines.append(f"{action['func']}{place} {json.dumps(says, ensure_ascii=False)}")
    # Which scales there are is another test's business.
    return [re.sub(r"name it: [\w, ]+\.", "name it: ….", line) for line in lines]


def alerts(actions):
    return [action["args"] for action in actions if action["func"] == "alert"]


def test_every_action_on_a_table_is_as_it_was(record, golden):
    made = record(
        *({"action": name, "sheets": [["Marks", MARKS]]} for name in ON_A_TABLE)
    )
    lines = []
    for name, actions in zip(ON_A_TABLE, made, strict=True):
        lines += [f"== {name}", *told(actions)]
    golden("addin-actions.txt", "\n".join(lines) + "\n")


def test_nothing_is_done_before_somebody_says_yes(record):
    names = ["targets_here", "flags_here", "groups_here", "praise_here"]
    made = record(
        *(
            {"action": name, "sheets": [["Marks", MARKS]], "sure": False}
            for name in names
        )
    )
    for name, actions in zip(names, made, strict=True):
        assert [action["func"] for action in actions] == ["alert"], name
        assert alerts(actions)[0][2:] == ["ok_cancel", "", f"markbookSure_{name}"]


def test_what_is_overwritten_is_said_first_and_nothing_else_is_touched(record):
    asked, done, refused = record(
        {"action": "flags_here", "sheets": [["Marks", WITH_FLAGS]], "sure": False},
        {"action": "flags_here", "sheets": [["Marks", WITH_FLAGS]]},
        {"action": "flags_here", "sheets": [["Marks", BESIDE]]},
    )
    assert "1 cells that say something else will be overwritten" in alerts(asked)[0][0]
    written = [action for action in done if action["func"] == "setValues"]
    assert [(a["start_row"], a["start_column"]) for a in written] == [(3, 7)]
    assert [action["func"] for action in refused] == ["alert"]
    assert "There is something beside the table already" in alerts(refused)[0][0]


def test_what_is_no_table_of_ours_gets_a_sentence(record):
    long = [["Adno", "Target", "Prediction"]] + [["1", "5", "5"]] * 100_000
    errors = [["Adno", "Target", "Prediction"], ["1", "5", "#N/A"]]
    made = record(
        {"action": "flags_here", "sheets": [["Shopping", [["eggs", 6], ["milk", 1]]]]},
        {"action": "flags_here", "sheets": [["Empty", [[None]]]]},
        {"action": "groups_here", "sheets": [["Long", long]]},
        {"action": "flags_here", "sheets": [["Top", MARKS[:3]]]},
        {"action": "praise_here", "sheets": [["Errors", errors]]},
        {"action": "flags_here", "sheets": [["Errors", errors]]},
        {"action": "issue", "sheets": [["Marks", MARKS]]},
        {"action": "merge", "sheets": [["Marks", MARKS]], "folder": "nowhere"},
    )
    says = [alerts(actions)[-1][0] for actions in made]
    assert "no table whose headings are known" in says[0]
    assert "no table whose headings are known" in says[1]
    assert "has 100,001 rows" in says[2]
    assert "has headings and no rows" in says[3]
    assert "#N/A stands under 'Prediction' in row 2 of the table" in says[4]
    assert says[5] == "Flag is in D1, 1 rows."
    assert "does not know your school's folder" in says[6]
    assert "There is no school.toml in nowhere" in says[7]
    assert [len(actions) for actions in made[:5]] == [1] * 5


def test_the_jobs_of_the_year_run_from_the_ribbon(record, demo_school):
    case = {"sheets": [["Sheet1", [[None]]]], "folder": str(demo_school)}
    asked, issued, checked, merged, chased, packed = record(
        {"action": "issue", **case, "sure": False},
        *({"action": name, **case} for name in JOBS),
    )
    assert not alerts(asked)[0][0].endswith("?") and "issued/AUT" in alerts(asked)[0][0]
    assert list((demo_school / "issued/AUT").rglob("*.xlsx"))
    assert "0 files" in alerts(checked)[-1][0]
    assert "0 merged" in alerts(merged)[-1][0]
    assert alerts(chased)[-1][0]
    assert alerts(issued)[-1][0] and alerts(packed)[-1][0]
    assert list((demo_school / "packs/AUT").glob("department-*.xlsx"))


def agree(path: Path, grade: str) -> None:
    """A head of department agrees to a higher target for the first pupil."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl does not keep
        book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_row=30):
            heads = {cell.value: cell.column for cell in row}
            if "Agreed expected" in heads:
                first = row[0].row + 1
                sheet.cell(first, heads["Agreed expected"]).value = grade
                sheet.cell(first, heads["Reason"]).value = "mock evidence"
                sheet.cell(first, heads["By"]).value = "HOD"
                book.save(path)
                return
    pytest.fail(f"nothing to agree in {path.name}")


def test_targets_are_moderated_and_applied_from_the_ribbon(record, demo_school, golden):
    case = {"sheets": [["Sheet1", [[None]]]], "folder": str(demo_school)}
    asked, moderated = record(
        {"action": "moderate", **case, "sure": False}, {"action": "moderate", **case}
    )
    path = demo_school / "moderation/Mathematics.xlsx"
    assert path.exists()
    agree(path, "9")
    this = {"action": "apply", **case, "book": path.name}
    before, applied, again, other = record(
        {**this, "sure": False}, this, this, {**this, "book": "list.xlsx"}
    )
    lines = []
    for name, actions in (
        ("moderate, asked", asked),
        ("moderate", moderated),
        ("apply, asked", before),
        ("apply", applied),
        ("apply again", again),
        ("apply, on another workbook", other),
    ):
        lines += [f"== {name}", *told(actions)]
    text = "\n".join(lines).replace(str(demo_school), "SCHOOL") + "\n"
    golden("addin-moderation.txt", text)


def test_no_button_is_left_out():
    assert {*ON_A_TABLE, *JOBS, *MODERATION} == {one.action for one in buttons()}
