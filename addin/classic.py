"""What the classic add-in calls from VBA: the buttons, and the worksheet functions."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime

import xlwings

from addin import actions
from addin.user_settings import school_folder
from generator.school.reference import reference
from generator.school.school import School
from udfs.errors import MarkbookError
from udfs.excel import functions
from udfs.excel.functions import (
    ACCURACY,
    ATTAINMENT8,
    CHANCE,
    ENGLISHMATHS,
    FLAG,
    GAP,
    GROUPS,
    POINTS,
    PRAISE,
    PROGRESS8,
    TARGET,
    UNDERACHIEVING,
    WHY,
)

__all__ = [
    "ACCURACY", "ATTAINMENT8", "CHANCE", "ENGLISHMATHS", "FLAG", "GAP", "GROUPS",
    "POINTS", "PRAISE", "PROGRESS8", "TARGET", "UNDERACHIEVING", "WHY", "run",
]  # fmt: skip


def run(action: str) -> None:
    """Press a button of the ribbon, on the workbook that is open."""
    asked = actions.ActionRequest(
        book=xlwings.Book.caller(),
        now=datetime.now().replace(microsecond=0),
        who=getpass.getuser(),
        folder=school_folder(),
    )
    try:
        actions.run(action, asked)
    except _refusals() as error:
        asked.book.app.alert(
            f"Excel would not do that ({_said(error)}). Unprotect the sheet or finish "
            "the cell you are in, look at what is there, and press the button again.",
            "Markbook",
            mode="critical",
        )


def _refusals() -> tuple[type[Exception], ...]:
    """What xlwings lets through when Excel on Windows refuses; nothing elsewhere."""
    com = sys.modules.get("pywintypes")
    return () if com is None else (com.com_error,)


def _said(error: Exception) -> str:
    """What Excel says of its refusal: the description that it gives, or its number."""
    told = error.args[2] if len(error.args) > 2 else None
    says = told[2] if isinstance(told, tuple) and len(told) > 2 and told[2] else ""
    return str(says or error.args[0] if error.args else "no reason given").strip(". ")


def load_school() -> None:
    """Answer with the scales and subjects of the school that was set, if there is one.

    A school whose settings cannot be read is told of by the buttons; the functions
    go on with our own tables.
    """
    folder = school_folder()
    if folder is None:
        return
    try:
        functions.use(reference(School.load(folder)))
    except MarkbookError:
        functions.use(None)


load_school()
