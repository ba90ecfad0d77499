"""Who may call the server: its own page, with the token that the page carries."""

from __future__ import annotations

import json
import secrets
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

LARGEST = 60_000_000  # bytes of one call: a whole workbook of marks has far fewer
# What Excel itself fetches, without a token; there is no pupil in any of it.
OPEN = (
    "/static/",
    "/icons/",
    "/pane/",
    "/xlwings/custom-functions-",
    "/xlwings/custom-scripts-meta",
    "/xlwings/alert",
)
OPEN_PAGES = ("/taskpane.html", "/manifest.xml", "/functions.html", "/favicon.ico")


class Door:
    """Refuses whoever is not meant, before anything is read.

    Args:
        app: What stands behind it.
        origin: Where the page is served from.
        token: The secret that the page carries.
    """

    def __init__(self, app: ASGIApp, *, origin: str, token: str) -> None:
        self._app = app
        self._origin = origin
        self._hosts = {urlsplit(origin).netloc, f"127.0.0.1:{urlsplit(origin).port}"}
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1"): value for key, value in scope["headers"]}
        status, what, do = self._refusal(scope, headers)
        if status:
            await _say(send, status, what, do)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[str, bytes]) -> tuple[int, str, str]:
        if headers.get("host", b"").decode("latin-1") not in self._hosts:
            # A page elsewhere may have a name that leads to this machine.
            return 421, "This is not the address of Markbook.", f"Use {self._origin}."
        origin = headers.get("origin", b"").decode("latin-1")
        if origin not in ("", self._origin):
            return 403, "Another page may not call Markbook.", f"Use {self._origin}."
        path, method = scope["path"], scope["method"]
        reads = method in ("GET", "HEAD")
        if not (reads and (path.startswith(OPEN) or path in OPEN_PAGES)):
            given = headers.get("authorization", b"")
            if not secrets.compare_digest(given, self._token):
                return (
                    401,
                    "Markbook was restarted, or this page is not its own.",
                    "Close Excel and open it again.",
                )
        length = headers.get("content-length", b"0")
        # Without a length nobody knows how much will come.
        if b"chunked" in headers.get("transfer-encoding", b"").lower():
            return _LARGE
        if not length.isdigit() or int(length) > LARGEST:
            return _LARGE
        return 0, "", ""


_LARGE = (413, "That is too large for a return.", "Drop markbooks only, one by one.")


async def _say(send: Send, status: int, what: str, do: str) -> None:
    # `detail` is what the functions' own JavaScript shows beside the cell.
    said = {"what": what, "do": do, "detail": f"{what} {do}"}
    body = json.dumps(said).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
