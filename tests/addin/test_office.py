"""LibreOffice in Excel's stead: it presses the buttons of a twin of the classic add-in,
and opens the examples."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from addin import actions, classic
from addin.examples import ANSWERS, EXAMPLES, evaluate, examples_workbook
from addin.ribbon import NAMESPACE, buttons, custom_ui
from addin.vba_project import module_sources
from tests.addin.twin import RECORDED, twin
from tests.office import Office, OfficeStuck, running_office

pytestmark = pytest.mark.office
OURS = ("RibbonMarkbook", "Opening", "xlwings_udfs")
HEARD = ("MsgBox ", "HearMsgBox ")  # a window that nobody would close
CALLBACKS = [
    button.get("onAction", "")
    for button in ET.fromstring(custom_ui()).iter(f"{{{NAMESPACE}}}button")
]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with running_office() as running:
        yield running


def pressed(office: Office, path: Path, sources: dict[str, str]) -> list[str]:
    """Press every button of the ribbon; the Python that each of them starts."""
    twin(path, sources)
    steps = [{"do": "macro", "name": f"VBAProject.{name}"} for name in CALLBACKS]
    area = f"A1:A{len(CALLBACKS)}"
    recorded = {"do": "values", "sheet": RECORDED, "area": area}
    *_, rows = office.play(path, [*steps, recorded], macros=True)
    return [row[0] for row in rows]


def run(code: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run what a button starts; the actions that it came to."""
    came: list[str] = []
    caller = SimpleNamespace(caller=lambda: "the workbook that is open")
    with monkeypatch.context() as patch:
        patch.setattr(classic.xlwings, "Book", caller)
        patch.setattr(actions, "run", lambda name, asked: came.append(name))
        exec(code, {})
    assert set(came) <= set(actions.ACTIONS)
    return came


def test_every_button_starts_its_own_action(office, tmp_path, monkeypatch):
    sources = {name: module_sources()[name] for name in OURS}
    codes = pressed(office, tmp_path / "twin.xlsm", sources)
    came = [run(code, monkeypatch) for code in codes]
    assert came == [[button.action] for button in buttons()]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("import addin.classic;", "import addin.clasic;", ModuleNotFoundError),
        (".classic.run(", ".classic.runn(", AttributeError),
        ('MB_Start "praise_here"', 'MB_Start "prase_here"', AssertionError),
        ("Sub MB_praise_here(", "Sub MB_prais_here(", OfficeStuck),
    ],
)
def test_a_misspelt_callback_is_found(office, tmp_path, monkeypatch, old, new, told):
    ribbon = module_sources()["RibbonMarkbook"]
    assert ribbon.count(old) == 1
    with pytest.raises(told):
        for code in pressed(
            office, tmp_path / "twin.xlsm", {"RibbonMarkbook": ribbon.replace(old, new)}
        ):
            run(code, monkeypatch)


def test_a_button_whose_python_does_not_start_says_what_to_do(office, tmp_path):
    ribbon = module_sources()["RibbonMarkbook"].replace(
        "RunPython MB_", "Err.Raise 76, MB_"
    )
    said = pressed(
        office, tmp_path / "twin.xlsm", {"RibbonMarkbook": ribbon.replace(*HEARD)}
    )
    assert len(said) == len(CALLBACKS)
    for says in said:
        assert says.startswith("Markbook could not start Python. Run 'markbook addin")


def test_the_examples_open_with_the_answers_that_the_functions_give(office, tmp_path):
    """Nobody here has the functions: what is shown is what was stored."""
    path = tmp_path / "Examples.xlsx"
    path.write_bytes(examples_workbook())
    (live, plain) = office.play(
        path,
        [
            {"do": "values", "sheet": sheet, "area": "A1:P120"}
            for sheet in ("Examples", ANSWERS)
        ],
    )
    at = 1
    for name, inside in EXAMPLES:
        made = evaluate(name, inside)
        wanted = made if isinstance(made, list) else [[made]]
        shown = [row[3 : 3 + len(wanted[0])] for row in plain[at : at + len(wanted)]]
        assert (plain[at][0], shown) == (name, wanted), inside
        # Over a range, and of a truth value, LibreOffice asks again and has no answer.
        if wanted == [[made]] and not isinstance(made, bool):
            assert live[at][:4] == plain[at][:4]
        at += len(wanted) + (wanted != [[made]])
