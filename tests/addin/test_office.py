"""LibreOffice in place of Excel: press the buttons of a double of the add-in, and open
the examples."""

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
from tests.addin.vba_double import RECORDED, write_double
from tests.office import Office, OfficeError, running_office

pytestmark = pytest.mark.office
OWN_MODULES = ("RibbonMarkbook", "Opening", "xlwings_udfs")
RECORD_MESSAGES = ("MsgBox ", "HearMsgBox ")  # a message box would wait for a click
CALLBACKS = [
    button.get("onAction", "")
    for button in ET.fromstring(custom_ui()).iter(f"{{{NAMESPACE}}}button")
]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with running_office() as running:
        yield running


def press_buttons(office: Office, path: Path, sources: dict[str, str]) -> list[str]:
    """Press every button of the ribbon, and return the Python that each one starts."""
    write_double(path, sources)
    steps = [{"do": "macro", "name": f"VBAProject.{name}"} for name in CALLBACKS]
    area = f"A1:A{len(CALLBACKS)}"
    recorded = {"do": "values", "sheet": RECORDED, "area": area}
    *_, rows = office.run_steps(path, [*steps, recorded], macros=True)
    return [row[0] for row in rows]


def run(code: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run the Python that a button starts, and return the names of its actions."""
    action_names: list[str] = []
    caller = SimpleNamespace(caller=lambda: "the workbook that is open")
    with monkeypatch.context() as patch:
        patch.setattr(classic.xlwings, "Book", caller)
        patch.setattr(actions, "run", lambda name, office: action_names.append(name))
        exec(code, {})
    assert set(action_names) <= set(actions.ACTIONS)
    return action_names


def test_every_button_starts_its_own_action(office, tmp_path, monkeypatch):
    sources = {name: module_sources()[name] for name in OWN_MODULES}
    codes = press_buttons(office, tmp_path / "double.xlsm", sources)
    action_names = [run(code, monkeypatch) for code in codes]
    assert action_names == [[button.action] for button in buttons()]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("import addin.classic;", "import addin.clasic;", ModuleNotFoundError),
        (".classic.run(", ".classic.runn(", AttributeError),
        ('MB_Start "praise_here"', 'MB_Start "prase_here"', AssertionError),
        ("Sub MB_praise_here(", "Sub MB_prais_here(", OfficeError),
    ],
)
def test_a_misspelt_callback_fails(office, tmp_path, monkeypatch, old, new, problem):
    ribbon = module_sources()["RibbonMarkbook"]
    assert ribbon.count(old) == 1
    with pytest.raises(problem):
        for code in press_buttons(
            office,
            tmp_path / "double.xlsm",
            {"RibbonMarkbook": ribbon.replace(old, new)},
        ):
            run(code, monkeypatch)


def test_a_button_without_python_says_what_to_do(office, tmp_path):
    ribbon = module_sources()["RibbonMarkbook"].replace(
        "RunPython MB_", "Err.Raise 76, MB_"
    )
    messages = press_buttons(
        office,
        tmp_path / "double.xlsm",
        {"RibbonMarkbook": ribbon.replace(*RECORD_MESSAGES)},
    )
    assert len(messages) == len(CALLBACKS)
    for message in messages:
        assert message.startswith(
            "Markbook could not start Python. Run 'markbook addin"
        )


def test_the_examples_show_the_answers_of_the_functions(office, tmp_path):
    """Without the functions, LibreOffice shows the stored answers."""
    path = tmp_path / "Examples.xlsx"
    path.write_bytes(examples_workbook())
    (live, plain) = office.run_steps(
        path,
        [
            {"do": "values", "sheet": sheet, "area": "A1:P120"}
            for sheet in ("Examples", ANSWERS)
        ],
    )
    row = 1
    for name, arguments in EXAMPLES:
        answer = evaluate(name, arguments)
        expected = answer if isinstance(answer, list) else [[answer]]
        lines = plain[row : row + len(expected)]
        cells = [line[3 : 3 + len(expected[0])] for line in lines]
        assert (plain[row][0], cells) == (name, expected), arguments
        # LibreOffice recalculates ranges and truth values, and has no answer.
        if expected == [[answer]] and not isinstance(answer, bool):
            assert live[row][:4] == plain[row][:4]
        row += len(expected) + (expected != [[answer]])
