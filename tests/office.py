"""Drive LibreOffice, as a teacher does, and gnumeric from tests.

LibreOffice runs without a screen under a profile of its own. Text is entered by the
same dispatches as from the keyboard, so that protection and validation apply.
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

SECONDS = 120  # for one document; a dialogue waiting for an answer ends there
BRIDGE = Path(__file__).with_name("office_bridge.py")
# Debian's LibreOffice works with this Python; the tests' own has no `uno`.
SYSTEM_PYTHON = "/usr/bin/python3"
VBA = "Calc MS Excel 2007 VBA XML"

Step = dict[str, Any]


class OfficeError(Exception):
    """LibreOffice did not answer, or answered with an error."""


class Office:
    """A running LibreOffice and the process that drives it."""

    def __init__(self, bridge: subprocess.Popen[str]) -> None:
        self._bridge = bridge

    def run_steps(
        self, path: Path, steps: Sequence[Step], *, macros: bool = False
    ) -> list[Any]:
        """Open a workbook, run steps as a teacher does them, and return their answers.

        Steps: `{"do": "type", "sheet", "cell", "text"}` (as from the keyboard),
        `{"do": "read", "sheet", "cells"}` (as shown), `{"do": "calculate"}`,
        `{"do": "set", "sheet", "cells": {cell: text}}` (past protection, to prepare a
        test), `{"do": "invalid", "sheet"}` (the number of cells that break their rule),
        `{"do": "filter", "sheet", "area", "column", "text"}` (the visible rows),
        `{"do": "paste", "sheet", "source", "to"}`, `{"do": "values", "sheet", "area"}`
        (the content, without symbols of number formats),
        `{"do": "save", "path"}` (xlsx, ods, xls or pdf, by its ending),
        `{"do": "validation", "sheet", "cell"}`, `{"do": "sheets"}`, `{"do": "macro",
        "name"}` (with `macros=True`, which lets a workbook of VBA run them).
        """
        assert self._bridge.stdin and self._bridge.stdout
        order: dict[str, Any] = {"path": str(path.resolve()), "steps": list(steps)}
        if macros:
            order["opened"] = {
                "FilterName": VBA,
                "MacroExecutionMode": 4,
                "Hidden": True,
            }
        self._bridge.stdin.write(json.dumps(order) + "\n")
        self._bridge.stdin.flush()
        answer = self._answer()
        if "error" in answer:
            raise OfficeError(answer["error"])
        answers: list[Any] = answer["answers"]
        return answers

    def convert(self, path: Path, to: Path) -> Path:
        """Open a workbook and save it in the format of another name's suffix."""
        self.run_steps(path, [{"do": "save", "path": str(to.resolve())}])
        return to

    def _answer(self) -> dict[str, Any]:
        assert self._bridge.stdout

        def give_up(*_: object) -> None:
            raise OfficeError(f"LibreOffice gave no answer in {SECONDS} seconds.")

        before = signal.signal(signal.SIGALRM, give_up)
        signal.alarm(SECONDS)
        try:
            line = self._bridge.stdout.readline()
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
        if not line:
            raise OfficeError("LibreOffice went away.")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running_office() -> Iterator[Office]:
    """Start LibreOffice, and end it (and only it) afterwards."""
    soffice = shutil.which("soffice")
    if soffice is None:
        raise OfficeError("LibreOffice is not installed; `make test` installs it.")
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
        bridge = subprocess.Popen(
            [SYSTEM_PYTHON, str(BRIDGE), pipe],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Office(bridge)
        finally:
            bridge.kill()
            bridge.communicate()
            # soffice is a script that starts the program: end the whole group.
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()


def gnumeric(path: Path, to: Path) -> Path:
    """Open a workbook in gnumeric and save it under another name."""
    ssconvert = shutil.which("ssconvert")
    if ssconvert is None:
        raise OfficeError("gnumeric is not installed; `make test` installs it.")
    process = subprocess.run(
        [ssconvert, str(path), str(to)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if process.returncode or not to.exists():
        raise OfficeError(process.stderr)
    return to
