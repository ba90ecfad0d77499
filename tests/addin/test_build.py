"""The classic add-in: its parts, its VBA and its installation."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlwings

from addin import actions, build
from addin.build import build_xlam
from addin.examples import EXAMPLES, evaluate
from addin.ribbon import buttons
from addin.vba_project import PATCHES, functions_module, module_sources, xlwings_module
from udfs.errors import MarkbookError
from udfs.excel.functions import FUNCTIONS

RIBBON_KINDS = {
    "http://schemas.microsoft.com/office/2009/07/customui": (
        "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
    ),
}
SUB = re.compile(r"(?im)^Public Sub (\w+)\(control As IRibbonControl\)")
# xlwings generates its VBA functions on Windows only: empty modules replace four.
GENERATE = """
import importlib, io, sys, types
def empty_module(name, **attributes):
    module = sys.modules[name] = types.ModuleType(name)
    module.__dict__.update(attributes)
    return module
empty_module("pythoncom", CoInitialize=lambda: None, com_error=Exception)
empty_module("pywintypes", com_error=type("E", (Exception,), {}), TimeType=type(""))
client = empty_module("win32com.client", Dispatch=lambda *a: None)
empty_module("win32com").client = client
import xlwings
generator = importlib.import_module("xlwings.udfs")
for name, real in (("func", "xlfunc"), ("arg", "xlarg"), ("ret", "xlret")):
    setattr(xlwings, name, getattr(generator, real))
import addin.classic
out = io.StringIO()
book = types.SimpleNamespace(Name="Markbook.xlam")
generator.generate_vba_wrapper("addin.classic", addin.classic, out, book)
sys.stdout.write(out.getvalue())
"""


@pytest.fixture(scope="module")
def package():
    return build_xlam()


@pytest.fixture(scope="module")
def parts(package):
    with zipfile.ZipFile(BytesIO(package)) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="module")
def vba(package):
    """The source of every module, as olevba extracts it from the add-in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its parsers use deprecated names
        from oletools.olevba import VBA_Parser

        parser = VBA_Parser("Markbook.xlam", data=package)
        return {
            stream.rpartition("/")[2]: code
            for _, stream, _, code in parser.extract_macros()
        }


def lines(text):
    rows = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    return [line.rstrip() for line in rows if not line.startswith("Attribute VB_")]


def test_two_builds_are_the_same_bytes_in_another_process_too(package, tmp_path):
    code = "import sys, addin.build as b; sys.stdout.buffer.write(b.build_xlam())"
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PATH": "", "HOME": str(tmp_path)},
    )
    assert other.stdout == package


def test_modules_decompile_to_their_sources(vba):
    for name, source in module_sources().items():
        compiled = lines(vba[name])
        expected = lines(source)
        if name == "Dictionary":  # the editor writes the head of a class
            expected = expected[expected.index("END") + 1 :]
            compiled = compiled[-len(expected) :]
        assert compiled == expected, name


def test_an_opened_workbook_chooses_neither_python_nor_path(vba):
    source = vba["xlwings"]
    assert "SheetExists(ActiveWorkbook, PROJECT_NAME" not in source
    assert "ADD_WORKBOOK_TO_PYTHONPATH" not in source
    assert "ActiveFullName &" not in source
    assert "ActiveWorkbook.FullName &" not in source
    for old, new, _ in PATCHES:
        assert old not in source and new in source


OPENINGS = (
    r"GetConfigFromSheet\(ActiveWorkbook\)",
    r"SheetExists\(ActiveWorkbook, PROJECT_NAME",
    r"FileExists\(GetDirectoryConfigFilePath\(\)\)",
    r"ADD_WORKBOOK_TO_PYTHONPATH",
    r"sht\.Name",
    r"& Active(FullName|Workbook\.FullName) &",
    r'PROJECT_NAME As String = "myaddin"',
)


