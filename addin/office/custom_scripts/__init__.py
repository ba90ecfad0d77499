"""The buttons of the ribbon, under the names that the server expects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xlwings

from addin import actions
from addin.server_session import SESSION


def _script(name: str) -> Callable[..., Any]:
    def press(book: xlwings.Book, confirmed: bool = False) -> None:
        actions.run(name, SESSION.action_request(book), confirmed=bool(confirmed))

    press.__name__ = press.__qualname__ = name
    # Types, not the strings that the future import makes of them: the server reads it.
    press.__annotations__ = {"book": xlwings.Book}
    script: Callable[..., Any] = xlwings.script(press)
    return script


globals().update({name: _script(name) for name in actions.ACTIONS})
