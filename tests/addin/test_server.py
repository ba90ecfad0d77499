"""The server as Excel and its page call it, and as others may not."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from datetime import datetime

import httpx
import pytest

from addin.certificate import ensure_certificate, trust_command
from addin.ribbon import buttons
from udfs.excel.functions import FLAG, FUNCTIONS, GROUPS

UNTRUSTED = ssl.create_default_context()
UNTRUSTED.check_hostname = False
UNTRUSTED.verify_mode = ssl.CERT_NONE
pytestmark = pytest.mark.xdist_group("addin")
NOT_AVAILABLE = {
    "type": "Error",
    "errorType": "NotAvailable",
    "basicValue": "#N/A",
    "basicType": "Error",
}


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (("FLAG", [["4"]], [["5"]], None), [["Below"]]),
        (("FLAG", [[4]], [[5]], None), [["Below"]]),
        (("FLAG", [["4"], [""], [0], [None], ["Abs"]], [["5"]], None), "as plain"),
        (("FLAG", [["4", "5", "6"]], [["5"]], None), "as plain"),
        (("FLAG", [["4", "5"], ["6", "6+"]], [["5"]], None), "as plain"),
        (("POINTS", [["5-4"]], None), [[4.5]]),
        (("TARGET", [["Physics"]], [[97]], [[97]], None, None), [["4"]]),
        (("TARGET", [["Physics"]], [[97]], [[97]], [[0.8]], None), [["5"]]),
        (("GAP", [["5-4"]], [["5-5"]], None), [[-0.5]]),
    ],
)
def test_a_function_answers_over_http_as_in_python(server, call, answer):
    name, *cells = call
    if answer == "as plain":
        answer = FUNCTIONS[name].function(*cells)
    response = server.ask(name, *cells)
    assert response.status_code == 200
    assert response.json() == {"result": answer}


def test_an_excel_error_is_refused_in_its_cell(server):
    result = server.ask("FLAG", [["4"], [NOT_AVAILABLE]], [["5"]], None).json()[
        "result"
    ]
    assert result[0] == ["Below"]
    assert result[1][0].startswith("? The cell holds the error #N/A.")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"func_name": "FLAG"}',
        b'{"func_name": "FLAG", "args": 5}',
        b'{"func_name": "__init__", "args": []}',
        b'{"func_name": ["FLAG"], "args": []}',
        b"[" * 100_000,
        b'{"func_name": "FLAG", "args": [' + b"[" * 60_000 + b"]" * 60_000 + b"]}",
    ],
    ids=lambda body: body[:40].decode(),
)
def test_a_malformed_call_gets_a_message(server, body):
    with server.client() as client:
        response = client.post("/xlwings/custom-functions-call", content=body)
    assert response.status_code == 400
    assert response.json()["detail"].startswith(
        ("That is no call", "There is no function")
    )


def test_a_formatted_cell_counts_as_its_plain_value(server):
    date = {"type": "FormattedNumber", "basicValue": 5, "numberFormat": "dd/mm"}
    odd = {"type": "Entity", "text": "a picture"}
    result = server.ask("FLAG", [[date], [odd]], [["5"]], None).json()["result"]
    assert result == [["On"], [""]]


def test_five_thousand_rows_of_ten_are_answered(server):
    table = [["Adno", "PP", "Target", "Prediction", *"abcdef"]]
    table += [
        [str(n), "YN"[n % 2], "5", str(n % 9 + 1), *"uvwxyz"] for n in range(5000)
    ]
    result = server.ask("GROUPS", table, [["PP"]], None).json()["result"]
    assert result == GROUPS(table, "PP")
    column = [[row[3]] for row in table[1:]]
    assert server.ask("FLAG", column, [["5"]], None).json()["result"] == FLAG(
        column, "5"
    )


def test_the_metadata_describes_every_function_and_argument(server):
    with server.client() as client:
        metadata = client.get("/xlwings/custom-functions-meta.json").json()
        code = client.get("/xlwings/custom-functions-code.js").text
    assert {entry["id"] for entry in metadata["functions"]} == set(FUNCTIONS)
    for entry in metadata["functions"]:
        function = FUNCTIONS[entry["id"]]
        assert entry["description"] == function.summary
        page = f"{server.origin}/functions.html#{entry['id']}"
        assert entry["helpUrl"] == page
        helps = {p["name"]: p["description"] for p in entry["parameters"]}
        assert helps == function.arguments
        left_out = [p["name"] for p in entry["parameters"] if p.get("optional")]
        assert left_out == list(function.optional)
        assert f'CustomFunctions.associate("{entry["id"]}"' in code
    assert len(json.dumps(metadata)) < 1_000_000  # Excel for Windows takes no more


def test_the_pyodide_stub_is_still_needed_and_works():
    """xlwings imports Pyodide for every argument and cell; until it is fixed."""
    code = """
