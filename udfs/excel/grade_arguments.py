"""Grades as a worksheet function reads them: on a scale that is named or guessed."""

from __future__ import annotations

from dataclasses import dataclass

from udfs.errors import MarkbookError
from udfs.excel.ranges import Cell, blank, nought, number
from udfs.scales.prior_attainment import StartingPoint, scaled_score, starting_point
from udfs.scales.scale import CellReading, Scale
from udfs.scales.subjects import Subject
from udfs.scales.transition_matrix import Transition
from udfs.tables import Tables
from udfs.text import tidy

USUAL, PAIRS = "gcse", "combined_science"


@dataclass(frozen=True, slots=True)
class Footing:
    """What a target in a subject stands on.

    Args:
        subject: The subject.
        scale: Its scale.
        figures: Its national figures.
        start: What the target starts from.
    """

    subject: Subject
    scale: Scale
    figures: Transition
    start: StartingPoint


def scale_of(tables: Tables, scale_name: Cell, *grades: Cell) -> Scale:
    """The scale that is named, or else the one the grades look like.

    Args:
        tables: The scales there are.
        scale_name: Its name or its title; a blank means that the grades tell: a pair
            such as `5-4` is Combined Science, all else is GCSE 9–1.
        grades: The cells that are to be read on it.

    Raises:
        UnknownScale: If there is none of that name.
    """
    if not blank(scale_name) and not nought(scale_name):
        asked = tidy(scale_name)
        for scale in tables.scales.values():
            if asked.casefold() in (scale.name.casefold(), scale.title.casefold()):
                return scale
        return tables.scale(asked)
    usual, pairs = tables.scale(USUAL), tables.scale(PAIRS)
    for grade in grades:
        seen = pairs.read(grade)  # `4-5` too: its pair is only the wrong way round
        if (seen.kind == "grade" or seen.suggestion) and not usual.find(grade):
            return pairs
    return usual


def grade_of(tables: Tables, cell: Cell, scale: Scale) -> str | None:
    """The grade in a cell, or None for a blank, a code, and `Clear`.

    Excel may hand over a blank as the number 0; where 0 is no grade, it is a blank.

    Raises:
        MarkbookError: If the cell says anything else.
    """
    reading = reading_of(tables, cell, scale)
    return reading.value if reading.kind == "grade" else None


def reading_of(tables: Tables, cell: Cell, scale: Scale) -> CellReading:
    """What a cell says, as `grade_of` reads it, codes and blanks told apart."""
    if nought(cell) and scale.find(cell) is None:
        return CellReading(None, "blank")
    reading = scale.read(cell, tables.codes)
    if reading.kind != "unknown":
        return reading
    codes = ", ".join(code.name for code in tables.codes)
    allowed = f"Use one of: {', '.join(scale.grades)}, or a code: {codes}."
    if scale.name == USUAL and any(one.find(cell) for one in tables.scales.values()):
        names = ", ".join(name for name in tables.scales if name != USUAL)
        allowed += f" For another scale, name it: {names}."
    raise MarkbookError(reading.question, allowed)


def score_of(tables: Tables, cell: Cell) -> int | None:
    """The Key Stage 2 score in a cell, or None for a blank.

    Raises:
        UnknownScore: If it is neither a scaled score nor a code that stands for one.
    """
    return None if nought(cell) else scaled_score(cell, tables.substitutes)


def footing(
    tables: Tables, subject: Cell, reading: Cell, maths: Cell
) -> Footing | None:
    """What a target in a subject stands on, for one pupil.

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
    scores = score_of(tables, reading), score_of(tables, maths)
    if not name or nought(subject):
        return None
    found = tables.subject(name)
    figures = found.recognised and found.national and tables.transition(found.national)
    if not isinstance(figures, Transition):
        raise MarkbookError(
            f"There are no national figures for {name}.",
            "Use the name of a GCSE subject: Mathematics, History, Combined Science.",
        )
    if found.baseline in ("none", "gcse"):
        raise MarkbookError(
            f"{name} does not start from Key Stage 2.", "Use a GCSE subject."
        )
    # A department's own baseline is not known here: both tests are, for information.
    asked = "both" if found.baseline == "department" else found.baseline
    begins = starting_point(*scores, asked)
    if begins is None:
        return None
    return Footing(found, tables.scale(found.scale), figures, begins)


def ambition_of(cell: Cell) -> int:
    """An ambition in hundredths; a blank is 60.

    Raises:
        MarkbookError: If it is not from 0.01 to 0.99 in hundredths.
    """
    found = None if nought(cell) else number(cell, "The ambition", 0.01, 0.99)
    if found is None:
        return 60
    if abs(found * 100 - round(found * 100)) > 1e-9:
        raise MarkbookError(
            f"The ambition {found:g} cannot be used.", "Use hundredths, such as 0.60."
        )
    return round(found * 100)
