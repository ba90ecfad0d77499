"""A school with returned markbooks, and the add-in's server running on it."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import openpyxl
import pytest

PATIENCE = 60  # seconds until the server answers, on a busy machine


@dataclass(frozen=True)
class Server:
    """The running server, called as its own page calls it."""

    origin: str
    school: Path
    token: str
    certificate: Path

    def client(self, **headers: str) -> httpx.Client:
        signed = {"Authorization": self.token, **headers}
        return httpx.Client(
            base_url=self.origin, headers=signed, verify=UNTRUSTED, timeout=PATIENCE
        )

    def ask(self, name: str, *arguments: object) -> httpx.Response:
        """Call a worksheet function as Excel does."""
        with self.client() as client:
            return client.post(
                "/xlwings/custom-functions-call",
                json={
                    "client": "Office.js",
                    "func_name": name,
                    "args": list(arguments),
                    "caller_address": "[list.xlsx]Marks!E2",
                    "session_id": "test",
                    "culture_info_name": "en-GB",
                    "date_format": "dd/mm/yyyy",
                    "version": "0.37.8",
                    "runtime": "1.4",
                },
            )


# The server's certificate is self-signed.
UNTRUSTED = ssl.create_default_context()
UNTRUSTED.check_hostname = False
UNTRUSTED.verify_mode = ssl.CERT_NONE


def fill(path: Path, to: Path, *, wrong: bool = False) -> bool:
    """Fill in a markbook as a teacher: each target as prediction, or an invalid grade.

    Returns:
        Whether there was anything to fill in.
    """
    filled = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl does not keep
        book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=1, max_row=40):
            heads = {cell.value: cell.column for cell in row}
            if "Adno" in heads and "Prediction" in heads:
                break
        else:
            continue
        for number in range(row[0].row + 1, sheet.max_row + 1):
            target = sheet.cell(number, heads["Target"]).value
            if sheet.cell(number, heads["Adno"]).value and target:
                value = "17" if wrong else target
                sheet.cell(number, heads["Prediction"]).value = value
                wrong, filled = False, True
    if filled:
        book.save(to)
    return filled


@pytest.fixture(scope="session")
def issued_and_filled(_drafted_school, tmp_path_factory, now) -> tuple[Path, Path]:
    """A school that has issued its markbooks, and a folder of 30 returns, 3 bad."""
    from generator import workflow
    from generator.school.school import School

    home = tmp_path_factory.mktemp("served")
    folder = Path(shutil.copytree(_drafted_school, home / "school"))
    workflow.issue(School.load(folder), "AUT", now=now, who="HAR")
    returns = home / "returns"
    returns.mkdir()
    issued = sorted((folder / "issued/AUT").rglob("*.xlsx"))
    number = 0
    for path in issued:
        if number < 28:
            to = returns / f"{number:02} {path.name}"
            number += fill(path, to, wrong=number == 27)
    (returns / "28 damaged.xlsx").write_bytes(issued[-1].read_bytes()[:4000])
    book = openpyxl.Workbook()
    book.active["A1"] = "shopping"
    book.save(returns / "29 shopping.xlsx")
    return folder, returns


@pytest.fixture(scope="session")
def server(issued_and_filled, tmp_path_factory) -> Iterator[Server]:
    """A process of `markbook addin serve`."""
    folder, _ = issued_and_filled
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    command = [sys.executable, "-m", "addin.command", "addin", "serve"]
    command += ["--school", str(folder), "--port", str(port), "--today", "2026-10-15"]
    with log.open("wb") as out:
        running = subprocess.Popen(
            command,
            stdout=out,
            stderr=out,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "HOME": str(log.parent)},
        )
    origin = f"https://localhost:{port}"
    until = time.monotonic() + PATIENCE
    session = None
    while session is None and time.monotonic() < until and running.poll() is None:
        try:
            session = httpx.post(
                f"{origin}/api/session", headers={"Origin": origin}, verify=UNTRUSTED
            )
        except httpx.TransportError:
            time.sleep(0.2)
    if session is None:
        running.kill()
        pytest.fail(f"the server did not answer: {log.read_text()}")
    token = session.json()["token"]
    yield Server(origin, folder, token, log.parent / ".markbook/certificate.pem")
    running.terminate()
    running.wait(PATIENCE)
