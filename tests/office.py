"""LibreOffice as a teacher has it, and gnumeric, for tests that drive them.

LibreOffice runs without a screen under a profile of its own. What is typed goes in by
the same dispatches as from the keyboard, so that protection and validation stand in
its way as they would in a teacher's.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 120  # for one document; a dialogue that nobody answers ends there
DESK = Path(__file__).with_name("office_desk.py")
# The Python that Debian's LibreOffice speaks to; ours has no `uno`.
SYSTEM_PYTHON = "/usr/bin/python3"
VBA = "Calc MS Excel 2007 VBA XML"

Step = dict[str, Any]


class OfficeStuck(Exception):
    """LibreOffice gave no answer, or an error of its own."""


class Office:
    """One running LibreOffice and the desk that speaks to it."""

    def __init__(self, desk: subprocess.Popen[str]) -> None:
        self._desk = desk

    def play(
        self, path: Path, steps: Sequence[Step], *, macros: bool = False
    ) -> list[Any]:
        """Open a workbook, do what a teacher does, close it, and answer each step.

        Steps: `{"do": "type", "sheet", "cell", "text"}` (as from the keyboard),
        `{"do": "read", "sheet", "cells"}` (as shown), `{"do": "calculate"}`,
        `{"do": "put", "sheet", "cells": {cell: text}}` (past protection, for setting
        up), `{"do": "invalid", "sheet"}` (how many cells break their rule),
        `{"do": "filter", "sheet", "area", "column", "text"}` (answers the rows
        still shown), `{"do": "paste", "sheet", "source", "to"}`, `{"do": "values",
        "sheet", "area"}` (the content, without symbols of number formats),
        `{"do": "save", "path"}` (xlsx, ods, xls or pdf, by its ending),
        `{"do": "offers", "sheet", "cell"}`, `{"do": "sheets"}`, `{"do": "macro",
        "name"}` (with `macros=True`, which lets a workbook of VBA run them).
        """
        assert self._desk.stdin and self._desk.stdout
        order: dict[str, Any] = {"path": str(path.resolve()), "steps": list(steps)}
        if macros:
            order["opened"] = {
                "FilterName": VBA,
                "MacroExecutionMode": 4,
                "Hidden": True,
            }
        self._desk.stdin.write(json.dumps(order) + "\n")
        self._desk.stdin.flush()
        answer = self._answer()
        if "error" in answer:
            raise OfficeStuck(answer["error"])
        found: list[Any] = answer["answers"]
        return found

    def convert(self, path: Path, to: Path) -> Path:
        """Open a workbook and save it under another name, kind by its ending."""
        self.play(path, [{"do": "save", "path": str(to.resolve())}])
        return to

    def _answer(self) -> dict[str, Any]:
        assert self._desk.stdout

        def give_up(*_: object) -> None:
            raise OfficeStuck(f"LibreOffice gave no answer in {SECONDS} seconds.")

        before = signal.signal(signal.SIGALRM, give_up)
        signal.alarm(SECONDS)
        try:
            line = self._desk.stdout.readline()
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
        if not line:
            raise OfficeStuck("LibreOffice went away.")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running_office() -> Iterator[Office]:
    """Start LibreOffice, and end it (and only it) at the end."""
    soffice = shutil.which("soffice")
    if soffice is None:
        raise OfficeStuck("LibreOffice is not installed; `make test` installs it.")
    with tempfile.TemporaryDirectory(prefix="office-") as folder:
        pipe = f"markbook-tests-{os.getpid()}"
        program = subprocess.Popen(
            [
                soffice,
                "--headless",
                "--norestore",
                "--nologo",
                "--nodefault",
                f"-env:UserInstallation={Path(folder).as_uri()}",
                f"--accept=pipe,name={pipe};urp;",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        desk = subprocess.Popen(
            [SYSTEM_PYTHON, str(DESK), pipe],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Office(desk)
        finally:
            desk.kill()
            desk.communicate()
            # soffice is a script that starts the program: the whole group goes.
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()


def gnumeric(path: Path, to: Path) -> Path:
    """Open a workbook in gnumeric and save it under another name."""
    ssconvert = shutil.which("ssconvert")
    if ssconvert is None:
        raise OfficeStuck("gnumeric is not installed; `make test` installs it.")
    done = subprocess.run(
        [ssconvert, str(path), str(to)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode or not to.exists():
        raise OfficeStuck(done.stderr)
    return to
