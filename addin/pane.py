"""What the server answers: the task pane, the returns dropped on it, the rest."""

from __future__ import annotations

import json
import queue
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from xlwings_server.config import PACKAGE_DIR, settings
from xlwings_server.main import main_app

from addin.desk import DESK
from addin.door import Door
from addin.examples import help_page
from addin.icons import PICTURES, SIZES, icon
from addin.manifest import manifest
from addin.office import custom_functions
from addin.ribbon import buttons
from addin.trays import Trays
from addin.wire import called
from generator import workflow
from udfs.errors import MarkbookError

PAGES = Path(__file__).parent / "office" / "pane"
XML, HTML, PNG = "application/xml", "text/html", "image/png"
CALL = "/xlwings/custom-functions-call"
LINES = "application/x-ndjson"  # one JSON object a line, as it happens


def application(origin: str, token: str) -> Door:
    """The whole application, behind its door.

    Args:
        origin: Where it is served from; nobody else's page may call it.
        token: The secret that the page carries.
    """
    trays = Trays()
    office = next((PACKAGE_DIR / "static/vendor/office-js").glob("*/dist/office.js"))
    shown = {
        "office": "/static/" + office.relative_to(PACKAGE_DIR / "static").as_posix(),
        "config": json.dumps(settings.jsconfig),
        "token": token,
        "actions": json.dumps([button.action for button in buttons()]),
    }

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        yield
        trays.close()

    async def page(request: Request) -> Response:
        text = (PAGES / "taskpane.html").read_text(encoding="utf-8")
        for name, value in shown.items():
            text = text.replace("{{" + name + "}}", value)
        return Response(text, media_type=HTML, headers={"Cache-Control": "no-store"})

    async def part(request: Request) -> Response:
        return FileResponse(PAGES / request.path_params["name"])

    async def picture(request: Request) -> Response:
        name, _, rest = request.path_params["file"].rpartition("-")
        size = rest.removesuffix(".png")
        if name not in PICTURES or not size.isdigit() or int(size) not in SIZES:
            return _refused(MarkbookError("There is no such picture.", ""), 404)
        return Response(icon(name, int(size)), media_type=PNG)

    async def told(request: Request) -> Response:
        return Response(manifest(origin), media_type=XML)

    async def help_(request: Request) -> Response:
        return Response(help_page(), media_type=HTML)

    async def ask(request: Request) -> Response:
        return await called(request, custom_functions)

    async def begin(request: Request) -> Response:
        return JSONResponse({"tray": trays.new()})

    async def drop(request: Request) -> Response:
        name = request.query_params.get("name", "")
        data = await request.body()
        tray = request.path_params["tray"]
        return await _answer(lambda: {"name": trays.put(tray, name, data)})

    async def check(request: Request) -> Response:
        return _live(lambda tick: trays.check(request.path_params["tray"], tick))

    async def merge(request: Request) -> Response:
        return _live(lambda tick: trays.merge(request.path_params["tray"], tick))

    async def missing(request: Request) -> Response:
        def ask() -> dict[str, Any]:
            report = workflow.chase(DESK.here(), now=DESK.now())
            return {**report.json(), "lines": report.lines()}

        return await _answer(ask)

    async def files(request: Request) -> Response:
        return await _answer(lambda: {"files": trays.files()})

    async def fetch(request: Request) -> Response:
        try:
            path = await run_in_threadpool(trays.file, request.query_params["name"])
        except MarkbookError as error:
            return _refused(error, 404)
        return FileResponse(path, filename=path.name)

    return Door(
        Starlette(
            routes=[
                Route("/taskpane.html", page),
                Route("/pane/{name:str}", _only(part, ("pane.css", "pane.js"))),
                Route("/icons/{file:str}", picture),
                Route("/manifest.xml", told),
                Route("/functions.html", help_),
                Route(CALL, ask, methods=["POST"]),
                Route("/api/trays", begin, methods=["POST"]),
                Route("/api/trays/{tray:str}/files", drop, methods=["POST"]),
                Route("/api/trays/{tray:str}/check", check, methods=["POST"]),
                Route("/api/trays/{tray:str}/merge", merge, methods=["POST"]),
                Route("/api/missing", missing, methods=["POST"]),
                Route("/api/files", files, methods=["POST"]),
                Route("/api/file", fetch, methods=["POST"]),
                Mount("/", main_app),
            ],
            lifespan=life,
        ),
        origin=origin,
        token=token,
    )


def _only(
    serve: Callable[[Request], Any], names: tuple[str, ...]
) -> Callable[..., Any]:
    async def answer(request: Request) -> Response:
        if request.path_params["name"] not in names:
            return _refused(MarkbookError("There is no such page.", ""), 404)
        made: Response = await serve(request)
        return made

    return answer


def _refused(error: MarkbookError, status: int = 400) -> Response:
    return JSONResponse({"what": error.what, "do": error.do}, status_code=status)


async def _answer(ask: Callable[[], dict[str, Any]]) -> Response:
    """What a job answers, or its refusal: never a 500, which Excel would try again."""
    try:
        return JSONResponse(await run_in_threadpool(ask))
    except MarkbookError as error:
        return _refused(error)


def _live(job: Callable[[Callable[[int, int, str], None]], dict[str, Any]]) -> Response:
    """Do a job, and send on how far it is, then what it answered."""
    lines: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def work() -> None:
        try:
            done = job(lambda at, of, what: lines.put({"done": at, "total": of}))
            lines.put({"report": done})
        except MarkbookError as error:
            lines.put({"what": error.what, "do": error.do})
        finally:
            lines.put(None)

    def sent() -> Iterator[str]:
        worker = threading.Thread(target=work, name=f"pane-{secrets.token_hex(2)}")
        worker.start()
        while (line := lines.get()) is not None:
            yield json.dumps(line, ensure_ascii=False, default=str) + "\n"
        worker.join()

    return StreamingResponse(sent(), media_type=LINES)
