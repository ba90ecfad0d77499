"""Bad input to the worksheet functions, the pane and the server.

Each case gets a message where the user reads it, and leaves nothing half done. A
stopped server and an expired token are in `test_pane.py` and `test_node.py`, buttons on
unusable tables in `test_actions.py`, oversized uploads in `test_server.py`.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from types import SimpleNamespace

import pytest

from addin import actions, classic
from tests.generator.xlsx.hostile_files import damaged_markbooks, foreign_files
from udfs.excel.functions import FUNCTIONS

pytestmark = pytest.mark.xdist_group("addin")
NOT_AVAILABLE = {"type": "Error", "errorType": "NotAvailable", "basicValue": "#N/A"}
HEADINGS = ["Adno", "Class", "Target", "Prediction"]
# Excel passes merged cells as a value followed by blanks.
MERGED = [
    ["Autumn", "", "", ""],
    HEADINGS,
    ["1", "10x/Ma1", "5", "4"],
    ["2", "", "5", "5"],
]
LONG = [[str(number), "10x/Ma1", "5", "4"] for number in range(100_000)]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
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
def test_a_selection_without_a_table_returns_a_refusal(
    server, name, arguments, message
):
    ((answer,),) = server.ask(name, *arguments).json()["result"]
    assert answer.startswith(message)


def test_merged_cells_count_as_blanks():
    rows = FUNCTIONS["GROUPS"].function(MERGED[1:], "Class")
    assert [row[:2] for row in rows] == [
        ["Class", "pupils"],
        ["(blank)", 1],
        ["10x/Ma1", 1],
    ]


def test_a_column_of_100_000_rows_gets_all_its_answers(server):
    column = [[row[3]] for row in LONG]
    answer = server.ask("FLAG", column, [["5"]], None).json()["result"]
    assert len(answer) == len(LONG) and {row for (row,) in answer} == {"Below"}


def lines(answer):
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def batch(server):
    with server.client() as client:
        name = client.post("/api/trays").json()["tray"]

        def drop(file, data):
            path = f"/api/trays/{name}/files"
            return client.post(path, params={"name": file}, content=data)

        yield SimpleNamespace(
            drop=drop, post=lambda do: client.post(f"/api/trays/{name}/{do}")
        )


def count_marks(server):
    with sqlite3.connect(server.school / "markbooks.sqlite") as store:
        return store.execute("select count(*) from marks").fetchone()


def test_the_pane_refuses_hostile_workbooks_as_collect_does(server, batch):
    before = count_marks(server)
    good = next((server.school / "issued/AUT").rglob("*.xlsx")).read_bytes()
    files = [*foreign_files(), *damaged_markbooks(good)]
    names = {batch.drop(file.name, file.data).json()["name"] for file in files}
    report = lines(batch.post("check"))[-1]["report"]
    assert report["files"]["rejected"] == report["files"]["found"] == len(files)
    assert {row["file"] for row in report["problems"]} == names
    for row in report["problems"]:
        assert row["what"].endswith((".", "?")), row
        assert row["do"] and "Traceback" not in row["what"]
    assert count_marks(server) == before


def test_a_second_check_at_the_same_time_has_to_wait(server, batch, issued_and_filled):
    _, returns = issued_and_filled
    for path in sorted(returns.iterdir())[:20]:
        batch.drop(path.name, path.read_bytes())
    barrier = threading.Barrier(2)

    def check(replies):
        barrier.wait()
        replies.append(lines(batch.post("check")))

    for _ in range(
        5
    ):  # on a busy machine the first may finish before the second starts
        replies = []
        threads = [threading.Thread(target=check, args=(replies,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused, answered = sorted(replies, key=len)
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
    ("error_args", "message"),
    [
        ((-2147352567, "Exception occurred.", (0, "Excel", "It is locked.")), "locked"),
        ((-2147418111, "Call was rejected by callee.", None, None), "-2147418111"),
        ((), "no reason given"),
    ],
)
def test_a_refusal_of_excel_on_windows_becomes_a_message(
    monkeypatch, error_args, message
):
    class ComError(Exception):
        pass

    def refuse(name, request):
        raise ComError(*error_args)

    alerts = []
    app = SimpleNamespace(alert=lambda *args, **_: alerts.append(args[0]))
    book = SimpleNamespace(caller=lambda: SimpleNamespace(app=app))
    monkeypatch.setitem(sys.modules, "pywintypes", SimpleNamespace(com_error=ComError))
    monkeypatch.setattr(classic.xlwings, "Book", book)
    monkeypatch.setattr(actions, "run", refuse)
    classic.run("flags_here")
    assert alerts[0].startswith("Excel would not do that (") and message in alerts[0]
    assert "Unprotect the sheet" in alerts[0]
