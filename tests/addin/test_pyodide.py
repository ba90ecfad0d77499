"""The functions of grades in Pyodide: in a browser, they would need no server."""

from __future__ import annotations

import json
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from addin.examples import EXAMPLES, example_arguments, examples_workbook
from tests.addin.test_node import CASES, local_answer
from udfs.excel import grade_functions
from udfs.excel.functions import FUNCTIONS

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests/node/pyodide.mjs"
# On whole tables, with pandas: these need the server.
TABLE_FUNCTIONS = {
    "ACCURACY", "ATTAINMENT8", "GROUPS", "PRAISE", "PROGRESS8", "UNDERACHIEVING",
}  # fmt: skip


def run(cases):
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node is not installed: bash tests/prepare.sh node")
    process = subprocess.run(
        [node, SCRIPT, ROOT],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    return json.loads(process.stdout)


def test_the_functions_of_grades_answer_in_pyodide_as_in_excel():
    examples = [
        (name, example_arguments(arguments))
        for name, arguments in EXAMPLES
        if name not in TABLE_FUNCTIONS
    ]
    calls = [
        (name, [cell if cell is None else plain(cell) for cell in arguments])
        for name, arguments in CASES
        if name not in TABLE_FUNCTIONS and "LONG" not in name
    ]
    output = run([*examples, *calls])
    assert output["platform"] == "emscripten"
    assert output["packages"] == []
    assert set(output["functions"]) == set(FUNCTIONS) - TABLE_FUNCTIONS
    assert {name for name, _ in examples} == set(output["functions"])
    answers = output["answers"]
    for (name, arguments), answer in zip(calls, answers[len(examples) :], strict=True):
        expected = local_answer(name, arguments)
        assert (answer if isinstance(answer, list) else [[answer]]) == expected, name
    book = openpyxl.load_workbook(BytesIO(examples_workbook()), data_only=True)
    shown = [
        (row[0].value, row[3].value)
        for row in book["Examples"].iter_rows(min_row=2)
        if row[0].value
    ]
    in_workbook = [
        value
        for (name, _), (_, value) in zip(EXAMPLES, shown, strict=True)
        if name not in TABLE_FUNCTIONS
    ]
    firsts = [
        answer[0][0] if isinstance(answer, list) else answer
        for answer in answers[: len(examples)]
    ]
    assert firsts == in_workbook


def plain(rows):
    """A range with the plain value of each cell."""
    return [
        [cell["basicValue"] if isinstance(cell, dict) else cell for cell in row]
        for row in rows
    ]


def test_the_functions_of_grades_are_those_of_the_add_ins():
    for name in set(FUNCTIONS) - TABLE_FUNCTIONS:
        assert getattr(grade_functions, name) is FUNCTIONS[name].function
