"""Read one entry cell: its value, or what is wrong with it in a sentence."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from generator.markbook.layout import COMMENT_LENGTH, ENTRY_HEADINGS, PRAISE, REASONS
from generator.problems import Severity
from generator.xlsx.cell_values import read_cell_value
from generator.xlsx.worksheet import Cell
from udfs.scales.scale import CLEAR, Code, Scale
from udfs.text import match_key, tidy

GRADE_FIELDS = ("working_at", "prediction")
FREE_TEXT_FIELDS = ("comment", "target_query")
MAX_CACHED = 5_000  # different cells whose reading is cached
MAX_DISPLAYED = 80  # characters of a value in a message
PRAISE_VALUES = {
    match_key(tidy(word)): "Yes"
    for word in (*PRAISE, "y", "true", "x", "1", "✓", "✔", "☑", "☒", "✅")
}
NOT_TICKED = frozenset(("false", "0", "☐"))  # what a tick box holds that is not ticked
_MONTHS = {
    name: number
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
_WRITTEN_DATES = (
    re.compile(r"(?P<day>\d{1,2})[-/ .](?P<name>[a-z]{3,9})\.?(?:[-/ ,]+\d{2,4})?"),
    re.compile(r"(?P<name>[a-z]{3,9})\.?[-/ .](?P<day>\d{1,2})(?:[-/ ,]+\d{4})?"),
    re.compile(r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.]\d{4}"),
    re.compile(r"\d{4}-(?P<month>\d{2})-(?P<day>\d{2})(?:[ t]00:00(?::00(?:\.0+)?)?)?"),
)
_ANY_YEAR = 2024  # a leap year: 29 February is a date in it


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with a cell, or needs a look.

    Args:
        code: A short stable name.
        what: What is wrong. A full sentence.
        do: What to do. A full sentence.
        severity: `error`: not merged; `warning`: merged anyway.
        group_message: The message where many pupils share the fault; empty where
            each has a message of its own.
        do_again: What to do, in a sheet that has said `do` of another value; empty
            where it says the same again.
    """

    code: str
    what: str
    do: str
    severity: Severity = "error"
    group_message: str = ""
    do_again: str = ""


UNTICKED = CellFault(
    "not-ticked",
    "Praise was given, and the box is not ticked now.",
    f"To take the praise back, type {CLEAR}; else there is nothing to do.",
    "warning",
)


