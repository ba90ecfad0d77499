"""Build the add-in's files, and install the classic one where Excel looks."""

from __future__ import annotations

import os
import sys
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import quoteattr

import xlsxwriter

from addin.examples import examples_workbook, help_page
from addin.icons import icon
from addin.manifest import ORIGIN, manifest
from addin.ribbon import buttons, custom_ui
from addin.user_settings import SCHOOL, settings_path, write_settings
from addin.vba_project import SETTINGS_SHEET, compile_project
from generator.files import publish
from udfs.errors import MarkbookError

ADDIN = "Markbook.xlam"
CREATED = datetime(2026, 1, 1)  # of every part, so that two builds are the same bytes
_RIBBON = "customUI/customUI14.xml"
_RIBBON_KIND = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_IMAGE_KIND = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
)
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_WORKBOOK = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
# The add-in is the same file on every machine: which Python it runs is in a file of
# the user's own, written by `markbook addin install`.
SETTINGS = (
    ("UDF MODULES", "addin.classic"),
    ("USE UDF SERVER", "True"),
    ("ADD_WORKBOOK_TO_PYTHONPATH", "false"),
    ("SHOW CONSOLE", "False"),
)


def build_files(folder: Path) -> tuple[Path, ...]:
    """Write all files into a folder; the same bytes every time.

    Raises:
        MarkbookError: If the folder is a file, or cannot be made.
    """
    _make_folder(folder)
    contents = {
        ADDIN: build_xlam(),
        "Examples.xlsx": examples_workbook(),
        "Functions.html": help_page(),
        "manifest.xml": manifest(ORIGIN),
    }
    for name, data in contents.items():
        publish(folder / name, data)
    return tuple(folder / name for name in contents)


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
    """Install the classic add-in where Excel looks, and set the Python that it runs.

    Args:
        home: The user's own folder.
        to: The folder to install into; None: the one that Excel looks in.
        school: The school folder that the buttons work on; None: as set before.
        interpreter: The Python that has Markbook installed.
        system: The platform, as in `sys.platform`.

    Raises:
        MarkbookError: If there is no such folder on this machine, or it cannot be
            made.
    """
    folder = to or startup_folder(home, system)
    mac = system == "darwin"
    settings = {"INTERPRETER_MAC" if mac else "INTERPRETER_WIN": str(interpreter)}
    if school is not None:
        settings[SCHOOL] = str(school.resolve())
    for value in settings.values():
        if '"' in value or "\n" in value:
            raise MarkbookError(
                f"{value} has a sign that Excel cannot take.", "Move it."
            )
    _make_folder(folder)
    publish(folder / ADDIN, build_xlam())
    settings_file = settings_path(home, system)
    write_settings(settings_file, settings)
    return folder / ADDIN, settings_file


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise MarkbookError(f"{folder} is a file.", "Name a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MarkbookError(
            f"{folder} cannot be made ({error.strerror or error}).",
            "Name a folder that you may write in.",
        ) from error


def build_xlam() -> bytes:
    """Build `Markbook.xlam`; the same bytes every time."""
    parts = _workbook_parts()
    types = parts["[Content_Types].xml"].decode().replace(_WORKBOOK, _ADDIN)
    if 'Extension="png"' not in types:
        png = '<Default Extension="png" ContentType="image/png"/>'
        types = types.replace("<Default ", f"{png}<Default ", 1)
    parts["[Content_Types].xml"] = types.encode()
    ribbon = _relationship("rIdRibbon", _RIBBON_KIND, _RIBBON)
    end = "</Relationships>"
    relationships = parts["_rels/.rels"].decode().replace(end, ribbon + end)
    parts["_rels/.rels"] = relationships.encode()
    parts[_RIBBON] = custom_ui()
    images = []
    for button in buttons():
        name = f"images/{button.action}.png"
        parts[f"customUI/{name}"] = icon(button.action, 32)
        images.append(_relationship(button.action, _IMAGE_KIND, name))
    parts["customUI/_rels/customUI14.xml.rels"] = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Relationships xmlns="{_RELATIONSHIPS}">{"".join(images)}{end}'
    ).encode()
    return _package(parts)


def _relationship(name: str, kind: str, target: str) -> str:
    return (
        f"<Relationship Id={quoteattr(name)} Type={quoteattr(kind)} "
        f"Target={quoteattr(target)}/>"
    )


def _workbook_parts() -> dict[str, bytes]:
    """The parts of a workbook with the settings sheet and the VBA project."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": "Markbook", "created": CREATED})
    sheet = book.add_worksheet(SETTINGS_SHEET)
    for row, (key, value) in enumerate(SETTINGS):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    book.add_vba_project(BytesIO(compile_project()), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    sheet.set_vba_name("Sheet1")
    book.close()
    with zipfile.ZipFile(out) as package:
        return {name: package.read(name) for name in package.namelist()}


def _package(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        first = "[Content_Types].xml"
        for name in (first, *(name for name in parts if name != first)):
            entry = zipfile.ZipInfo(name, CREATED.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            package.writestr(entry, parts[name])
    return out.getvalue()
