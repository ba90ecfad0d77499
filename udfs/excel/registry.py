"""The register of worksheet functions, with the help that Excel's wizard shows.

It knows nothing of Excel or of a server: `addin` declares the functions to them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from udfs.errors import MarkbookError
from udfs.excel.ranges import Cell, cut_to_used, error_text
from udfs.tables import Tables, standard

CATEGORY = "Markbook"
NAMESPACE = "MB"

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class WorksheetFunction:
    """A worksheet function as Excel's function wizard shows it.

    Args:
        name: Its name after `MB.` or `MB_`.
        summary: What it returns.
        arguments: The name of each argument with its help.
        optional: The arguments that may be left out.
        function: The function itself.
    """

    name: str
    summary: str
    arguments: dict[str, str]
    optional: tuple[str, ...]
    function: Callable[..., Any]


FUNCTIONS: dict[str, WorksheetFunction] = {}
_school_tables: list[Tables] = []


def use_tables(tables: Tables | None) -> None:
    """Answer with a school's own scales and subjects; None for the standard ones."""
    _school_tables[:] = [] if tables is None else [tables]


def current_tables() -> Tables:
    """The tables of the school, or the standard ones."""
    return _school_tables[0] if _school_tables else standard()


def worksheet_function(**arguments: str) -> Callable[[Function], Function]:
    """Register a function for Excel, with help for each argument."""

    def register(function: Function) -> Function:
        @wraps(function)
        def answer(*cells: Cell, **named: Cell) -> Cell:
            try:
                return function(*cut_to_used(cells), **named)
            except MarkbookError as error:
                return error_text(error)

        name, doc = function.__name__, inspect.getdoc(function) or ""
        answer.__doc__ = doc.partition("\n\n")[0].replace("\n", " ")
        answer.__annotations__ = {}  # Excel's cells are of any type
        parameters = inspect.signature(function).parameters.values()
        FUNCTIONS[name] = WorksheetFunction(
            name,
            answer.__doc__,
            arguments,
            tuple(p.name for p in parameters if p.default is not p.empty),
            answer,
        )
        answer.__doc__ = doc
        registered: Any = answer
        return registered  # type: ignore[no-any-return]  # of the function's own type

    return register
