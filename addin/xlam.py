"""`Markbook.xlam`: the classic add-in as one file, made on any system."""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO
from xml.sax.saxutils import quoteattr

import xlsxwriter

from addin.icons import icon
from addin.project import SETTINGS_SHEET, compiled
from addin.ribbon import buttons, custom_ui

MADE = datetime(2026, 1, 1)  # stands for every moment, so that bytes repeat
_RIBBON = "customUI/customUI14.xml"
_RIBBON_KIND = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_IMAGE_KIND = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
)
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_WORKBOOK = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
# Which Python runs is not here: `markbook addin install` writes it into a file of
# the user's own, so that the add-in is the same file on every machine.
SETTINGS = (
    ("UDF MODULES", "addin.classic"),
    ("USE UDF SERVER", "True"),
    ("ADD_WORKBOOK_TO_PYTHONPATH", "false"),
    ("SHOW CONSOLE", "False"),
)


def xlam() -> bytes:
    """The add-in; two builds are the same bytes."""
    parts = _shell()
    kinds = parts["[Content_Types].xml"].decode().replace(_WORKBOOK, _ADDIN)
    if 'Extension="png"' not in kinds:
        png = '<Default Extension="png" ContentType="image/png"/>'
        kinds = kinds.replace("<Default ", f"{png}<Default ", 1)
    parts["[Content_Types].xml"] = kinds.encode()
    ribbon = _relationship("rIdRibbon", _RIBBON_KIND, _RIBBON)
    end = "</Relationships>"
    told = parts["_rels/.rels"].decode().replace(end, ribbon + end)
    parts["_rels/.rels"] = told.encode()
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


def _shell() -> dict[str, bytes]:
    """The parts of a workbook with the settings sheet and the project."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": "Markbook", "created": MADE})
    sheet = book.add_worksheet(SETTINGS_SHEET)
    for row, (key, value) in enumerate(SETTINGS):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    book.add_vba_project(BytesIO(compiled()), is_stream=True)
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
            entry = zipfile.ZipInfo(name, MADE.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            package.writestr(entry, parts[name])
    return out.getvalue()
