"""Examine a file: what it is, what software did to it, what became of it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from generator.markbook.identity import IDENTITY_NAME, IDENTITY_PROPERTY, Identity
from generator.markbook.layout import META_SHEET
from generator.names import shown_path
from generator.problems import Problem
from generator.returns.check_return import check_return
from generator.returns.doctor_report import DoctorReport
from generator.returns.identify import (
    identify_return,
    prove_identity,
    read_identities,
)
from generator.returns.issued_context import IssuedContext
from generator.returns.locate_sheets import (
    BLANK_CELL,
    LocatedSheet,
    ReturnRefused,
)
from generator.store import marks, returns
from generator.store.passwords import passwords
from generator.xlsx.encryption import read_decrypted
from generator.xlsx.package import open_package, read_chunks
from generator.xlsx.reader import Workbook
from generator.xlsx.refusals import FileRefused, refusal_message
from generator.xlsx.worker_pool import read_files
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.context import Context

CALCULATED = ("flag", "check")
_DROP_DOWN = re.compile(rb"<(?:\w+:)?dataValidation[\s>]")
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml\Z", re.I)
_OVERLAP = 40  # bytes, so that a chunk's end cuts no element's name in two


class NotAFile(MarkbookError):
    """There is no file here that can be opened."""


def doctor(context: Context, path: Path) -> DoctorReport:
    """Examine a file without storing anything.

    Args:
        context: The school, its store and the day.
        path: Any file.

    Raises:
        NotAFile: If there is no file, or it cannot be opened.
    """
    size = _file_size(path)
    (file,) = read_files([path])
    name = shown_path(path, context.school.folder)
    was_encrypted = file.refused is not None and file.refused[0] == "encrypted"
    with context.store.begin() as connection:
        file = read_decrypted(file, passwords(connection, context.school.academic_year))
        past = tuple(_past(connection, file.sha256))
        if file.book is None:
            code, detail = file.refused or ("reader-died", "")
            what, do = refusal_message(code, detail)
            return DoctorReport(
                name,
                size,
                file.sha256,
                what,
                past=past,
                problems=(Problem(file=name, code=code, what=what, do=do),),
            )
        examination = _Examination(context, connection, file.book, path, name)
        examination.run()
    changes = examination.changes
    if was_encrypted:
        changes.insert(0, "It is encrypted, and opened with a password of ours.")
    identity = examination.identity
    sheets = identity.sheets if identity else ()
    return DoctorReport(
        name,
        size,
        file.sha256,
        examination.kind,
        examination.is_ours,
        tuple(dict.fromkeys(sheet.class_code for sheet in sheets)),
        identity.collection if identity else "",
        tuple(dict.fromkeys(sheet.issue_id for sheet in sheets)),
        identity.issued_at if identity else "",
        identity.school_id if identity else "",
        file.book.application,
        file.book.modified,
        tuple(changes),
        past,
        examination.counts,
        problems=tuple(examination.problems),
    )


def _file_size(path: Path) -> int:
    try:
        if path.is_dir():
            raise NotAFile(
                f"{path} is a folder, and the doctor looks at one file at a time.",
                f"Name a file in it; to look at all of them: markbook check {path}.",
            )
        if not path.is_file():
            raise NotAFile(f"There is no file {path}.", "Name a file that exists.")
        with path.open("rb"):
            return path.stat().st_size
    except OSError as error:
        raise NotAFile(
            f"{path} cannot be opened ({error.strerror or error}).",
            "Close it in other programs and check that you may read it.",
        ) from None


class _Examination:
    """Examines a workbook that could be read."""

    def __init__(
        self,
        context: Context,
        connection: Connection,
        book: Workbook,
        path: Path,
        file: str,
    ) -> None:
        self.context = context
        self.connection = connection
        self.book = book
        self.path = path
        self.file = file
        self.identity: Identity | None = None
        self.is_ours = False
        self.kind = "a workbook."
        self.changes: list[str] = []
        self.counts: dict[str, int] = {}
        self.problems: list[Problem] = []

    def run(self) -> None:
        """Examine everything; a refusal becomes a problem."""
        self.identity = next((claim for _, claim in read_identities(self.book)), None)
        try:
            self._check()
        except ReturnRefused as refusal:
            if not self.is_ours:
                self.kind = refusal.what
            self._add_problem(refusal.code, refusal.what, refusal.do)
        except MarkbookError as error:
            self._add_problem("settings", error.what, error.do)

    def _check(self) -> None:
        school, key = self.context.school, self.context.school.key()
        proof = prove_identity(self.book, key)
        self.identity = proof.identity
        self.is_ours = True
        self.kind = "a markbook of this school."
        self._find_losses(self.identity)
        issued = IssuedContext.load(self.connection, school.academic_year)
        issue_ids = [sheet.issue_id for sheet in self.identity.sheets]
        issued.load_rows(self.connection, issue_ids)
        identified = identify_return(self.book, proof, self.context, issued, key=key)
        for sheet in identified.sheets:
            self._find_sheet_losses(sheet)
        checked = check_return(
            identified,
            issued,
            self.context.tables,
            effort=school.settings.flags.effort,
            today=self.context.today,
            uses_1904_dates=self.book.uses_1904_dates,
        )
        rejected = sum(entry.value is None for entry in checked.entries)
        self.counts = {
            "filled": len(checked.entries),
            "readable": len(checked.entries) - rejected,
            "to_put_right": rejected,
            "blank": checked.blank_count,
        }
        self.problems += [*identified.problems, *checked.problems]

    def _add_problem(self, code: str, what: str, do: str) -> None:
        self.problems.append(Problem(file=self.file, code=code, what=what, do=do))

    def _find_losses(self, identity: Identity) -> None:
        """Note what of a markbook the workbook no longer has."""
        states = {name.casefold(): s for name, s in self.book.sheet_states.items()}
        meta_state = states.get(META_SHEET.casefold())
        if meta_state is None:
            self.changes.append(
                f"The sheet {META_SHEET} is gone; a copy of it was used."
            )
        elif meta_state == "visible":
            self.changes.append(f"The sheet {META_SHEET} is no longer hidden.")
        for name, texts, copies in (
            (IDENTITY_PROPERTY, self.book.properties, "document properties"),
            (IDENTITY_NAME, self.book.names, "hidden names"),
        ):
            if Identity.from_copies(texts, name) is None:
                self.changes.append(f"The markbook's own {copies} were dropped.")
        names = [sheet.name for sheet in identity.sheets]
        missing = [name for name in names if name not in self.book.sheet_states]
        if missing:
            self.changes.append(f"Sheets renamed or removed: {', '.join(missing)}.")
        if self.book.has_external_links:
            self.changes.append("It has links to other workbooks.")
        if _count_drop_downs(self.path) == 0:
            self.changes.append("The lists to choose from are gone from its cells.")

    def _find_sheet_losses(self, sheet: LocatedSheet) -> None:
        """Note what of an entry sheet the workbook no longer has."""
        name = sheet.sheet.name
        if not sheet.sheet.protected:
            self.changes.append(f"{name}: the protection is off.")
        if sheet.sheet.state != "visible":
            self.changes.append(f"{name}: the sheet is hidden.")
        for key in CALCULATED:
            if key not in sheet.identity.columns:
                continue
            heading = sheet.layout.heading(key)
            column = sheet.headings.get(heading)
            if column is None:
                self.changes.append(f"{name}: the column {heading} is gone.")
                continue
            cells = [
                sheet.sheet.cells.get((row, column), BLANK_CELL)
                for row in sheet.rows()
                if sheet.cell(row, "adno").text
            ]
            overwritten = sum(cell.formula is None for cell in cells)
            errors = sum(cell.kind == "e" for cell in cells)
            if overwritten:
                self.changes.append(
                    f"{name}: {overwritten} of {len(cells)} formulas under {heading} "
                    "are gone."
                )
            if errors:
                self.changes.append(
                    f"{name}: {errors} cells under {heading} show an error."
                )


def _count_drop_downs(path: Path) -> int | None:
    """The number of drop-down lists in a workbook; None if that is unknown."""
    number = 0
    try:
        with open_package(path.read_bytes()) as package:
            for name in package.namelist():
                if not _SHEET_PART.match(name):
                    continue
                rest = b""
                for chunk in read_chunks(package, name):
                    text = rest + chunk
                    number += len(_DROP_DOWN.findall(text))
                    # An element in the part carried over must not count twice.
                    _, bracket, tail = text[-_OVERLAP:].rpartition(b"<")
                    rest = bracket + tail if bracket else b""
                    number -= len(_DROP_DOWN.findall(rest))
    except (FileRefused, OSError):
        return None
    return number


def _past(connection: Connection, sha256: str) -> list[str]:
    """A line for each time a file with this content was collected, oldest first."""
    lines = []
    history = marks.history(connection)
    for earlier in returns.returns_with_hash(connection, sha256):
        own = history.loc[history["return_id"] == earlier.return_id]
        values = Counter(own["why"])
        unsettled = Counter(
            cell.kind
            for cell in returns.unsettled_cells(connection, [earlier.return_id])
        )
        counts = [f"{number} values {why}" for why, number in sorted(values.items())]
        counts += [f"{n} cells left {kind}" for kind, n in sorted(unsettled.items())]
        last = f", last on {own['merged_at'].max()}" if len(own) else ""
        lines.append(
            f"Collected as {earlier.file} ({earlier.return_id}): {earlier.status}"
            f"{''.join(f'; {count}' for count in counts)}{last}."
        )
    return lines
