"""Unique pupil numbers: their shape and their check letter."""

from __future__ import annotations

import re

# No I, O or S. Source: the published UPN guide's algorithm, as other open readers
# of UPNs carry it (python-stdnum `gb.upn`); checked on B801200005001 and
# R674123101121.
ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SHAPE = re.compile(rf"[{ALPHABET}][0-9]{{11}}[0-9{ALPHABET}]")
_PLACEHOLDERS = {"", "-", "0", "n/a", "na", "nil", "none", "null", "tbc", "unknown"}


def normal_upn(text: str) -> str:
    """A UPN as it is compared: no spaces, capitals; a placeholder is a blank.

    >>> normal(" h8894 0012 0000 "), normal("TBC")
    ('H889400120000', '')
    """
    return "" if text.casefold() in _PLACEHOLDERS else "".join(text.split()).upper()


def check_letter(upn: str) -> str:
    """The letter that a UPN's other twelve characters ask for.

    >>> check_letter("B801200005001"), check_letter("R674123101121")
    ('B', 'R')
    """
    total = sum(
        place * (int(sign) if sign.isdigit() else ALPHABET.index(sign))
        for place, sign in enumerate(upn[1:], start=2)
    )
    return ALPHABET[total % len(ALPHABET)]


def upn_fault(upn: str) -> str:
    """What a person should look at in a UPN; empty where nothing is wrong.

    Args:
        upn: As `normal` gives it.

    >>> fault("H889400120000")
    ''
    >>> fault("A889400120000")
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
