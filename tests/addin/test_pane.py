"""The task pane in a browser, against the running server and a stand-in for Excel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from addin.ribbon import buttons
from udfs.excel.functions import FLAG, FUNCTIONS

pytestmark = pytest.mark.xdist_group("addin")
ACTIONS = {button.action for button in buttons()}
AXE = Path(__file__).parents[1] / "node/node_modules/axe-core/axe.min.js"
# The parts of Excel that the page needs.
EXCEL = """
window.shown = 0;
window.CustomFunctions = {
  registered: {},
  associate(name, ask) { this.registered[name] = ask; },
  Error: class extends Error { constructor(code, says) { super(says); } },
  ErrorCode: { invalidValue: "#VALUE!" },
};
window.Office = {
  onReady: async (then) => then?.({ host: "Excel" }),
  context: { requirements: { isSetSupported: () => true } },
  actions: { registered: {}, associate(name, ask) { this.registered[name] = ask; } },
  addin: { showAsTaskpane: async () => { window.shown += 1; } },
};
window.Excel = { RequestContext: class {
  constructor() { this.workbook = { name: "list.xlsx", load() {} }; }
  async sync() {}
}};
Excel.run = async (ask) => ask(new Excel.RequestContext());
"""


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    path = next(
        (p for name in ("chromium", "chromium-browser") if (p := shutil.which(name))),
        None,
    )
    if path is None:
        pytest.skip("Chromium is not installed: bash tests/prepare.sh system")
    with sync_playwright() as play:
        running = play.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield running
        running.close()


@pytest.fixture
def pane(browser, server):
    context = browser.new_context(
        ignore_https_errors=True, viewport={"width": 360, "height": 900}
    )
    page = context.new_page()
    foreign_urls = []
    page.route(
        lambda url: not url.startswith((server.origin, "blob:")),
        lambda route: (foreign_urls.append(route.request.url), route.abort()),
    )
    page.route(
        "**/dist/office.js",
        lambda route: route.fulfill(body=EXCEL, content_type="text/javascript"),
    )
    page.goto(f"{server.origin}/taskpane.html")
    page.wait_for_function("document.getElementById('count').textContent")
    page.elsewhere = foreign_urls
    yield page
    context.close()


def ready(page):
    """Wait for the functions, and set their culture."""
    page.wait_for_function("!!CustomFunctions.registered.WHY", timeout=10_000)
    page.evaluate(CULTURE)


def faults(page):
    """The serious and critical violations that axe finds."""
    page.add_script_tag(path=str(AXE))
    violations = page.evaluate("axe.run().then((results) => results.violations)")
    return [
        (violation["id"], violation["impact"], violation["nodes"][0]["html"])
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]


def test_thirty_returns_are_uploaded_checked_and_merged(
    pane, server, issued_and_filled, tmp_path
):
    _, returns = issued_and_filled
    files = sorted(returns.iterdir())
    pane.set_input_files("#files", files)
    pane.wait_for_function(
        "document.getElementById('count').textContent === '30 files ready.'"
    )
    assert pane.is_disabled("#merge")  # nothing is merged unseen
    pane.click("#check")
    pane.wait_for_selector("#answer:not([hidden])")
    lines = pane.inner_text("#lines")
    assert "30 files: 28 merged" in lines and "2 rejected" in lines
    heads = pane.locator("#problems h4").all_inner_texts()
    assert any("28 damaged.xlsx" in head for head in heads)
    assert any("29 shopping.xlsx" in head for head in heads)
    assert "17" in pane.inner_text("#problems")
    assert not list((server.school / "returned").rglob("*.xlsx"))
    assert faults(pane) == []

    pane.click("#merge")
    pane.wait_for_function(
        "document.getElementById('answer-title').textContent === 'What was merged'"
    )
    assert "28 merged" in pane.inner_text("#lines")
    assert len(list((server.school / "returned").rglob("*.xlsx"))) == 30
    assert pane.evaluate("document.activeElement.id") == "answer-title"

    pane.click("#ask-files")
    button = pane.locator("#fetch button", has_text="report.xlsx").first
    button.wait_for()
    with pane.expect_download() as download:
        button.click()
    copy = tmp_path / download.value.suggested_filename
    download.value.save_as(copy)
    assert copy.read_bytes()[:2] == b"PK"

    pane.click("#ask-missing")
    pane.wait_for_selector("#missing p")
    assert pane.elsewhere == []  # pupils' data goes nowhere else


def test_a_dropped_file_is_uploaded(pane):
    drop = """() => {
      const bag = new DataTransfer();
      bag.items.add(new File(["x"], "<img src=x onerror=alert(1)>.xlsx"));
      const event = new DragEvent("drop", { dataTransfer: bag, bubbles: true });
      document.getElementById("drop").dispatchEvent(event);
    }"""
    pane.evaluate(drop)
    pane.wait_for_function(
        "document.getElementById('count').textContent === '1 file ready.'"
    )
    pane.click("#check")
    pane.wait_for_selector("#answer:not([hidden])")
    assert pane.locator("#problems img").count() == 0
    assert "1 rejected" in pane.inner_text("#lines")


def test_a_file_of_200_mb_is_refused_before_upload(pane):
    requests = []
    pane.on("request", lambda request: requests.append(request.url))
    pane.evaluate(
        """() => {
          const bag = new DataTransfer();
          bag.items.add(new File([new Uint8Array(200e6)], "film.xlsx"));
          const event = new DragEvent("drop", { dataTransfer: bag, bubbles: true });
          document.getElementById("drop").dispatchEvent(event);
        }"""
    )
    pane.wait_for_function("document.getElementById('trouble').textContent")
    assert pane.inner_text("#trouble") == (
        "film.xlsx: That is too large for a return. Drop markbooks only."
    )
    assert not any("files" in url for url in requests)
    assert pane.is_disabled("#merge")


def test_the_keyboard_reaches_everything(pane):
    focus_order = []
    for _ in range(8):
        pane.keyboard.press("Tab")
        focus_order.append(pane.evaluate("document.activeElement.id"))
    assert [name for name in focus_order if name][:3] == [
        "files",
        "ask-missing",
        "ask-files",
    ]
    assert faults(pane) == []


def test_an_expired_token_shows_a_message(pane):
    pane.route(
        "**/api/**", lambda route: route.continue_(headers={"authorization": "x"})
    )
    pane.click("#ask-missing")
    pane.wait_for_function("document.getElementById('trouble').textContent")
    assert "Close Excel and open it again." in pane.inner_text("#trouble")


def test_a_stopped_server_shows_how_to_start_it(pane):
    pane.route("**/api/**", lambda route: route.abort())
    pane.click("#ask-files")
    pane.wait_for_function("document.getElementById('trouble').textContent")
    assert "markbook addin serve" in pane.inner_text("#trouble")


def test_an_error_scrolls_into_view(pane):
    pane.set_viewport_size({"width": 360, "height": 160})
    pane.route("**/api/**", lambda route: route.abort())
    pane.click("#ask-files")  # far below the error message
    pane.wait_for_function("document.getElementById('trouble').textContent")
    box = pane.locator("#trouble").bounding_box()
    assert 0 <= box["y"] <= box["y"] + box["height"] <= 160


CALL_FUNCTION = """([name, args]) => CustomFunctions.registered[name](
  ...args, { address: "Marks!E2", parameterAddresses: [] })
    .catch((error) => error.message)"""
CULTURE = """() => { globalThis.xlwings = { ...xlwings,
  getCultureInfoName: async () => "en-GB",
  getDateFormat: async () => "dd/mm/yyyy" }; }"""
# What runPython does once it has the workbook; Excel's part is replaced.
PRESS_BUTTON = """(name) => new Promise((completed) => {
  xlwings.runPython = async ({ scriptName, headers, args }) => {
    const alert = document.getElementById("global-error-alert");
    try {
      const path = `/xlwings/custom-scripts-call/${scriptName}`;
      await xwRequest.post(location.origin + path, { args }, { headers });
    } catch (error) { xlwings.showGlobalError(error.response.data.detail); }
  };
  Office.actions.registered[name]({ completed });
})"""
DOWN = "Markbook does not answer. Start it again: markbook addin serve."
EXPIRED = (
    "Markbook was restarted, or this page is not its own. "
    "Close Excel and open it again."
)


@pytest.mark.parametrize(("down", "message"), [(True, DOWN), (False, EXPIRED)])
def test_a_cell_and_a_button_show_why_a_call_failed(pane, down, message):
    ready(pane)
    pane.route(
        "**/xlwings/**",
        lambda route: (
            route.abort()
            if down
            else route.continue_(
                headers={**route.request.headers, "authorization": "x"}
            )
        ),
    )
    flag = ["FLAG", [[["4"]], [["5"]], None]]
    assert pane.evaluate(CALL_FUNCTION, flag) == message
    pane.evaluate(PRESS_BUTTON, "flags_here")
    assert pane.inner_text("#trouble") == message
    assert pane.evaluate("window.shown") == 1  # the user sees it
    assert pane.is_hidden("#global-error-alert")


def test_the_pane_signs_in_to_a_restarted_server(pane, server):
    """Excel keeps the page running while the pane is closed."""
    ready(pane)

    def serve_new_token(route):
        response = route.fetch()
        route.fulfill(response=response, json={"token": "today", "notice": "Renew it."})

    def require_new_token(route):
        if route.request.headers["authorization"] != "today":
            route.continue_(headers={**route.request.headers, "authorization": "x"})
            return
        signed = {**route.request.headers, "authorization": server.token}
        route.continue_(headers=signed)

    pane.route("**/api/**", require_new_token)
    pane.route("**/api/session", serve_new_token)
    pane.route("**/xlwings/custom-functions-call", require_new_token)
    assert pane.evaluate(CALL_FUNCTION, ["FLAG", [[["4"]], [["5"]], None]]) == [
        ["Below"]
    ]
    pane.click("#ask-missing")
    pane.wait_for_selector("#missing p")
    assert pane.inner_text("#trouble") == ""
    assert pane.inner_text("#notice") == "Renew it."


def test_files_lost_in_a_restart_are_dropped_again(pane, tmp_path):
    path = tmp_path / "one.xlsx"
    path.write_bytes(b"x")
    ready_ = "document.getElementById('count').textContent === '1 file ready.'"
    pane.set_input_files("#files", path)
    pane.wait_for_function(ready_)
    pane.route(
        "**/check",
        lambda route: route.continue_(
            url=route.request.url.replace("/trays/", "/trays/0")
        ),
    )
    pane.click("#check")
    pane.wait_for_function("document.getElementById('trouble').textContent")
    assert pane.inner_text("#trouble") == "These files are gone. Drop them once more."
    assert pane.inner_text("#count") == "No files yet."
    pane.set_input_files("#files", path)
    pane.wait_for_function(ready_)
    assert pane.inner_text("#trouble") == ""


def test_a_refusal_of_excel_becomes_a_message(pane):
    ready(pane)
    pane.evaluate(
        """() => new Promise((completed) => {
          xlwings.runPython = async () =>
            xlwings.showGlobalError("RichApi.Error: The sheet is protected.");
          Office.actions.registered.flags_here({ completed });
        })"""
    )
    assert pane.inner_text("#trouble") == (
        "Excel would not do that: The sheet is protected. "
        "Look at the sheet before you go on."
    )


def test_the_generated_javascript_calls_every_function(pane):
    ready(pane)
    assert set(pane.evaluate("Object.keys(Office.actions.registered)")) == set(ACTIONS)
    assert set(pane.evaluate("Object.keys(CustomFunctions.registered)")) == set(
        FUNCTIONS
    )
    answer = pane.evaluate(
        CALL_FUNCTION, ["FLAG", [[["4"], [""], ["6+"]], [["5"]], None]]
    )
    assert answer == FLAG([["4"], [""], ["6+"]], [["5"]])
    assert pane.evaluate(
        CALL_FUNCTION, ["TARGET", [[["Physics"]], [[97]], [[97]], None, None]]
    ) == [["4"]]
