"""Read the arguments of worksheet functions: scales, grades, scores, ambitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from udfs.errors import MarkbookError
from udfs.excel.ranges import Cell, is_blank, is_zero, read_number
from udfs.scales.prior_attainment import StartingPoint, scaled_score, starting_point
from udfs.scales.scale import NOT_TAKEN_CODE, CellReading, Scale
from udfs.scales.subjects import Subject
from udfs.scales.transition_matrix import TransitionMatrix
from udfs.tables import Tables
from udfs.text import tidy

DEFAULT_SCALE, PAIR_SCALE = "gcse", "combined_science"
NOT_TAKEN = "not taken"  # a kind of cell, as `read_subject_grade` returns it
_PAIR = re.compile(r"[0-9] ?[-/]? ?[0-9]")


@dataclass(frozen=True, slots=True)
class TargetBasis:
    """What a target in a subject is calculated from.

    Args:
        subject: The subject.
        scale: Its scale.
        figures: Its national figures.
        start: The pupil's starting point.
    """

    subject: Subject
    scale: Scale
    figures: TransitionMatrix
    start: StartingPoint


def choose_scale(tables: Tables, scale_name: Cell, *grades: Cell) -> Scale:
    """Return the named scale, or the scale that the grades suggest.

    Args:
        tables: The scales.
        scale_name: The scale's name or title; where it is blank, a pair such as `5-4`
            means Combined Science, anything else GCSE 9–1.
        grades: The cells to read on the scale.

    Raises:
        UnknownScale: If there is no scale with that name.
    """
    if not is_blank(scale_name) and not is_zero(scale_name):
        name = tidy(scale_name)
        for scale in tables.scales.values():
            if name.casefold() in (scale.name.casefold(), scale.title.casefold()):
                return scale
        return tables.scale(name)
    default, pairs = tables.scale(DEFAULT_SCALE), tables.scale(PAIR_SCALE)
    for grade in grades:
        reading = pairs.read(grade)
        is_pair = reading.kind == "grade" or (  # a reversed pair such as `4-5` too
            reading.suggestion
            and (isinstance(grade, date) or _PAIR.fullmatch(tidy(grade)))
        )
        if is_pair and not default.find(grade):
            return pairs
    return default


def read_grade(tables: Tables, cell: Cell, scale: Scale) -> str | None:
    """Return the grade in a cell, or None for a blank, a code, and `Clear`.

    Excel may pass a blank as the number 0; where 0 is no grade, it is a blank.

    Raises:
        MarkbookError: If the cell holds anything else.
    """
    reading = read_cell(tables, cell, scale)
    return reading.value if reading.kind == "grade" else None


def read_cell(tables: Tables, cell: Cell, scale: Scale) -> CellReading:
    """Read a cell as `read_grade` does, with codes and blanks distinguished."""
    if is_zero(cell) and scale.find(cell) is None:
        return CellReading(None, "blank")
    reading = scale.read(cell, tables.codes)
    if reading.kind != "unknown":
        return reading
    codes = ", ".join(code.name for code in tables.codes)
    allowed = f"Use one of: {', '.join(scale.grades)}, or a code: {codes}."
    if scale.name == DEFAULT_SCALE and any(
        other.find(cell) for other in tables.scales.values()
    ):
        names = ", ".join(name for name in tables.scales if name != DEFAULT_SCALE)
        allowed += f" For another scale, name it: {names}."
    raise MarkbookError(reading.question, allowed)


def read_subject_grade(
    tables: Tables, subject: str, cell: Cell
) -> tuple[str, int | None]:
    """Return the kind of a cell on a subject's scale, and a grade's level.

    The kind is that of `CellReading`, or `NOT_TAKEN` for the code `N/T`.
    """
    scale = tables.scale(tables.subject(subject).scale)
    reading = read_cell(tables, cell, scale)
    if reading.value == NOT_TAKEN_CODE:
        return NOT_TAKEN, None
    if reading.kind != "grade" or reading.value is None:
        return ("blank" if reading.kind == "clear" else reading.kind), None
    return "grade", scale.level(reading.value)


def read_score(tables: Tables, cell: Cell) -> int | None:
    """Return the Key Stage 2 score in a cell, or None for a blank.

    Raises:
        UnknownScore: If it is neither a scaled score nor a code with a score.
    """
    return None if is_zero(cell) else scaled_score(cell, tables.substitutes)


def target_basis(
    tables: Tables, subject: Cell, reading: Cell, maths: Cell
) -> TargetBasis | None:
    """Return what one pupil's target in a subject is calculated from.

    Args:
        tables: The subjects and the national figures.
        subject: The subject's name.
        reading: The Key Stage 2 reading score.
        maths: The Key Stage 2 mathematics score.

    Returns:
        None where the subject is blank, or there is no score.

    Raises:
        MarkbookError: If the subject has no national figures, or a score is wrong.
    """
    name = tidy(subject)
    scores = read_score(tables, reading), read_score(tables, maths)
    if not name or is_zero(subject):
        return None
    entry = tables.subject(name)
    figures = (
        entry.recognised and entry.national and tables.transition_matrix(entry.national)
    )
    if not isinstance(figures, TransitionMatrix):
        raise MarkbookError(
            f"There are no national figures for {name}.",
            "Use the name of a GCSE subject: Mathematics, History, Combined Science.",
        )
    if entry.baseline in ("none", "gcse"):
        raise MarkbookError(
            f"{name} does not start from Key Stage 2.", "Use a GCSE subject."
        )
    # A department's own baseline is unknown here: use both tests.
    baseline = "both" if entry.baseline == "department" else entry.baseline
    start = starting_point(*scores, baseline)
    if start is None:
        return None
    return TargetBasis(entry, tables.scale(entry.scale), figures, start)


def read_ambition(cell: Cell) -> int:
    """Return an ambition in hundredths; a blank is 60.

    Raises:
        MarkbookError: If it is not from 0.01 to 0.99 in hundredths.
    """
    ambition = None if is_zero(cell) else read_number(cell, "The ambition", 0.01, 0.99)
    if ambition is None:
        return 60
    if abs(ambition * 100 - round(ambition * 100)) > 1e-9:
        raise MarkbookError(
            f"The ambition {ambition:g} cannot be used.",
            "Use hundredths, such as 0.60.",
        )
    return round(ambition * 100)
