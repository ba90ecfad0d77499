"""What one entry cell says: the value, or what is wrong with it in a sentence."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from generator.markbook.layout import COMMENT_LENGTH, ENTRY_HEADINGS, PRAISE, REASONS
from generator.problems import Severity
from generator.xlsx.worksheet import Cell
from udfs.scales.scale import CLEAR, Code, Scale
from udfs.text import match_key, tidy

GRADES = ("working_at", "prediction")
FREE_TEXT = ("comment", "target_query")
KNOWN = 5_000  # different cells whose reading is remembered
SHOWN = 80  # characters of a value in a message
YES = {match_key(said): "Yes" for said in (*PRAISE, "y", "true", "✓", "✔")}
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
class Fault:
    """What is wrong with a cell, or worth a look.

    Args:
        code: A short stable name.
        what: What is wrong. A full sentence.
        do: What to do. A full sentence.
        severity: `error`: not merged; `warning`: merged all the same.
        together: What is wrong, where it is so of many pupils; empty where each is
            told alone.
    """

    code: str
    what: str
    do: str
    severity: Severity = "error"
    together: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says.

    Args:
        value: The value as it is stored; empty for `Clear`; None where the cell is
            blank or cannot be taken.
        blank: Whether nothing stands in it.
        shown: What stands in it, as a reader sees it.
        fault: What is wrong with it, or None.
    """

    value: str | None
    blank: bool = False
    shown: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """How the cells of one entry sheet are to be read.

    Args:
        scale: The subject's scale.
        prediction_scale: The scale of what is chosen under Prediction.
        codes: What may stand in place of a grade.
        effort: The effort values, in the school's order.
        mac_dates: Whether the workbook counts days from 1904.
    """

    scale: Scale
    prediction_scale: Scale
    codes: tuple[Code, ...]
    effort: tuple[str, ...]
    mac_dates: bool = False
    _known: dict[tuple[str, str, str, bool], Said] = field(
        default_factory=dict, compare=False, repr=False
    )

    def read(self, field: str, cell: Cell) -> Said:
        """What a cell of a field says.

        Args:
            field: A field of the layout, `prediction` say.
            cell: The cell.
        """
        if field in FREE_TEXT or cell.formula is not None:
            return self._read(field, cell)
        # A class has thirty of the same few grades.
        asked = (field, cell.kind, cell.text, cell.has_date_format)
        said = self._known.get(asked)
        if said is None:
            said = self._read(field, cell)
            if len(self._known) < KNOWN:
                self._known[asked] = said
        return said

    def _read(self, field: str, cell: Cell) -> Said:
        if cell.formula is not None:
            return _refused(
                f"={cell.formula}",
                "formula",
                f"A formula stands here instead of a value: ={_short(cell.formula)}.",
                "Type the value itself.",
            )
        if cell.kind == "e":
            return _refused(
                cell.text,
                "error-value",
                f"The cell shows the error {_short(cell.text)}.",
                "Type the value itself.",
            )
        value = value_of(cell, mac_dates=self.mac_dates)
        if not isinstance(value, date) and not tidy(value):
            return Said(None, blank=True)
        if field in GRADES:
            return self._grade(field, value)
        if field in FREE_TEXT:
            return self._text(field, value)
        return self._listed(field, value)

    def allowed(self, field: str) -> str:
        """What a field may hold, as a sentence."""
        if field in GRADES:
            grades = tuple(reversed(self._scale(field).grades))
            choices = (*grades, *(code.name for code in self.codes))
        elif field == "praise":
            return f"Choose {PRAISE[0]}, or leave it blank; {CLEAR} takes it back."
        else:
            choices = self.effort if field == "effort" else REASONS
        return f"Choose one of: {', '.join(choices)}, or {CLEAR}."

    def _scale(self, field: str) -> Scale:
        return self.prediction_scale if field == "prediction" else self.scale

    def _grade(self, field: str, value: str | date) -> Said:
        scale = self._scale(field)
        shown = _shown(value)
        reading = scale.read(value, self.codes)
        if reading.kind == "clear":
            return Said("", shown=shown)
        if reading.value is not None:
            return Said(reading.value, shown=shown)
        if recovered := _was_grade(value, scale):
            return Said(recovered, shown=shown, fault=_recovered(shown, recovered))
        do = self.allowed(field)
        if reading.suggestion:
            do = f"If you mean {reading.suggestion}, type that. {do}"
        return _refused(shown, "grade-not-listed", reading.question, do)

    def _text(self, field: str, value: str | date) -> Said:
        shown = _shown(value)
        if isinstance(value, date):
            if field == "target_query" and (grade := _was_grade(value, self.scale)):
                return Said(grade, shown=shown, fault=_recovered(shown, grade))
            return Said(shown, shown=shown)
        text = free_text(value)
        if match_key(tidy(text)) == match_key(CLEAR):
            return Said("", shown=shown)
        if len(text) > COMMENT_LENGTH:
            return _refused(
                shown,
                "too-long",
                f"{ENTRY_HEADINGS[field]} has {len(text)} characters.",
                f"Shorten it to {COMMENT_LENGTH}.",
            )
        return Said(text, shown=shown)

    def _listed(self, field: str, value: str | date) -> Said:
        shown = _shown(value)
        if not isinstance(value, date):
            said = match_key(tidy(value))
            if said == match_key(CLEAR):
                return Said("", shown=shown)
            found = self._choices(field).get(said)
            if found is not None:
                return Said(found, shown=shown)
        return _refused(
            shown,
            f"{field}-not-listed",
            f"{_short(shown)!r} is not in the list of {ENTRY_HEADINGS[field]}.",
            self.allowed(field),
        )

    def _choices(self, field: str) -> dict[str, str]:
        if field == "praise":
            return YES
        return _by_key(tuple(self.effort if field == "effort" else REASONS))


