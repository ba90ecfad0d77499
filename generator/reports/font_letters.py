"""The letters that the fonts of reports have, and how wide they are."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

FONT_FILES = {"regular": "Inter-Regular.ttf", "semibold": "Inter-SemiBold.ttf"}
_CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def template_folder() -> Path:
    """The folder of the templates, with the fonts below it."""
    with as_file(files("workbook_templates") / "reports") as folder:
        return folder


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of one font.

    Args:
        widths: Code point -> advance width in thousandths of the type size.
    """

    widths: dict[int, float]

    def width(self, text: str) -> float:
        """The width of a text in thousandths of the type size."""
        widths = self.widths
        return sum(widths.get(ord(letter), 600.0) for letter in text)


@cache
def font_letters(weight: str) -> Letters:
    """The letters of a font, `regular` or `semibold`."""
    from fontTools.ttLib import TTFont

    path = template_folder() / "fonts" / FONT_FILES[weight]
    with TTFont(path, lazy=True) as font:
        scale = 1000 / font["head"].unitsPerEm
        advances = font["hmtx"].metrics
        widths = {
            code: advances[name][0] * scale for code, name in font.getBestCmap().items()
        }
    return Letters(widths)


def printable(text: str) -> tuple[str, list[str]]:
    """A text that the fonts can print, and the letters that they lack.

    Control characters are left out; a letter that the fonts lack is replaced by its
    parts where they have those.
    """
    known = font_letters("regular").widths
    text = unicodedata.normalize("NFC", _CONTROL.sub("", text))
    if all(ord(letter) in known for letter in text if letter != "\n"):
        return text, []
    letters, lacking = [], []
    for letter in text:
        parts = letter
        if ord(letter) not in known and letter != "\n":
            parts = unicodedata.normalize("NFKD", letter)
            if any(ord(part) not in known for part in parts):
                lacking.append(letter)
        letters.append(parts)
    return "".join(letters), lacking


def has_control(text: str) -> bool:
    """Whether a text has characters that are left out."""
    return _CONTROL.search(text) is not None


def printable_content(content: Any) -> tuple[Any, list[str], bool]:
    """A document's content as it is printed.

    Returns:
        The content, the letters that the fonts lack, and whether control characters
        were left out.
    """
    lacking: list[str] = []
    control = False

    def clean(value: Any, key: str = "") -> Any:
        nonlocal control
        if isinstance(value, str) and key != "logo":
            control = control or has_control(value)
            text, missing = printable(value)
            lacking.extend(missing)
            return text
        if isinstance(value, dict):
            return {name: clean(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [clean(item) for item in value]
        return value

    return clean(content), list(dict.fromkeys(lacking)), control
