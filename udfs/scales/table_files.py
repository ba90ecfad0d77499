"""Read the formats of editable tables: CSV rows, TOML entries, scores.

Readers of a table take the file's text and its name for messages (`where`), and raise
`BadTable` with the row or entry that cannot be used.
"""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from io import StringIO
from typing import Any

from udfs.errors import BadTable


def csv_rows(
    text: str, where: str, needed: Iterable[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV table, each with its row number in the file.

    Comment lines, which begin with `#`, and empty lines are skipped; a file without the
    needed columns is refused.
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


def toml_entries(text: str, where: str, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the `[[name]]` entries of a TOML table, with decimals as `Decimal`."""
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadTable(
            f"{where} is not valid TOML: {error}.",
            "Texts stand in quotes; compare with the file that comes with us.",
        ) from None
    check_keys(raw, (name,), where)
    entries = raw.get(name, [])
    if not isinstance(entries, list):
        raise BadTable(f"{where} says {name} once.", f"Write [[{name}]] for each.")
    yield from entries


def check_keys(entry: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    """Refuse unknown keys; the message lists the allowed ones."""
    for name in entry:
        if name not in allowed:
            suggestions = difflib.get_close_matches(name, allowed, n=1)
            hint = f" (did you mean {suggestions[0]}?)" if suggestions else ""
            raise BadTable(
                f"{name!r} has no meaning in {where}{hint}.",
                f"There are: {', '.join(allowed)}.",
            )


def is_whole_number(text: str) -> bool:
    """Whether a text is a whole number in plain digits."""
    return text.isascii() and text.isdigit()


def half_points(text: str, where: str) -> int:
    """Return a score such as `99.5` in half points.

    >>> half_points("99.5", "ks2_bands.csv")
    199
    """
    whole, _, half = text.partition(".")
    if not is_whole_number(whole) or half not in ("", "0", "5"):
        raise BadTable(
            f"{where} has {text!r} for a score.", "Use scores in halves: 99.5."
        )
    return 2 * int(whole) + (half == "5")