@lru_cache(maxsize=16)
def _by_key(values: tuple[str, ...]) -> dict[str, str]:
    return {match_key(tidy(value)): value for value in values}


def value_of(cell: Cell, *, mac_dates: bool = False) -> str | date:
    """A cell's value as a reader sees it: text, or a date.

    Args:
        cell: A cell without a formula.
        mac_dates: Whether the workbook counts days from 1904.

    >>> value_of(Cell("n", "5.0")), value_of(Cell("b", "1"))
    ('5', 'TRUE')
    >>> value_of(Cell("n", "46117", dated=True))
    datetime.date(2026, 4, 5)
    """
    if cell.kind == "b":
        # Not the 1 that the file holds: that would be a grade.
        return "TRUE" if cell.text in ("1", "true") else "FALSE"
    if cell.kind == "d":
        try:
            return datetime.fromisoformat(cell.text).date()
        except ValueError:
            return cell.text
    if cell.kind != "n":
        return cell.text
    try:
        number = float(cell.text)
    except ValueError:
        return cell.text
    if cell.has_date_format and 1 <= number < 2_958_466:
        days = int(number) + (1462 if mac_dates else 0)
        return date(1899, 12, 30) + timedelta(days=min(days, 2_958_465))
    return tidy(number) if number.is_integer() and abs(number) < 1e15 else cell.text


def free_text(text: str) -> str:
    r"""A comment as it is stored: plain line ends, nothing that steers a printer.

    >>> free_text(" well\r\ndone\x07 ")
    'well\ndone'
    """
    plain = unicodedata.normalize("NFC", text)
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    plain = "".join(
        sign for sign in plain if sign in "\n\t" or unicodedata.category(sign) != "Cc"
    )
    return plain.strip()


def written_date(text: str) -> date | None:
    """A date written in words or figures, of any year; None where it is none.

    >>> written_date("05-Apr"), written_date("2026-04-05 00:00:00")
    (datetime.date(2024, 4, 5), datetime.date(2024, 4, 5))
    """
    for pattern in _WRITTEN_DATES:
        found = pattern.fullmatch(tidy(text).casefold())
        if not found:
            continue
        parts = found.groupdict()
        month = parts.get("month") or _MONTHS.get((parts.get("name") or "")[:3])
        try:
            return date(_ANY_YEAR, int(month or 0), int(parts["day"]))
        except ValueError:
            continue
    return None


def _was_grade(value: str | date, scale: Scale) -> str | None:
    day = value if isinstance(value, date) else written_date(value)
    meant = scale.grades_from_date(day) if day else ()
    return meant[0] if len(meant) == 1 else None


def _recovered(shown: str, grade: str) -> Fault:
    return Fault(
        "date-was-grade",
        f"The spreadsheet had made the date {shown} of a grade; it was read as "
        f"{grade}.",
        f"Check that {grade} was meant.",
        "warning",
    )


def _refused(shown: str, code: str, what: str, do: str) -> Said:
    return Said(None, shown=_short(shown), fault=Fault(code, what, do))


def _shown(value: str | date) -> str:
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return value


def _short(text: str) -> str:
    flat = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    return flat if len(flat) <= SHOWN else flat[: SHOWN - 1] + "…"
