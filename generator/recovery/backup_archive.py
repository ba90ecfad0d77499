"""The archive of a backup: a zip with a list of what it holds, and their hashes."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from udfs.errors import MarkbookError

MANIFEST = "manifest.json"
FORMAT = 1
STORE_FILE = "markbooks.sqlite"
_BLOCK = 1 << 20
_MAX_MANIFEST = 64 << 20  # bytes
# Neither drive, nor stream, nor a way out of the folder.
_SAFE_NAME = re.compile(r"[^\\:\x00-\x1f]+")


class BackupRefused(MarkbookError):
    """A file is no backup, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Args:
        school: The school in words.
        school_id: The school's id.
        created_at: The moment of the backup, as ISO text.
        created_by: The person who made it.
        program: The version of the program that made it.
        revision: The migration that its store is at.
        files: File below the school folder -> SHA-256.
        format: The version of this format.
    """

    school: str
    school_id: str
    created_at: str
    created_by: str
    program: str
    revision: str
    files: Mapping[str, str]
    format: int = FORMAT


def write_archive(
    path: Path, sources: Mapping[str, Path], manifest: Manifest
) -> Manifest:
    """Write an archive.

    Args:
        path: The file to write.
        sources: Name in the archive -> the file.
        manifest: What it says of itself; its hashes are filled in.

    Returns:
        The manifest with its hashes.

    Raises:
        OSError: If a file cannot be read or the archive not be written.
    """
    files: dict[str, str] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in sources.items():
            # Not ZipFile.write: a file of a clock before 1980 is no reason to fail.
            with source.open("rb") as file, archive.open(name, "w") as member:
                files[name] = _copy(file, member)
        complete = Manifest(**{**asdict(manifest), "files": files})
        text = json.dumps(asdict(complete), ensure_ascii=False, indent=1)
        archive.writestr(MANIFEST, text)
    return complete


def read_manifest(path: Path) -> Manifest:
    """What an archive says of itself.

    Raises:
        BackupRefused: If it is no backup, cut short, or of a newer format.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(MANIFEST) as member:
            values = json.loads(member.read(_MAX_MANIFEST))
        if values["format"] > FORMAT:
            raise BackupRefused(
                f"{path} was made by a newer Markbooks ({values['program']}).",
                "Restore it with that version, or a later one.",
            )
        manifest = Manifest(**values)
        names = [PurePosixPath(name) for name in manifest.files]
    except OSError as error:
        raise BackupRefused(
            f"{path} cannot be read ({error.strerror or error}).",
            "Check its name, and that you may read it.",
        ) from None
    except (
        zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, EOFError,
        AttributeError, NotImplementedError, RuntimeError,
    ):  # fmt: skip
        raise BackupRefused(
            f"{path} is no backup of Markbooks, or is cut short.",
            "Take the whole file again from where it was kept, or an older backup.",
        ) from None
    for name in names:
        if (
            name.is_absolute()
            or ".." in name.parts
            or not _SAFE_NAME.fullmatch(str(name))
        ):
            raise BackupRefused(
                f"{path} holds a file of an unsafe name: {str(name)!r}.",
                "Markbooks did not make it. Take another backup.",
            )
    return manifest


def unpack_archive(path: Path, manifest: Manifest, folder: Path) -> None:
    """Unpack an archive into a folder, and check every file by its hash.

    Args:
        path: The archive.
        manifest: What it says of itself.
        folder: A folder that exists.

    Raises:
        BackupRefused: If a file is missing or differs.
        OSError: If a file cannot be written.
    """
    for name, differs in _compare(path, manifest, folder):
        if differs:
            raise BackupRefused(
                f"{path} is damaged: {name} is not as it was backed up.",
                "Take the file again from where it was kept, or an older backup. "
                "Nothing was restored.",
            )


def verify_archive(path: Path, manifest: Manifest) -> None:
    """Check that an archive holds every file as its manifest says.

    Raises:
        BackupRefused: If it does not.
    """
    for name, differs in _compare(path, manifest, None):
        if differs:
            raise BackupRefused(
                f"The backup {path} was not written as it should be ({name}).",
                "Check the disk or share, then make it again.",
            )


def _compare(
    path: Path, manifest: Manifest, folder: Path | None
) -> Iterator[tuple[str, bool]]:
    """Each file of an archive, and whether it differs from its manifest."""
    with zipfile.ZipFile(path) as archive:
        for name, sha256 in manifest.files.items():
            target = folder / name if folder else None
            if target:
                target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with archive.open(name) as member:
                    if target:
                        with target.open("wb") as file:
                            yield name, _copy(member, file) != sha256
                    else:
                        yield name, _copy(member, None) != sha256
            except (zipfile.BadZipFile, zlib.error, KeyError, EOFError):
                yield name, True


def _copy(source: IO[bytes], target: IO[bytes] | None) -> str:
    """Copy a file, or only read it where there is no target; its SHA-256."""
    digest = hashlib.sha256()
    while block := source.read(_BLOCK):
        digest.update(block)
        if target:
            target.write(block)
    return digest.hexdigest()
