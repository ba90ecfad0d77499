"""Worksheet functions called over HTTP, with ranges as Excel sends them.

xlwings' own conversion looks at every cell four times on the way in and out; for 5,000
rows that takes longer than the function. Excel sends rows of plain values, which is
what the functions take and return, so only Excel's error values need converting here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from addin.declarations import declare
from udfs.excel.functions import NAMESPACE, WorksheetFunction
from udfs.excel.ranges import Cell, Rows

_UNCONVERTED = {"convert": "raw"}
JSON = "application/json"


def parse_range(argument: Cell) -> Rows | None:
    """An argument as Excel sends it, as rows; None for one that is left out.

    xlwings unwraps a range of one row once, and a range of one cell twice.

    >>> parse_range("5"), parse_range(["5", "6"]), parse_range([["5"], ["6"]])
    ([['5']], [['5', '6']], [['5'], ['6']])
    >>> parse_range({"type": "Error", "basicValue": "#N/A"})
    [['#N/A']]
    """
    if argument is None:
        return None
    rows: Rows = argument if isinstance(argument, list) else [[argument]]
    if not rows or not isinstance(rows[0], list):
        rows = [rows]
    if any(dict in map(type, row) for row in rows):
        return [[_basic_value(cell) for cell in row] for row in rows]
    return rows


def server_function(function: WorksheetFunction) -> Callable[..., Rows]:
    """A worksheet function in the form that the server calls."""

    def call(*arguments: Cell) -> Rows:
        answer = function.function(*map(parse_range, arguments))
        return answer if isinstance(answer, list) else [[answer]]

    server_call: Any = call
    server_call.__annotations__ = {}  # a cell is of any type
    declaration = vars(declare(function))["__xlfunc__"]
    server_call.__xlfunc__ = {
        **declaration,
        "args": [{**arg, "options": _UNCONVERTED} for arg in declaration["args"]],
        "ret": {**declaration["ret"], "options": _UNCONVERTED},
    }
    return call


async def answer_call(request: Request, functions: object) -> Response:
    """Answer a call of a worksheet function from Excel.

    Args:
        request: The call.
        functions: The module that holds the functions by name, as `server_function`
            returns them.
    """
    # Imported here: the server's packages are optional, and configured first.
    import xlwings.server

    try:
        call = json.loads(await request.body())
        name = str(call["func_name"])
        call["args"] = [*call["args"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _refusal("That is no call of a function.")
    if not hasattr(getattr(functions, name, None), "__xlfunc__"):
        return _refusal(f"There is no function {NAMESPACE}.{name}. Restart Excel.")
    try:
        result = await xlwings.server.custom_functions_call(
            call, functions, None, typehint_to_value={}
        )
    except xlwings.XlwingsError as error:
        return _refusal(str(error))
    body = json.dumps({"result": result}, ensure_ascii=False).encode()
    return Response(body, media_type=JSON)


def _basic_value(cell: Cell) -> Cell:
    """The plain value of a cell that holds a date, a currency or an error."""
    return cell.get("basicValue", "") if isinstance(cell, dict) else cell


def _refusal(message: str) -> Response:
    body = json.dumps({"detail": message}, ensure_ascii=False).encode()
    return Response(body, status_code=400, media_type=JSON)
