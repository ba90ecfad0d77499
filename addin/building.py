"""Builds the add-in's files, and puts the classic one where Excel looks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from addin import settings
from addin.examples import examples, help_page
from addin.manifest import ORIGIN, manifest
from addin.xlam import xlam
from generator.files import publish
from udfs.errors import MarkbookError

ADDIN = "Markbook.xlam"


def build_files(folder: Path) -> tuple[Path, ...]:
    """Write all files into a folder; the same bytes every time.

    Raises:
        MarkbookError: If the folder is a file, or cannot be made.
    """
    _made(folder)
    made = {
        ADDIN: xlam(),
        "Examples.xlsx": examples(),
        "Functions.html": help_page(),
        "manifest.xml": manifest(ORIGIN),
    }
    for name, data in made.items():
        publish(folder / name, data)
    return tuple(folder / name for name in made)


def startup_folder(home: Path, system: str = sys.platform) -> Path:
    """The folder whose add-ins Excel opens by itself.

    Raises:
        MarkbookError: If this is neither Windows nor a Mac.
    """
    if system == "win32":
        roaming = os.environ.get("APPDATA")
        base = Path(roaming) if roaming else home / "AppData/Roaming"
        return base / "Microsoft/Excel/XLSTART"
    if system == "darwin":
        office = home / "Library/Group Containers/UBF8T346G9.Office"
        return office / "User Content.localized/Startup.localized/Excel"
    raise MarkbookError(
        "Excel runs on Windows and on the Mac, and this is neither.",
        "Run this on the machine with Excel, or name a folder with --to DIR.",
    )


def install_files(
    home: Path,
    *,
    to: Path | None = None,
    school: Path | None = None,
    interpreter: Path,
    system: str = sys.platform,
) -> tuple[Path, ...]:
    """Put the classic add-in where Excel looks, and say which Python it runs.

    Args:
        home: The user's own folder.
        to: Another folder than the one that Excel looks in.
        school: The school folder that the buttons work on; None leaves it as it is.
        interpreter: The Python that has Markbook installed.
        system: As `sys.platform`.

    Raises:
        MarkbookError: If there is no such folder on this machine, or it cannot be
            made.
    """
    folder = to or startup_folder(home, system)
    mac = system == "darwin"
    told = {"INTERPRETER_MAC" if mac else "INTERPRETER_WIN": str(interpreter)}
    if school is not None:
        told[settings.SCHOOL] = str(school.resolve())
    for value in told.values():
        if '"' in value or "\n" in value:
            raise MarkbookError(
                f"{value} has a sign that Excel cannot take.", "Move it."
            )
    _made(folder)
    publish(folder / ADDIN, xlam())
    where = settings.path_of(home, system)
    settings.write(where, told)
    return folder / ADDIN, where


def _made(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise MarkbookError(f"{folder} is a file.", "Name a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MarkbookError(
            f"{folder} cannot be made ({error.strerror or error}).",
            "Name a folder that you may write in.",
        ) from error
