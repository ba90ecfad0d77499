"""The grade that was probably meant by a value that is none: for questions only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from udfs.text import tidy

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "nought one two three four five six seven eight nine".split()
    )
}
_WORD = re.compile(r"[^\W\d_]+")
# Words that teachers write beside a grade.
_BESIDE = frozenset(
    """about approx around at currently g gcse gd gr grade grades just level likely lvl
    maybe probably possibly predicted prediction secure strong target track weak
    working""".split()
)
_AROUND = " ?~≈().,;:'\"!=[]#"
_BETWEEN = re.compile(r"\s*(?:[/,;&\\|>-]|\bor\b|\bto\b|\band\b)\s*")
_ZEROS = re.compile(r"(\d+)[.,]0+")


def likely_grade(text: str, find: Callable[[str], str | None]) -> str:
    """The grade that a value probably means, or empty.

    Args:
        text: The value, tidied.
        find: The grade of a scale with a spelling, or None.

    >>> whole = {str(number): str(number) for number in range(1, 10)}.get
    >>> [likely_grade(text, whole) for text in ("Grade 6", "6/5", "5+", "six", "Wed")]
    ['6', '6', '5', '6', '']
    """
    plain = _WORD.sub(_number_or_nothing, text.casefold()).strip(_AROUND)
    # On a scale of pairs one figure is the pair of it.
    pair = f"{plain}-{plain}" if len(plain) == 1 else ""
    matches = (find(spelling) for spelling in (plain, pair, *_simpler(plain)))
    return next(filter(None, matches), "")


def _number_or_nothing(word: re.Match[str]) -> str:
    if word[0] in _BESIDE:
        return ""
    return _NUMBERS.get(word[0], word[0])


def _simpler(text: str) -> Iterator[str]:
    """Simpler spellings: without zeros, signs at the end, a second grade or words."""
    if zeros := _ZEROS.fullmatch(text):
        yield zeros[1]
    shorter = text
    while shorter.endswith(("+", "-", "*")):
        shorter = shorter[:-1].rstrip()
        yield shorter
    first, *others = _BETWEEN.split(text)
    if others and all(map(tidy, others)):
        yield first.strip(_AROUND)
    token = text.split(" ", 1)[0].strip(_AROUND)
    if any(sign.isdecimal() for sign in token):
        yield from (token, token.rstrip("+-*"))
