"""Where the cells of one entry sheet are, and what its lists offer."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.markbook.formulas import ScaleNames
from generator.markbook.hidden_sheets import ChoiceLists, quote_sheet
from generator.markbook.layout import (
    PRAISE,
    REASONS,
    EntrySheet,
    column_letters,
    required_fields,
)
from udfs.scales.scale import CLEAR, Scale

LIST_NAMES: Mapping[str, str] = {
    "effort": "Effort",
    "praise": "Praise",
    "reason": "Reasons",
}


# What is typed freely, and how many characters of it a line holds on paper.
FREE_TEXT: Mapping[str, int] = {"comment": 112, "target_query": 38}
# A4 landscape within its margins and the heads of the page, in points, at the scale
# (in hundredths) that the widths of the sheet `Print` come to.
_PAPER, _HEADS, _SCALE = 500, 84, 76
_LOWEST, _HIGHEST, _LINE = 20, 30, 10  # of a row and of a line of small print


class Grid:
    """One entry sheet with its scales and its lists.

    Args:
        sheet: The sheet.
        scale: The scale of targets, working-at and, unless judged, predictions.
        prediction_scale: The scale of what is chosen under Prediction.
        lists: The workbook's lists.
    """

    def __init__(
        self,
        sheet: EntrySheet,
        scale: Scale,
        prediction_scale: Scale,
        lists: ChoiceLists,
    ) -> None:
        self.sheet = sheet
        self.scale = scale
        self.prediction_scale = prediction_scale
        self.lists = lists

    @property
    def names(self) -> ScaleNames:
        """The lists of the subject's scale."""
        return self.lists.names(self.scale)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields a pupil needs before the row is complete."""
        return required_fields(self.sheet.columns)

    @property
    def cell_count(self) -> int:
        """How many cells the teacher is asked to fill in, all told."""
        return len(self.required) * len(self.sheet.rows)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups shown."""
        return self._suffixes("group:")

    @cached_property
    def earlier(self) -> tuple[str, ...]:
        """The codes of the earlier collections shown, oldest first."""
        return self._suffixes("earlier:")

    @cached_property
    def entry(self) -> tuple[str, ...]:
        """The keys of the columns that the teacher fills in."""
        return tuple(column.key for column in self.sheet.columns if column.entry)

    @cached_property
    def summary_columns(self) -> tuple[str, ...]:
        """The columns whose grades the summary counts; none where it counts none."""
        if not self.has("prediction") or self.prediction_scale.judgement:
            return ()
        keys = ("target", "working_at", "prediction")
        return tuple(key for key in keys if self.has(key))

    @property
    def print_row_height(self) -> int:
        """The height of a pupil's row on paper, in points: as the class has room."""
        room = (_PAPER * 100 / _SCALE - _HEADS) / self._rows
        return int(min(_HIGHEST, max(_LOWEST, room)))

    @property
    def print_scale(self) -> int:
        """To how many hundredths the class is made smaller to fit on one page."""
        return max(10, min(_SCALE, int(100 * _PAPER / (self.print_height + _HEADS))))

    @property
    def print_height(self) -> float:
        """The height of all pupils' rows on paper, in points."""
        return self.print_row_height * self._rows

    def print_length(self, key: str) -> int:
        """How many characters of a free text are printed."""
        return FREE_TEXT[key] * (self.print_row_height // _LINE)

    @property
    def _rows(self) -> int:
        return self.sheet.last_spare_row - self.sheet.first_row + 1

    def has(self, key: str) -> bool:
        """Whether the sheet has a column."""
        return key in self._letters

    def cell(self, key: str, row: int) -> str:
        """A cell as a formula on the same sheet writes it.

        Args:
            key: The column's key.
            row: Excel's row number.
        """
        return f"{self._letter(key)}{row}"

    def column_range(self, key: str, *, outside: bool = False) -> str:
        """A column's cells from the first pupil to the last spare row.

        Args:
            key: The column's key.
            outside: Whether the formula stands on another sheet.
        """
        at = self._letter(key)
        sheet = f"{quote_sheet(self.sheet)}!" if outside else ""
        first, last = self.sheet.first_row, self.sheet.last_spare_row
        return f"{sheet}${at}${first}:${at}${last}"

    def choices(self, key: str) -> tuple[str, ...]:
        """What a column's list offers; empty for free text."""
        if key in ("working_at", "prediction"):
            return self.lists.choices(self._scale_of(key))
        return {
            "effort": (*self.lists.effort, CLEAR),
            "praise": (*PRAISE, CLEAR),
            "reason": (*REASONS, CLEAR),
        }.get(key, ())

    def list_name(self, key: str) -> str:
        """The defined name of a column's list."""
        if key in ("working_at", "prediction"):
            return self.lists.names(self._scale_of(key)).choices
        return LIST_NAMES[key]

    def _scale_of(self, key: str) -> Scale:
        return self.prediction_scale if key == "prediction" else self.scale

    def _letter(self, key: str) -> str:
        return self._letters[key]

    @cached_property
    def _letters(self) -> dict[str, str]:
        columns = enumerate(self.sheet.columns)
        return {column.key: column_letters(index) for index, column in columns}

    def _suffixes(self, prefix: str) -> tuple[str, ...]:
        keys = (column.key for column in self.sheet.columns)
        return tuple(k.removeprefix(prefix) for k in keys if k.startswith(prefix))


LONG_NAME_SIZE = 9  # the size of such a name, in points
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

    rows: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, sheet: EntrySheet) -> LongNames:
        """Those of an entry sheet."""
        rows = (
            (
                at,
                name_lines(row.surname, _SURNAME_LINE),
                name_lines(row.forename, _FORENAME_LINE),
            )
            for at, row in enumerate(sheet.rows)
        )
        return cls(tuple(row for row in rows if any(row[1:])))

    def wraps(self, at: int, key: str) -> bool:
        """Whether a pupil's `surname` or `forename` goes over several lines."""
        if key not in ("surname", "forename"):
            return False
        named = 1 if key == "surname" else 2
        return any(row[0] == at and row[named] > 0 for row in self.rows)

    def row_height(self, at: int, usual: float) -> float:
        """The height of a row, in points: more where the name needs it.

        Args:
            at: The pupil's place in the class.
            usual: The height that it has otherwise.

        >>> LongNames(((4, 3, 0),)).height(4, 21), LongNames(()).height(4, 21)
        (38, 21)
        """
        needs = [max(row[1:]) * _POINTS + 2 for row in self.rows if row[0] == at]
        return max(usual, *needs) if needs else usual


def name_lines(name: str, fits: int) -> int:
    """Over how many lines a name goes, broken between words where that is possible.

    >>> lines("Featherstonehaugh-Cholmondeley", 18), lines("Smith", 18)
    (2, 0)
    """
    return len(textwrap.wrap(name, fits)) if len(name) > _LENGTH else 0
