"""The effect of each button on a workbook, recorded by xlwings' remote engine."""

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
READABLE = [["Abs" if cell == "6+" else cell for cell in row] for row in MARKS]
TABLE_ACTIONS = (
    "targets_here",
    "flags_here",
    "groups_here",
    "underachieving_here",
    "praise_here",
    "help",
)
WORKFLOW_ACTIONS = ("issue", "check", "merge", "chase", "packs")
MODERATION_ACTIONS = ("moderate", "apply")
WITH_NOTE = [[*row, "note" if n == 4 else None] for n, row in enumerate(MARKS)]


@pytest.fixture(scope="module")
def record(now):
    """Press buttons on workbooks, and return the recorded actions of each."""

    def press(*cases):
        requests = [
            {"now": now.isoformat(), "confirmed": True, **case} for case in cases
        ]
        run = subprocess.run(
            [sys.executable, "-W", "ignore", Path(__file__).with_name("recorder.py")],
            input=json.dumps(requests),
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONPATH": ".", "PATH": ""},
        )
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return press


def action_lines(actions):
    """Recorded actions as text, one line each."""
    lines = []
    for action in actions:
        place = ""
        if action.get("start_row") is not None:
            place = (
                f" sheet {action['sheet_position']} R{action['start_row'] + 1}"
                f"C{action['start_column'] + 1} {action['row_count']}x"
                f"{action['column_count']}"
            )
        values = action["values"] if action.get("values") else action.get("args")
        lines.append(
            f"{action['func']}{place} {json.dumps(values, ensure_ascii=False)}"
        )
    # Another test covers the list of scales.
    return [re.sub(r"name it: [\w, ]+\.", "name it: ….", line) for line in lines]


def alerts(actions):
    return [action["args"] for action in actions if action["func"] == "alert"]


def test_actions_on_a_table_match_the_golden_text(record, golden):
    # A grade that cannot be read is told in its cell, and refuses a whole table.
    cell_actions = ("targets_here", "flags_here")
    tables = [MARKS if name in cell_actions else READABLE for name in TABLE_ACTIONS]
    recordings = record(
        *(
            {"action": name, "sheets": [["Marks", marks]]}
            for name, marks in zip(TABLE_ACTIONS, tables, strict=True)
        )
    )
    lines = []
    for name, actions in zip(TABLE_ACTIONS, recordings, strict=True):
        lines += [f"== {name}", *action_lines(actions)]
    golden("addin-actions.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", ["groups_here", "underachieving_here", "praise_here"])
def test_a_table_with_an_unreadable_grade_is_reported_and_not_counted(record, name):
    (actions,) = record({"action": name, "sheets": [["Marks", MARKS]]})
    assert [action["func"] for action in actions] == ["alert"]
    message = alerts(actions)[0][0]
    assert "'6+' is not a grade of GCSE 9–1: did you mean 6? It stands" in message


def test_no_action_runs_without_consent(record):
    names = ["targets_here", "flags_here", "groups_here", "praise_here"]
    recordings = record(
        *(
            {"action": name, "sheets": [["Marks", READABLE]], "confirmed": False}
            for name in names
        )
    )
    for name, actions in zip(names, recordings, strict=True):
        assert [action["func"] for action in actions] == ["alert"], name
        assert alerts(actions)[0][2:] == ["ok_cancel", "", f"markbookSure_{name}"]


def test_the_question_counts_the_cells_that_will_be_overwritten(record):
    question, overwritten, refused = record(
        {"action": "flags_here", "sheets": [["Marks", WITH_FLAGS]], "confirmed": False},
        {"action": "flags_here", "sheets": [["Marks", WITH_FLAGS]]},
        {"action": "flags_here", "sheets": [["Marks", WITH_NOTE]]},
    )
    assert (
        "1 cells that say something else will be overwritten" in alerts(question)[0][0]
    )
    writes = [action for action in overwritten if action["func"] == "setValues"]
    assert [(a["start_row"], a["start_column"]) for a in writes] == [(3, 7)]
    assert [action["func"] for action in refused] == ["alert"]
    assert "There is something beside the table already" in alerts(refused)[0][0]


