"""The server as Excel calls it, as its page calls it, and as nobody may."""

from __future__ import annotations

import http.client
import json
import ssl
import stat
import subprocess
import sys
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
    ("given", "answer"),
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
def test_a_function_answers_over_the_wire_as_it_does_here(server, given, answer):
    name, *cells = given
    if answer == "as plain":
        answer = FUNCTIONS[name].ask(*cells)
    made = server.ask(name, *cells)
    assert made.status_code == 200
    assert made.json() == {"result": answer}


def test_an_error_of_excels_own_answers_in_its_cell(server):
    made = server.ask("FLAG", [["4"], [NOT_AVAILABLE]], [["5"]], None).json()["result"]
    assert made[0] == ["Below"]
    assert made[1][0].startswith("? The cell holds the error #N/A.")


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
    ],
)
def test_what_is_no_call_of_a_function_gets_a_sentence(server, body):
    with server.client() as client:
        made = client.post("/xlwings/custom-functions-call", content=body)
    assert made.status_code == 400
    assert made.json()["detail"].startswith(("That is no call", "There is no function"))


def test_a_date_and_a_currency_are_what_they_show(server):
    date = {"type": "FormattedNumber", "basicValue": 5, "numberFormat": "dd/mm"}
    odd = {"type": "Entity", "text": "a picture"}
    made = server.ask("FLAG", [[date], [odd]], [["5"]], None).json()["result"]
    assert made == [["On"], [""]]


def test_five_thousand_rows_of_ten_go_there_and_back(server):
    table = [["Adno", "PP", "Target", "Prediction", *"abcdef"]]
    table += [
        [str(n), "YN"[n % 2], "5", str(n % 9 + 1), *"uvwxyz"] for n in range(5000)
    ]
    made = server.ask("GROUPS", table, [["PP"]], None).json()["result"]
    assert made == GROUPS(table, "PP")
    column = [[row[3]] for row in table[1:]]
    assert server.ask("FLAG", column, [["5"]], None).json()["result"] == FLAG(
        column, "5"
    )


def test_excel_is_told_of_every_function_and_argument(server):
    with server.client() as client:
        told = client.get("/xlwings/custom-functions-meta.json").json()
        code = client.get("/xlwings/custom-functions-code.js").text
    assert {one["id"] for one in told["functions"]} == set(FUNCTIONS)
    for one in told["functions"]:
        made = FUNCTIONS[one["id"]]
        assert one["description"] == made.says
        assert one["helpUrl"].endswith(f"#{one['id']}")
        helps = {p["name"]: p["description"] for p in one["parameters"]}
        assert helps == made.arguments
        left_out = [p["name"] for p in one["parameters"] if p.get("optional")]
        assert left_out == list(made.optional)
        assert f'CustomFunctions.associate("{one["id"]}"' in code
    assert len(json.dumps(told)) < 1_000_000  # Excel for Windows takes no more


def test_the_pyodide_line_is_still_needed_and_still_works():
    """xlwings looks for Pyodide at every argument and cell: mended, it goes out."""
    code = """
import inspect, sys, time
from addin.server import prepare
prepare()
from xlwings import utils
from xlwings.pro import udfs_officejs
for looks in (utils.is_jsnull, udfs_officejs.js_to_none):
    assert "from pyodide.ffi import JsNull" in inspect.getsource(looks), looks
def taken():
    start = time.perf_counter()
    for _ in range(2000):
        assert not utils.is_jsnull("5")
    return time.perf_counter() - start
taken()
ours = min(taken() for _ in range(3))
del sys.modules["pyodide.ffi"]
print(taken() / ours)
"""
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True
    )
    assert told.returncode == 0, f"mended upstream? See addin/server.py\n{told.stderr}"
    assert float(told.stdout) > 1.5  # times as long without it


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


def test_a_button_of_the_ribbon_asks_and_then_does(server):
    rows = [["Adno", "Target", "Prediction"], ["1", "5", "4"]]
    with server.client() as client:
        path = "/xlwings/custom-scripts-call/flags_here"
        asked = client.post(path, json={**book(rows), "args": [False]}).json()
        done = client.post(path, json={**book(rows), "args": [True]}).json()
        told = client.get("/xlwings/custom-scripts-meta.json").json()
    assert [action["func"] for action in asked["actions"]] == ["alert"]
    written = [a["values"] for a in done["actions"] if a["func"] == "setValues"]
    assert written == [[["Flag"]], [["Below"]]]
    names = json.dumps(told)
    assert all(f'"{button.action}"' in names for button in buttons())


