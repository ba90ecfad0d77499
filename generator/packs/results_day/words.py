"""The words and columns of the pack of results day, from `results.toml`."""

from __future__ import annotations

from collections.abc import Iterable

from generator.markbook.theme import template
from generator.packs.columns import Column

NAME = "results"


def words(part: str, name: str, /, **values: object) -> str:
    """A wording of `results.toml`, its braces filled in.

    >>> words("sheets", "pupils")
    'Pupils'
    """
    text: str = template(NAME)[part][name]
    return text.format(**values) if values else text


def say(name: str, /, **values: object) -> str:
    """A phrase of `results.toml`, its braces filled in."""
    return words("phrases", name, **values)


def columns(keys: Iterable[str], *, entry: Iterable[str] = ()) -> list[Column]:
    """Columns by their keys, as `results.toml` words them.

    Args:
        keys: Keys of `[columns]`, in the order wanted.
        entry: Those in which the reader writes.
    """
    known = template(NAME)["columns"]
    written = set(entry)
    return [Column(key, **known[key], entry=key in written) for key in keys]
