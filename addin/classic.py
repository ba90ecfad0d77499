"""What the classic add-in calls from VBA: the buttons, and the worksheet functions."""

from __future__ import annotations

import getpass
from datetime import datetime

import xlwings

from addin import actions
from addin.settings import school_folder
from generator.reference import reference
from generator.school import School
from udfs import functions
from udfs.errors import MarkbookError
from udfs.functions import (
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
    asked = actions.Asked(
        book=xlwings.Book.caller(),
        now=datetime.now().replace(microsecond=0),
        who=getpass.getuser(),
        folder=school_folder(),
    )
    actions.run(action, asked)


def use_school() -> None:
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


use_school()
