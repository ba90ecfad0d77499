"""Admission numbers, codes and unique pupil numbers (UPNs) in one spelling."""

from __future__ import annotations

import re
from functools import lru_cache

# No I, O or S. Source: the algorithm of the published UPN guide, as other open readers
# of UPNs have it (python-stdnum `gb.upn`); checked on B801200005001 and R674123101121.
ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SHAPE = re.compile(rf"[{ALPHABET}][0-9]{{11}}[0-9{ALPHABET}]")
_PLACEHOLDERS = {"", "-", "0", "n/a", "na", "nil", "none", "null", "tbc", "unknown"}
_PREFIX = re.compile(r"\D+|(?:year|yr|y) ?\d+|20\d\d[/-]\d\d(?:\d\d)?", re.I)
_QUOTED = re.compile(r"=\"([^\"]+)\"|'([^']+)")


def clean_identifier(text: str) -> str:
    """An admission number or code without what spreadsheets add.

    `4001.0` is a number of a sheet; programs write `="004001"` and `'004001` so that
    Excel keeps the zeros.

    >>> clean_identifier("004001"), clean_identifier("4001.0"), clean_identifier("1E5")
    ('004001', '4001', '1E5')
    >>> clean_identifier('="004001"')
    '004001'
    """
    if text[:1] in "='":
        quoted = _QUOTED.fullmatch(text)
        text = (quoted[1] or quoted[2]).strip() if quoted else text
    whole, point, rest = text.partition(".")
    if point and rest and not rest.strip("0") and whole.isascii() and whole.isdigit():
        return whole
    return text


@lru_cache(maxsize=8192)
def clean_class_code(text: str) -> str:
    """A class code without the subject and year that some MIS write before it.

    >>> clean_class_code("Mathematics: Year 10: 10A/Ma1"), clean_class_code("10A/Ma1")
    ('10A/Ma1', '10A/Ma1')
    >>> clean_class_code("10A: Ma1")
    '10A: Ma1'
    """
    text = clean_identifier(text)
    *before, code = (part.strip() for part in text.split(":"))
    is_prefixed = code and all(_PREFIX.fullmatch(part) for part in before)
    return code if is_prefixed else text


@lru_cache(maxsize=8192)
def clean_upn(text: str) -> str:
    """A UPN in capitals and without spaces; empty for a placeholder.

    >>> clean_upn(" h8894 0012 0000 "), clean_upn("TBC")
    ('H889400120000', '')
    """
    text = clean_identifier(text)
    return "" if text.casefold() in _PLACEHOLDERS else "".join(text.split()).upper()


def check_letter(upn: str) -> str:
    """The check letter that a UPN's other twelve characters give.

    >>> check_letter("B801200005001"), check_letter("R674123101121")
    ('B', 'R')
    """
    total = sum(
        place * (int(sign) if sign.isdigit() else ALPHABET.index(sign))
        for place, sign in enumerate(upn[1:], start=2)
    )
    return ALPHABET[total % len(ALPHABET)]


def upn_fault(upn: str) -> str:
    """What is wrong with a UPN; empty where nothing is.

    Args:
        upn: The UPN from `clean_upn`.

    >>> upn_fault("H889400120000")
    ''
    >>> upn_fault("A889400120000")
    'wrong check letter'
    """
    if not upn:
        return "blank"
    if not _SHAPE.fullmatch(upn):
        return "wrong shape"
    if upn[0] != check_letter(upn):
        return "wrong check letter"
    if upn[-1].isalpha():
        return "temporary"
    return ""