import inspect, sys, time
from addin.server import configure_xlwings
configure_xlwings()
from xlwings import utils
from xlwings.pro import udfs_officejs
for function in (utils.is_jsnull, udfs_officejs.js_to_none):
    assert "from pyodide.ffi import JsNull" in inspect.getsource(function), function
def seconds():
    start = time.perf_counter()
    for _ in range(2000):
        assert not utils.is_jsnull("5")
    return time.perf_counter() - start
seconds()
with_stub = min(seconds() for _ in range(3))
del sys.modules["pyodide.ffi"]
print(seconds() / with_stub)
"""
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True
    )
    assert process.returncode == 0, (
        f"mended upstream? See addin/server.py\n{process.stderr}"
    )
    assert float(process.stdout) > 1.5  # times as long without it


def book(rows):
    return {
        "client": "Office.js",
        "version": "0.37.8",
        "book": {
            "name": "list.xlsx",
            "active_sheet_index": 0,
            "selection": "A1",
            "calculation": "Automatic",
        },
        "names": [],
        "sheets": [
            {
                "name": "Marks",
                "values": rows,
                "visibility": "Visible",
                "show_gridlines": True,
                "used_range_address": "A1:C2",
                "used_range_row_count": len(rows),
                "used_range_column_count": len(rows[0]),
                "print_area": None,
                "notes": [],
                "notes_supported": True,
                "pictures": [],
                "tables": [],
                "shapes": [],
                "charts": [],
                "pivot_tables": [],
            }
        ],
    }


def test_a_button_asks_before_it_acts(server):
    rows = [["Adno", "Target", "Prediction"], ["1", "5", "4"]]
    with server.client() as client:
        path = "/xlwings/custom-scripts-call/flags_here"
        question = client.post(path, json={**book(rows), "args": [False]}).json()
        actions = client.post(path, json={**book(rows), "args": [True]}).json()
        metadata = client.get("/xlwings/custom-scripts-meta.json").json()
    assert [action["func"] for action in question["actions"]] == ["alert"]
    values = [a["values"] for a in actions["actions"] if a["func"] == "setValues"]
    assert values == [[["Flag"]], [["Below"]]]
    names = json.dumps(metadata)
    assert all(f'"{button.action}"' in names for button in buttons())


PAGE_CALLS = ["/api/trays", "/api/missing", "/api/files"]


@pytest.mark.parametrize("path", [*PAGE_CALLS, "/xlwings/custom-functions-call"])
@pytest.mark.parametrize("token", ["", "wrong", "Bearer x"])
def test_a_call_without_the_token_is_refused(server, path, token):
    with server.client(Authorization=token) as client:
        response = client.post(path, json={})
    assert response.status_code == 401
    assert response.json()["do"] == "Close Excel and open it again."


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "elsewhere.example"}, 421),
    ],
)
def test_another_page_is_refused_even_with_the_token(server, headers, status):
    with server.client(**headers) as client:
        assert client.post("/api/missing").status_code == status
        assert client.get("/taskpane.html").status_code == status


OFFICE = [
    "https://excel.officeapps.live.com",
    "https://uk-excel.officeapps.live.com",
    "https://inc-excel.officeapps.live.com",
]
FOREIGN = [
    "https://excel.officeapps.live.com.elsewhere.example",
    "https://excel.officeapps.live.com:444",
    "http://excel.officeapps.live.com",
    "https://word.officeapps.live.com",
    "https://elsewhere.example/?https://excel.officeapps.live.com",
    "https://myexcel.officeapps.live.com",
    "https://elsewhere.example",
    "null",
]
FETCHED = [  # by Excel on the web, from its own pages
    "/xlwings/custom-functions-meta.json",
    "/xlwings/custom-functions-code.js",
    "/taskpane.html",
    "/icons/merge-32.png",
    "/pane/pane.js",
    "/functions.html",
]
PREFLIGHT = {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "x-requested-with",
    "Access-Control-Request-Private-Network": "true",
}


@pytest.mark.parametrize("origin", OFFICE)
def test_excel_on_the_web_registers_the_functions(server, origin):
    """Without the token, which only the pane's own page has."""
    with httpx.Client(
        base_url=server.origin, headers={"Origin": origin}, verify=UNTRUSTED
    ) as client:
        for path in FETCHED:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["access-control-allow-origin"] == origin
            assert "Origin" in answer.headers["vary"]
            assert server.token not in answer.text
            preflight = client.options(path, headers=PREFLIGHT)
            assert preflight.status_code == 204, path
            allowed = {
                name.removeprefix("access-control-allow-"): value
                for name, value in preflight.headers.items()
                if name.startswith("access-control-allow-")
            }
            assert allowed == {
                "origin": origin,
                "methods": "GET, HEAD",
                "headers": "x-requested-with",
                "private-network": "true",
            }


