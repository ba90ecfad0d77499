"""The functions' generated JavaScript, run in Node against the running server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from udfs.excel.functions import FUNCTIONS

pytestmark = pytest.mark.xdist_group("addin")
SCRIPT = Path(__file__).parents[1] / "node/functions.mjs"
ERROR = {"type": "Error", "errorType": "NotAvailable", "basicValue": "#N/A"}
TABLE = [
    ["Adno", "Subject", "PP", "Target", "Prediction", "Praise"],
    ["000101", "Mathematics", "Y", "5", "3", ""],
    ["000101", "History", "Y", "5", "5", None],
    ["000102", "Mathematics", "N", "6", "7", "Yes"],
    ["000102", "Combined Science", "N", "6-6", "Abs", ""],
]
LONG = [["Adno", "Class", "PP", "Target", "Prediction", *"abcde"]]
LONG += [
    [str(n), f"10/{n % 40}", "YN"[n % 2], "5", str(n % 9 + 1), *"vwxyz"]
    for n in range(5000)
]
# Excel passes every range as rows, and an argument left out as null.
CASES: list[tuple[str, list[Any]]] = [
    # one cell
    ("POINTS", [[["5-4"]], None]),
    ("FLAG", [[["4"]], [["5"]], None]),
    ("FLAG", [[[4]], [[5.0]], [["gcse"]]]),
    ("GAP", [[["3"]], [["5"]], None]),
    ("WHY", [[["4"]], [["6"]], [["3"]], None]),
    ("TARGET", [[["Physics"]], [[97]], [[97]], [[0.8]], None]),
    ("CHANCE", [[["Physics"]], [[97]], [[97]], [["4"]]]),
    ("PROGRESS8", [[[45]], [[101]], [[102]]]),
    # a column, a row, a rectangle, a row beside a column
    ("FLAG", [[["4"], ["5"], ["6"]], [["5"], ["5"], ["5"]], None]),
    ("FLAG", [[["4", "5", "6"]], [["5"]], None]),
    ("GAP", [[["4", "5"], ["6", "7"]], [["5", "5"], ["5", "5"]], None]),
    ("POINTS", [[["4", "5"], ["", "U"]], None]),
    ("FLAG", [[["4"], ["5"]], [["4", "5"]], None]),
    ("ATTAINMENT8", [[["English Language", "Mathematics"]], [["5", "6"], ["4", "3"]]]),
    ("ENGLISHMATHS", [[["English Language"], ["Mathematics"]], [["5"], ["4"]], [[4]]]),
    ("ACCURACY", [[["5"], ["6"], ["4"]], [["5"], ["5"], ["5"]]]),
    ("ERRORS", [[["Below"], ["? no"], [None], [0]]]),
    # blanks, as the versions of Excel send them; codes
    ("FLAG", [[[""], [None], [0], ["Abs"], [" "]], [["5"]], None]),
    ("POINTS", [[[None]], None]),
    ("TARGET", [[[""], [0]], [[97], [97]], [[97], [97]], None, None]),
    ("GAP", [[["5"]], [[None]], None]),
    # mistakes, and errors of Excel's own
    ("FLAG", [[["6+"], ["4"]], [["5"]], None]),
    ("FLAG", [[["4"], [ERROR]], [["5"]], None]),
    ("FLAG", [[["4"], ["5"]], [["4"], ["5"], ["6"]], None]),
    ("POINTS", [[["5"]], [["no scale"]]]),
    ("TARGET", [[["Juggling"]], [[97]], [[97]], None, None]),
    ("ATTAINMENT8", [[["English Language", "Mathematics"]], [["5", ""]]]),
    # tables
    ("GROUPS", [TABLE, [["PP"]], None]),
    ("GROUPS", [TABLE, [["PP x Subject"]], [["mean_gap"]]]),
    ("GROUPS", [TABLE[1:], [["PP"]], None]),
    ("GROUPS", [TABLE, [["Shoe size"]], None]),
    ("UNDERACHIEVING", [TABLE, None]),
    ("PRAISE", [TABLE, [[2]]]),
    # 5,000 rows of ten
    ("GROUPS", [LONG, [["PP x Class"]], None]),
    ("POINTS", [[row[3:5] * 5 for row in LONG[1:]], None]),
    ("FLAG", [[[row[4]] for row in LONG[1:]], [[row[3]] for row in LONG[1:]], None]),
]


def run(server, cases, token=None):
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node is not installed: bash tests/prepare.sh node")
    process = subprocess.run(
        [
            node,
            SCRIPT,
            server.origin,
            token or server.token,
        ],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=60,
        # This process trusts the certificate, as the user's machine does.
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(server.certificate)},
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def local_answer(name, arguments):
    """The answer of the function itself."""

    def plain(cell):
        return cell["basicValue"] if isinstance(cell, dict) else cell

    cells = [
        argument
        if argument is None
        else [[plain(cell) for cell in row] for row in argument]
        for argument in arguments
    ]
    answer = FUNCTIONS[name].function(*cells)
    return answer if isinstance(answer, list) else [[answer]]


def test_the_javascript_answers_as_the_function_does(server):
    output = run(server, CASES)
    assert set(output["associated"]) == set(output["declared"]) == set(FUNCTIONS)
    assert {name for name, _ in CASES} == set(FUNCTIONS)
    for (name, arguments), answer in zip(CASES, output["answers"], strict=True):
        assert answer == {"result": local_answer(name, arguments)}, name
    assert output["requests"] == len(CASES)  # one per formula, and no retry


def test_an_expired_token_shows_a_message_in_the_cell(server):
    (answer,) = run(server, CASES[:1], token="of yesterday")["answers"]
    assert answer["error"] == "#VALUE!"  # the message shows beside the cell
    assert answer["says"] == (
        "Markbook was restarted, or this page is not its own. "
        "Close Excel and open it again."
    )