@dataclass(frozen=True, slots=True)
class EntryReading:
    """The value that was read from an entry cell.

    Args:
        value: The value to store; empty for `Clear`; None where the cell is blank
            or its value is rejected.
        is_blank: Whether the cell is blank.
        displayed: The cell's content as a person sees it.
        fault: What is wrong with the cell, or None.
    """

    value: str | None
    is_blank: bool = False
    displayed: str = ""
    fault: CellFault | None = None


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Reads the cells of one entry sheet.

    Args:
        scale: The subject's scale.
        prediction_scale: The scale of the Prediction column.
        codes: The codes allowed in place of a grade.
        effort: The effort values, in the school's order.
        uses_1904_dates: Whether the workbook counts days from 1904.
    """

    scale: Scale
    prediction_scale: Scale
    codes: tuple[Code, ...]
    effort: tuple[str, ...]
    uses_1904_dates: bool = False
    _cache: dict[tuple[object, ...], EntryReading] = field(
        default_factory=dict, compare=False, repr=False
    )

    def read(self, field: str, cell: Cell) -> EntryReading:
        """Read a cell of a field.

        Args:
            field: A field of the layout, such as `prediction`.
            cell: The cell.
        """
        if field in FREE_TEXT_FIELDS or cell.formula is not None:
            return self._read_uncached(field, cell)
        # A class has the same few grades thirty times.
        cache_key = (
            field,
            cell.kind,
            cell.text,
            cell.has_date_format,
            cell.unstruck,
        )
        reading = self._cache.get(cache_key)
        if reading is None:
            reading = self._read_uncached(field, cell)
            if len(self._cache) < MAX_CACHED:
                self._cache[cache_key] = reading
        return reading

    def _read_uncached(self, field: str, cell: Cell) -> EntryReading:
        if cell.formula is not None:
            return _rejected(
                f"={cell.formula}",
                "formula",
                f"A formula stands here instead of a value: ={_shorten(cell.formula)}.",
                "Type the value itself.",
            )
        if cell.kind == "e":
            return _rejected(
                cell.text,
                "error-value",
                f"The cell shows the error {_shorten(cell.text)}.",
                "Type the value itself.",
            )
        cell_value = read_cell_value(cell, uses_1904_dates=self.uses_1904_dates)
        if cell_value.is_blank:
            return EntryReading(None, is_blank=True)
        if field == "praise" and match_key(cell_value.text) in NOT_TICKED:
            return EntryReading(None, is_blank=True, displayed=cell_value.text)
        if cell.unstruck is not None:
            return self._question_struck(field, cell_value.text, cell)
        # A comment keeps the lines and spaces that it was typed with.
        text = cell.text if cell.kind == "s" else cell_value.text
        value = cell_value.day or text
        if field in GRADE_FIELDS:
            return self._read_grade(field, value)
        if field in FREE_TEXT_FIELDS:
            return self._read_text(field, value)
        return self._read_choice(field, value)

    def allowed_values(self, field: str) -> str:
        """The values that a field allows, as a sentence."""
        if field in GRADE_FIELDS:
            grades = tuple(reversed(self._scale(field).grades))
            choices = (*grades, *(code.name for code in self.codes))
        elif field == "praise":
            return f"Choose {PRAISE[0]}, or leave it blank; {CLEAR} takes it back."
        else:
            choices = self.effort if field == "effort" else REASONS
        return f"Choose one of: {', '.join(choices)}, or {CLEAR}."

    def _scale(self, field: str) -> Scale:
        return self.prediction_scale if field == "prediction" else self.scale

    def _read_grade(self, field: str, value: str | date) -> EntryReading:
        scale = self._scale(field)
        displayed = _display(value)
        reading = scale.read(value, self.codes)
        if reading.kind == "clear":
            return EntryReading("", displayed=displayed)
        if reading.value is not None:
            return EntryReading(reading.value, displayed=displayed)
        if grade := _grade_from_date(value, scale):
            return EntryReading(
                grade, displayed=displayed, fault=_date_was_grade(displayed, grade)
            )
        do, again = self.allowed_values(field), "Choose one from the list in the cell."
        if reading.suggestion:
            do, again = f"If you mean {reading.suggestion}, type that.", ""
        return _rejected(displayed, "grade-not-listed", reading.question, do, again)

    def _question_struck(self, field: str, text: str, cell: Cell) -> EntryReading:
        """A question about a value that is struck out, or partly."""
        shown = _shorten(text)
        if not (rest := tidy(cell.unstruck)):
            what = f"{shown!r} is struck out."
            do = "Empty the cell, or type the value that counts, not struck out."
            return _rejected(text, "struck-out", what, do)
        what = f"{shown!r} is partly struck out; what is left is {_shorten(rest)!r}."
        do = "Type the value that counts, without what is struck out."
        plain = self._read_uncached(field, cell._replace(text=rest, unstruck=None))
        if plain.value and plain.fault is None:
            do = f"If you mean {_shorten(plain.value)}, type that alone."
        return _rejected(text, "struck-out", what, do)

    def _read_text(self, field: str, value: str | date) -> EntryReading:
        displayed = _display(value)
        if isinstance(value, date):
            if field == "target_query" and (
                grade := _grade_from_date(value, self.scale)
            ):
                return EntryReading(
                    grade, displayed=displayed, fault=_date_was_grade(displayed, grade)
                )
            return EntryReading(displayed, displayed=displayed)
        text = normalize_comment(value)
        if match_key(tidy(text)) == match_key(CLEAR):
            return EntryReading("", displayed=displayed)
        if len(text) > COMMENT_LENGTH:
            return _rejected(
                displayed,
                "too-long",
                f"{ENTRY_HEADINGS[field]} has {len(text)} characters.",
                f"Shorten it to {COMMENT_LENGTH}.",
            )
        return EntryReading(text, displayed=displayed)

    def _read_choice(self, field: str, value: str | date) -> EntryReading:
        displayed = _display(value)
        if not isinstance(value, date):
            key = match_key(tidy(value))
            if key == match_key(CLEAR):
                return EntryReading("", displayed=displayed)
            choice = self._choices(field).get(key)
            if choice is not None:
                return EntryReading(choice, displayed=displayed)
        return _rejected(
            displayed,
            f"{field}-not-listed",
            f"{_shorten(displayed)!r} is not in the list of {ENTRY_HEADINGS[field]}.",
            self.allowed_values(field),
        )

    def _choices(self, field: str) -> dict[str, str]:
        if field == "praise":
            return PRAISE_VALUES
        return _by_key(tuple(self.effort if field == "effort" else REASONS))


@lru_cache(maxsize=16)
def _by_key(values: tuple[str, ...]) -> dict[str, str]:
    return {match_key(tidy(value)): value for value in values}


def normalize_comment(text: str) -> str:
    r"""A comment to store: plain line ends, no control characters.

    >>> normalize_comment(" well\r\ndone\x07 ")
    'well\ndone'
    """
    plain = unicodedata.normalize("NFC", text)
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    plain = "".join(
        character
        for character in plain
        if character in "\n\t" or unicodedata.category(character) != "Cc"
    )
    return plain.strip()


def parse_written_date(text: str) -> date | None:
    """Parse a date in words or figures, of any year; None where it is none.

    >>> parse_written_date("05-Apr"), parse_written_date("2026-04-05 00:00:00")
    (datetime.date(2024, 4, 5), datetime.date(2024, 4, 5))
    """
    for pattern in _WRITTEN_DATES:
        match = pattern.fullmatch(tidy(text).casefold())
        if not match:
            continue
        parts = match.groupdict()
        month = parts.get("month") or _MONTHS.get((parts.get("name") or "")[:3])
        try:
            return date(_ANY_YEAR, int(month or 0), int(parts["day"]))
        except ValueError:
            continue
    return None


def _grade_from_date(value: str | date, scale: Scale) -> str | None:
    day = value if isinstance(value, date) else parse_written_date(value)
    grades = scale.grades_from_date(day) if day else ()
    return grades[0] if len(grades) == 1 else None


def _date_was_grade(displayed: str, grade: str) -> CellFault:
    return CellFault(
        "date-was-grade",
        f"The spreadsheet had turned a grade into the date {displayed}; it was read as "
        f"{grade}.",
        f"Check that {grade} was meant.",
        "warning",
    )


def _rejected(
    displayed: str, code: str, what: str, do: str, do_again: str = ""
) -> EntryReading:
    fault = CellFault(code, what, do, do_again=do_again)
    return EntryReading(None, displayed=_shorten(displayed), fault=fault)


def _display(value: str | date) -> str:
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return value


def _shorten(text: str) -> str:
    flat = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    return flat if len(flat) <= MAX_DISPLAYED else flat[: MAX_DISPLAYED - 1] + "…"
