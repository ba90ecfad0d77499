"""How the tables that people edit are written: TOML entries and CSV rows."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

from udfs.errors import BadTable


def rows_of(
    text: str, where: str, needed: Iterable[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of one of our CSV tables, each with its row number in the file.

    Lines that begin with `#` say where figures come from and are passed over, and
    so are empty lines.

    Args:
        text: The file's text.
        where: The file's name, for messages.
        needed: The columns there must be.

    Raises:
        BadTable: If a column is missing.
    """
    headings: list[str] | None = None
    for number, cells in enumerate(csv.reader(StringIO(text.lstrip("\ufeff"))), 1):
        stripped = [cell.strip() for cell in cells]
        if not any(stripped) or stripped[0].startswith("#"):
            continue
        if headings is None:
            headings = stripped
            missing = [name for name in needed if name not in headings]
            if missing:
                raise BadTable(
                    f"{where} has no column {', '.join(missing)}.",
                    f"It needs the columns: {', '.join(needed)}.",
                )
            continue
        padded = stripped + [""] * (len(headings) - len(stripped))
        yield number, dict(zip(headings, padded, strict=False))


def entries_of(
    raw: Mapping[str, Any], name: str, where: str
) -> Iterator[Mapping[str, Any]]:
    """The entries of one of our TOML tables, `[[name]]` each.

    Args:
        raw: The file as read.
        name: What each entry is called.
        where: The file's name, for messages.

    Raises:
        BadTable: If the file says anything else.
    """
    only(raw, (name,), where)
    entries = raw.get(name, [])
    if not isinstance(entries, list):
        raise BadTable(f"{where} says {name} once.", f"Write [[{name}]] for each.")
    yield from entries


def only(entry: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    """Refuse a key that has no meaning.

    Raises:
        BadTable: If there is one; the message names those that have.
    """
    for name in entry:
        if name not in allowed:
            near = difflib.get_close_matches(name, allowed, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise BadTable(
                f"{name!r} has no meaning in {where}{hint}.",
                f"There are: {', '.join(allowed)}.",
            )
