"""Authentication: only the server's own page may call it, with its token."""

from __future__ import annotations

import json
import secrets
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

LARGEST = 60_000_000  # bytes of one request: a whole workbook of marks has far fewer
# Excel itself fetches these without a token; they hold nothing about a pupil.
PUBLIC_PREFIXES = (
    "/static/",
    "/icons/",
    "/pane/",
    "/xlwings/custom-functions-",
    "/xlwings/custom-scripts-meta",
    "/xlwings/alert",
)
PUBLIC_PAGES = ("/taskpane.html", "/manifest.xml", "/functions.html", "/favicon.ico")


class Authentication:
    """Middleware that refuses a request before anything of its body is read.

    Args:
        app: The application behind it.
        origin: The address of the page, such as `https://localhost:8617`.
        token: The secret that the page carries.
    """

    def __init__(self, app: ASGIApp, *, origin: str, token: str) -> None:
        self._app = app
        self._origin = origin
        self._hosts = {urlsplit(origin).netloc, f"127.0.0.1:{urlsplit(origin).port}"}
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            headers = {key.decode("latin-1"): value for key, value in scope["headers"]}
            status, what, do = self._refusal(scope, headers)
            if status:
                await _send_error(send, status, what, do)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[str, bytes]) -> tuple[int, str, str]:
        """Status, reason and remedy; status 0 if the request may pass."""
        if headers.get("host", b"").decode("latin-1") not in self._hosts:
            # A page elsewhere may have a name that leads to this machine.
            return 421, "This is not the address of Markbook.", f"Use {self._origin}."
        origin = headers.get("origin", b"").decode("latin-1")
        if origin not in ("", self._origin):
            return 403, "Another page may not call Markbook.", f"Use {self._origin}."
        path, reads = scope["path"], scope["method"] in ("GET", "HEAD")
        if not (reads and (path.startswith(PUBLIC_PREFIXES) or path in PUBLIC_PAGES)):
            token = headers.get("authorization", b"")
            if not secrets.compare_digest(token, self._token):
                return (
                    401,
                    "Markbook was restarted, or this page is not its own.",
                    "Close Excel and open it again.",
                )
        length = headers.get("content-length", b"0")
        # A chunked request does not announce its length.
        if b"chunked" in headers.get("transfer-encoding", b"").lower():
            return _TOO_LARGE
        if not length.isdigit() or int(length) > LARGEST:
            return _TOO_LARGE
        return 0, "", ""


_TOO_LARGE = (
    413,
    "That is too large for a return.",
    "Drop markbooks only, one by one.",
)


async def _send_error(send: Send, status: int, what: str, do: str) -> None:
    # xlwings' JavaScript shows `detail` beside the cell.
    error = {"what": what, "do": do, "detail": f"{what} {do}"}
    body = json.dumps(error).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
