"""Normalise the text of cells: spaces, digits, dashes, look-alike letters."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

# Letters of other alphabets that look like the Latin ones our grades and codes use.
LOOK_ALIKES = str.maketrans(
    "АВЕСНІЈКМОРЅТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαυ",
    "ABECHIJKMOPSTYXaesijopcyxABEZHIKMNOPTYXoau",
)
LETTERS_FOR_DIGITS = str.maketrans("OolI|", "00111")
_STANDARD = {"-": "‐‑‒–—―−﹣⁃", "/": "⁄∕╱", "*": "∗⁎✱✲﹡"}
MAX_GRADE_LENGTH = 40  # letters; a longer text is no grade, and is not quoted whole
_NUMBERS = {bool, int, float}
_WHOLE_NUMBER = re.compile(r"([0-9]+)\.0+")
_MAX_CACHED_SIGNS = 4_096


class _StandardSigns(dict[int, "str | None"]):
    """Code point -> the standard sign for it; None for one that shows nothing."""

    def __missing__(self, code_point: int) -> str | None:
        sign = chr(code_point)
        standard: str | None = sign
        if unicodedata.category(sign) in ("Cf", "Cc"):
            standard = None
        elif (digit := unicodedata.decimal(sign, None)) is not None:
            standard = str(digit)
        if len(self) < _MAX_CACHED_SIGNS:
            self[code_point] = standard
        return standard


_SIGNS = _StandardSigns(
    {ord(sign): plain for plain, signs in _STANDARD.items() for sign in signs}
)


def tidy(text: object) -> str:
    """Return a cell's value as text with standard spaces, digits, dashes and stars.

    >>> tidy(9.0), tidy(" ５–４ "), tidy(None), tidy("٥"), tidy(5.000000000000001)
    ('9', '5-4', '', '5', '5')
    """
    if type(text) is str and text.isalnum() and text.isascii():
        return text  # nearly always
    if text is None or (isinstance(text, float) and math.isnan(text)):
        return ""
    if isinstance(text, float):
        text = float(f"{text:.15g}")  # what a spreadsheet shows, without a float's tail
        if text.is_integer():
            return str(int(text))
    text_value = str(text)
    return (
        _tidy_cached(text_value)
        if len(text_value) <= MAX_GRADE_LENGTH
        else _tidy_text(text_value)
    )


def _tidy_text(text: str) -> str:
    clean = " ".join(unicodedata.normalize("NFKC", text).split())
    clean = " ".join(clean.translate(_SIGNS).split())
    whole = _WHOLE_NUMBER.fullmatch(clean)
    return whole[1] if whole else clean


_tidy_cached = lru_cache(maxsize=4096)(_tidy_text)


def quote(text: str) -> str:
    """Quote a value for a message, cut where it is long.

    >>> quote("A" * 50)
    "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…'"
    """
    return repr(
        text if len(text) <= MAX_GRADE_LENGTH else text[:MAX_GRADE_LENGTH] + "…"
    )


def match_key(text: str) -> str:
    """Return a tidied value without case and spaces, for comparison.

    >>> match_key("L2D *")
    'l2d*'
    """
    return "".join(text.split()).casefold()


class _TypedCell(NamedTuple):
    """A number or truth value with its type: 1, 1.0 and True are equal as keys."""

    kind: type
    cell: Any


class AnswerCache(dict[tuple[Any, ...], Any]):
    """Answers by question; each is computed when it is first looked up.

    Args:
        answer: The function from a question's cells to its answer.
    """

    def __init__(self, answer: Callable[..., Any]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, cells: tuple[Any, ...]) -> Any:
        """Compute and keep the answer for cells as `distinct_keys` returns them."""
        values = (one.cell if type(one) is _TypedCell else one for one in cells)
        answer = self[cells] = self._answer(*values)
        return answer


def distinct_keys(cells: Sequence[Any]) -> Iterable[Any]:
    """Return cells as keys that are equal only where the cells are the same."""
    mixed = len(_NUMBERS.intersection(map(type, cells))) > 1
    return map(_TypedCell, map(type, cells), cells) if mixed else cells


def map_distinct(answer: Callable[..., Any], *columns: Sequence[Any]) -> list[Any]:
    """Apply a function to every row of cells, calling it once for equal rows.

    >>> map_distinct(tidy, [" 5", 1, 1.0, True, None])
    ['5', '1', '1', 'True', '']
    """
    questions = zip(*map(distinct_keys, columns), strict=True)
    return list(map(AnswerCache(answer).__getitem__, questions))
