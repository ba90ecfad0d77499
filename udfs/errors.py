"""The base of all errors whose text may be shown to a teacher."""

from __future__ import annotations


class MarkbookError(Exception):
    """An expected failure, with what is wrong and what to do next.

    Args:
        what: What is wrong, naming the file, pupil or value.
        do: What the reader should do next.

    >>> print(MarkbookError("'6+' is not a GCSE grade.", "Use one of: U, 1, 2."))
    '6+' is not a GCSE grade. Use one of: U, 1, 2.
    """

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what} {do}".strip())
        self.what = what
        self.do = do


class UnknownGrade(MarkbookError):
    """A grade that is not on the scale."""


class UnknownScale(MarkbookError):
    """A scale that is in neither the standard tables nor the school's own."""


class UnknownScore(MarkbookError):
    """A prior attainment that is neither a scaled score nor a known code."""


class BadTable(MarkbookError):
    """An editable table with a row that cannot be used."""
