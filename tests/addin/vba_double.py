"""A double of the classic add-in that LibreOffice can run.

It has the VBA of `Markbook.xlam`. In place of the module of xlwings, which only Excel
can run, it has one whose `RunPython` records its argument.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pyopenvba
import xlsxwriter

RECORDED = "Recorded"
RECORDER = f"""Attribute VB_Name = "xlwings"
Option Explicit

Public Sub RunPython(code As String)
    Dim row As Long
    row = 1
    Do While ThisWorkbook.Worksheets("{RECORDED}").Cells(row, 1).Value <> ""
        row = row + 1
    Loop
    ThisWorkbook.Worksheets("{RECORDED}").Cells(row, 1).Value = code
End Sub

Public Sub HearMsgBox(says As String, kind As Long, title As String)
    RunPython says
End Sub
"""


def write_double(path: Path, modules: Mapping[str, str]) -> Path:
    """Write a workbook with these modules and the recorder."""
    with tempfile.TemporaryDirectory(prefix="write_double-") as folder:
        blank, full = Path(folder) / "blank.xlam", Path(folder) / "full.xlam"
        with pyopenvba.ExcelFile.create_new(str(blank)) as book:
            project = book.vba_project()
            project.delete_module("Module1")
            for name, source in {**modules, "xlwings": RECORDER}.items():
                text = source.replace("\r\n", "\n").replace("\n", "\r\n")
                project.add_module(name, text)
            book.save(str(full))
        with zipfile.ZipFile(full) as package:
            compiled = package.read("xl/vbaProject.bin")
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet(RECORDED)
    book.add_vba_project(BytesIO(compiled), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    sheet.set_vba_name("Sheet1")
    book.close()
    return path