def find_openings(source):
    """Active lines by which an opened workbook could choose Python or its path."""
    openings, depth, other = [], 0, False
    for line in map(str.strip, source.splitlines()):
        if line.startswith("#"):
            # Inside a block that never runs, `#Else` repeats the `If` of `#If`.
            other = bool(depth) and (line == "#Else" or (other and line != "#End If"))
        elif other or line.startswith("'"):
            continue
        elif depth or line == "If False Then":  # never runs
            depth += line.startswith("If ") and line.endswith("Then")
            depth -= line == "End If"
        else:
            openings += [line for pattern in OPENINGS if re.search(pattern, line)]
    return openings


def test_no_opening_is_left_and_each_patch_closes_one(vba):
    patched = vba["xlwings"].replace("\r\n", "\n").split("\n")
    assert find_openings("\n".join(patched)) == []
    path = Path(xlwings.__file__).parent / "xlwings_custom_addin.bas"
    original = path.read_text("cp1252").replace("\r\n", "\n").split("\n")
    assert len([line for line in patched if line]) == len(
        [line for line in original if line]
    )
    for old, _, times in PATCHES:
        numbers = [number for number, line in enumerate(original) if old in line]
        assert len(numbers) == times
        for number in numbers:
            reverted = [*patched[:number], original[number], *patched[number + 1 :]]
            assert reverted != patched
            assert find_openings("\n".join(reverted)), old


def test_another_xlwings_is_refused(monkeypatch):
    monkeypatch.setattr("addin.vba_project.PATCHES", (("not there", "", 1),))
    with pytest.raises(MarkbookError, match="not as it was"):
        xlwings_module()
    monkeypatch.setattr("addin.vba_project.XLWINGS", "0.1")
    with pytest.raises(MarkbookError, match=r"pip install xlwings==0\.1"):
        xlwings_module()


def faults(parts, vba):
    """The faults of a ribbon: ids, callbacks, images, relationships."""
    problems = []
    tree = ET.fromstring(parts["customUI/customUI14.xml"])
    space = tree.tag.partition("}")[0].strip("{")
    relationships = ET.fromstring(parts["_rels/.rels"])
    kinds = {r.get("Target"): r.get("Type") for r in relationships}
    if kinds.get("customUI/customUI14.xml") != RIBBON_KINDS.get(space):
        problems.append(f"relationship of {space}")
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    problems += [
        f"id {name} twice" for name in {name for name in ids if ids.count(name) > 1}
    ]
    subs = {f"{m}.{s}" for m, code in vba.items() for s in SUB.findall(code)}
    pictures = {
        r.get("Id"): r.get("Target")
        for r in ET.fromstring(parts["customUI/_rels/customUI14.xml.rels"])
    }
    for element in tree.iter(f"{{{space}}}button"):
        if element.get("onAction") not in subs:
            problems.append(f"no callback {element.get('onAction')}")
        tip, label = element.get("supertip", ""), element.get("label")
        if len(tip) < 60 or tip.startswith(label):
            problems.append(f"supertip of {label}")
        target = pictures.get(element.get("image"))
        if f"customUI/{target}" not in parts:
            problems.append(f"no picture {element.get('image')}")
    keys = [e.get("keytip", "") for e in tree.iter(f"{{{space}}}button")]
    problems += [
        f"keytip {key!r}"
        for key in keys
        if not re.fullmatch("[A-Z0-9]{1,3}", key)
        or sum(other.startswith(key) for other in keys) > 1
    ]
    if b"ms-excel.addin.macroEnabled.main+xml" not in parts["[Content_Types].xml"]:
        problems.append("no add-in")
    return problems


def test_the_ribbon_has_no_fault(parts, vba):
    assert faults(parts, vba) == []
    assert len(list(buttons())) == parts["customUI/customUI14.xml"].count(b"<button ")


