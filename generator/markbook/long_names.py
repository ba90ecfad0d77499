"""Names too long for one line: they go over several, in a taller row."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from generator.markbook.layout import EntrySheet

NAME_PRINT = 9  # the size of such a name, in points
_LENGTH = 26  # characters that a line holds without being too small
_SURNAME_LINE, _FORENAME_LINE = 18, 14  # characters of a line in that size
_POINTS = 12  # of such a line's height


@dataclass(frozen=True, slots=True)
class LongNames:
    """The pupils of a sheet with such a name.

    Args:
        found: Each one's place in the class, and over how many lines the surname and
            the forename go; 0 where one line is enough.
    """

    found: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, sheet: EntrySheet) -> LongNames:
        """Those of an entry sheet."""
        rows = (
            (
                at,
                lines(row.surname, _SURNAME_LINE),
                lines(row.forename, _FORENAME_LINE),
            )
            for at, row in enumerate(sheet.rows)
        )
        return cls(tuple(row for row in rows if any(row[1:])))

    def has(self, at: int, key: str) -> bool:
        """Whether a pupil's `surname` or `forename` goes over several lines."""
        if key not in ("surname", "forename"):
            return False
        named = 1 if key == "surname" else 2
        return any(row[0] == at and row[named] > 0 for row in self.found)

    def height(self, at: int, usual: float) -> float:
        """The height of a row, in points: more where the name needs it.

        Args:
            at: The pupil's place in the class.
            usual: The height that it has otherwise.

        >>> LongNames(((4, 3, 0),)).height(4, 21), LongNames(()).height(4, 21)
        (38, 21)
        """
        needs = [max(row[1:]) * _POINTS + 2 for row in self.found if row[0] == at]
        return max(usual, *needs) if needs else usual


def lines(name: str, fits: int) -> int:
    """Over how many lines a name goes, broken between words where that is possible.

    >>> lines("Featherstonehaugh-Cholmondeley", 18), lines("Smith", 18)
    (2, 0)
    """
    return len(textwrap.wrap(name, fits)) if len(name) > _LENGTH else 0
