"""The buttons of the ribbon, as the server looks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xlwings

from addin import actions
from addin.desk import DESK


def _script(name: str) -> Callable[..., Any]:
    def press(book: xlwings.Book, sure: bool = False) -> None:
        actions.run(name, DESK.asked(book), sure=bool(sure))

    press.__name__ = press.__qualname__ = name
    # Without the letters of the module's future import: the server reads the types.
    press.__annotations__ = {"book": xlwings.Book}
    made: Callable[..., Any] = xlwings.script(press)
    return made


globals().update({name: _script(name) for name in actions.ACTIONS})
