"""What the help of a command ends with: an example, and what may be named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from udfs.errors import MarkbookError

EXAMPLES: Mapping[str, str] = {
    "import": "markbook import exports/pupils.csv",
    "issue": "markbook issue AUT --class 10x/Ma1",
    "check": "markbook check returned/10x-Ma1.xlsx",
    "collect": 'markbook collect --take returned "returned/10x-Ma1 (2).xlsx"',
    "undo": "markbook undo K7",
    "chase": "markbook chase AUT",
    "pack": "markbook pack AUT department pastoral",
    "results": "markbook results exports/results.csv --year 2026/27",
    "export": "markbook export marks --collection AUT --out marks.csv",
    "doctor": "markbook doctor returned/unknown.xlsx",
    "mark": 'markbook mark AUT 10x/Ma1 000104 prediction 6 --why "typed into row 7"',
    "targets set": (
        'markbook targets set 000104 Mathematics --expected 7 --why "agreed with HoD"'
    ),
    "targets apply": "markbook targets apply moderation/Mathematics.xlsx",
    "targets history": "markbook targets history 000104",
    "pupil add": (
        "markbook pupil add 000900 --surname Marsh --forename Zoe --year 10 "
        "--class 10x/Ma1"
    ),
    "pupil left": "markbook pupil left 000104 --on 28/11/2026",
    "class assign": "markbook class assign 10x/Ma1 COH --until 18/12/2026",
    "class rename": "markbook class rename 10x/Ma1 10Q/Ma1",
    "class merge": "markbook class merge 10y/Ma2 10x/Ma1",
    "class move": "markbook class move 000104 10x/Ma1 10y/Ma2",
    "collection reopen": "markbook collection reopen AUT --until 06/11/2026",
}


def _collections() -> Iterable[str]:
    """The codes of the school of the current folder; none where there is none."""
    from generator.school.school import School

    try:
        return [each.code for each in School.load(Path()).settings.collections]
    except MarkbookError:
        return []


def _kinds() -> Iterable[str]:
    from generator.packs.registry import PACK_KINDS

    return PACK_KINDS


def _tables() -> Iterable[str]:
    from generator.export import TABLES

    return TABLES


def _fields() -> Iterable[str]:
    from generator.markbook.layout import ENTRY_HEADINGS

    return ENTRY_HEADINGS


_WITH_COLLECTION = ("issue", "check", "collect", "chase", "pack", "export", "mark")
_LISTS: Mapping[str, tuple[str, Callable[[], Iterable[str]]]] = {
    "pack": ("Kinds", _kinds),
    "export": ("Tables", _tables),
    "mark": ("Fields", _fields),
}


def help_lines(words: str) -> list[str]:
    """The last lines of a command's help.

    Args:
        words: The command, as `targets set`.

    >>> help_lines("chase")[-1]
    'Example: markbook chase AUT'
    """
    lines = []
    if words in _LISTS:
        title, names = _LISTS[words]
        lines.append(f"{title}: {', '.join(names())}.")
    if words in (*_WITH_COLLECTION, "collection reopen"):
        codes = ", ".join(_collections())
        lines += [f"Collections here: {codes}."] if codes else []
    if words in EXAMPLES:
        lines.append(f"Example: {EXAMPLES[words]}")
    return lines
