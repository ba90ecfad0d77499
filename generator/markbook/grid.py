"""Cell addresses, choices and row heights of one entry sheet."""

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
# Free-text columns -> characters that fit on one printed line.
FREE_TEXT: Mapping[str, int] = {"comment": 112, "target_query": 38}
# A4 landscape without its margins, and the rows above the pupils, in points; the scale
# (percent) at which the columns of the sheet `Print` fit on the page.
_PAGE_HEIGHT, _TOP_HEIGHT, _PRINT_SCALE = 500, 84, 76
_MIN_ROW, _MAX_ROW, _SMALL_LINE = 20, 30, 10  # row heights, a line of small print

LONG_NAME_SIZE = 9  # font size of a name that wraps, in points
_ONE_LINE = 26  # characters that fit on one line without shrinking too much
_SURNAME_LINE, _FORENAME_LINE = 18, 14  # characters of a line at that size
_LONG_NAME_LINE = 12  # height of such a line, in points


@dataclass(frozen=True, slots=True)
class LongNames:
    """The names of a sheet that are too long for one line and wrap in a taller row.

    Args:
        rows: Zero-based place in the class, lines of the surname, lines of the
            forename (0 if one line is enough); only pupils with a long name.
    """

    rows: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, sheet: EntrySheet) -> LongNames:
        """The long names of an entry sheet."""
        rows = (
            (
                place,
                name_lines(row.surname, _SURNAME_LINE),
                name_lines(row.forename, _FORENAME_LINE),
            )
            for place, row in enumerate(sheet.rows)
        )
        return cls(tuple(row for row in rows if any(row[1:])))

    def wraps(self, place: int, key: str) -> bool:
        """Whether a pupil's `surname` or `forename` takes several lines."""
        if key not in ("surname", "forename"):
            return False
        index = 1 if key == "surname" else 2
        return any(row[0] == place and row[index] > 0 for row in self.rows)

    def row_height(self, place: int, usual: float) -> float:
        """The height of a row in points, raised if the name needs it.

        Args:
            place: The pupil's zero-based place in the class.
            usual: Height of a row without a long name.

        >>> LongNames(((4, 3, 0),)).row_height(4, 21), LongNames(()).row_height(4, 21)
        (38, 21)
        """
        heights = [
            max(row[1:]) * _LONG_NAME_LINE + 2 for row in self.rows if row[0] == place
        ]
        return max(usual, *heights) if heights else usual


def name_lines(name: str, width: int) -> int:
    """The number of lines of a long name, broken at words; 0 if one line is enough.

    >>> name_lines("Featherstonehaugh-Cholmondeley", 18), name_lines("Smith", 18)
    (2, 0)
    """
    return len(textwrap.wrap(name, width)) if len(name) > _ONE_LINE else 0


class Grid:
    """One entry sheet with its scales and its lists.

    Args:
        sheet: The sheet.
        scale: Scale of targets, working-at grades and (in grade style) predictions.
        prediction_scale: Scale of the choices under Prediction.
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
        """The defined names of the subject's scale."""
        return self.lists.names(self.scale)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields that make a pupil's row complete."""
        return required_fields(self.sheet.columns)

    @property
    def cell_count(self) -> int:
        """The number of cells the teacher is asked to fill in."""
        return len(self.required) * len(self.sheet.rows)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups shown."""
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
        """The columns whose grades the summary counts."""
        if not self.has("prediction") or self.prediction_scale.judgement:
            return ()
        keys = ("target", "working_at", "prediction")
        return tuple(key for key in keys if self.has(key))

    @property
    def print_row_height(self) -> int:
        """The printed height of a pupil's row in points, so that the class fits."""
        height = (_PAGE_HEIGHT * 100 / _PRINT_SCALE - _TOP_HEIGHT) / self._row_count
        return int(min(_MAX_ROW, max(_MIN_ROW, height)))

    @property
    def print_scale(self) -> int:
        """The print scale, in percent, at which the class fits on one page."""
        whole = self.print_height + _TOP_HEIGHT
        return max(10, min(_PRINT_SCALE, int(100 * _PAGE_HEIGHT / whole)))

    @property
    def print_height(self) -> float:
        """The printed height of all pupils' rows, in points."""
        return self.print_row_height * self._row_count

    def print_length(self, key: str) -> int:
        """The number of characters of a free text that are printed."""
        return FREE_TEXT[key] * (self.print_row_height // _SMALL_LINE)

    @property
    def _row_count(self) -> int:
        return self.sheet.last_spare_row - self.sheet.first_row + 1

    def has(self, key: str) -> bool:
        """Whether the sheet has a column."""
        return key in self._letters

    def cell(self, key: str, row: int) -> str:
        """A cell's address in a formula on the same sheet.

        Args:
            key: Key of the column.
            row: Excel's row number.
        """
        return f"{self._letter(key)}{row}"

    def column_range(self, key: str, *, outside: bool = False) -> str:
        """The address of a column's cells, first pupil to last spare row.

        Args:
            key: Key of the column.
            outside: Whether the formula is on another sheet.
        """
        at = self._letter(key)
        sheet = f"{quote_sheet(self.sheet)}!" if outside else ""
        first, last = self.sheet.first_row, self.sheet.last_spare_row
        return f"{sheet}${at}${first}:${at}${last}"

    def choices(self, key: str) -> tuple[str, ...]:
        """The choices in a column's list; empty for free text."""
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
            return self.scale_names(key).choices
        return LIST_NAMES[key]

    def scale_names(self, key: str) -> ScaleNames:
        """The defined names of the scale of `working_at` or `prediction`."""
        return self.lists.names(self._scale_of(key))

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
