"""The VBA project of the classic add-in, compiled without Excel."""

from __future__ import annotations

import re
import struct
import tempfile
import zipfile
from importlib.metadata import version
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pyopenvba
import xlwings
from pyopenvba.cfb import CFB
from pyopenvba.vba import compress, decompress

from addin.stubs import MODULE, stubs
from udfs.errors import MarkbookError

XLWINGS = "0.37.8"
PROJECT = "Markbook"
SETTINGS_SHEET = "markbook.conf"
# Excel compiles a project afresh where this stream holds no compiled code.
_NO_COMPILED_CODE = bytes.fromhex("cc61ffff000000")
_NAME_RECORD = 0x0004

# What is changed in xlwings' own module: the text, what stands instead, how often.
# An opened workbook could otherwise choose which Python runs, and where from: by a
# settings sheet, by a file beside it, by code in a sheet, by its folder or its name.
_OFF = "If False Then"
PATCHES = (
    ('PROJECT_NAME As String = "myaddin"', 'PROJECT_NAME As String = "markbook"', 1),
    ('If SheetExists(ActiveWorkbook, PROJECT_NAME & ".conf") = True Then', _OFF, 1),
    ('If source = "" Or source = "directory" Then', _OFF, 1),
    ('If Right$(sht.Name, 3) = ".py" Then', _OFF, 2),
    ('GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "true")', '"false"', 2),
    ('& ";" & ActiveFullName & ";" & ThisFullName &', '& ";;" &', 2),
    ('& ";" & ActiveWorkbook.FullName & ";" & ThisWorkbook.FullName &', '& ";;" &', 1),
)


def modules() -> dict[str, str]:
    """The source of every module by name, with Windows line ends."""
    ours = files("addin") / "vba"
    named = ("RibbonMarkbook", "Opening")
    made = {name: (ours / f"{name}.bas").read_text("utf-8") for name in named}
    made[MODULE] = stubs()
    made["xlwings"] = xlwings_module()
    home = Path(xlwings.__file__).parent
    made["Dictionary"] = (home / "addin" / "Dictionary.cls").read_text("cp1252")
    return {name: _windows(text) for name, text in made.items()}


def xlwings_module() -> str:
    """The module of xlwings as it is installed, with `PATCHES`.

    Raises:
        MarkbookError: If another xlwings is installed than the one that was read.
    """
    if version("xlwings") != XLWINGS:
        raise MarkbookError(
            f"xlwings {version('xlwings')} is installed, and the add-in is made with "
            f"{XLWINGS}.",
            f"Run: pip install xlwings=={XLWINGS}",
        )
    path = Path(xlwings.__file__).parent / "xlwings_custom_addin.bas"
    text = path.read_text("cp1252").replace("\r\n", "\n")
    for old, new, times in PATCHES:
        if text.count(old) != times:
            raise MarkbookError(
                f"xlwings' own module is not as it was: {old!r} is there "
                f"{text.count(old)} times, not {times}.",
                f"Run: pip install --force-reinstall xlwings=={XLWINGS}",
            )
        text = text.replace(old, new)
    return text


def compiled() -> bytes:
    """The project as `vbaProject.bin`, the same bytes every time."""
    with tempfile.TemporaryDirectory(prefix="markbook-") as folder:
        blank, full = Path(folder) / "blank.xlam", Path(folder) / "full.xlam"
        with pyopenvba.ExcelFile.create_new(str(blank)) as book:
            project = book.vba_project()
            project.delete_module("Module1")
            for name, source in modules().items():
                kinds = pyopenvba.VBAModuleKind
                kind = kinds.other if name == "Dictionary" else kinds.standard
                project.add_module(name, source, kind=kind)
            book.save(str(full))
        with zipfile.ZipFile(BytesIO(full.read_bytes())) as package:
            return _named(package.read("xl/vbaProject.bin"))


def _named(project: bytes) -> bytes:
    """The same project under our name, with no compiled code to be stale.

    Its ID stays: the protection records are encrypted with it.
    """
    parts = CFB.from_bytes(project)
    records = bytearray(decompress(parts.get_stream_in_storage("VBA", "dir")))
    place = 0
    while place < len(records):
        kind, size = struct.unpack_from("<HI", records, place)
        if kind == _NAME_RECORD:
            name = PROJECT.encode("ascii")
            records[place : place + 6 + size] = (
                struct.pack("<HI", _NAME_RECORD, len(name)) + name
            )
            break
        place += 6 + size
    parts.write_stream_in_storage("VBA", "dir", compress(bytes(records)))
    told = parts.get_stream("PROJECT").decode("cp1252")
    told = re.sub(r'(?m)^Name="[^"]*"', f'Name="{PROJECT}"', told)
    parts.write_stream("PROJECT", told.encode("cp1252"))
    parts.write_stream_in_storage("VBA", "_VBA_PROJECT", _NO_COMPILED_CODE)
    made: bytes = parts.to_bytes()
    return made


def _windows(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