@pytest.mark.parametrize("origin", FOREIGN)
def test_no_other_page_may_read_what_excel_on_the_web_may(server, origin):
    with server.client(Origin=origin) as client:
        for path in FETCHED:
            for answer in (client.get(path), client.options(path, headers=PREFLIGHT)):
                assert answer.status_code == 403, path
                assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", OFFICE)
@pytest.mark.parametrize(
    "path",
    [
        "/api/session",
        "/api/missing",
        "/xlwings/custom-functions-call",
        "/xlwings/custom-scripts-call/flags_here",
        "/xlwings/custom-functions-meta.json",
    ],
)
def test_excel_on_the_web_may_fetch_and_not_call(server, origin, path):
    ask = {**PREFLIGHT, "Access-Control-Request-Method": "POST"}
    for token in (server.token, ""):
        with server.client(Origin=origin, Authorization=token) as client:
            assert client.post(path, json={}).status_code == 403
            preflight = client.options(path, headers=ask)
            assert preflight.status_code == 403
            assert "access-control-allow-origin" not in preflight.headers


def test_only_the_own_page_gets_the_token(server):
    path = f"{server.origin}/api/session"
    own = {"Origin": server.origin, "Sec-Fetch-Site": "same-origin"}
    answer = httpx.post(path, headers=own, verify=UNTRUSTED)
    assert answer.json() == {"token": server.token, "notice": ""}
    for wrong in (
        {},
        {**own, "Sec-Fetch-Site": "cross-site"},
        {**own, "Origin": OFFICE[0]},
        {**own, "Origin": server.origin.replace("localhost", "127.0.0.1")},
    ):
        answer = httpx.post(path, headers=wrong, verify=UNTRUSTED)
        assert answer.status_code == 403 and server.token not in answer.text
    assert httpx.get(path, headers=own, verify=UNTRUSTED).status_code == 404


@pytest.mark.parametrize(
    "path", ["/taskpane.html", "/xlwings/custom-functions-meta.json", "/pane/pane.js"]
)
def test_no_answer_sets_a_rule_for_other_ports(server, path):
    """HSTS for localhost would break each other server on this machine."""
    with server.client() as client:
        assert "strict-transport-security" not in client.get(path).headers


