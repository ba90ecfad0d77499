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

from benchmarks.stopwatch import race
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
from addin.server import prepare, serve_school
prepare()
from generator.school.school import School
from udfs.excel.functions import worksheet
@worksheet(one="cells", other="cells", third="cells")
def NOTHING(one, other, third=None):
    '''A blank for every row.'''
    return [[""] for _ in one]
import addin.pane
import custom_functions
from xlwings_server.main import app
from xlwings_server.routers.xlwings import router
from udfs.excel.functions import FUNCTIONS
custom_functions.NOTHING = FUNCTIONS["NOTHING"].ask
app.include_router(router, prefix="/theirs")
serve_school(School.load(Path(sys.argv[1])), port=int(sys.argv[2]), who="bench",
    today=date(2026, 10, 14), tell=lambda told: print("ready", flush=True),
    token="bench")
"""


class Wire:
    """One connection to the server, kept open as Excel keeps it."""

    def __init__(self, port: int) -> None:
        # It is our own server, on this machine; nobody here trusts its certificate.
        self._wire = http.client.HTTPSConnection(
            "localhost", port, context=ssl._create_unverified_context()
        )

    def again(self) -> Wire:
        """The same, connected anew: the server closes one that lay idle."""
        self._wire.close()
        return self

    def post(self, path: str, body: bytes = b"") -> bytes:
        headers = {"Authorization": TOKEN, "Content-Type": "application/json"}
        self._wire.request("POST", path, body, headers)
        answer = self._wire.getresponse()
        said = answer.read()
        assert answer.status == 200, said
        return said

    def call(self, body: bytes, prefix: str = "") -> bytes:
        return self.post(f"{prefix}/xlwings/custom-functions-call", body)


def asked(name: str, *given: object) -> bytes:
    """A call of a function, as Excel sends it."""
    told = {
        "client": "Office.js",
        "func_name": name,
        "args": given,
        "caller_address": "[b.xlsx]Marks!E2",
        "version": "0.37.8",
        "runtime": "1.4",
        "culture_info_name": "en-GB",
        "date_format": "dd/mm/yyyy",
    }
    return json.dumps(told).encode()


@contextmanager
def serving(folder: Path, home: Path) -> Iterator[Wire]:
    """The server running on a school."""
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
            yield Wire(port)
        finally:
            server.terminate()


def run(rounds: int) -> None:
    """Time the functions, then the pane's check of many returns."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "school"
        workflow.new(folder, today=NOW.date())
        write_exports(folder / "exports", today=NOW.date(), pupils_per_year=PUPILS)
        school = School.load(folder)
        workflow.import_exports(school, now=NOW, who="bench")
        workflow.draft_targets(school, now=NOW, who="bench")
        workflow.issue(school, "AUT", now=NOW, who="bench")
        with serving(folder, Path(temporary)) as wire:
            functions(wire, rounds)
            pane(wire, school, max(1, rounds // 5))


def functions(wire: Wire, rounds: int) -> None:
    """One cell and 5,000 rows; a function that does nothing answers in as many."""
    grades = [[str(number % 10 or "U")] for number in range(ROWS)]
    table = [["Adno", "PP", "Target", "Prediction", *"abcdef"]]
    table += [
        [str(n), "YN"[n % 2], "5", grade, *"uvwxyz"]
        for n, (grade,) in enumerate(grades)
    ]
    cell, pairs = ([["4"]], [["5"]], None), (grades, grades, None)
    for title, name, given, each in (
        ("One cell over HTTPS", "FLAG", cell, rounds * 20),
        (f"{ROWS:,} rows over HTTPS (promised: 150 ms)", "FLAG", pairs, rounds),
        (
            f"{ROWS:,} rows of 10 over HTTPS (promised: 150 ms)",
            "GROUPS",
            (table, [["PP"]], None),
            rounds,
        ),
    ):
        ours, nothing = asked(name, *given), asked("NOTHING", *given)
        race(
            title,
            {
                name: lambda ours=ours: wire.call(ours),
                "nothing, on our route": lambda nothing=nothing: wire.call(nothing),
                "nothing, on xlwings-server's": lambda nothing=nothing: wire.call(
                    nothing, "/theirs"
                ),
            },
            rounds=each,
        )


def pane(wire: Wire, school: School, rounds: int) -> None:
    """Check 500 returns in the pane, beside the command on the same files."""
    files = sorted(school.issued("AUT").rglob("*.xlsx"))[:RETURNS]
    tray = json.loads(wire.post("/api/trays"))["tray"]
    start = perf_counter()
    for number, path in enumerate(files):
        name = quote(f"{number} {path.name}")
        wire.post(f"/api/trays/{tray}/files?name={name}", path.read_bytes())
    print(
        f"\nDropping {len(files)} returns on the pane: {perf_counter() - start:.2f} s"
    )
    command = [sys.executable, "-m", "addin.command", "check", *map(str, files)]
    command += ["--school", str(school.folder), "--today", "2026-10-14", "--quiet"]
    race(
        f"Checking {len(files)} returns (promised: the pane 1.3 times the command)",
        {
            "markbook check": lambda: subprocess.run(command, capture_output=True),
            "Check in the pane": lambda: wire.again().post(f"/api/trays/{tray}/check"),
        },
        rounds=rounds,
    )
