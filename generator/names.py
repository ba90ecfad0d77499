"""Names of files and sheets: safe ones, distinct ones, and how people see them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote

# Where the attachments of mails are while they are read, below the school's folder:
# `UNPACKED/run/number/mail, percent-encoded/attachment`.
UNPACKED = ".markbook/unpacked"
SHEET_LENGTH = 31
FILE_LENGTH = 120

# Windows reserves these, with any ending: a class "CON" or "Aux.1" would make a file
# that nobody can open there.
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.I)
_FORBIDDEN = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f]")
_FORBIDDEN_IN_SHEET = re.compile(r"[\\/:*?\[\]\x00-\x1f\x7f]")


# Control characters but tab and line feed, and those that turn the direction of text:
# a terminal obeys them.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def safe_name(text: str) -> str:
    """A name that a file or folder can have on Windows, Mac and Linux.

    >>> safe_name("10x/Ma1"), safe_name("CON"), safe_name("7A. ")
    ('10x-Ma1', 'CON-', '7A')
    """
    name = _FORBIDDEN.sub("-", text).strip()[:FILE_LENGTH].rstrip(". ")
    if _RESERVED.match(name):
        stem, dot, rest = name.partition(".")
        name = f"{stem}-{dot}{rest}"
    # `collect` skips names that begin with a dot or `~$`.
    return re.sub(r"^(?:\.|~\$)+", "-", name) or "-"


def sheet_name(text: str) -> str:
    """A name that a sheet can have: the same in 31 characters, without `[` or `]`.

    >>> sheet_name("[English] Language/Literature, upper band")
    '-English- Language-Literature,'
    >>> sheet_name("'quoted'"), sheet_name("History")
    ('-quoted-', 'History-')
    """
    name = _cut(_FORBIDDEN_IN_SHEET.sub("-", text).strip(), SHEET_LENGTH).strip()
    if name.startswith("'"):
        name = "-" + name[1:]
    if name.endswith("'"):
        name = name[:-1] + "-"
    if name.casefold() == "history":  # Excel reserves that name
        name += "-"
    return name or "-"


def shown_path(path: Path, folder: Path | None = None, *, short: bool = False) -> str:
    r"""A file's path for people and problems: with `/`, without control characters.

    Args:
        path: The file.
        folder: The school folder: a file in it is named from there on. None: no
            school.
        short: Whether a file elsewhere is named by its name alone, if it exists.

    >>> shown_path(Path("/school/packs/A\x1b[2J.xlsx"), Path("/school"))
    'packs/A?[2J.xlsx'
    >>> attached = f"/school/{UNPACKED}/x1/0/returned%2Fmail.eml/10x.xlsx"
    >>> shown_path(Path(attached), Path("/school"))
    'returned/mail.eml › 10x.xlsx'
    """
    whole = os.path.abspath(path)
    shown = _inside(whole, folder)
    if shown is None and short:
        if not path.exists():
            return printable(str(path))
        shown = _inside(os.path.realpath(path), folder and folder.resolve())
        shown = shown or path.name
    text = (shown or whole).replace(os.sep, "/")
    if text.startswith(f"{UNPACKED}/"):
        *_, mail, attached = text.split("/")
        text = f"{unquote(mail)} › {attached}"
    return printable(text)


def _inside(path: str, folder: Path | None) -> str | None:
    if folder is None:
        return None
    root = os.path.join(os.path.abspath(folder), "")
    return path[len(root) :] if path.startswith(root) else None


def printable(text: str) -> str:
    r"""A text of one line in which `?` stands for what a terminal could obey.

    >>> printable("8x\x1b[31m\n")
    '8x?[31m?'
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def without_steering(
    text: str, replacement: str | Callable[[re.Match[str]], str] = "?"
) -> str:
    r"""A text of any lines without characters that a terminal obeys.

    >>> without_steering("a\x1b[2J\tb\n")
    'a?[2J\tb\n'
    """
    return _STEERING.sub(replacement, text)


def name_sort_key(name: str) -> str:
    """A key that sorts people's names regardless of accents, case and marks.

    >>> name_sort_key("Łukasz") < name_sort_key("Lynch"), name_sort_key("O'Neill")
    (True, 'oneill')
    """
    letters = unicodedata.normalize("NFKD", name.translate(_BARRED)).casefold()
    return "".join(sign for sign in letters if sign.isalnum())


_BARRED = str.maketrans("ŁłØøĐđ", "LlOoDd")  # that Unicode does not decompose


def file_names(texts: Iterable[str]) -> dict[str, str]:
    """A file name for each text; the second of two alike gets `-2`, and so on.

    Args:
        texts: Class codes, say. Names are alike where they differ only in case,
            for that is how Windows compares them; the order of the texts decides.

    >>> file_names(["10x/Ma1", "10x-Ma1", "10X-MA1"])
    {'10X-MA1': '10X-MA1', '10x-Ma1': '10x-Ma1-2', '10x/Ma1': '10x-Ma1-3'}
    """
    return _distinct({text: safe_name(text) for text in texts}, FILE_LENGTH)


def sheet_names(texts: Iterable[str], in_use: Iterable[str] = ()) -> dict[str, str]:
    """A distinct sheet name for each text, and none of the names already in use.

    >>> sheet_names(["Maths", "Summary"], in_use=["Summary"])
    {'Maths': 'Maths', 'Summary': 'Summary-2'}
    """
    return _distinct({text: sheet_name(text) for text in texts}, SHEET_LENGTH, in_use)


def _distinct(
    names: dict[str, str], length: int, in_use: Iterable[str] = ()
) -> dict[str, str]:
    used = {name.casefold() for name in in_use}
    distinct = {}
    for text in sorted(names):
        name, number = names[text], 1
        while name.casefold() in used:
            number += 1
            ending = f"-{number}"
            name = _cut(names[text], length - len(ending)) + ending
        used.add(name.casefold())
        distinct[text] = name
    return distinct


def _cut(text: str, length: int) -> str:
    # Excel counts in UTF-16, where an emoji is two.
    while len(text.encode("utf-16-le")) > 2 * length:
        text = text[:-1]
    return text


def quoted(text: str) -> str:
    """A path or word as it is typed on a command line, in quotes where needed.

    >>> quoted("returned/10x Ma1 (2).xlsx"), quoted("10x-Ma1.xlsx")
    ('"returned/10x Ma1 (2).xlsx"', '10x-Ma1.xlsx')
    """
    plain = all(c.isalnum() or c in "-_./\\:+@" for c in text)
    return text if plain and text else f'"{text}"'