PAGE_CALLS = ["/api/trays", "/api/missing", "/api/files"]


@pytest.mark.parametrize("path", [*PAGE_CALLS, "/xlwings/custom-functions-call"])
@pytest.mark.parametrize("token", ["", "wrong", "Bearer x"])
def test_without_the_token_nothing_is_answered(server, path, token):
    with server.client(Authorization=token) as client:
        made = client.post(path, json={})
    assert made.status_code == 401
    assert made.json()["do"] == "Close Excel and open it again."


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "elsewhere.example"}, 421),
    ],
)
def test_another_page_is_refused_with_the_token_too(server, headers, status):
    with server.client(**headers) as client:
        assert client.post("/api/missing").status_code == status
        assert client.get("/taskpane.html").status_code == status


def test_a_page_is_served_over_tls_alone_and_never_kept(server):
    made = httpx.get(f"{server.origin}/taskpane.html", verify=UNTRUSTED)
    assert made.headers["cache-control"] == "no-store"
    assert "server" not in made.headers
    with pytest.raises(httpx.TransportError):
        httpx.get(server.origin.replace("https", "http") + "/taskpane.html")


@pytest.mark.parametrize(
    "path", ["/pane/../__init__.py", "/pane/taskpane.html", "/icons/x-16.png", "/docs"]
)
def test_nothing_else_is_served(server, path):
    with server.client() as client:
        assert client.get(path).status_code in (404, 405)


def test_what_is_too_large_is_refused_before_it_is_read(server):
    with server.client() as client:
        tray = client.post("/api/trays").json()["tray"]
        path = f"/api/trays/{tray}/files"
        host = server.origin.removeprefix("https://")
        announced = http.client.HTTPSConnection(host, context=UNTRUSTED)
        announced.putrequest("POST", path + "?name=x.xlsx")
        announced.putheader("Authorization", server.token)
        announced.putheader("Content-Length", "200000000")
        announced.endheaders()
        told = announced.getresponse()
        assert told.status == 413
        assert b"That is too large for a return." in told.read()
        announced.close()

        def flood():
            for _ in range(70):
                yield b"x" * 1_000_000

        try:
            said = client.post(path, params={"name": "y.xlsx"}, content=flood())
            assert said.status_code == 413
        except httpx.TransportError:
            pass  # the door was shut while we were still talking
        assert client.post(f"/api/trays/{tray}/merge").text.count("No file is there")


@pytest.mark.parametrize(
    "name", ["../../evil.xlsx", "..\\..\\evil.xlsx", "/etc/evil.xlsx", "C:\\evil.xlsx"]
)
def test_a_name_leads_nowhere_else(server, name):
    with server.client() as client:
        tray = client.post("/api/trays").json()["tray"]
        put = client.post(
            f"/api/trays/{tray}/files", params={"name": name}, content=b"x"
        )
        assert put.json() == {"name": "evil.xlsx"}
        for asked in ("../school.toml", "school.toml", ".markbooks-key", name):
            assert client.post("/api/file", params={"name": asked}).status_code == 404
        for tray in ("nosuch", "..", "%2e%2e"):
            made = client.post(f"/api/trays/{tray}/check")
            assert made.status_code == 404 or "These files are gone." in made.text


def test_two_people_at_once_are_told_so(server):
    from addin.server_session import ServerSession
    from udfs.errors import MarkbookError

    desk = ServerSession()
    with (
        desk.exclusive(),
        pytest.raises(MarkbookError, match="Somebody else"),
        desk.exclusive(),
    ):
        pass
    with desk.exclusive():
        pass


def test_the_certificate_is_kept_and_renewed(tmp_path):
    now = datetime(2026, 10, 14)
    told, key = ensure_certificate(tmp_path, now=now)
    first = told.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    ensure_certificate(tmp_path, now=datetime(2027, 8, 1))
    assert told.read_bytes() == first
    ensure_certificate(tmp_path, now=datetime(2027, 10, 1))
    assert told.read_bytes() != first
    assert "certutil" in trust_command(told, "win32")
    assert "security" in trust_command(told, "darwin")


def test_the_served_manifest_is_of_this_server(server):
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
