"""The VBA of the worksheet functions, made from their Python signatures."""

from __future__ import annotations

from collections.abc import Iterable

from udfs.functions import CATEGORY, FUNCTIONS, HELP, Worksheet

MODULE = "xlwings_udfs"  # the name under which xlwings looks for them
PYTHON = "addin.classic"
PREFIX = "MB_"
LONGEST_HELP = 255  # of one description in the wizard
LINE = 900  # characters of one VBA line; a longer one does not compile


def stubs() -> str:
    """The module with one function each, and their help for the wizard.

    There is no `Option Explicit`, as in the stubs that xlwings itself makes.
    """
    parts = [
        f'Attribute VB_Name = "{MODULE}"',
        "' Made from udfs/functions.py by `markbook addin build`: do not change.",
        "",
    ]
    parts += [_function(made) for made in FUNCTIONS.values()]
    parts += ["Public Sub MB_Describe()", "    On Error Resume Next"]
    for made in FUNCTIONS.values():
        parts += _description(made)
    return "\n".join([*parts, "End Sub", ""])


def _function(made: Worksheet) -> str:
    name = PREFIX + made.name
    declared = ", ".join(
        f"Optional {argument}" if argument in made.optional else argument
        for argument in made.arguments
    )
    given = ", ".join(made.arguments)
    return (
        f"Function {name}({declared})\n"
        "    If TypeOf Application.Caller Is Range Then On Error GoTo failed\n"
        f'    {name} = XLPy.CallUDF("{PYTHON}", "{made.name}", Array({given}), '
        "ActiveWorkbook, Application.Caller)\n"
        "    Exit Function\n"
        "failed:\n"
        f"    {name} = Err.Description\n"
        "End Function\n"
    )


def _description(made: Worksheet) -> Iterable[str]:
    helps = [_text(says) for says in made.arguments.values()]
    lines = [
        f'    Application.MacroOptions Macro:="{PREFIX}{made.name}", _',
        f"        Description:={_text(made.says)}, _",
        f'        Category:="{CATEGORY}", HelpFile:="{HELP}#{made.name}", _',
        "        ArgumentDescriptions:=Array( _",
    ]
    lines += [f"            {help_}, _" for help_ in helps[:-1]]
    return [*lines, f"            {helps[-1]})"]


def _text(says: str) -> str:
    plain = says.replace("–", "-").encode("ascii", "replace").decode()
    return '"' + plain[:LONGEST_HELP].replace('"', '""') + '"'
