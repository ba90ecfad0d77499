"""What may go wrong in the sheet, the pane and the server, one by one.

Each gets a sentence where somebody reads it, and nothing is left half done. A server
that is down and a token of yesterday are in `test_pane.py` and `test_node.py`, buttons
on what is no table of ours in `test_actions.py`, what is too large in `test_server.py`.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from types import SimpleNamespace

import pytest

from addin import actions, classic
from tests.generator.returns.hostile import foreign_files, spoilt_markbooks
from udfs.excel.functions import FUNCTIONS

pytestmark = pytest.mark.xdist_group("addin")
NOT_AVAILABLE = {"type": "Error", "errorType": "NotAvailable", "basicValue": "#N/A"}
HEADINGS = ["Adno", "Class", "Target", "Prediction"]
# As Excel hands over cells that are merged: a value, then nothing.
MERGED = [
    ["Autumn", "", "", ""],
    HEADINGS,
    ["1", "10x/Ma1", "5", "4"],
    ["2", "", "5", "5"],
]
LONG = [[str(number), "10x/Ma1", "5", "4"] for number in range(100_000)]


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        (
            "GROUPS",
            [MERGED[2:], [["Class"]], None],
            "? The selection has no headings that are known. Select the table with",
        ),
        (
            "GROUPS",
            [MERGED, [["Class"]], None],
            "? The selection has no headings that are known. Select the table with",
        ),
        (
            "PRAISE",
            [[HEADINGS, *LONG[:3], ["4", "", NOT_AVAILABLE, "4"]], None],
            "? #N/A stands under 'Target' in row 5 of the table. Put that right",
        ),
        (
            "UNDERACHIEVING",
            [[["Eggs", "Milk"], [6, 1]], None],
            "? The selection has no headings that are known. Select the table with",
        ),
        (
            "GROUPS",
            [[HEADINGS, *LONG], [["Class"]], None],
            "? The range has 400,004 cells. Select only those with marks, at most",
        ),
    ],
)
def test_a_selection_that_is_no_table_is_answered_in_its_cell(
    server, name, given, says
):
    ((answer,),) = server.ask(name, *given).json()["result"]
    assert answer.startswith(says)


def test_cells_that_are_merged_count_as_the_blanks_they_are():
    rows = FUNCTIONS["GROUPS"].ask(MERGED[1:], "Class")
    assert [row[:2] for row in rows] == [
        ["Class", "pupils"],
        ["(blank)", 1],
        ["10x/Ma1", 1],
    ]


def test_a_column_of_100_000_rows_is_answered_whole(server):
    column = [[row[3]] for row in LONG]
    made = server.ask("FLAG", column, [["5"]], None).json()["result"]
    assert len(made) == len(LONG) and {one for (one,) in made} == {"Below"}


def lines(answer):
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def tray(server):
    with server.client() as client:
        name = client.post("/api/trays").json()["tray"]

        def drop(file, data):
            path = f"/api/trays/{name}/files"
            return client.post(path, params={"name": file}, content=data)

        yield SimpleNamespace(
            drop=drop, post=lambda do: client.post(f"/api/trays/{name}/{do}")
        )


def marks_of(server):
    with sqlite3.connect(server.school / "markbooks.sqlite") as store:
        return store.execute("select count(*) from marks").fetchone()


def test_hostile_workbooks_are_refused_by_the_pane_as_by_collect(server, tray):
    before = marks_of(server)
    good = next((server.school / "issued/AUT").rglob("*.xlsx")).read_bytes()
    files = [*foreign_files(), *spoilt_markbooks(good)]
    names = {tray.drop(one.name, one.data).json()["name"] for one in files}
    told = lines(tray.post("check"))[-1]["report"]
    assert told["files"]["rejected"] == told["files"]["found"] == len(files)
    assert {row["file"] for row in told["problems"]} == names
    for row in told["problems"]:
        assert row["what"].endswith((".", "?")), row
        assert row["do"] and "Traceback" not in row["what"]
    assert marks_of(server) == before


def test_of_two_who_check_at_once_one_is_asked_to_wait(server, tray, issued_and_filled):
    _, returns = issued_and_filled
    for path in sorted(returns.iterdir())[:20]:
        tray.drop(path.name, path.read_bytes())
    both = threading.Barrier(2)

    def check(heard):
        both.wait()
        heard.append(lines(tray.post("check")))

    for _ in range(5):  # on a busy machine one may have finished before
        heard = []
        asked = [threading.Thread(target=check, args=(heard,)) for _ in range(2)]
        for one in asked:
            one.start()
        for one in asked:
            one.join()
        refused, answered = sorted(heard, key=len)
        if len(refused) == 1:
            break
    assert refused == [
        {
            "what": "Somebody else is checking or merging at this moment.",
            "do": "Try again in a minute.",
        }
    ]
    assert answered[-1]["report"]["files"]["found"] == 20


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ((-2147352567, "Exception occurred.", (0, "Excel", "It is locked.")), "locked"),
        ((-2147418111, "Call was rejected by callee.", None, None), "-2147418111"),
        ((), "no reason given"),
    ],
)
def test_what_excel_on_windows_refuses_is_said_in_a_sentence(monkeypatch, told, says):
    class ComError(Exception):
        pass

    def refuse(name, asked):
        raise ComError(*told)

    heard = []
    app = SimpleNamespace(alert=lambda *said, **_: heard.append(said[0]))
    book = SimpleNamespace(caller=lambda: SimpleNamespace(app=app))
    monkeypatch.setitem(sys.modules, "pywintypes", SimpleNamespace(com_error=ComError))
    monkeypatch.setattr(classic.xlwings, "Book", book)
    monkeypatch.setattr(actions, "run", refuse)
    classic.run("flags_here")
    assert heard[0].startswith("Excel would not do that (") and says in heard[0]
    assert "Unprotect the sheet" in heard[0]
