"""Buttons pressed over HTTP, with the workbook as Excel sends it."""

from __future__ import annotations

import json
from types import ModuleType

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_PARTS = {"version", "book", "sheets"}  # of every workbook that Excel sends


async def answer_press(request: Request, scripts: ModuleType) -> Response:
    """Answer a press of a button with what Excel is to do.

    Args:
        request: The call, with the workbook and the answers given so far (`args`).
        scripts: The module that holds the buttons by name.
    """
    # Imported here: the server's packages are optional, and configured first.
    import xlwings.server

    name = request.path_params["name"]
    try:
        call = json.loads(await request.body())
        answers = call.pop("args", None) or []
        is_call = _PARTS <= call.keys() and isinstance(answers, list)
    except (ValueError, TypeError, AttributeError, RecursionError):
        is_call = False
    if not is_call:
        return _refusal("That is no press of a button.")
    if not hasattr(getattr(scripts, name, None), "__xlscript__"):
        return _refusal(f"There is no button {name}. Restart Excel.")
    book = xlwings.Book(json=call)
    try:
        book = await xlwings.server.custom_scripts_call(
            scripts, name, None, typehint_to_value={xlwings.Book: book}, args=answers
        )
        return JSONResponse(book.json())
    except xlwings.XlwingsError as error:
        return _refusal(str(error))
    finally:
        book.close()


def _refusal(message: str) -> Response:
    return JSONResponse({"detail": message}, status_code=400)
