// The generated JavaScript of the worksheet functions, run as Excel's runtime runs it.
//
//   node functions.mjs ORIGIN TOKEN   with [[NAME, [ARGUMENT…]], …] on standard input
//
// answers with one object: what was declared, each answer or the error in its cell, and
// how many requests it took. Only Office, Excel and the page are stand-ins.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [origin, token] = process.argv.slice(2);
const asked = JSON.parse(readFileSync(0, "utf8"));
const made = {};
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
    associate(name, ask) { made[name] = ask; },
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
for (const [name, given] of asked) {
  try {
    const invocation = { address: "Marks!E2", parameterAddresses: [] };
    answers.push({ result: await made[name](...given, invocation) });
  } catch (error) {
    answers.push({ error: error.code, says: error.message });
  }
}
console.log(JSON.stringify({
  declared: meta.functions.map((one) => one.id),
  associated: Object.keys(made),
  answers,
  requests,
}));
