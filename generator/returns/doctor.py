"""What a file is, what its software did to it, and what became of it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from generator.markbook.identity import IDENTITY_NAME, IDENTITY_PROPERTY, Identity
from generator.markbook.layout import META_SHEET
from generator.names import shown_path
from generator.problems import Problem
from generator.returns.check import check
from generator.returns.doctor_report import Diagnosis
from generator.returns.identify import identify, recognise, said
from generator.returns.issued_context import Register
from generator.returns.locate_sheets import BLANK, FoundSheet, NotOurs, heading_of
from generator.school.school import School
from generator.store import marks, returns
from generator.store.engine import Store
from generator.store.passwords import passwords
from generator.xlsx.encryption import unsealed
from generator.xlsx.package import open_package, read_chunks
from generator.xlsx.reader import Workbook
from generator.xlsx.refusals import FileRefused, refusal_message
from generator.xlsx.worker_pool import ReadFile, read_files
from udfs.errors import MarkbookError
from udfs.tables import Tables

CALCULATED = ("flag", "check")
_LIST = re.compile(rb"<(?:\w+:)?dataValidation[\s>]")
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml\Z", re.I)
_BOUNDARY = 40  # bytes: an element's name must not be cut in two by a chunk


class NotAFile(MarkbookError):
    """There is no file there that can be opened."""


def doctor(
    store: Store, school: School, tables: Tables, path: Path, *, today: date
) -> Diagnosis:
    """Look at a file, storing nothing.

    Args:
        store: The school's store.
        school: The school.
        tables: Its scales, codes and subjects.
        path: Any file.
        today: The day it is looked at.

    Raises:
        NotAFile: If there is no file, or it cannot be opened.
    """
    try:
        if path.is_dir():
            raise NotAFile(
                f"{path} is a folder, and the doctor looks at one file at a time.",
                f"Name a file in it; to look at all of them: markbook check {path}.",
            )
        if not path.is_file():
            raise NotAFile(f"There is no file {path}.", "Name a file that is there.")
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        raise NotAFile(
            f"{path} cannot be opened ({error.strerror or error}).",
            "Close it in other programs and check that you may read it.",
        ) from None
    (taken,) = read_files([path])
    file = shown_path(path, school.folder)
    with store.begin() as connection:
        was_encrypted = taken.refused is not None and taken.refused[0] == "encrypted"
        taken = unsealed(taken, passwords(connection, school.academic_year))
        past = tuple(_past(connection, taken.sha256))
        if taken.book is None:
            what, do = refusal_message(*(taken.refused or ("reader-died", "")))
            code = (taken.refused or ("reader-died", ""))[0]
            problem = Problem(file=file, code=code, what=what, do=do)
            return Diagnosis(
                file, size, taken.sha256, what, past=past, problems=(problem,)
            )
        found = _Examined(connection, school, tables, taken, file, today)
        found.look()
    changes = [
        *(["It is encrypted, and opened with a password of ours."] * was_encrypted),
        *found.changes,
    ]
    identity = found.identity
    sheets = identity.sheets if identity else ()
    return Diagnosis(
        file,
        size,
        taken.sha256,
        found.kind,
        found.is_ours,
        tuple(dict.fromkeys(sheet.class_code for sheet in sheets)),
        identity.collection if identity else "",
        tuple(dict.fromkeys(sheet.issue_id for sheet in sheets)),
        identity.issued_at if identity else "",
        identity.school_id if identity else "",
        taken.book.application,
        taken.book.modified,
        tuple(changes),
        past,
        found.counts,
        tuple(found.problems),
    )


class _Examined:
    """A workbook that could be read, being looked at."""

    def __init__(
        self,
        connection: Connection,
        school: School,
        tables: Tables,
        taken: ReadFile,
        file: str,
        today: date,
    ) -> None:
        assert taken.book is not None
        self.connection = connection
        self.school = school
        self.tables = tables
        self.path = taken.path
        self.book: Workbook = taken.book
        self.file = file
        self.today = today
        self.identity: Identity | None = None
        self.is_ours = False
        self.kind = "a workbook."
        self.changes: list[str] = []
        self.counts: dict[str, int] = {}
        self.problems: list[Problem] = []

    def look(self) -> None:
        """Find out everything; whatever cannot be taken is told as a problem."""
        key = self.school.key()
        self.identity = next(said(self.book), None)
        try:
            self.identity, moved = identify(self.book, key)
            self.is_ours = True
            self.kind = "a markbook of this school."
            self._lost(self.identity)
            register = Register.load(self.connection, self.school.academic_year)
            register.fetch(self.connection, [s.issue_id for s in self.identity.sheets])
            recognised = recognise(
                self.book,
                self.identity,
                school=self.school,
                register=register,
                key=key,
                wanted=None,
                today=self.today,
                moved_identity=moved,
            )
            for found in recognised.sheets:
                self._sheet(found)
            checked = check(
                recognised,
                register,
                self.tables,
                effort=self.school.settings.flags.effort,
                today=self.today,
                mac_dates=self.book.uses_1904_dates,
            )
        except NotOurs as refusal:
            if not self.is_ours:
                self.kind = refusal.what
            self._problem(refusal.code, refusal.what, refusal.do)
            return
        except MarkbookError as error:
            self._problem("settings", error.what, error.do)
            return
        bad = sum(answer.value is None for answer in checked.answers)
        self.counts = {
            "filled": len(checked.answers),
            "readable": len(checked.answers) - bad,
            "to_put_right": bad,
            "blank": checked.blank,
        }
        self.problems += [*recognised.problems, *checked.problems]

    def _problem(self, code: str, what: str, do: str) -> None:
        self.problems.append(Problem(file=self.file, code=code, what=what, do=do))

    def _lost(self, identity: Identity) -> None:
        states = {
            name.casefold(): state for name, state in self.book.sheet_states.items()
        }
        state = states.get(META_SHEET.casefold())
        if state is None:
            self.changes.append(
                f"The sheet {META_SHEET} is gone; a copy of it was used."
            )
        elif state == "visible":
            self.changes.append(f"The sheet {META_SHEET} is no longer hidden.")
        copies = (
            (IDENTITY_PROPERTY, self.book.properties, "document properties"),
            (IDENTITY_NAME, self.book.names, "hidden names"),
        )
        for name, texts, where in copies:
            if Identity.from_copies(texts, name) is None:
                self.changes.append(f"The markbook's own {where} were dropped.")
        gone = [s.name for s in identity.sheets if s.name not in self.book.sheet_states]
        if gone:
            self.changes.append(f"Sheets renamed or removed: {', '.join(gone)}.")
        if self.book.has_external_links:
            self.changes.append("It has links to other workbooks.")
        if _lists(self.path) == 0:
            self.changes.append("The lists to choose from are gone from its cells.")

    def _sheet(self, found: FoundSheet) -> None:
        name = found.sheet.name
        if not found.sheet.protected:
            self.changes.append(f"{name}: the protection is off.")
        if found.sheet.state != "visible":
            self.changes.append(f"{name}: the sheet is hidden.")
        for key in CALCULATED:
            if key not in found.identity.columns:
                continue
            column = found.headings.get(heading_of(key))
            if column is None:
                self.changes.append(f"{name}: the column {heading_of(key)} is gone.")
                continue
            cells = [
                found.sheet.cells.get((row, column), BLANK)
                for row in found.rows()
                if found.cell(row, "adno").text
            ]
            typed = sum(cell.formula is None for cell in cells)
            broken = sum(cell.kind == "e" for cell in cells)
            if typed:
                self.changes.append(
                    f"{name}: {typed} of {len(cells)} formulas under {heading_of(key)} "
                    f"are gone."
                )
            if broken:
                self.changes.append(
                    f"{name}: {broken} cells under {heading_of(key)} show an error."
                )


def _lists(path: Path) -> int | None:
    """How many lists to choose from a workbook has; None where that is unknown."""
    number = 0
    try:
        with open_package(path.read_bytes()) as package:
            for name in package.namelist():
                if not _SHEET_PART.match(name):
                    continue
                kept = b""
                for piece in read_chunks(package, name):
                    text = kept + piece
                    number += len(_LIST.findall(text))
                    # An element in the part carried over must not count twice.
                    kept = text[-_BOUNDARY:].rpartition(b"<")[2]
                    kept = b"<" + kept if b"<" in text[-_BOUNDARY:] else b""
                    number -= len(_LIST.findall(kept))
    except (FileRefused, OSError):
        return None
    return number


def _past(connection: Connection, sha256: str) -> list[str]:
    made = []
    history = marks.history(connection)
    for one in returns.with_hash(connection, sha256):
        mine = history.loc[history["return_id"] == one.return_id]
        why = Counter(mine["why"])
        left = Counter(
            cell.kind for cell in returns.unsettled(connection, [one.return_id])
        )
        told = [f"{number} values {name}" for name, number in sorted(why.items())]
        told += [f"{number} cells left {name}" for name, number in sorted(left.items())]
        last = f", last on {mine['merged_at'].max()}" if len(mine) else ""
        made.append(
            f"Collected as {one.file} ({one.return_id}): {one.status}"
            f"{''.join(f'; {text}' for text in told)}{last}."
        )
    return made