def test_pages_are_served_over_tls_only_and_not_cached(server):
    response = httpx.get(f"{server.origin}/taskpane.html", verify=UNTRUSTED)
    assert response.headers["cache-control"] == "no-store"
    assert "server" not in response.headers
    with pytest.raises(httpx.TransportError):
        httpx.get(server.origin.replace("https", "http") + "/taskpane.html")


@pytest.mark.parametrize(
    "path", ["/pane/../__init__.py", "/pane/taskpane.html", "/icons/x-16.png", "/docs"]
)
def test_no_other_path_is_served(server, path):
    with server.client() as client:
        assert client.get(path).status_code in (404, 405)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/file", b"", 404),
        ("/api/trays/nosuch/files", b"x", 400),
        ("/xlwings/custom-scripts-call/flags_here", b"", 400),
        ("/xlwings/custom-scripts-call/flags_here", b"{}", 400),
        ("/xlwings/custom-scripts-call/flags_here", b'{"args": 5}', 400),
        ("/xlwings/custom-scripts-call/flags_here", b"[" * 100_000, 400),
        ("/xlwings/custom-scripts-call/flags_here", b"[]", 400),
        (
            "/xlwings/custom-scripts-call/nosuch",
            b'{"version": "1", "book": {}, "sheets": []}',
            400,
        ),
    ],
    ids=repr,
)
def test_a_call_with_parts_missing_is_refused_in_words(server, path, body, status):
    with server.client() as client:
        answer = client.post(path, content=body)
    assert answer.status_code == status
    assert " " in (answer.json().get("detail") or answer.json()["what"])


def test_a_large_upload_is_refused_before_it_is_read(server):
    with server.client() as client:
        tray = client.post("/api/trays").json()["tray"]
        path = f"/api/trays/{tray}/files"
        host = server.origin.removeprefix("https://")
        connection = http.client.HTTPSConnection(host, context=UNTRUSTED)
        connection.putrequest("POST", path + "?name=x.xlsx")
        connection.putheader("Authorization", server.token)
        connection.putheader("Content-Length", "200000000")
        connection.endheaders()
        response = connection.getresponse()
        assert response.status == 413
        assert b"That is too large for a return." in response.read()
        connection.close()

        def flood():
            for _ in range(70):
                yield b"x" * 1_000_000

        try:
            refusal = client.post(path, params={"name": "y.xlsx"}, content=flood())
            assert refusal.status_code == 413
        except httpx.TransportError:
            pass  # the server closed the connection during the upload
        assert client.post(f"/api/trays/{tray}/merge").text.count("No file is there")


@pytest.fixture
def slow_server(tmp_path):
    """A server with short time limits, without TLS and without a school."""
    import uvicorn

    from addin.authentication import Authentication
    from addin.time_limits import BodyTimeLimit, HeaderTimeLimit

    async def application(scope, receive, send):
        if scope["type"] == "http":
            while (await receive()).get("more_body"):
                pass
            await asyncio.sleep(1.0)  # longer than either limit
            start = {"type": "http.response.start", "status": 200, "headers": []}
            await send(start)
            await send({"type": "http.response.body", "body": b"done"})

    class Short(HeaderTimeLimit):
        seconds = 0.5

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        limited = BodyTimeLimit(application, seconds=0.5)
        origin = f"https://localhost:{port}"
        app = Authentication(limited, origin=origin, token="x")
        config = uvicorn.Config(app, http=Short, log_level="error", lifespan="off")
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield port
        running.should_exit = True
        thread.join(10)


