"""Entry points of the classic add-in's VBA: the buttons and worksheet functions."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime

import xlwings

from addin import actions
from addin.declarations import declare
from addin.user_settings import school_folder
from generator.school.school import School
from generator.school.school_tables import school_tables
from udfs.errors import MarkbookError
from udfs.excel import functions

# xlwings finds the functions here by their names.
globals().update({name: declare(f) for name, f in functions.FUNCTIONS.items()})


def run(action: str) -> None:
    """Run the action of a button on the workbook that called."""
    request = actions.ActionRequest(
        book=xlwings.Book.caller(),
        now=datetime.now().replace(microsecond=0),
        who=getpass.getuser(),
        folder=school_folder(),
    )
    try:
        actions.run(action, request)
    except _excel_errors() as error:
        request.book.app.alert(
            f"Excel would not do that ({_error_text(error)}). Unprotect the sheet or "
            "finish the cell you are in, look at what is there, and press the button "
            "again.",
            "Markbook",
            mode="critical",
        )


def _excel_errors() -> tuple[type[Exception], ...]:
    """The exceptions by which Excel on Windows refuses; none on other systems."""
    com = sys.modules.get("pywintypes")
    return () if com is None else (com.com_error,)


def _error_text(error: Exception) -> str:
    """The description of an Excel error, or its number."""
    info = error.args[2] if len(error.args) > 2 else None
    text = info[2] if isinstance(info, tuple) and len(info) > 2 and info[2] else ""
    return str(text or error.args[0] if error.args else "no reason given").strip(". ")


def load_school() -> None:
    """Use the scales and subjects of the school that is set, if there is one.

    If its settings cannot be read, the buttons say so, and the functions use the
    tables of the package.
    """
    folder = school_folder()
    if folder is None:
        return
    try:
        functions.use_tables(school_tables(School.load(folder)))
    except MarkbookError:
        functions.use_tables(None)


load_school()