@pytest.mark.parametrize(
    ("part", "old", "new", "problem"),
    [
        ("customUI/customUI14.xml", b"MB_merge", b"MB_merg", "no callback"),
        (
            "customUI/customUI14.xml",
            b'id="button_issue"',
            b'id="button_check"',
            "twice",
        ),
        ("customUI/customUI14.xml", b'image="help"', b'image="hlp"', "no picture"),
        ("customUI/customUI14.xml", b'keytip="C"', b'keytip="R"', "keytip 'R'"),
        ("customUI/customUI14.xml", b'keytip="C"', b'keytip="RX"', "keytip 'R'"),
        ("customUI/customUI14.xml", b'keytip="C" ', b"", "keytip ''"),
        (
            "customUI/customUI14.xml",
            b'supertip="Says in a sentence',
            b'supertip="Help" was="',
            "supertip of Help",
        ),
        ("customUI/customUI14.xml", b"2009/07", b"2006/01", "relationship"),
        (
            "_rels/.rels",
            b"2007/relationships/ui",
            b"2006/relationships/ui",
            "relationship",
        ),
        ("[Content_Types].xml", b"excel.addin", b"excel.sheet", "no add-in"),
    ],
)
def test_the_check_finds_planted_faults(parts, vba, part, old, new, problem):
    damaged = parts | {part: parts[part].replace(old, new)}
    assert any(problem in fault for fault in faults(damaged, vba))


def test_every_button_has_an_action_and_every_action_a_button():
    assert [button.action for button in buttons()].sort() == list(
        actions.ACTIONS
    ).sort()
    assert {button.action for button in buttons()} == set(actions.ACTIONS)


def test_the_vba_functions_match_those_that_xlwings_generates():
    generated = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GENERATE],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    def signatures(text, prefix):
        signature = re.findall(rf"^Function {prefix}(\w+)\(([^)]*)\)", text, re.M)
        calls = re.findall(r'CallUDF\("([\w.]+)", "(\w+)", Array\(([^)]*)\), A', text)
        return sorted(signature), sorted(calls)

    assert signatures(functions_module(), "MB_") == signatures(generated, "")


def test_the_vba_functions_have_the_python_signatures():
    for name, function in FUNCTIONS.items():
        vba_parameters = re.search(
            rf"Function MB_{name}\(([^)]*)\)", functions_module()
        )[1].split(", ")
        parameters = inspect.signature(function.function).parameters.values()
        assert vba_parameters == [
            p.name if p.default is p.empty else f"Optional {p.name}" for p in parameters
        ]
    assert (
        max(map(len, functions_module().splitlines())) < 1000
    )  # a longer one does not compile


def test_the_wizard_has_help_for_every_function_and_argument():
    source = re.sub(r" _\n\s*", " ", functions_module())
    for name, function in FUNCTIONS.items():
        macro = re.search(rf'MacroOptions Macro:="MB_{name}", (.*)', source)[1]
        texts = [
            text.replace('""', '"') for text in re.findall(r'"((?:[^"]|"")*)"', macro)
        ]
        description, category, link, *helps = texts
        assert description == function.summary.replace("–", "-")
        assert (category, link) == ("Markbook", f"#{name}")
        assert f'HelpFile:=page & "#{name}"' in macro
        assert helps == [text.replace("–", "-") for text in function.arguments.values()]
        assert max(map(len, [description, *helps])) <= 255  # Excel takes no more


def test_two_validators_find_no_error(tmp_path, office_faults):
    for path in build.build_files(tmp_path):
        if path.suffix in (".xlam", ".xlsx"):
            assert office_faults(path) == [], path.name
            audit = subprocess.run(
                [sys.executable, "-m", "openxml_audit", path],
                capture_output=True,
                text=True,
            )
            assert audit.returncode == 0, audit.stdout


def test_the_examples_hold_every_function_with_its_answer(tmp_path):
    paths = {path.name: path for path in build.build_files(tmp_path)}
    second = {p.name: p.read_bytes() for p in build.build_files(tmp_path / "again")}
    assert second == {name: path.read_bytes() for name, path in paths.items()}
    assert {name for name, _ in EXAMPLES} == set(FUNCTIONS)
    sheet = openpyxl.load_workbook(paths["Examples.xlsx"], data_only=True)["Examples"]
    stored = [row[3].value for row in sheet.iter_rows(min_row=2) if row[0].value]
    for (name, arguments), value in zip(EXAMPLES, stored, strict=True):
        answer = evaluate(name, arguments)
        assert value == (answer[0][0] if isinstance(answer, list) else answer), (
            arguments
        )
    page = paths["Functions.html"].read_text(encoding="utf-8")
    assert all(f'id="{name}"' in page for name in FUNCTIONS)
