"""Returned markbooks that were dropped on the task pane, until they are merged."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from addin.server_session import SESSION
from generator import workflow
from generator.files import publish
from udfs.errors import MarkbookError

Tick = Callable[[int, int, str], None]
LARGEST = 40_000_000  # bytes of one return; an issued markbook has some 60,000
MOST_FILES = 2_000  # in one batch
MOST_PROBLEMS = 2_000  # sent to the pane; all are in checked/…/report.xlsx
DOWNLOAD_FOLDERS = ("checked", "packs")
LONGEST_NAME = 120  # letters
_INBOX = "pane"  # begins the names of the folders from which batches are merged


class Uploads:
    """The batches of one server; files that are not merged are deleted on closing.

    Args:
        folder: The folder of this server alone. Files that are in it were left by one
            that was killed, and are deleted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.close()
        folder.mkdir(parents=True, mode=0o700)
        self._inboxes: dict[str, list[Path]] = {}  # of each batch, once it is moved

    def close(self) -> None:
        """Delete the files that were not merged."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def create(self) -> str:
        """Begin an empty batch, and return its name."""
        name = secrets.token_hex(8)
        (self._folder / name).mkdir()
        return name

    def add(self, batch: str, name: str, data: bytes) -> str:
        """Add a file to a batch, under another name if its own is in use.

        Returns:
            The name of the file in the batch.

        Raises:
            MarkbookError: If it cannot be a return.
        """
        folder = self._batch_folder(batch)
        base = PureWindowsPath(PurePosixPath(name).name).name
        base = "".join(
            c if c.isprintable() and c not in '<>:"|?*' else "-" for c in base
        )
        file = Path(base.strip(". "))
        if not file.name:
            raise MarkbookError("The file has no name.", "Save it, and drop it again.")
        if len(data) > LARGEST:
            raise MarkbookError(
                f"{file.name} is too large for a return ({len(data) // 1_000_000} MB).",
                "Drop markbooks only.",
            )
        if sum(1 for _ in folder.iterdir()) >= MOST_FILES:
            raise MarkbookError(
                f"There are {MOST_FILES:,} files already.", "Merge these first."
            )
        stem, suffix = file.stem[:LONGEST_NAME], file.suffix[:10]
        path, number = folder / f"{stem}{suffix}", 1
        while path.exists():
            number += 1
            path = folder / f"{stem} ({number}){suffix}"
        publish(path, data)
        return path.name

    def check(self, batch: str, tick: Tick) -> dict[str, Any]:
        """Report what merging a batch would do; nothing is stored."""
        folders = [self._batch_folder(batch), *self._inboxes.get(batch, ())]
        return self._collect(folders, dry=True, tick=tick)

    def merge(self, batch: str, tick: Tick) -> dict[str, Any]:
        """Move a batch into the school's inbox, then merge it.

        The files stay in the inbox, as any return does. If merging fails once they
        have moved (the store is in use, say), a second call continues from there.
        """
        folder = self._batch_folder(batch)
        files = sorted(folder.iterdir())
        if not files and batch not in self._inboxes:
            raise MarkbookError("No file is there to merge.", "Drop the returns first.")
        with SESSION.exclusive():
            moment = SESSION.now().strftime("%Y-%m-%d %H%M%S")
            returned = SESSION.current_school().returned
            inbox = returned / f"{_INBOX} {moment} {batch[:4]}"
            inboxes = self._inboxes.setdefault(batch, [])
            if files and inbox not in inboxes:
                inboxes.append(inbox)
            for path in files:
                publish(inbox / path.name, path.read_bytes())
                path.unlink()
        return self._collect(inboxes, dry=False, tick=tick)

    def _batch_folder(self, batch: str) -> Path:
        folder = self._folder / batch
        if not batch.isalnum() or not folder.is_dir():
            raise MarkbookError("These files are gone.", "Drop them once more.")
        return folder

    def _collect(self, paths: list[Path], *, dry: bool, tick: Tick) -> dict[str, Any]:
        with SESSION.exclusive():
            school = SESSION.current_school()
            report = workflow.collect(
                school,
                paths=paths,
                dry=dry,
                now=SESSION.now(),
                who=SESSION.who,
                progress=tick,
            )
        answer = report.json()
        # The user knows a file by its name; the folders of the server mean nothing.
        folders = (f"{self._folder.as_posix()}/", f"{school.returned.name}/{_INBOX} ")
        for row in (*answer["problems"], *answer["returns"]):
            for folder in folders:
                if row["file"].startswith(folder):
                    row["file"] = row["file"].removeprefix(folder).partition("/")[2]
        answer["problems"] = answer["problems"][:MOST_PROBLEMS]
        return {**answer, "lines": report.lines()[:2]}


def downloads() -> list[dict[str, str]]:
    """The files for download: marked-up copies, reports and packs."""
    school = SESSION.current_school()
    return [
        {"kind": kind, "name": path.relative_to(school.folder).as_posix()}
        for kind in DOWNLOAD_FOLDERS
        for path in sorted((school.folder / kind).rglob("*.xlsx"))
        if not path.name.startswith(("~$", "."))
    ]


def download(name: str) -> Path:
    """The path of a file in `downloads`.

    Raises:
        MarkbookError: If it is not there.
    """
    if {"name": name, "kind": name.partition("/")[0]} not in downloads():
        raise MarkbookError("There is no such file.", "Open the list again.")
    return SESSION.current_school().folder / name
