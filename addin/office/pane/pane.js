// The task pane: drop returned markbooks, check and merge them, download copies.
const get = (id) => document.getElementById(id);
let token = "";
const state = { tray: null, files: 0, busy: false, checked: false };

// The calls of xlwings sign in with it, too.
globalThis.getAuth = async () => {
  await signedIn;
  return { token, provider: "" };
};

class Refused extends Error {}

const DOWN = "Markbook does not answer. Start it again: markbook addin serve.";
const GONE = "These files are gone.";
const FAILED = "Markbook could not do that. Try again.";

// Fetch the token: at first, and again from a restarted server, as Excel keeps this page
// running even while the pane is closed. Returns whether the token is new.
async function renewToken() {
  try {
    const answer = await fetch("/api/session", { method: "POST" });
    const session = await answer.json();
    const renewed = session.token !== token;
    token = session.token || token;
    if (session.notice) get("notice").textContent = session.notice;
    return renewed;
  } catch {
    return false;
  }
}
const signedIn = renewToken();

// A failed call shows a message in the cell or on the pane, never a status or a trace.
const post = globalThis.xwRequest?.post;
if (post) {
  globalThis.xwRequest.post = async (url, body, options) => {
    try {
      return await post(url, body, options);
    } catch (error) {
      if (error.response?.status === 401 && await renewToken()) {
        const headers = { ...options.headers, Authorization: token };
        return globalThis.xwRequest.post(url, body, { ...options, headers });
      }
      const detail = error.response ? error.response.data?.detail || FAILED : DOWN;
      // Status 400: xlwings retries others, which would triple the wait.
      throw Object.assign(new Error(detail), { response: { status: 400, data: { detail } } });
    }
  };
}

async function call(path, body) {
  await signedIn;
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { Authorization: token }, body });
  } catch {
    throw new Refused(DOWN);
  }
  if (answer.status === 401 && await renewToken()) return call(path, body);
  if (!answer.ok) {
    const error = await answer.json().catch(() => ({}));
    throw new Refused(error.what ? `${error.what} ${error.do}`.trim() : FAILED);
  }
  return answer;
}

function line(parent, tag, text, name = "") {
  const element = document.createElement(tag);
  element.textContent = text; // never as HTML: it comes from files
  if (name) element.className = name;
  parent.append(element);
  return element;
}

function say(text) { get("status").textContent = text; }

function refresh() {
  get("count").textContent = state.files ? `${state.files} ${state.files === 1 ? "file" : "files"} ready.` : "No files yet.";
  get("check").disabled = get("clear").disabled = state.busy || !state.files;
  get("merge").disabled = state.busy || !state.files || !state.checked;
  get("files").disabled = state.busy;
  get("progress").hidden = !state.busy;
}

async function busy(job) {
  if (state.busy) return;
  state.busy = true;
  get("trouble").textContent = "";
  refresh();
  try {
    await job();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // The server was restarted: the next drop begins a new batch.
    if (error.message.startsWith(GONE)) Object.assign(state, { tray: null, files: 0, checked: false });
    say("");
    get("trouble").textContent = error.message;
    get("trouble").scrollIntoView({ block: "nearest" }); // the button may be far below
  } finally {
    state.busy = false;
    refresh();
  }
}

function showProgress(done, total) {
  get("progress").max = total || 1;
  get("progress").value = done;
}

async function upload(files) {
  await busy(async () => {
    if (!state.tray) state.tray = (await (await call("/api/trays")).json()).tray;
    const faults = [];
    let done = 0;
    for (const file of files) {
      showProgress(done, files.length);
      say(`Taking ${file.name} …`);
      try {
        if (file.size > 60e6) throw new Refused("That is too large for a return. Drop markbooks only.");
        await call(`/api/trays/${state.tray}/files?name=${encodeURIComponent(file.name)}`, file);
        state.files += 1;
      } catch (error) {
        if (!(error instanceof Refused) || error.message.startsWith(GONE)) throw error;
        faults.push(`${file.name}: ${error.message}`);
      }
      done += 1;
    }
    state.checked = false;
    say(`${done - faults.length} taken. Check them before you merge.`);
    get("trouble").textContent = faults.join(" ");
  });
  get("check").focus();
}

async function run(path, verb) {
  showProgress(0, 1);
  say(`${verb} …`);
  const answer = await call(path);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let report = null;
  let spokenTenth = 0;
  for (;;) {
    const { value, done } = await reader.read();
    rest += value || "";
    const lines = rest.split("\n");
    rest = lines.pop();
    for (const text of lines) {
      const message = JSON.parse(text);
      if (message.what) throw new Refused(`${message.what} ${message.do}`);
      if (message.report) report = message.report;
      else {
        showProgress(message.done, message.total);
        // At most ten messages, or a screen reader falls behind.
        const tenth = Math.floor((10 * message.done) / Math.max(message.total, 1));
        if (tenth !== spokenTenth) say(`${verb}: step ${message.done} of ${message.total}.`);
        spokenTenth = tenth;
      }
    }
    if (done) break;
  }
  if (!report) throw new Refused("Markbook stopped before it had finished. Nothing half done was kept; try again.");
  return report;
}

