// The task pane: drop returns, check them, read what is wrong, merge, fetch.
const get = (id) => document.getElementById(id);
const TOKEN = "meta[name=markbook-token]";
let token = document.querySelector(TOKEN).content;
const shown = { tray: null, files: 0, busy: false, checked: false };

// How xlwings' own calls sign in, too.
globalThis.getAuth = async () => ({ token, provider: "" });

class Refused extends Error {}

const DOWN = "Markbook does not answer. Start it again: markbook addin serve.";
const GONE = "These files are gone.";
const FAILED = "Markbook could not do that. Try again.";

// The server was started again, and has a new secret: its page carries it. Excel keeps
// this page running, pane or no pane, so it is asked for anew. Whether it is another one.
async function renewed() {
  try {
    const answer = await fetch("/taskpane.html", { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(TOKEN)?.content || token;
    const other = fresh !== token;
    token = fresh;
    return other;
  } catch {
    return false;
  }
}

// What a cell and a button say when a call fails: a sentence, never a status or a trace.
const post = globalThis.xwRequest?.post;
if (post) {
  globalThis.xwRequest.post = async (url, body, options) => {
    try {
      return await post(url, body, options);
    } catch (error) {
      if (error.response?.status === 401 && await renewed()) {
        const headers = { ...options.headers, Authorization: token };
        return globalThis.xwRequest.post(url, body, { ...options, headers });
      }
      const told = error.response?.data;
      const says = error.response ? (told && told.detail) || FAILED : DOWN;
      // One answer, not asked for again: a status that is retried would triple the wait.
      throw Object.assign(new Error(says), { response: { status: 400, data: { detail: says } } });
    }
  };
}

async function call(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { Authorization: token }, body });
  } catch {
    throw new Refused(DOWN);
  }
  if (answer.status === 401 && await renewed()) return call(path, body);
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Refused(told.what ? `${told.what} ${told.do}`.trim() : FAILED);
  }
  return answer;
}

function line(parent, tag, text, name = "") {
  const made = document.createElement(tag);
  made.textContent = text; // never as HTML: it comes from files
  if (name) made.className = name;
  parent.append(made);
  return made;
}

function say(text) { get("status").textContent = text; }

function refresh() {
  get("count").textContent = shown.files ? `${shown.files} ${shown.files === 1 ? "file" : "files"} ready.` : "No files yet.";
  get("check").disabled = get("clear").disabled = shown.busy || !shown.files;
  get("merge").disabled = shown.busy || !shown.files || !shown.checked;
  get("files").disabled = shown.busy;
  get("progress").hidden = !shown.busy;
}

async function busy(job) {
  if (shown.busy) return;
  shown.busy = true;
  get("trouble").textContent = "";
  refresh();
  try {
    await job();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // The server was started again meanwhile: the next drop begins a new tray.
    if (error.message.startsWith(GONE)) Object.assign(shown, { tray: null, files: 0, checked: false });
    say("");
    get("trouble").textContent = error.message;
    get("trouble").scrollIntoView({ block: "nearest" }); // the button may be far below it
  } finally {
    shown.busy = false;
    refresh();
  }
}

function at(done, total) {
  get("progress").max = total || 1;
  get("progress").value = done;
}

async function take(files) {
  await busy(async () => {
    if (!shown.tray) shown.tray = (await (await call("/api/trays")).json()).tray;
    const faults = [];
    let done = 0;
    for (const file of files) {
      at(done, files.length);
      say(`Taking ${file.name} …`);
      try {
        if (file.size > 60e6) throw new Refused("That is too large for a return. Drop markbooks only.");
        await call(`/api/trays/${shown.tray}/files?name=${encodeURIComponent(file.name)}`, file);
        shown.files += 1;
      } catch (error) {
        if (!(error instanceof Refused) || error.message.startsWith(GONE)) throw error;
        faults.push(`${file.name}: ${error.message}`);
      }
      done += 1;
    }
    shown.checked = false;
    say(`${done - faults.length} taken. Check them before you merge.`);
    get("trouble").textContent = faults.join(" ");
  });
  get("check").focus();
}