def test_a_sheet_without_a_usable_table_gets_a_message(record):
    long = [["Adno", "Target", "Prediction"]] + [["1", "5", "5"]] * 100_000
    errors = [["Adno", "Target", "Prediction"], ["1", "5", "#N/A"]]
    recordings = record(
        {"action": "flags_here", "sheets": [["Shopping", [["eggs", 6], ["milk", 1]]]]},
        {"action": "flags_here", "sheets": [["Empty", [[None]]]]},
        {"action": "groups_here", "sheets": [["Long", long]]},
        {"action": "flags_here", "sheets": [["Top", MARKS[:3]]]},
        {"action": "praise_here", "sheets": [["Errors", errors]]},
        {"action": "flags_here", "sheets": [["Errors", errors]]},
        {"action": "issue", "sheets": [["Marks", MARKS]]},
        {"action": "merge", "sheets": [["Marks", MARKS]], "folder": "nowhere"},
    )
    messages = [alerts(actions)[-1][0] for actions in recordings]
    assert "no table whose headings are known" in messages[0]
    assert "no table whose headings are known" in messages[1]
    assert "has 100,001 rows" in messages[2]
    assert "has headings and no rows" in messages[3]
    assert "#N/A stands under 'Prediction' in row 2 of the table" in messages[4]
    assert messages[5] == "Flag is in D1, 1 rows."
    assert "does not know your school's folder" in messages[6]
    assert "There is no school.toml in nowhere" in messages[7]
    assert [len(actions) for actions in recordings[:5]] == [1] * 5


def test_the_workflow_runs_from_the_ribbon(record, demo_school):
    case = {"sheets": [["Sheet1", [[None]]]], "folder": str(demo_school)}
    question, issued, checked, merged, chased, packed = record(
        {"action": "issue", **case, "confirmed": False},
        *({"action": name, **case} for name in WORKFLOW_ACTIONS),
    )
    assert (
        not alerts(question)[0][0].endswith("?")
        and "issued/AUT" in alerts(question)[0][0]
    )
    assert list((demo_school / "issued/AUT").rglob("*.xlsx"))
    assert "0 files" in alerts(checked)[-1][0]
    assert "0 merged" in alerts(merged)[-1][0]
    assert alerts(chased)[-1][0]
    assert alerts(issued)[-1][0] and alerts(packed)[-1][0]
    assert list((demo_school / "packs/AUT").glob("department-*.xlsx"))


def agree(path: Path, grade: str) -> None:
    """Enter an agreed target for the first pupil, as a head of department does."""
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
    question, moderated = record(
        {"action": "moderate", **case, "confirmed": False},
        {"action": "moderate", **case},
    )
    path = demo_school / "moderation/Mathematics.xlsx"
    assert path.exists()
    agree(path, "9")
    apply_case = {"action": "apply", **case, "book": path.name}
    before, applied, second, other = record(
        {**apply_case, "confirmed": False},
        apply_case,
        apply_case,
        {**apply_case, "book": "list.xlsx"},
    )
    lines = []
    for name, actions in (
        ("moderate, asked", question),
        ("moderate", moderated),
        ("apply, asked", before),
        ("apply", applied),
        ("apply again", second),
        ("apply, on another workbook", other),
    ):
        lines += [f"== {name}", *action_lines(actions)]
    text = "\n".join(lines).replace(str(demo_school), "SCHOOL") + "\n"
    golden("addin-moderation.txt", text)


def test_every_button_is_tested():
    assert {*TABLE_ACTIONS, *WORKFLOW_ACTIONS, *MODERATION_ACTIONS} == {
        button.action for button in buttons()
    }
