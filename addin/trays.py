"""Trays: returned markbooks that were dropped on the pane, until they are merged."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from addin.desk import DESK
from generator import workflow
from generator.files import publish
from udfs.errors import MarkbookError

Tick = Callable[[int, int, str], None]
LARGEST = 40_000_000  # bytes of one return; an issued markbook has some 60,000
MOST = 2_000  # files in one tray
SHOWN = 2_000  # problems sent to the pane; all are in checked/…/report.xlsx
GIVEN_OUT = ("checked", "packs")
LONGEST_NAME = 120  # letters
_INBOX = "pane"  # begins the names of the folders that they are merged from


class Trays:
    """The trays of one server; what was not merged goes when it stops."""

    def __init__(self) -> None:
        self._room = Path(tempfile.mkdtemp(prefix="markbook-pane-"))
        self._moved: dict[str, list[Path]] = {}  # what of each tray is in the inbox

    def close(self) -> None:
        """Throw away what was dropped and not merged."""
        shutil.rmtree(self._room, ignore_errors=True)

    def new(self) -> str:
        """An empty tray, by name."""
        name = secrets.token_hex(8)
        (self._room / name).mkdir()
        return name

    def put(self, tray: str, name: str, data: bytes) -> str:
        """Put a file into a tray; another of its name stays beside it.

        Returns:
            The name under which it lies there.

        Raises:
            MarkbookError: If it cannot be a return.
        """
        folder = self._tray(tray)
        plain = PureWindowsPath(PurePosixPath(name).name).name
        plain = "".join(
            c if c.isprintable() and c not in '<>:"|?*' else "-" for c in plain
        )
        path = Path(plain.strip(". "))
        if not path.name:
            raise MarkbookError("The file has no name.", "Save it, and drop it again.")
        if len(data) > LARGEST:
            raise MarkbookError(
                f"{path.name} is too large for a return ({len(data) // 1_000_000} MB).",
                "Drop markbooks only.",
            )
        if sum(1 for _ in folder.iterdir()) >= MOST:
            raise MarkbookError(
                f"There are {MOST:,} files already.", "Merge these first."
            )
        stem, end = path.stem[:LONGEST_NAME], path.suffix[:10]
        place, number = folder / f"{stem}{end}", 1
        while place.exists():
            number += 1
            place = folder / f"{stem} ({number}){end}"
        publish(place, data)
        return place.name

    def check(self, tray: str, tick: Tick) -> dict[str, Any]:
        """What merging a tray would do; nothing is stored."""
        places = [self._tray(tray), *self._moved.get(tray, ())]
        return self._collect(places, dry=True, tick=tick)

    def merge(self, tray: str, tick: Tick) -> dict[str, Any]:
        """Move a tray into the inbox of the school, then merge it.

        The files are kept there, as any return is. Merging may fail once they have
        moved (another Markbooks has the store): asked again, it goes on from there.
        """
        folder = self._tray(tray)
        files = sorted(folder.iterdir())
        if not files and tray not in self._moved:
            raise MarkbookError("No file is there to merge.", "Drop the returns first.")
        with DESK.alone():
            moment = DESK.now().strftime("%Y-%m-%d %H%M%S")
            inbox = DESK.here().returned / f"{_INBOX} {moment} {tray[:4]}"
            moved = self._moved.setdefault(tray, [])
            if files and inbox not in moved:
                moved.append(inbox)
            for path in files:
                publish(inbox / path.name, path.read_bytes())
                path.unlink()
        return self._collect(moved, dry=False, tick=tick)

    def files(self) -> list[dict[str, str]]:
        """What may be fetched: marked-up copies, reports and packs."""
        school = DESK.here()
        found = []
        for kind in GIVEN_OUT:
            for path in sorted((school.folder / kind).rglob("*.xlsx")):
                if not path.name.startswith(("~$", ".")):
                    name = path.relative_to(school.folder).as_posix()
                    found.append({"kind": kind, "name": name})
        return found

    def file(self, name: str) -> Path:
        """One of `files`.

        Raises:
            MarkbookError: If it is none of them.
        """
        if {"name": name, "kind": name.partition("/")[0]} not in self.files():
            raise MarkbookError("There is no such file.", "Open the list again.")
        return DESK.here().folder / name

    def _tray(self, tray: str) -> Path:
        folder = self._room / tray
        if not tray.isalnum() or not folder.is_dir():
            raise MarkbookError("These files are gone.", "Drop them once more.")
        return folder

    def _collect(self, paths: list[Path], *, dry: bool, tick: Tick) -> dict[str, Any]:
        with DESK.alone():
            report = workflow.collect(
                DESK.here(),
                paths=paths,
                dry=dry,
                now=DESK.now(),
                who=DESK.who,
                progress=tick,
            )
        told = report.json()
        # Only the name of what was dropped means something to who dropped it.
        rooms = (f"{self._room.as_posix()}/", f"{DESK.here().returned.name}/{_INBOX} ")
        for row in (*told["problems"], *told["returns"]):
            for room in rooms:
                if row["file"].startswith(room):
                    row["file"] = row["file"].removeprefix(room).partition("/")[2]
        told["problems"] = told["problems"][:SHOWN]
        return {**told, "lines": report.lines()[:2]}
