"""How a spreadsheet and a hurried hand spell a value."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache

# Letters of other alphabets that look like the Latin ones our grades and codes use.
LOOK_ALIKES = str.maketrans(
    "АВЕСНІЈКМОРЅТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαυ",
    "ABECHIJKMOPSTYXaesijopcyxABEZHIKMNOPTYXoau",
)
LETTERS_FOR_DIGITS = str.maketrans("OolI|", "00111")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣⁃", "-"))
_STARS = str.maketrans(dict.fromkeys("∗⁎✱✲﹡", "*"))
_WHOLE_NUMBER = re.compile(r"([0-9]+)\.0+")


def tidy(text: object) -> str:
    """A cell's value as plain text: one kind of space, digit, dash and star.

    >>> tidy(9.0), tidy(" ５–４ "), tidy(None), tidy("٥")
    ('9', '5-4', '', '5')
    """
    if text is None or (isinstance(text, float) and math.isnan(text)):
        return ""
    if isinstance(text, float) and text.is_integer():
        return str(int(text))
    return _tidied(str(text))


@lru_cache(maxsize=4096)
def _tidied(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).translate(_STARS)
    plain = "".join(
        _digit(sign) for sign in plain if unicodedata.category(sign) not in ("Cf", "Cc")
    )
    plain = " ".join(plain.split())
    whole = _WHOLE_NUMBER.fullmatch(plain)
    return whole[1] if whole else plain


def _digit(sign: str) -> str:
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """A tidied value as values are compared: case and spaces do not matter.

    >>> key("L2D *")
    'l2d*'
    """
    return "".join(text.split()).casefold()
