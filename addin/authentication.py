"""Authentication: only the server's own page may call it, with its token."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 60_000_000  # bytes of one request: a whole workbook of marks has far fewer
# The hosts of Excel on the web, one for each region: it fetches the description, the
# script and the page of the functions from there.
OFFICE = re.compile(r"https://([a-z0-9-]{1,20}-)?excel\.officeapps\.live\.com")
# What Excel on the web may fetch; these hold nothing about a pupil, and no token.
SHARED_PREFIXES = ("/static/", "/icons/", "/pane/", "/xlwings/custom-functions-")
SHARED_PAGES = ("/taskpane.html", "/functions.html", "/manifest.xml", "/favicon.ico")
# What anybody on this machine may read, but no page of another origin.
PUBLIC_PREFIXES = ("/xlwings/custom-scripts-meta", "/xlwings/alert")
SESSION_PATH = "/api/session"  # answers with the token, to the server's own page alone
READS = ("GET", "HEAD")
Header = tuple[bytes, bytes]
Refusal = tuple[int, str, str]  # status, reason, remedy


class Authentication:
    """Middleware that refuses a request before anything of its body is read.

    Args:
        app: The application behind it.
        origin: The address of the page, such as `https://localhost:8617`.
        token: The secret with which the page calls.
    """

    def __init__(self, app: ASGIApp, *, origin: str, token: str) -> None:
        self._app = app
        self._origin = origin
        self._hosts = {urlsplit(origin).netloc, f"127.0.0.1:{urlsplit(origin).port}"}
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, answer a preflight, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1"): value for key, value in scope["headers"]}
        status, what, do = self._refusal(scope, headers)
        extra = _security_headers(scope["path"])
        from_office = OFFICE.fullmatch(_text(headers, "origin")) is not None
        if from_office and not status:
            extra += _sharing_headers(headers)
        answer = _with_headers(send, extra)
        if status:
            await send_error(answer, status, what, do)
        elif from_office and scope["method"] == "OPTIONS":
            await answer({"type": "http.response.start", "status": 204, "headers": []})
            await answer({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, receive, answer)

    def _refusal(self, scope: Scope, headers: dict[str, bytes]) -> Refusal:
        """Status, reason and remedy; status 0 if the request may pass."""
        if _text(headers, "host") not in self._hosts:
            # A page elsewhere may have a name that leads to this machine.
            return 421, "This is not the address of Markbook.", f"Use {self._origin}."
        path, method = scope["path"], scope["method"]
        if not self._may_call(path, method, headers):
            return 403, "Another page may not call Markbook.", f"Use {self._origin}."
        is_public = _is_shared(path) or path.startswith(PUBLIC_PREFIXES)
        needs_token = not (
            path == SESSION_PATH
            or (is_public and (method in READS or _is_preflight(method, headers)))
        )
        token = headers.get("authorization", b"")
        if needs_token and not secrets.compare_digest(token, self._token):
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

    def _may_call(self, path: str, method: str, headers: dict[str, bytes]) -> bool:
        """Whether the page that calls, if any, may make such a call."""
        origin = _text(headers, "origin")
        if path == SESSION_PATH:
            # A browser names the page that calls, and no page can name another.
            site = _text(headers, "sec-fetch-site")
            return origin == self._origin and site in ("", "same-origin")
        if origin in ("", self._origin):
            return True
        is_read = method in READS or _is_preflight(method, headers)
        return is_read and _is_shared(path) and OFFICE.fullmatch(origin) is not None


_TOO_LARGE = (
    413,
    "That is too large for a return.",
    "Drop markbooks only, one by one.",
)


def _text(headers: dict[str, bytes], name: str) -> str:
    return headers.get(name, b"").decode("latin-1")


def _is_preflight(method: str, headers: dict[str, bytes]) -> bool:
    """Whether a browser asks if a page of another origin may read."""
    wanted = _text(headers, "access-control-request-method")
    return method == "OPTIONS" and wanted in READS


def _is_shared(path: str) -> bool:
    return path.startswith(SHARED_PREFIXES) or path in SHARED_PAGES


def _security_headers(path: str) -> list[Header]:
    """The headers of every answer; none that tells a browser about other ports."""
    resource_policy = b"cross-origin" if _is_shared(path) else b"same-origin"
    headers = [
        (b"cross-origin-resource-policy", resource_policy),
        (b"referrer-policy", b"no-referrer"),
        (b"vary", b"Origin"),
        (b"x-content-type-options", b"nosniff"),
    ]
    # Excel for Windows does not show a picture that it may not keep.
    if not path.endswith((".png", ".ico", ".svg")):
        headers.append((b"cache-control", b"no-store"))
    return headers


def _sharing_headers(headers: dict[str, bytes]) -> list[Header]:
    """The headers by which a browser lets Excel on the web read an answer."""
    sharing = [(b"access-control-allow-origin", headers["origin"])]
    if "access-control-request-method" in headers:
        sharing += [
            (b"access-control-allow-methods", b"GET, HEAD"),
            (b"access-control-max-age", b"600"),
        ]
        asked = headers.get("access-control-request-headers", b"")
        if asked:
            sharing.append((b"access-control-allow-headers", asked))
        # Browsers of 2022 to 2024 ask before a page reads from this machine.
        if headers.get("access-control-request-private-network") == b"true":
            sharing.append((b"access-control-allow-private-network", b"true"))
    return sharing


def _with_headers(send: Send, extra: Iterable[Header]) -> Send:
    """Send answers with these headers in place of any of the same names."""
    extra = list(extra)
    names = {name for name, _ in extra}

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            rest = [(k, v) for k, v in message["headers"] if k.lower() not in names]
            message = {**message, "headers": [*rest, *extra]}
        await send(message)

    return answer


async def send_error(send: Send, status: int, what: str, do: str) -> None:
    """Send what is wrong and what to do, and close the connection."""
    # xlwings' JavaScript shows `detail` beside the cell.
    error = {"what": what, "do": do, "detail": f"{what} {do}"}
    body = json.dumps(error).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
