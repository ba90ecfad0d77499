"""The one kind of exception whose text is fit to show to a teacher."""

from __future__ import annotations


class MarkbookError(Exception):
    """Anything we stop for on purpose.

    Args:
        what: What is wrong, naming the file, pupil or value.
        do: The next thing the reader should do.

    >>> print(MarkbookError("'6+' is not a GCSE grade.", "Use one of: U, 1, 2."))
    '6+' is not a GCSE grade. Use one of: U, 1, 2.
    """

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what} {do}".strip())
        self.what = what
        self.do = do


class UnknownGrade(MarkbookError):
    """A grade that is not on the scale it was asked of."""


class UnknownScale(MarkbookError):
    """A scale that neither we nor the school's own tables define."""


class UnknownScore(MarkbookError):
    """A prior attainment that is neither a scaled score nor a known code."""


class BadTable(MarkbookError):
    """An editable table with a row that cannot be used."""