function showReport(report, title) {
  get("answer").hidden = false;
  get("answer-title").textContent = title;
  get("lines").replaceChildren();
  for (const text of report.lines) line(get("lines"), "p", text);
  const place = get("problems");
  place.replaceChildren();
  const byFile = new Map();
  for (const row of report.problems) byFile.set(row.file, [...(byFile.get(row.file) || []), row]);
  for (const [file, rows] of byFile) {
    const box = line(place, "article", "");
    line(box, "h4", file || "The school");
    const list = line(box, "ul", "");
    for (const row of rows) {
      const item = line(list, "li", "");
      const where = [row.sheet, row.cell].filter(Boolean).join("!");
      if (where) line(item, "span", `${where}: `, "where");
      line(item, "span", row.severity === "error" ? "Left out. " : "", "wrong");
      line(item, "span", `${row.what} ${row.do}`);
    }
  }
  if (!report.problems.length) line(place, "p", "Nothing.");
  get("answer-title").focus();
}

get("check").addEventListener("click", () => busy(async () => {
  const report = await run(`/api/trays/${state.tray}/check`, "Checking");
  state.checked = true;
  say("Checked. Nothing has been stored.");
  showReport(report, "What merging would do");
}));

get("merge").addEventListener("click", () => busy(async () => {
  const report = await run(`/api/trays/${state.tray}/merge`, "Merging");
  Object.assign(state, { tray: null, files: 0, checked: false });
  if (get("missing").hasChildNodes()) await showMissing();
  if (report.problems.length || get("fetch").hasChildNodes()) await showFiles();
  say(report.problems.length ? "Merged. Marked-up copies to send back are below." : "Merged.");
  showReport(report, "What was merged");
}));

get("clear").addEventListener("click", () => {
  Object.assign(state, { tray: null, files: 0, checked: false });
  get("answer").hidden = true;
  say("");
  refresh();
  get("files").focus();
});

async function showMissing() {
  const report = await (await call("/api/missing")).json();
  const place = get("missing");
  place.replaceChildren();
  const [first, ...people] = report.lines;
  line(place, "p", first);
  for (const text of people) {
    // "Ms R Abara (ABA) [head]: 10x/Ma1 not returned (27 pupils); 11/Ma5 not finished …"
    const [who, ...rest] = text.split(": ");
    if (!rest.length) { line(place, "p", text); continue; }
    const box = line(place, "article", "");
    line(box, "h3", who);
    const list = line(box, "ul", "");
    for (const what of rest.join(": ").replace(/\.$/, "").split("; ")) line(list, "li", what);
  }
}

async function showFiles() {
  const { files } = await (await call("/api/files")).json();
  const place = get("fetch");
  place.replaceChildren();
  const folders = new Map();
  for (const file of files) {
    const [kind, collection] = file.name.split("/");
    const title = `${kind === "checked" ? "Marked-up copies" : "Packs"}, ${collection}`;
    folders.set(title, [...(folders.get(title) || []), file.name]);
  }
  for (const [title, names] of folders) {
    line(place, "h3", title);
    const list = line(place, "ul", "", "files");
    for (const name of names) {
      const button = line(line(list, "li", ""), "button", name.split("/").slice(2).join("/"));
      button.type = "button";
      button.addEventListener("click", () => busy(() => download(name)));
    }
  }
  if (!files.length) line(place, "p", "There are none yet.");
}

get("ask-missing").addEventListener("click", () => busy(showMissing));
get("ask-files").addEventListener("click", () => busy(showFiles));

async function download(name) {
  const answer = await call(`/api/file?name=${encodeURIComponent(name)}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name.split("/").pop();
  link.click();
  URL.revokeObjectURL(link.href);
  say(`${link.download} is in your downloads.`);
}

const drop = get("drop");
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => { event.preventDefault(); upload([...event.dataTransfer.files]); });
get("files").addEventListener("change", async (event) => { await upload([...event.target.files]); event.target.value = ""; });

// The ribbon: each button runs its action, again with consent if the action asks.
async function press(name, confirmed) {
  xlwings.hideGlobalError();
  get("trouble").textContent = "";
  await xlwings.runPython({
    auth: token,
    scriptName: name,
    headers: { Authorization: token, "Auth-Provider": "" },
    args: [confirmed],
    errorDisplayMode: "taskpane", // Office would fetch a window of its own from the server, too
  });
  const alert = get("global-error-alert");
  if (alert.classList.contains("d-none")) return;
  const [, refusal] = /^[\w.]*Error: (.*)/s.exec(alert.textContent.trim()) || [];
  get("trouble").textContent = refusal
    ? `Excel would not do that: ${refusal} Look at the sheet before you go on.`
    : alert.textContent.trim();
  xlwings.hideGlobalError();
  await Office.addin?.showAsTaskpane?.(); // the message is invisible while the pane is closed
}
for (const name of JSON.parse(get("actions").textContent)) {
  const consent = async (button) => { if (button === "ok") await press(name, true); };
  Object.defineProperty(consent, "name", { value: `markbookSure_${name}` });
  globalThis.xlwings?.registerCallback(consent);
  globalThis.Office?.actions?.associate(name, async (event) => {
    try {
      await press(name, false);
    } finally {
      event.completed(); // or Excel would hold every button of the tab
    }
  });
}
refresh();