async function live(path, verb) {
  at(0, 1);
  say(`${verb} …`);
  const answer = await call(path);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let left = "";
  let report = null;
  let spoken = 0;
  for (;;) {
    const { value, done } = await reader.read();
    left += value || "";
    const lines = left.split("\n");
    left = lines.pop();
    for (const text of lines) {
      const told = JSON.parse(text);
      if (told.what) throw new Refused(`${told.what} ${told.do}`);
      if (told.report) report = told.report;
      else {
        at(told.done, told.total);
        // In words ten times at most: what is read aloud must not run behind.
        const tenth = Math.floor((10 * told.done) / Math.max(told.total, 1));
        if (tenth !== spoken) say(`${verb}: step ${told.done} of ${told.total}.`);
        spoken = tenth;
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
  const report = await live(`/api/trays/${shown.tray}/check`, "Checking");
  shown.checked = true;
  say("Checked. Nothing has been stored.");
  showReport(report, "What merging would do");
}));

get("merge").addEventListener("click", () => busy(async () => {
  const report = await live(`/api/trays/${shown.tray}/merge`, "Merging");
  Object.assign(shown, { tray: null, files: 0, checked: false });
  if (get("missing").hasChildNodes()) await showMissing();
  if (report.problems.length || get("fetch").hasChildNodes()) await showFiles();
  say(report.problems.length ? "Merged. Marked-up copies to send back are below." : "Merged.");
  showReport(report, "What was merged");
}));

get("clear").addEventListener("click", () => {
  Object.assign(shown, { tray: null, files: 0, checked: false });
  get("answer").hidden = true;
  say("");
  refresh();
  get("files").focus();
});

async function showMissing() {
  const told = await (await call("/api/missing")).json();
  const place = get("missing");
  place.replaceChildren();
  const [first, ...people] = told.lines;
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
      button.addEventListener("click", () => busy(() => keep(name)));
    }
  }
  if (!files.length) line(place, "p", "There are none yet.");
}

get("ask-missing").addEventListener("click", () => busy(showMissing));
get("ask-files").addEventListener("click", () => busy(showFiles));

async function keep(name) {
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
drop.addEventListener("drop", (event) => { event.preventDefault(); take([...event.dataTransfer.files]); });
get("files").addEventListener("change", async (event) => { await take([...event.target.files]); event.target.value = ""; });

// The ribbon: each button runs its action; one that asks first comes back with a yes.
async function press(name, sure) {
  xlwings.hideGlobalError();
  get("trouble").textContent = "";
  await xlwings.runPython({
    auth: token,
    scriptName: name,
    headers: { Authorization: token, "Auth-Provider": "" },
    args: [sure],
    errorDisplayMode: "taskpane", // a window of Office's own would be fetched from the server, too
  });
  const wrong = get("global-error-alert");
  if (wrong.classList.contains("d-none")) return;
  const [, refused] = /^[\w.]*Error: (.*)/s.exec(wrong.textContent.trim()) || [];
  get("trouble").textContent = refused
    ? `Excel would not do that: ${refused} Look at the sheet before you go on.`
    : wrong.textContent.trim();
  xlwings.hideGlobalError();
  await Office.addin?.showAsTaskpane?.(); // where the pane is closed, nobody would read it
}
for (const name of JSON.parse(get("actions").textContent)) {
  const answered = async (button) => { if (button === "ok") await press(name, true); };
  Object.defineProperty(answered, "name", { value: `markbookSure_${name}` });
  globalThis.xlwings?.registerCallback(answered);
  globalThis.Office?.actions?.associate(name, async (event) => {
    try {
      await press(name, false);
    } finally {
      event.completed(); // or Excel would hold every button of the tab
    }
  });
}
refresh();
