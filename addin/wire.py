"""A worksheet function called over the wire: ranges come and go as Excel sends them.

xlwings' own way looks at every cell there and back, four times over; for 5,000 rows
that takes longer than the function. Excel sends plain values in rows, which is what the
functions take and give, so only errors of Excel's own are looked for here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from udfs.functions import NAMESPACE, Worksheet
from udfs.ranges import Cell, Rows

_AS_IT_IS = {"convert": "raw"}
JSON = "application/json"


def range_of(sent: Cell) -> Rows | None:
    """A range as Excel sends it, in rows; what was left out is None.

    xlwings takes a single row out of its brackets, and a single cell out of both.

    >>> range_of("5"), range_of(["5", "6"]), range_of([["5"], ["6"]])
    ([['5']], [['5', '6']], [['5'], ['6']])
    >>> range_of({"type": "Error", "basicValue": "#N/A"})
    [['#N/A']]
    """
    if sent is None:
        return None
    rows: Rows = sent if isinstance(sent, list) else [[sent]]
    if not rows or not isinstance(rows[0], list):
        rows = [rows]
    if any(dict in map(type, row) for row in rows):
        return [[_plain(cell) for cell in row] for row in rows]
    return rows


def served(made: Worksheet) -> Callable[..., Rows]:
    """A worksheet function as the server is to call it."""

    def answer(*given: Cell) -> Rows:
        answered = made.ask(*map(range_of, given))
        return answered if isinstance(answered, list) else [[answered]]

    told: Any = answer
    told.__annotations__ = {}  # a cell is of any type
    declared = vars(made.ask)["__xlfunc__"]
    told.__xlfunc__ = {
        **declared,
        "args": [{**one, "options": _AS_IT_IS} for one in declared["args"]],
        "ret": {**declared["ret"], "options": _AS_IT_IS},
    }
    return answer


async def called(request: Request, functions: object) -> Response:
    """Answer one call, as Excel sends it.

    Args:
        request: The call.
        functions: What holds the functions, by name, as `served` makes them.
    """
    # Imported here, not above: the server's packages are set up first, and optional.
    import xlwings.server

    try:
        told = json.loads(await request.body())
        name = str(told["func_name"])
        args = [*told["args"]]
    except (ValueError, KeyError, TypeError):
        return _refused("That is no call of a function.")
    if not hasattr(getattr(functions, name, None), "__xlfunc__"):
        return _refused(f"There is no function {NAMESPACE}.{name}. Restart Excel.")

    told["args"] = args
    try:
        made = await xlwings.server.custom_functions_call(
            told, functions, None, typehint_to_value={}
        )
    except xlwings.XlwingsError as error:
        return _refused(str(error))
    body = json.dumps({"result": made}, ensure_ascii=False).encode()
    return Response(body, media_type=JSON)


def _plain(cell: Cell) -> Cell:
    """What stands in a cell: of a date, a currency or an error its plain value."""
    return cell.get("basicValue", "") if isinstance(cell, dict) else cell


def _refused(says: str) -> Response:
    body = json.dumps({"detail": says}, ensure_ascii=False).encode()
    return Response(body, status_code=400, media_type=JSON)
