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

from addin.user_settings import HELP
from udfs.errors import MarkbookError
from udfs.excel.functions import CATEGORY, FUNCTIONS, WorksheetFunction

XLWINGS = "0.37.8"
PROJECT = "Markbook"
SETTINGS_SHEET = "markbook.conf"
# Excel compiles a project afresh if this stream holds no compiled code.
_NO_COMPILED_CODE = bytes.fromhex("cc61ffff000000")
_NAME_RECORD = 0x0004

FUNCTIONS_MODULE = "xlwings_udfs"  # xlwings looks for the functions under this name
PYTHON_MODULE = "addin.classic"
PREFIX = "MB_"
LONGEST_HELP = 255  # characters of one description in the wizard

# Changes to xlwings' own module: old text, new text, number of occurrences.
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


def compile_project() -> bytes:
    """The project as `vbaProject.bin`, the same bytes every time."""
    with tempfile.TemporaryDirectory(prefix="markbook-") as folder:
        blank, full = Path(folder) / "blank.xlam", Path(folder) / "full.xlam"
        with pyopenvba.ExcelFile.create_new(str(blank)) as book:
            project = book.vba_project()
            project.delete_module("Module1")
            for name, source in module_sources().items():
                kinds = pyopenvba.VBAModuleKind
                kind = kinds.other if name == "Dictionary" else kinds.standard
                project.add_module(name, source, kind=kind)
            book.save(str(full))
        with zipfile.ZipFile(BytesIO(full.read_bytes())) as package:
            return _rename_project(package.read("xl/vbaProject.bin"))


def _rename_project(project: bytes) -> bytes:
    """The same project under our name, without compiled code, which would be stale.

    Its ID stays: the protection records are encrypted with it.
    """
    streams = CFB.from_bytes(project)
    records = bytearray(decompress(streams.get_stream_in_storage("VBA", "dir")))
    offset = 0
    while offset < len(records):
        kind, size = struct.unpack_from("<HI", records, offset)
        if kind == _NAME_RECORD:
            name = PROJECT.encode("ascii")
            records[offset : offset + 6 + size] = (
                struct.pack("<HI", _NAME_RECORD, len(name)) + name
            )
            break
        offset += 6 + size
    streams.write_stream_in_storage("VBA", "dir", compress(bytes(records)))
    text = streams.get_stream("PROJECT").decode("cp1252")
    text = re.sub(r'(?m)^Name="[^"]*"', f'Name="{PROJECT}"', text)
    streams.write_stream("PROJECT", text.encode("cp1252"))
    streams.write_stream_in_storage("VBA", "_VBA_PROJECT", _NO_COMPILED_CODE)
    data: bytes = streams.to_bytes()
    return data


def module_sources() -> dict[str, str]:
    """The source of every module by name, with Windows line ends."""
    folder = files("addin") / "vba"
    sources = {
        name: (folder / f"{name}.bas").read_text("utf-8")
        for name in ("RibbonMarkbook", "Opening")
    }
    sources[FUNCTIONS_MODULE] = functions_module()
    sources["xlwings"] = xlwings_module()
    home = Path(xlwings.__file__).parent
    sources["Dictionary"] = (home / "addin" / "Dictionary.cls").read_text("cp1252")
    return {
        name: text.replace("\r\n", "\n").replace("\n", "\r\n")
        for name, text in sources.items()
    }


def xlwings_module() -> str:
    """The module of xlwings as it is installed, with `PATCHES`.

    Raises:
        MarkbookError: If another xlwings is installed than the patches are for.
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


def functions_module() -> str:
    """A module with a VBA function for each worksheet function, and its help.

    There is no `Option Explicit`, as in the functions that xlwings itself generates.
    """
    parts = [
        f'Attribute VB_Name = "{FUNCTIONS_MODULE}"',
        "' Made from udfs.excel by `markbook addin build`: do not change.",
        "",
    ]
    parts += [_vba_function(function) for function in FUNCTIONS.values()]
    parts += ["Public Sub MB_Describe()", "    On Error Resume Next"]
    # `markbook addin install` writes the help page beside the user's settings.
    parts += ["    Dim page As String", f'    page = GetConfig("{HELP}")']
    for function in FUNCTIONS.values():
        parts += _vba_description(function)
    return "\n".join([*parts, "End Sub", ""])


def _vba_function(function: WorksheetFunction) -> str:
    name = PREFIX + function.name
    parameters = ", ".join(
        f"Optional {argument}" if argument in function.optional else argument
        for argument in function.arguments
    )
    arguments = ", ".join(function.arguments)
    return (
        f"Function {name}({parameters})\n"
        "    If TypeOf Application.Caller Is Range Then On Error GoTo failed\n"
        f'    {name} = XLPy.CallUDF("{PYTHON_MODULE}", "{function.name}", '
        f"Array({arguments}), ActiveWorkbook, Application.Caller)\n"
        "    Exit Function\n"
        "failed:\n"
        f"    {name} = Err.Description\n"
        "End Function\n"
    )


def _vba_description(function: WorksheetFunction) -> list[str]:
    *helps, last = [_vba_string(text) for text in function.arguments.values()]
    return [
        f'    Application.MacroOptions Macro:="{PREFIX}{function.name}", _',
        f"        Description:={_vba_string(function.summary)}, _",
        f'        Category:="{CATEGORY}", HelpFile:=page & "#{function.name}", _',
        "        ArgumentDescriptions:=Array( _",
        *(f"            {text}, _" for text in helps),
        f"            {last})",
    ]


def _vba_string(text: str) -> str:
    ascii_text = text.replace("–", "-").encode("ascii", "replace").decode()
    return '"' + ascii_text[:LONGEST_HELP].replace('"', '""') + '"'
