"""Build the add-in's files."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import quoteattr

import xlsxwriter

from addin.examples import examples_workbook, help_page
from addin.icons import icon
from addin.manifest import ORIGIN, manifest
from addin.ribbon import buttons, custom_ui
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
# `markbook addin install` adds which Python it runs.
SETTINGS = (
    ("UDF MODULES", "addin.classic"),
    ("USE UDF SERVER", "True"),
    ("ADD_WORKBOOK_TO_PYTHONPATH", "false"),
    ("SHOW CONSOLE", "False"),
)


def build_files(folder: Path, origin: str = ORIGIN) -> tuple[Path, ...]:
    """Write all files into a folder; the same bytes every time.

    Args:
        folder: The folder, which is made if it is not there.
        origin: The address of the server.

    Raises:
        MarkbookError: If the folder is a file, or cannot be made.
    """
    make_folder(folder)
    contents = {
        ADDIN: build_xlam(),
        "Examples.xlsx": examples_workbook(),
        "Functions.html": help_page(),
        "manifest.xml": manifest(origin),
    }
    for name, data in contents.items():
        publish(folder / name, data)
    return tuple(folder / name for name in contents)


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it.

    Raises:
        MarkbookError: If it is a file, or cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise MarkbookError(f"{folder} is a file.", "Name a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MarkbookError(
            f"{folder} cannot be made ({error.strerror or error}).",
            "Name a folder that you may write in.",
        ) from error


def build_xlam(settings: Mapping[str, str] | None = None) -> bytes:
    """Build `Markbook.xlam`; the same bytes every time.

    Args:
        settings: The settings of the user it is for; None: for any user, who has them
            in a file.
    """
    parts = _workbook_parts({**dict(SETTINGS), **(settings or {})})
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


def _workbook_parts(settings: Mapping[str, str]) -> dict[str, bytes]:
    """The parts of a workbook with the settings sheet and the VBA project."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": "Markbook", "created": CREATED})
    sheet = book.add_worksheet(SETTINGS_SHEET)
    for row, (key, value) in enumerate(settings.items()):
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
