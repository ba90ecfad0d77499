"""Time limits: a client that sends its request too slowly is cut off."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from addin.authentication import send_error

HEADER_SECONDS = 10.0  # from the connection, or the answer before, to all headers
BODY_SECONDS = 60.0  # to all of the body, which comes from this machine


class HeaderTimeLimit(HttpToolsProtocol):
    """HTTP with a limit on how long a client may take for its headers."""

    seconds = HEADER_SECONDS
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the headers of the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Read what came; the wait ends with the last header."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def _watch(self) -> None:
        is_busy = self.cycle is not None and not self.cycle.response_complete
        if is_busy or self.transport.is_closing():
            self._stop()
        elif self._timer is None:
            self._timer = self.loop.call_later(self.seconds, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class BodyTimeLimit:
    """Middleware with a limit on how long a client may take for a body.

    Args:
        app: The application behind it.
        seconds: The limit for the whole body.
    """

    def __init__(self, app: ASGIApp, *, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and refuse it if its body does not come in time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + self._seconds
        is_whole = is_late = is_answered = False

        async def receive_in_time() -> Message:
            nonlocal is_whole, is_late
            if is_whole:  # what follows is only that the client leaves
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                is_late = True
                raise
            is_whole = not message.get("more_body", False)
            return message

        async def answer(message: Message) -> None:
            nonlocal is_answered
            if not is_late:
                is_answered = True
                await send(message)

        try:
            await self._app(scope, receive_in_time, answer)
        except TimeoutError:
            if not is_late:
                raise
        if is_late and not is_answered:
            await send_error(
                send, 408, "The request did not come in time.", "Send it again."
            )
