"""Back up what a school cannot make again: store, key, settings, tables, returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator.context import Context
from generator.files import CannotWrite, make_private, private_folder
from generator.names import safe_name
from generator.recovery.backup_archive import (
    STORE_FILE,
    Manifest,
    read_manifest,
    verify_archive,
    write_archive,
)
from generator.recovery.backup_encryption import encrypt_file
from generator.report import Report
from generator.school.key_file import KEY_FILE
from generator.school.school import SETTINGS_FILE, School
from generator.store.copy_store import copy_aside
from generator.store.schema import NEWEST
from generator.store.store_facts import LAST_BACKUP, write_facts
from generator.store.upgrade import BACKUPS, program_version

SUFFIX, ENCRYPTED_SUFFIX = ".markbooks.zip", ".markbooks.enc"
FOLDERS = ("tables", "ladders", "kept")


@dataclass(frozen=True, slots=True)
class BackupReport(Report):
    """The backup that was made.

    Args:
        file: The archive.
        files: How many files it holds.
        size: Its bytes.
        is_encrypted: Whether it needs a password.
        is_inside: Whether it is in the school folder.
    """

    file: str
    files: int
    size: int
    is_encrypted: bool
    is_inside: bool

    def json(self) -> dict[str, Any]:
        """The archive and what it holds."""
        return {
            "file": self.file,
            "files": self.files,
            "bytes": self.size,
            "encrypted": self.is_encrypted,
        }

    def lines(self) -> list[str]:
        """The same in words."""
        lines = [
            f"{self.file}: {self.files:,} files, {self.size / 1e6:.1f} MB, checked"
            f"{', encrypted' if self.is_encrypted else ''}."
        ]
        if self.is_inside:
            lines.append("Copy it to another disk: it lies beside what it is to save.")
        if not self.is_encrypted:
            lines.append(
                "It holds every mark and the school's key, readable by whoever has it: "
                "keep it where only they can get at it, or use --password-file."
            )
        return lines


def back_up(
    context: Context, folder: Path | None = None, *, password: str = ""
) -> BackupReport:
    """Write one archive of a school, and check it.

    Args:
        context: The school, its store, the moment and who does it.
        folder: The folder for it; None: `backups/` in the school folder.
        password: The password that encrypts it; empty for none.

    Raises:
        MarkbookError: If the store is damaged, or a file cannot be read or written.
    """
    school = context.school
    where = folder or school.folder / BACKUPS
    moment = context.now.strftime("%Y-%m-%d-%H%M%S")
    suffix = ENCRYPTED_SUFFIX if password else SUFFIX
    name = safe_name(school.settings.school.name)
    try:
        if folder is None:
            private_folder(where)
        where.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".backup-", dir=where) as temporary:
            archive = Path(temporary) / "backup.zip"
            manifest = _write(context, archive, Path(temporary))
            result = archive
            if password:
                result = Path(temporary) / "backup.enc"
                encrypt_file(archive, result, password)
            make_private(result)
            target = _free(where, f"{name}-{moment}", suffix)
            result.replace(target)
    except OSError as error:
        raise CannotWrite(
            f"The backup cannot be written to {where} ({error.strerror or error}).",
            "Check that the folder is there, is writable and has room.",
        ) from error
    with context.store.begin() as connection:
        write_facts(connection, {LAST_BACKUP: context.moment})
    is_inside = target.resolve().is_relative_to(school.folder.resolve())
    return BackupReport(
        str(target), len(manifest.files), target.stat().st_size, bool(password),
        is_inside,
    )  # fmt: skip


def _free(folder: Path, stem: str, suffix: str) -> Path:
    number, path = 1, folder / f"{stem}{suffix}"
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{suffix}"
    return path


def _write(context: Context, archive: Path, temporary: Path) -> Manifest:
    school = context.school
    copy = temporary / STORE_FILE
    copy_aside(context.store, copy)
    sources = {STORE_FILE: copy, **_files(school)}
    manifest = Manifest(
        school=school.title,
        school_id=school.id,
        created_at=context.moment,
        created_by=context.who,
        program=program_version(),
        revision=NEWEST,
        files={},
    )
    write_archive(archive, sources, manifest)
    complete = read_manifest(archive)
    verify_archive(archive, complete)
    return complete


def _files(school: School) -> dict[str, Path]:
    """Name in the archive -> file, of everything but the store."""
    folder = school.folder
    paths = [folder / KEY_FILE, folder / SETTINGS_FILE, *sorted(folder.glob("*.toml"))]
    for name in FOLDERS:
        paths += sorted(p for p in (folder / name).rglob("*") if p.is_file())
    return {
        path.relative_to(folder).as_posix(): path for path in paths if path.is_file()
    }
