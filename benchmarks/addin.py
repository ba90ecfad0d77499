"""Worksheet functions and the task pane, over HTTPS as Excel calls them."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import quote

from benchmarks.timing import compare_times
from generator import workflow
from generator.demo.write_exports import write_exports
from generator.school.school import School

ROWS = 5_000
PUPILS = 330  # a year: enough for some 500 classes
RETURNS = 500
NOW = datetime(2026, 10, 14, 9, 30)
TOKEN = "bench"
# The server with a function that does nothing, on our route and on xlwings' own.
WORKER = """
import sys
from datetime import date
from pathlib import Path
from addin.server import configure_xlwings, serve_school
configure_xlwings()
from generator.school.school import School
from udfs.excel.functions import worksheet_function
@worksheet_function(first="cells", second="cells", third="cells")
def NOTHING(first, second, third=None):
    '''A blank for every row.'''
    return [[""] for _ in first]
import addin.pane
from addin.declarations import declare
import custom_functions
from xlwings_server.main import app
from xlwings_server.routers.xlwings import router
from udfs.excel.functions import FUNCTIONS
custom_functions.NOTHING = declare(FUNCTIONS["NOTHING"])
app.include_router(router, prefix="/original")
serve_school(School.load(Path(sys.argv[1])), port=int(sys.argv[2]), who="bench",
    today=date(2026, 10, 14), notify=lambda lines: print("ready", flush=True),
    token="bench")
"""


class BenchmarkConnection:
    """A connection to the server, kept open as Excel does."""

    def __init__(self, port: int) -> None:
        # The certificate of the server is self-signed.
        self._connection = http.client.HTTPSConnection(
            "localhost", port, context=ssl._create_unverified_context()
        )

    def reconnect(self) -> BenchmarkConnection:
        """Close the connection, to open anew: the server closes idle ones."""
        self._connection.close()
        return self

    def post(self, path: str, body: bytes = b"") -> bytes:
        headers = {"Authorization": TOKEN, "Content-Type": "application/json"}
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        assert answer.status == 200, data
        return data

    def call(self, body: bytes, prefix: str = "") -> bytes:
        return self.post(f"{prefix}/xlwings/custom-functions-call", body)


def call_body(name: str, *arguments: object) -> bytes:
    """The body of a function call, as Excel sends it."""
    call = {
        "client": "Office.js",
        "func_name": name,
        "args": arguments,
        "caller_address": "[b.xlsx]Marks!E2",
        "version": "0.37.8",
        "runtime": "1.4",
        "culture_info_name": "en-GB",
        "date_format": "dd/mm/yyyy",
    }
    return json.dumps(call).encode()


@contextmanager
def running_server(folder: Path, home: Path) -> Iterator[BenchmarkConnection]:
    """Run the server on a school, and connect to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WORKER, str(folder), str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(home)},
    ) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            until = perf_counter() + 30
            while perf_counter() < until:
                try:
                    socket.create_connection(("localhost", port)).close()
                    break
                except ConnectionRefusedError:
                    continue
            yield BenchmarkConnection(port)
        finally:
            server.terminate()


def run(rounds: int) -> None:
    """Time the worksheet functions, then the pane's check of many returns."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "school"
        workflow.new(folder, today=NOW.date())
        write_exports(folder / "exports", today=NOW.date(), pupils_per_year=PUPILS)
        school = School.load(folder)
        workflow.import_exports(school, now=NOW, who="bench")
        workflow.draft_targets(school, now=NOW, who="bench")
        workflow.issue(school, "AUT", now=NOW, who="bench")
        with running_server(folder, Path(temporary)) as connection:
            functions(connection, rounds)
            pane(connection, school, max(1, rounds // 5))


def functions(connection: BenchmarkConnection, rounds: int) -> None:
    """Time one cell and 5,000 rows, beside a function that does nothing."""
    grades = [[str(number % 10 or "U")] for number in range(ROWS)]
    table = [["Adno", "PP", "Target", "Prediction", *"abcdef"]]
    table += [
        [str(n), "YN"[n % 2], "5", grade, *"uvwxyz"]
        for n, (grade,) in enumerate(grades)
    ]
    cell, pairs = ([["4"]], [["5"]], None), (grades, grades, None)
    for title, name, arguments, repeats in (
        ("One cell over HTTPS", "FLAG", cell, rounds * 20),
        (f"{ROWS:,} rows over HTTPS (promised: 150 ms)", "FLAG", pairs, rounds),
        (
            f"{ROWS:,} rows of 10 over HTTPS (promised: 150 ms)",
            "GROUPS",
            (table, [["PP"]], None),
            rounds,
        ),
    ):
        call, nothing = call_body(name, *arguments), call_body("NOTHING", *arguments)
        compare_times(
            title,
            {
                name: lambda call=call: connection.call(call),
                "nothing, on our route": lambda nothing=nothing: connection.call(
                    nothing
                ),
                "nothing, on xlwings-server's": lambda nothing=nothing: connection.call(
                    nothing, "/original"
                ),
            },
            rounds=repeats,
        )


def pane(connection: BenchmarkConnection, school: School, rounds: int) -> None:
    """Time the pane's check of 500 returns, beside the command on the same files."""
    files = sorted(school.issued("AUT").rglob("*.xlsx"))[:RETURNS]
    batch = json.loads(connection.post("/api/trays"))["tray"]
    start = perf_counter()
    for number, path in enumerate(files):
        name = quote(f"{number} {path.name}")
        connection.post(f"/api/trays/{batch}/files?name={name}", path.read_bytes())
    print(
        f"\nDropping {len(files)} returns on the pane: {perf_counter() - start:.2f} s"
    )
    command = [sys.executable, "-m", "addin.command", "check", *map(str, files)]
    command += ["--school", str(school.folder), "--today", "2026-10-14", "--quiet"]
    compare_times(
        f"Checking {len(files)} returns (promised: the pane 1.3 times the command)",
        {
            "markbook check": lambda: subprocess.run(command, capture_output=True),
            "Check in the pane": lambda: connection.reconnect().post(
                f"/api/trays/{batch}/check"
            ),
        },
        rounds=rounds,
    )
