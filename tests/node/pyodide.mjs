// The worksheet functions of grades in Pyodide, the Python of browsers: no server, and no
// package but Python's own library.
//
//   node pyodide.mjs FOLDER   with [[NAME, [ARGUMENT…]], …] on standard input
//
// prints one object: the answers, the version of Python, and the packages that were
// loaded of those that a browser would have to fetch.
import { readFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const cases = readFileSync(0, "utf8");
const python = await loadPyodide({ checkIntegrity: false });
python.FS.mkdirTree("/markbook");
python.FS.mount(python.FS.filesystems.NODEFS, { root: process.argv[2] }, "/markbook");
python.globals.set("cases", cases);
const result = python.runPython(`
import json, sys
sys.path.insert(0, "/markbook")
sys.dont_write_bytecode = True
from udfs.excel import grade_functions
from udfs.excel.registry import FUNCTIONS
answers = [FUNCTIONS[name].function(*arguments) for name, arguments in json.loads(cases)]
json.dumps({
    "answers": answers,
    "functions": sorted(FUNCTIONS),
    "python": sys.version.split()[0],
    "platform": sys.platform,
    "packages": sorted({"numpy", "pandas", "xlwings"} & {*sys.modules}),
})
`);
console.log(result);
