"""Declare the worksheet functions to xlwings, as both add-ins call them."""

from __future__ import annotations

from typing import Any

import xlwings

from udfs.excel.functions import CATEGORY, WorksheetFunction


def declare(function: WorksheetFunction) -> Any:
    """The function as xlwings calls it, with the help for each argument."""
    declared: Any = function.function
    doc = declared.__doc__
    declared.__doc__ = function.summary  # xlwings shows it in the wizard
    for argument, text in function.arguments.items():
        # Always as rows, so that a single row differs from a single column.
        declared = xlwings.arg(argument, ndim=2, err_to_str=True, doc=text)(declared)
    declared = xlwings.func(category=CATEGORY)(declared)
    declared.__doc__ = doc
    return declared
