"""A worksheet function over the server's own route, beside one that does nothing."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.stopwatch import race

ROWS = 5_000
# A process of its own: xlwings decides at its first import that it is on a server.
WORKER = """
import asyncio, json, sys, types
from addin.serving import prepare
prepare()
import xlwings.server
from udfs.functions import FUNCTIONS

@xlwings.server.func
def NOTHING(one, other):
    return [[""]]

NOTHING = xlwings.server.arg("one", ndim=2)(NOTHING)
NOTHING = xlwings.server.arg("other", ndim=2)(NOTHING)
asks = {name: made.ask for name, made in FUNCTIONS.items()}
there = types.SimpleNamespace(NOTHING=NOTHING, **asks)
for line in sys.stdin:
    told = asyncio.run(xlwings.server.custom_functions_call(
        json.loads(line), there, None, typehint_to_value={}))
    print(json.dumps(told), flush=True)
"""


def run(rounds: int) -> None:
    """Time one cell and 5,000 rows, there and back as JSON."""
    grades = [[str(number % 10 or "U")] for number in range(ROWS)]
    table = [["Adno", "PP", "Target", "Prediction"]]
    table += [[str(n), "YN"[n % 2], "5", grade] for n, (grade,) in enumerate(grades)]
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdin is not None and worker.stdout is not None
        ask, hear = worker.stdin, worker.stdout

        def called(name: str, *given: object) -> str:
            body = {
                "client": "Office.js",
                "func_name": name,
                "args": given,
                "caller_address": "[b.xlsx]Marks!E2",
                "version": "0.37.8",
                "runtime": "1.4",
                "culture_info_name": "en-GB",
                "date_format": "dd/mm/yyyy",
            }
            ask.write(json.dumps(body) + "\n")
            ask.flush()
            return hear.readline()

        called("FLAG", [["5"]], [["5"]], None)
        race(
            "One cell",
            {
                "FLAG": lambda: called("FLAG", [["4"]], [["5"]], None),
                "a function that does nothing": lambda: called(
                    "NOTHING", [["4"]], [["5"]]
                ),
            },
            rounds=rounds,
        )
        race(
            f"{ROWS:,} rows",
            {
                "FLAG": lambda: called("FLAG", grades, grades, None),
                "GROUPS": lambda: called("GROUPS", table, [["PP"]], None),
                "a function that does nothing": lambda: called(
                    "NOTHING", grades, grades
                ),
            },
            rounds=rounds,
        )
