"""The server of `markbook addin serve`: the Office.js add-in, on this machine alone."""

from __future__ import annotations

import errno
import gc
import logging
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from addin.user_settings import settings_path
from generator.school.school import School
from generator.school.school_tables import school_tables
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from addin.authentication import Authentication

HOST = "127.0.0.1"
PROJECT = Path(__file__).parent / "office"


def configure_xlwings() -> None:
    """Configure the server's packages, before they first import xlwings.

    Raises:
        MarkbookError: If they are not installed.
    """
    # xlwings 0.37.8 tries to import Pyodide for every argument and every cell that it
    # converts; a failing import makes 5,000 x 10 cells take 26 times as long.
    sys.modules.setdefault("pyodide.ffi", _pyodide_stub())
    os.environ.update(
        XLWINGS_ON_SERVER="true",
        XLWINGS_PROJECT_DIR=str(PROJECT),
        XLWINGS_ENVIRONMENT="prod",
        XLWINGS_FUNCTIONS_NAMESPACE="MB",
        XLWINGS_ENABLE_SOCKETIO="false",
        XLWINGS_ENABLE_HTMX="false",
        XLWINGS_ENABLE_BOOTSTRAP="false",
        XLWINGS_ENABLE_ALPINEJS_CSP="false",
        XLWINGS_ADD_SECURITY_HEADERS="false",  # `addin.authentication` sets them
        XLWINGS_LOG_LEVEL="WARNING",  # a function's arguments are pupils' marks
    )
    os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")
    try:
        import xlwings_server  # noqa: F401  # only to see whether it is there
    except ImportError:
        raise MarkbookError(
            "The server of the add-in is not installed.",
            'In the folder of Markbooks run: pip install ".[server]" (PolyForm '
            "Noncommercial, see README).",
        ) from None


def _pyodide_stub() -> ModuleType:
    """A module for `from pyodide.ffi import JsNull`: a type that no cell has."""
    module = ModuleType("pyodide.ffi")
    module.__dict__["JsNull"] = type("JsNull", (), {})
    return module


def serve_school(
    school: School,
    *,
    port: int,
    who: str,
    today: date | None,
    notify: Callable[[Mapping[str, str]], None],
    token: str | None = None,
) -> None:
    """Serve one school until the user stops it.

    Args:
        school: The school.
        port: The port on this machine.
        who: The user, for the record.
        today: Run everything as on this day; None: the real day.
        notify: Receives the address, and how to trust the certificate.
        token: The secret with which the page calls; None: a new one.

    Raises:
        MarkbookError: If the server's packages are not installed, or the port is in
            use.
    """
    listener = _listen(port)
    configure_xlwings()
    from addin.certificate import ensure_certificate, renewal_notice
    from addin.pane import application
    from addin.server_session import SESSION
    from addin.uploads import Uploads
    from udfs.excel import functions

    SESSION.open(school, who=who, today=today)
    functions.use_tables(school_tables(school))
    folder = settings_path(Path.home()).parent
    certificate, key = ensure_certificate(folder, now=SESSION.now())
    origin = f"https://localhost:{port}"
    # Its name has the port, which one server has at a time.
    uploads = Uploads(folder / f"uploads-{port}")
    notice = renewal_notice(certificate, now=SESSION.now())
    app = application(origin, token or secrets.token_urlsafe(32), uploads, notice)
    notify(
        {
            "Serving": f"{school.settings.school.name} at {origin}",
            "Manifest": f"{origin}/manifest.xml",
            "Trust it": _trust_text(certificate),
            **({"Renew": notice} if notice else {}),
            "Stop": "Ctrl-C",
        }
    )
    _run(app, listener, certificate, key)


def _run(
    app: Authentication, listener: socket.socket, certificate: Path, key: Path
) -> None:
    """Answer on a port until the user stops it."""
    import uvicorn

    from addin.time_limits import HeaderTimeLimit

    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    # Objects loaded so far stay for good; collecting garbage among them would delay
    # one call in twenty by a tenth of a second.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app,
        http=HeaderTimeLimit,
        ssl_certfile=str(certificate),
        ssl_keyfile=str(key),
        access_log=False,
        log_level="warning",
        server_header=False,
    )
    with suppress(KeyboardInterrupt):  # stopped by the user
        uvicorn.Server(config).run(sockets=[listener])


def _trust_text(certificate: Path) -> str:
    """How the user makes this machine trust a certificate, once."""
    from addin.certificate import trust_command

    words = trust_command(certificate)
    if words:
        return f"markbook addin install, or once: {subprocess.list2cmdline(words)}"
    return f"import {certificate} into the browser's own authorities, once"


def _listen(port: int) -> socket.socket:
    """Take the port, before anything else is done.

    Raises:
        MarkbookError: If another program has it, or it is not to be had.
    """
    listener = socket.socket()
    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)  # Windows
    listener.setsockopt(socket.SOL_SOCKET, exclusive or socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            what = f"Port {port} of this machine is in use."
        else:
            what = f"Port {port} cannot be opened ({error.strerror or error})."
        raise MarkbookError(
            what,
            "If Markbook runs already, nothing is to be done. Otherwise name another "
            "port: `markbook addin serve --port N`, and install the add-in with it.",
        ) from error
    return listener
