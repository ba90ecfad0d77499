"""Change a collection's last day in `school.toml`, keeping its comments."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from generator.files import publish
from generator.school.school import SETTINGS_FILE
from udfs.errors import MarkbookError

_TABLE = re.compile(r"^[ \t]*\[\[?[^\]\n]+\]\]?", re.M)
_COLLECTION = re.compile(r"[ \t]*\[\[[ \t]*collections[ \t]*\]\]")
_CLOSES = re.compile(r"^([ \t]*closes[ \t]*=[ \t]*)\d{4}-\d\d-\d\d", re.M)


def set_closing_day(folder: Path, code: str, day: str) -> None:
    """Write the last day of a collection into a school's settings.

    Args:
        folder: The school folder.
        code: The collection.
        day: Its new last day, as ISO text.

    Raises:
        MarkbookError: If the line cannot be found; the file stays as it is.
    """
    path = folder / SETTINGS_FILE
    text = path.read_bytes().decode("utf-8-sig")
    changed = replace_closing_day(text, code, day)
    if changed is None:
        raise MarkbookError(
            f"The line `closes` of {code} was not found in {SETTINGS_FILE}.",
            f"Write it there yourself: closes = {day}.",
        )
    publish(path, changed.encode("utf-8"))


def replace_closing_day(text: str, code: str, day: str) -> str | None:
    """The settings with another last day of a collection; None if it has no line.

    >>> text = '''[[collections]]
    ... code = "AUT"
    ... closes = 2026-10-23  # half term'''
    >>> replace_closing_day(text, "AUT", "2026-11-06").splitlines()[-1]
    'closes = 2026-11-06  # half term'
    """
    starts = [match.start() for match in _TABLE.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        block = text[start:end]
        if not _COLLECTION.match(block):
            continue
        try:
            settings = tomllib.loads(block)["collections"][0]
        except tomllib.TOMLDecodeError:
            continue
        if settings.get("code") == code and _CLOSES.search(block):
            block = _CLOSES.sub(rf"\g<1>{day}", block, count=1)
            return text[:start] + block + text[end:]
    return None
