"""Where the add-in keeps its settings: beside Excel, in a file of the user's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from generator.files import publish

FILE = "markbook.conf"
SCHOOL = "SCHOOL"


def settings_path(home: Path, system: str = sys.platform) -> Path:
    """The file, where xlwings' own VBA looks for it.

    >>> path_of(Path("/h"), "win32").as_posix(), path_of(Path("/h"), "linux").name
    ('/h/.markbook/markbook.conf', 'markbook.conf')
    """
    if system == "darwin":
        return home / "Library/Containers/com.microsoft.Excel/Data" / FILE
    return home / ".markbook" / FILE


def read_settings(path: Path) -> dict[str, str]:
    r"""The settings; none where there is no file.

    The file is of lines such as `"SCHOOL","C:\Markbooks"`, as xlwings reads them.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    parts = (line.strip().strip('"').split('","', 1) for line in lines)
    return {part[0]: part[1] for part in parts if len(part) == 2}


def write_settings(path: Path, settings: Mapping[str, str]) -> None:
    """Write the settings, leaving any others that are there as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = read_settings(path) | dict(settings)
    lines = [f'"{name}","{value}"\n' for name, value in sorted(kept.items())]
    publish(path, "".join(lines).encode("utf-8"))


def school_folder() -> Path | None:
    """The school folder that was set by `markbook addin install --school DIR`."""
    asked = os.environ.get("MARKBOOK_SCHOOL") or read_settings(
        settings_path(Path.home())
    ).get(SCHOOL)
    return Path(asked) if asked else None
