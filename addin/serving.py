"""`markbook addin serve`: the add-in for Windows, Mac and the web, on this machine."""

from __future__ import annotations

import gc
import logging
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from types import ModuleType

from addin.settings import path_of
from generator.reference import reference
from generator.school import School
from udfs.errors import MarkbookError

HOST = "127.0.0.1"
PROJECT = Path(__file__).parent / "office"


def prepare() -> None:
    """Set up the server's packages; before xlwings is first imported by them.

    Raises:
        MarkbookError: If they are not installed.
    """
    # xlwings 0.37.8 looks for Pyodide anew for every argument, and every cell that it
    # converts; not to find it made 5,000 x 10 take 26 times as long: it finds this.
    sys.modules.setdefault("pyodide.ffi", _no_pyodide())
    os.environ.update(
        XLWINGS_ON_SERVER="true",
        XLWINGS_PROJECT_DIR=str(PROJECT),
        XLWINGS_ENVIRONMENT="prod",
        XLWINGS_FUNCTIONS_NAMESPACE="MB",
        XLWINGS_ENABLE_SOCKETIO="false",
        XLWINGS_ENABLE_HTMX="false",
        XLWINGS_ENABLE_BOOTSTRAP="false",
        XLWINGS_ENABLE_ALPINEJS_CSP="false",
        XLWINGS_LOG_LEVEL="WARNING",  # a function's arguments are pupils' marks
    )
    os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")
    try:
        import xlwings_server  # noqa: F401  # only to see whether it is there
    except ImportError:
        raise MarkbookError(
            "The server of the add-in is not installed.",
            "Run: pip install 'markbook[server]' (PolyForm Noncommercial, see README).",
        ) from None


def _no_pyodide() -> ModuleType:
    """What `from pyodide.ffi import JsNull` finds: a kind that no cell is of."""
    empty = ModuleType("pyodide.ffi")
    empty.__dict__["JsNull"] = type("JsNull", (), {})
    return empty


def serve_school(
    school: School,
    *,
    port: int,
    who: str,
    today: date | None,
    tell: Callable[[Mapping[str, str]], None],
    token: str | None = None,
) -> None:
    """Serve one school until somebody stops it.

    Args:
        school: The school.
        port: The port on this machine.
        who: Who is served, for the record.
        today: Do everything as if it were this day.
        tell: Told where it is, and how to trust it.
        token: The secret that the page carries; a new one unless given.

    Raises:
        MarkbookError: If the server's packages are not installed.
    """
    prepare()
    import uvicorn

    from addin.certificate import certificate, how_to_trust
    from addin.desk import DESK
    from addin.pane import application
    from udfs import functions

    DESK.open(school, who=who, today=today)
    functions.use(reference(school))
    held, key = certificate(path_of(Path.home()).parent, now=DESK.now())
    origin = f"https://localhost:{port}"
    app = application(origin, token or secrets.token_urlsafe(32))
    tell(
        {
            "Serving": f"{school.settings.school.name} at {origin}",
            "Manifest": f"{origin}/manifest.xml",
            "Trust it once": how_to_trust(held),
            "Stop": "Ctrl-C",
        }
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    # What is loaded by now stays: looking through it for rubbish, again and again,
    # would hold up one call in twenty by a tenth of a second.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host=HOST,
        port=port,
        ssl_certfile=str(held),
        ssl_keyfile=str(key),
        access_log=False,
        log_level="warning",
        server_header=False,
    )
