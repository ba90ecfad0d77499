"""The add-in's settings: a file of the user's own, where xlwings' VBA reads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from generator.files import publish

FILE = "markbook.conf"
SCHOOL = "SCHOOL"


def settings_path(home: Path, system: str = sys.platform) -> Path:
    """The path of the settings file.

    >>> settings_path(Path("/h"), "win32").as_posix()
    '/h/.markbook/markbook.conf'
    """
    if system == "darwin":
        return home / "Library/Containers/com.microsoft.Excel/Data" / FILE
    return home / ".markbook" / FILE


def read_settings(path: Path) -> dict[str, str]:
    r"""Read the settings; there are none without a file.

    The file has lines such as `"SCHOOL","C:\Markbooks"`, the format of xlwings.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    parts = (line.strip().strip('"').split('","', 1) for line in lines)
    return {part[0]: part[1] for part in parts if len(part) == 2}


def write_settings(path: Path, settings: Mapping[str, str]) -> None:
    """Write these settings into the file, and keep the others that it holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    merged = read_settings(path) | dict(settings)
    lines = [f'"{name}","{value}"\n' for name, value in sorted(merged.items())]
    publish(path, "".join(lines).encode("utf-8"))


def school_folder() -> Path | None:
    """The school folder set by `markbook addin install --school DIR`, if any."""
    folder = os.environ.get("MARKBOOK_SCHOOL")
    if not folder:
        folder = read_settings(settings_path(Path.home())).get(SCHOOL)
    return Path(folder) if folder else None