def exchange(port, *parts, pause=0.2):
    """Send parts slowly, and return all that the server says before it hangs up."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
            while received := connection.recv(10_000):
                answer += received
        except ConnectionError:
            pass
    return answer


def head(port, length):
    return (
        f"POST /x HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: x\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def test_slow_headers_are_cut_off(slow_server):
    start = time.monotonic()
    letters = [bytes([letter]) for letter in head(slow_server, 2)]
    assert exchange(slow_server, *letters[:40]) == b""
    assert exchange(slow_server) == b""
    # after a whole request, too
    whole = head(slow_server, 2) + b"xx"
    answer = exchange(slow_server, whole, *letters[:3])
    assert answer.count(b"HTTP/1.1") == 1 and b"done" in answer
    assert time.monotonic() - start < 30


def test_a_slow_body_is_refused_in_words(slow_server):
    answer = exchange(slow_server, head(slow_server, 5), b"x", b"x")
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"The request did not come in time. Send it again." in answer


def test_a_slow_answer_is_waited_for(slow_server):
    answer = exchange(slow_server, head(slow_server, 2) + b"xx", pause=0)
    assert answer.startswith(b"HTTP/1.1 200") and b"done" in answer


def test_what_a_killed_server_left_is_deleted(tmp_path):
    from addin.uploads import Uploads

    folder = tmp_path / "uploads-8617"
    before = Uploads(folder)
    batch = before.create()
    before.add(batch, "one.xlsx", b"x")  # and is killed
    after = Uploads(folder)
    assert list(folder.iterdir()) == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    after.close()
    assert not folder.exists()


def test_a_port_in_use_is_reported_and_nothing_else_done(server, tmp_path):
    port = server.origin.rpartition(":")[2]
    process = subprocess.run(
        [
            sys.executable,
            "-m",
            "addin.command",
            "addin",
            "serve",
            "--school",
            str(server.school),
            "--port",
            port,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert process.returncode == 2
    assert process.stderr.startswith(f"markbook: Port {port} of this machine is in use")
    assert "--port" in process.stderr and "Traceback" not in process.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../../evil.xlsx", "..\\..\\evil.xlsx", "/etc/evil.xlsx", "C:\\evil.xlsx"]
)
def test_a_file_name_cannot_leave_its_folder(server, name):
    with server.client() as client:
        tray = client.post("/api/trays").json()["tray"]
        response = client.post(
            f"/api/trays/{tray}/files", params={"name": name}, content=b"x"
        )
        assert response.json() == {"name": "evil.xlsx"}
        for file in ("../school.toml", "school.toml", ".markbooks-key", name):
            assert client.post("/api/file", params={"name": file}).status_code == 404
        for tray in ("nosuch", "..", "%2e%2e"):
            answer = client.post(f"/api/trays/{tray}/check")
            assert answer.status_code == 404 or "These files are gone." in answer.text


def test_two_merges_at_once_are_refused(server):
    from addin.server_session import ServerSession
    from udfs.errors import MarkbookError

    session = ServerSession()
    with (
        session.exclusive(),
        pytest.raises(MarkbookError, match="Somebody else"),
        session.exclusive(),
    ):
        pass
    with session.exclusive():
        pass


def test_the_certificate_is_reused_and_renewed(tmp_path):
    now = datetime(2026, 10, 14)
    path, key = ensure_certificate(tmp_path, now=now)
    first = path.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    ensure_certificate(tmp_path, now=datetime(2027, 8, 1), renew=True)
    ensure_certificate(tmp_path, now=datetime(2027, 10, 1))  # trusted until its end
    assert path.read_bytes() == first
    ensure_certificate(tmp_path, now=datetime(2027, 10, 1), renew=True)
    second = path.read_bytes()
    assert second != first
    ensure_certificate(tmp_path, now=datetime(2028, 10, 14))
    assert path.read_bytes() != second
    assert "certutil" in trust_command(path, "win32")
    assert "security" in trust_command(path, "darwin")


def test_the_served_manifest_names_this_server(server):
    with server.client() as client:
        tree = ET.fromstring(client.get("/manifest.xml").content)
        urls = {
            value
            for element in tree.iter()
            if (value := element.get("DefaultValue", "")).startswith("http")
        }
        assert urls and all(url.startswith(server.origin) for url in urls)
        for url in sorted(urls):
            assert client.get(url).status_code == 200, url
