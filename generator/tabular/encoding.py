"""Letters of text files in the wrong encoding: what they were."""

from __future__ import annotations

import re
import unicodedata

# What one letter in UTF-8 looks like where its bytes were read as Windows-1252 or as
# Mac Roman: `Ã‰` and `√â` for É.
_GARBLED = (
    ("cp1252", re.compile("[\u00c2-\u00c5\u00e2][\u0080-\u00bf\u0152-\u2122]{1,2}")),
    ("mac_roman", re.compile("[\u221a\u00ac\u201a\u0192][^\x00-\x7f]{1,2}")),
)


def repaired(text: str) -> str:
    """A text whose UTF-8 was read in another encoding, as it was; else the same text.

    >>> repaired("\u00c3\u2030lan"), repaired("Zo\u00c3\u00ab"), repaired("Zo\u00eb")
    ('Élan', 'Zoë', 'Zoë')
    >>> repaired("\u221a\u00e2lan"), repaired("O\u00e2\u20ac\u2122Neill")
    ('Élan', 'O’Neill')
    """
    if text.isascii():
        return text
    for _ in range(2):  # some files are garbled twice
        for encoding, pattern in _GARBLED:
            if pattern.search(text) and (fixed := _reread(text, encoding)):
                text = fixed
                break
        else:
            break
    return text


def _reread(text: str, encoding: str) -> str:
    data = bytearray()
    for letter in text:
        try:
            data += letter.encode(encoding)
        except UnicodeEncodeError:
            if ord(letter) > 255:
                return ""
            data.append(ord(letter))  # a byte that the encoding leaves out
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def likelier_encoding(data: bytes) -> str:
    """Windows-1252 or Mac Roman: the one in which the letters make better words."""
    scores: dict[str, int] = {}
    for encoding in ("cp1252", "mac_roman"):
        try:
            scores[encoding] = _score(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return max(scores, key=lambda name: scores[name]) if scores else "cp1252"


def _score(text: str) -> int:
    """How well the letters beyond ASCII fit into words."""
    score = 0
    for match in re.finditer(r"[^\x00-\x7f]", text):
        at, letter = match.start(), match[0]
        before = text[at - 1 : at]
        after = text[at + 1 : at + 2]
        if unicodedata.category(letter)[0] == "L" and "LATIN" in unicodedata.name(
            letter, ""
        ):
            is_odd = letter.isupper() and before.islower()
            is_odd |= letter.islower() and before.isupper() and after.isupper()
            score += -1 if is_odd or letter in "ªºƒıˆ" else 1
        elif letter in "’‘–—\xa0£€":
            # An apostrophe stands between two letters, a dash between spaces.
            is_fit = letter in "–—\xa0£€" or (before.isalpha() and after.isalpha())
            score += 1 if is_fit else -1
        else:
            score -= 1
    return score
