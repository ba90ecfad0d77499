"""The server's web application: the task pane, its API and the worksheet functions."""

from __future__ import annotations

import json
import queue
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import xlwings.server
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from xlwings_server.config import PACKAGE_DIR, settings
from xlwings_server.main import main_app

from addin.authentication import SESSION_PATH, Authentication
from addin.button_calls import answer_press
from addin.examples import help_page
from addin.function_calls import answer_call
from addin.icons import PICTURES, SIZES, icon
from addin.manifest import manifest
from addin.office import custom_functions, custom_scripts
from addin.ribbon import buttons
from addin.server_session import SESSION
from addin.time_limits import BodyTimeLimit
from addin.uploads import Uploads, download, downloads
from generator import workflow
from udfs.errors import MarkbookError

PAGES = Path(__file__).parent / "office" / "pane"
XML, HTML, PNG = "application/xml", "text/html", "image/png"
FUNCTION_CALLS = "/xlwings/custom-functions-call"
JSON_LINES = "application/x-ndjson"

Answer = dict[str, Any]


def application(
    origin: str, token: str, uploads: Uploads, notice: str = ""
) -> Authentication:
    """The whole application, behind its authentication.

    Args:
        origin: The address that it is served from; no other page may call it.
        token: The secret with which the page calls.
        uploads: The batches of this server.
        notice: What the pane tells its user on opening; empty: nothing.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        uploads.close()

    async def session(request: Request) -> Response:
        return JSONResponse({"token": token, "notice": notice})

    routes = [
        Route(SESSION_PATH, session, methods=["POST"]),
        *page_routes(origin),
        *api_routes(uploads),
        Mount("/", main_app),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    return Authentication(BodyTimeLimit(app), origin=origin, token=token)


def page_routes(origin: str) -> list[Route]:
    """The routes that Excel and the page read: pages, icons, manifest, functions."""
    office = next((PACKAGE_DIR / "static/vendor/office-js").glob("*/dist/office.js"))
    placeholders = {
        "office": "/static/" + office.relative_to(PACKAGE_DIR / "static").as_posix(),
        "config": json.dumps(settings.jsconfig),
        "actions": json.dumps([button.action for button in buttons()]),
    }

    async def pane_page(request: Request) -> Response:
        text = (PAGES / "taskpane.html").read_text(encoding="utf-8")
        for name, value in placeholders.items():
            text = text.replace("{{" + name + "}}", value)
        return Response(text, media_type=HTML)

    async def pane_file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in ("pane.css", "pane.js"):
            return _error(MarkbookError("There is no such page.", ""), 404)
        return FileResponse(PAGES / name)

    async def icon_file(request: Request) -> Response:
        name, _, rest = request.path_params["file"].rpartition("-")
        size = rest.removesuffix(".png")
        if name not in PICTURES or not size.isdigit() or int(size) not in SIZES:
            return _error(MarkbookError("There is no such picture.", ""), 404)
        return Response(icon(name, int(size)), media_type=PNG)

    async def manifest_file(request: Request) -> Response:
        return Response(manifest(origin), media_type=XML)

    async def functions_page(request: Request) -> Response:
        return Response(help_page(), media_type=HTML)

    async def functions_metadata(request: Request) -> Response:
        describe: Any = xlwings.server.custom_functions_meta  # it has no types
        metadata = describe(custom_functions)
        for entry in metadata["functions"]:
            entry["helpUrl"] = f"{origin}/functions.html#{entry['id']}"
        return JSONResponse(metadata)

    async def function_call(request: Request) -> Response:
        return await answer_call(request, custom_functions)

    async def press(request: Request) -> Response:
        return await answer_press(request, custom_scripts)

    return [
        Route("/taskpane.html", pane_page),
        Route("/pane/{name:str}", pane_file),
        Route("/icons/{file:str}", icon_file),
        Route("/manifest.xml", manifest_file),
        Route("/functions.html", functions_page),
        Route("/xlwings/custom-functions-meta.json", functions_metadata),
        Route(FUNCTION_CALLS, function_call, methods=["POST"]),
        Route("/xlwings/custom-scripts-call/{name:str}", press, methods=["POST"]),
    ]


def api_routes(uploads: Uploads) -> list[Route]:
    """The routes that the task pane calls; a batch of uploads is a "tray" there."""

    async def create(request: Request) -> Response:
        return JSONResponse({"tray": uploads.create()})

    async def add(request: Request) -> Response:
        name = request.query_params.get("name", "")
        data = await request.body()
        batch = request.path_params["tray"]
        return await _answer(lambda: {"name": uploads.add(batch, name, data)})

    async def check(request: Request) -> Response:
        return _stream(lambda tick: uploads.check(request.path_params["tray"], tick))

    async def merge(request: Request) -> Response:
        return _stream(lambda tick: uploads.merge(request.path_params["tray"], tick))

    async def missing(request: Request) -> Response:
        def chase() -> Answer:
            report = workflow.chase(SESSION.current_school(), now=SESSION.now())
            return {**report.json(), "lines": report.lines()}

        return await _answer(chase)

    async def file_list(request: Request) -> Response:
        return await _answer(lambda: {"files": downloads()})

    async def file(request: Request) -> Response:
        try:
            name = request.query_params.get("name", "")
            path = await run_in_threadpool(download, name)
        except MarkbookError as error:
            return _error(error, 404)
        return FileResponse(path, filename=path.name)

    handlers = {
        "/api/trays": create,
        "/api/trays/{tray:str}/files": add,
        "/api/trays/{tray:str}/check": check,
        "/api/trays/{tray:str}/merge": merge,
        "/api/missing": missing,
        "/api/files": file_list,
        "/api/file": file,
    }
    return [Route(path, call, methods=["POST"]) for path, call in handlers.items()]


def _error(error: MarkbookError, status: int = 400) -> Response:
    return JSONResponse({"what": error.what, "do": error.do}, status_code=status)


async def _answer(job: Callable[[], Answer]) -> Response:
    """A job's answer or its refusal: never a 500, which Excel would retry."""
    try:
        return JSONResponse(await run_in_threadpool(job))
    except MarkbookError as error:
        return _error(error)


def _stream(job: Callable[[Callable[[int, int, str], None]], Answer]) -> Response:
    """Run a job, and send its progress and its answer, one JSON object a line."""
    messages: queue.Queue[Answer | None] = queue.Queue()

    def work() -> None:
        try:
            report = job(lambda at, of, what: messages.put({"done": at, "total": of}))
            messages.put({"report": report})
        except MarkbookError as error:
            messages.put({"what": error.what, "do": error.do})
        finally:
            messages.put(None)

    def lines() -> Iterator[str]:
        worker = threading.Thread(target=work, name=f"pane-{secrets.token_hex(2)}")
        worker.start()
        while (message := messages.get()) is not None:
            yield json.dumps(message, ensure_ascii=False, default=str) + "\n"
        worker.join()

    return StreamingResponse(lines(), media_type=JSON_LINES)
