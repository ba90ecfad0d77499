// The generated JavaScript of the worksheet functions, run as Excel's runtime runs it.
//
//   node functions.mjs ORIGIN TOKEN   with [[NAME, [ARGUMENT…]], …] on standard input
//
// prints one object: the declared functions, each answer or the error in its cell, and
// the number of requests. Office, Excel and the page are replaced.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [origin, token] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(0, "utf8"));
const registered = {};
let requests = 0;

class CellError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

class RequestContext {
  constructor() {
    this.workbook = { name: "list.xlsx", load() {} };
  }
  async sync() {}
}

async function post(url, body, { headers }) {
  requests += 1;
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  const json = (answer.headers.get("Content-Type") || "").includes("application/json");
  const data = json ? JSON.parse(text) : text;
  if (answer.ok) return { data };
  throw Object.assign(new Error(`Request failed with status ${answer.status}`), {
    response: { status: answer.status, statusText: answer.statusText, data },
  });
}

const page = vm.createContext({
  console: { log() {}, error() {}, info() {} },
  crypto, setTimeout, URL,
  localStorage: { getItem: () => "test", setItem() {} },
  window: { location: { origin } },
  Office: {
    onReady: async (then) => then?.({ host: "Excel" }),
    context: { requirements: { isSetSupported: () => true } },
  },
  Excel: { RequestContext, run: async (ask) => ask(new RequestContext()) },
  CustomFunctions: {
    associate(name, ask) { registered[name] = ask; },
    Error: CellError,
    ErrorCode: { invalidValue: "#VALUE!" },
  },
  config: {
    customFunctionsMaxRetries: 3,
    customFunctionsRetryCodes: [500, 502, 503, 504],
    requestTimeout: 300,
    onWasm: false,
  },
  getAuth: async () => ({ token, provider: "" }),
  xlwings: { getCultureInfoName: async () => "en-GB", getDateFormat: async () => "dd/mm/yyyy" },
  xwRequest: { post },
});
page.globalThis = page;

const code = await fetch(`${origin}/xlwings/custom-functions-code.js`);
vm.runInContext(await code.text(), page, { filename: "custom-functions-code.js" });
const meta = await (await fetch(`${origin}/xlwings/custom-functions-meta.json`)).json();

const answers = [];
for (const [name, args] of cases) {
  try {
    const invocation = { address: "Marks!E2", parameterAddresses: [] };
    answers.push({ result: await registered[name](...args, invocation) });
  } catch (error) {
    answers.push({ error: error.code, says: error.message });
  }
}
console.log(JSON.stringify({
  declared: meta.functions.map((entry) => entry.id),
  associated: Object.keys(registered),
  answers,
  requests,
}));
