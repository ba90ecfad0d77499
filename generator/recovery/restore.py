"""Restore a school from a backup into an empty folder."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select

from generator.files import CannotWrite, make_private
from generator.recovery.backup_archive import (
    STORE_FILE,
    BackupRefused,
    Manifest,
    read_manifest,
    unpack_archive,
)
from generator.recovery.backup_encryption import decrypt_file, is_encrypted_backup
from generator.report import Report
from generator.school.key_file import KEY_FILE
from generator.school.school import SETTINGS_FILE
from generator.store import schema
from generator.store.copy_store import copy_rows, file_fault
from generator.store.engine import Store
from generator.store.migrate import revisions
from generator.store.store_errors import StoreError
from generator.store.upgrade import BACKUPS

_DATABASE = re.compile(r"(?m)^[ \t]*database[ \t]*=.*$")
_OWN_FILE = f"sqlite:///{STORE_FILE}"
_PRIVATE = (STORE_FILE, KEY_FILE, SETTINGS_FILE, "kept")


@dataclass(frozen=True, slots=True)
class RestoreReport(Report):
    """The school that was restored.

    Args:
        school: The school in words.
        folder: The folder that it is in now.
        created_at: The moment of the backup.
        files: How many files it has.
        former_database: The database that the settings named before; empty if its
            own file.
        database: The database that they name now.
    """

    school: str
    folder: str
    created_at: str
    files: int
    former_database: str
    database: str

    def json(self) -> dict[str, Any]:
        """The school, its folder and what is in it."""
        return {
            "school": self.school,
            "folder": self.folder,
            "created_at": self.created_at,
            "files": self.files,
            "database": self.database,
        }

    def lines(self) -> list[str]:
        """The same in words, and what to do next."""
        lines = [
            f"{self.school} as of {self.created_at.replace('T', ' ')} is in "
            f"{self.folder}: {self.files:,} files, every one checked."
        ]
        if self.former_database:
            lines.append(
                f"`database` in school.toml named {self.former_database}; now it names "
                f"{self.database}."
            )
        lines.append(
            "What was collected after that is to be collected again: put it into "
            "returned/. `markbook issue` writes the markbooks of the last issue again."
        )
        return lines


def restore(
    archive: Path, folder: Path, *, password: str = "", database: str = ""
) -> RestoreReport:
    """Restore a backup into a folder that holds no school.

    Args:
        archive: The backup.
        folder: The folder; created where there is none.
        password: The password of an encrypted backup.
        database: The empty database to restore the store into; empty: a file in the
            folder.

    Raises:
        MarkbookError: If the backup is damaged, newer or needs another password, or
            the folder or database holds something. Nothing is restored then.
    """
    is_new = not folder.exists()
    try:
        if not archive.is_file():
            raise BackupRefused(f"There is no backup {archive}.", "Check its name.")
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".restore-", dir=folder) as temporary:
            plain = _decrypted(archive, Path(temporary), password)
            manifest = read_manifest(plain)
            _check_empty(folder, archive, manifest, Path(temporary))
            _check_revision(archive, manifest)
            content = Path(temporary) / "content"
            content.mkdir()
            unpack_archive(plain, manifest, content)
            if cause := file_fault(content / STORE_FILE):
                raise BackupRefused(
                    f"The store in {archive} is damaged ({cause}).",
                    "Take an older backup. Nothing was restored.",
                )
            address = database or _OWN_FILE
            former = _set_database(content / SETTINGS_FILE, address)
            if database:
                _fill_database(content, database)
            _move_into_place(content, folder)
    except OSError as error:
        raise CannotWrite(
            f"{archive} cannot be restored to {folder} ({error.strerror or error}).",
            "Check that the folder is writable and has room. Nothing was restored.",
        ) from error
    finally:
        if is_new and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return RestoreReport(
        manifest.school,
        str(folder),
        manifest.created_at,
        len(manifest.files),
        former,
        "a database on a server" if database else STORE_FILE,
    )


def _decrypted(archive: Path, temporary: Path, password: str) -> Path:
    """The archive itself, or a decrypted copy where it is encrypted."""
    if not is_encrypted_backup(archive):
        return archive
    if not password:
        raise BackupRefused(
            f"{archive} is encrypted.",
            "Name the file that has its password on the first line: --password-file.",
        )
    plain = temporary / "backup.zip"
    decrypt_file(archive, plain, password)
    return plain


def _check_empty(
    folder: Path, archive: Path, manifest: Manifest, temporary: Path
) -> None:
    others = sorted(
        path.name
        for path in folder.iterdir()
        if path != temporary
        and path.resolve() != archive.resolve()
        and path.name != BACKUPS
    )
    if others:
        raise BackupRefused(
            f"{folder.resolve()} is not empty: it holds {', '.join(others[:4])}"
            f"{' …' if len(others) > 4 else ''}. The backup of {manifest.school} is "
            "not restored over it.",
            "Name an empty folder: markbook restore ARCHIVE --school EMPTYDIR.",
        )


def _check_revision(archive: Path, manifest: Manifest) -> None:
    if manifest.revision not in revisions():
        raise BackupRefused(
            f"{archive} was made by a newer Markbooks ({manifest.program}).",
            "Restore it with that version, or a later one.",
        )
    if not {STORE_FILE, KEY_FILE, SETTINGS_FILE} <= set(manifest.files):
        raise BackupRefused(f"{archive} holds no whole school.", "Take another backup.")


def _set_database(settings: Path, address: str) -> str:
    """Let the settings name a database; which other one they named, else empty."""
    text = settings.read_text(encoding="utf-8")
    former = _DATABASE.search(text)
    new = f'database = "{address}"'
    if former is None:
        if address != _OWN_FILE:
            text = text.replace("[school]", f"[school]\n{new}", 1)
    elif former[0].strip() != new:
        text = _DATABASE.sub(lambda match: f"{new}\n# before: {match[0]}", text, 1)
    settings.write_text(text, encoding="utf-8")
    if former is None or former[0].strip() == new:
        return ""
    # A server's address holds a password.
    address = former[0].split("=", 1)[1].strip()
    return address if "sqlite" in address else "a server"


def _fill_database(content: Path, database: str) -> None:
    """Copy the restored store into an empty database, and remove its file."""
    with (
        closing(Store.open(content, _OWN_FILE)) as source,
        closing(Store.open(content, database)) as target,
    ):
        with target.begin() as connection:
            if _holds_rows(connection):
                raise StoreError(
                    f"The database {target.display_url} is not empty.",
                    "Make an empty one for the school: createdb "
                    "--template=template0 --locale=C --encoding=UTF8 NAME.",
                )
        with source.begin() as rows, target.begin() as connection:
            connection.execute(schema.settings.delete())
            copy_rows(rows, connection)
    (content / STORE_FILE).unlink()
    shutil.rmtree(content / BACKUPS, ignore_errors=True)


def _holds_rows(connection: Any) -> bool:
    tables = [t for t in schema.metadata.sorted_tables if t.name != "settings"]
    return any(
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables
    )


def _move_into_place(content: Path, folder: Path) -> None:
    for name in _PRIVATE:
        if (content / name).exists():
            make_private(content / name)
    # The settings last: without them there is no school yet.
    for path in sorted(content.iterdir(), key=lambda path: path.name == SETTINGS_FILE):
        path.replace(folder / path.name)
