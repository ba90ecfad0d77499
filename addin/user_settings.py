"""The add-in's settings: a file of the user's own, where xlwings' VBA reads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from udfs.errors import MarkbookError

FILE = "markbook.conf"
SCHOOL = "SCHOOL"
HELP = "HELP"  # the address of the help page
_URI = "path:"


def settings_path(home: Path, system: str = sys.platform) -> Path:
    """The path of the settings file.

    >>> settings_path(Path("/h"), "win32").as_posix()
    '/h/.markbook/markbook.conf'
    """
    if system == "darwin":
        return home / "Library/Containers/com.microsoft.Excel/Data" / FILE
    return home / ".markbook" / FILE


def ansi_encoding(system: str = sys.platform) -> str:
    """The encoding in which Excel's VBA reads a text file.

    Args:
        system: The platform, as in `sys.platform`; another than this machine's, or one
            without Excel, counts as a Western European Windows.

    >>> ansi_encoding("darwin")
    'mac_roman'
    """
    if system == "darwin":
        return "mac_roman"
    return "mbcs" if sys.platform == "win32" else "cp1252"


def is_readable(text: str, system: str = sys.platform) -> bool:
    """Whether VBA can read a text from a file.

    >>> is_readable("D:/Zoë", "win32"), is_readable("D:/Željka", "win32")
    (True, True)
    >>> is_readable("D:/Łucja", "win32")
    False
    """
    try:
        text.encode(ansi_encoding(system))
    except UnicodeEncodeError:
        return False
    return True


def readable_path(path: Path, system: str = sys.platform) -> str:
    """A path as VBA can read and use it: as it is, or by its short name.

    Raises:
        MarkbookError: If it has letters that VBA does not know, and no short name.
    """
    for text in (str(path), _short_name(path)):
        if is_readable(text, system):
            return text
    raise MarkbookError(
        f"{path} has letters that Excel's VBA cannot read on this machine.",
        r"Install Markbooks in a folder with plain letters, such as C:\Markbooks, and "
        "run this again.",
    )


def _short_name(path: Path) -> str:
    """The name of a path in DOS letters on Windows, where the disk has such names."""
    if sys.platform == "win32":
        import ctypes

        name = ctypes.create_unicode_buffer(1024)
        ctypes.windll.kernel32.GetShortPathNameW(str(path), name, len(name))
        return name.value or str(path)
    return str(path)


def read_settings(path: Path, system: str = sys.platform) -> dict[str, str]:
    r"""Read the settings; there are none without a file.

    The file has lines such as `"SCHOOL","C:\Markbooks"`, the format of xlwings.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        text = data.decode("utf-8")  # as version 0.1.0 wrote it
    except UnicodeDecodeError:
        text = data.decode(ansi_encoding(system), errors="replace")
    parts = (line.strip().strip('"').split('","', 1) for line in text.splitlines())
    settings = {part[0]: part[1] for part in parts if len(part) == 2}
    return {name: _from_uri(value) for name, value in settings.items()}


def settings_bytes(settings: Mapping[str, str], system: str = sys.platform) -> bytes:
    """The settings as their file holds them, for VBA and for `read_settings`.

    A path that VBA could not read, and need not, is written as a URI.

    Raises:
        MarkbookError: If a value has a sign that the format cannot hold.
    """
    lines = []
    for name, value in sorted(settings.items()):
        if '"' in value or "\n" in value:
            raise MarkbookError(
                f"{value} has a sign that Excel cannot take.", "Move it."
            )
        text = value if is_readable(value, system) else _URI + quote(value)
        lines.append(f'"{name}","{text}"\n')
    return "".join(lines).encode(ansi_encoding(system))


def _from_uri(value: str) -> str:
    if value.startswith(_URI):
        return unquote(value.removeprefix(_URI))
    return value


def school_folder() -> Path | None:
    """The school folder set by `markbook addin install --school DIR`, if any."""
    folder = os.environ.get("MARKBOOK_SCHOOL")
    if not folder:
        folder = read_settings(settings_path(Path.home())).get(SCHOOL)
    return Path(folder) if folder else None
