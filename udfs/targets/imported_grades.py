"""Grades imported from other sources: FFT, MidYIS, a department."""

from __future__ import annotations

import re
from fractions import Fraction

from udfs.errors import UnknownGrade
from udfs.scales.scale import POINT, Scale
from udfs.text import tidy

_DECIMAL = re.compile(r"[0-9](\.[0-9]{1,3})?")
SUBJECT_PLACEHOLDER = "{subject}"


def imported_grade(value: object, scale: Scale, *, fine: bool = True) -> str | None:
    """Return the grade of an imported value, or None where it is blank.

    A grade in any spelling of the scale is that grade (`54` in combined science is
    5-4); a number with decimals is the nearest grade, halfway the higher.

    Args:
        value: `5`, `5.4`, `54`, `B`, `L2M` or a blank.
        scale: The subject's scale.
        fine: Whether a decimal may become a third of a grade.

    Raises:
        UnknownGrade: If it is neither a grade nor, on a scale with GCSE points, a
            number from 0 to 9.

    >>> from udfs.tables import standard
    >>> gcse, pairs = standard().scale("gcse"), standard().scale("combined_science")
    >>> [imported_grade(value, gcse) for value in ("5", "5.4", " 5.50")]
    ['5', '5', '6']
    >>> [imported_grade(value, pairs) for value in ("54", "5.4", "")]
    ['5-4', '6-5', None]
    """
    text = tidy(value)
    if not text:
        return None
    if (grade := scale.find(text)) is not None:
        return grade
    number = _DECIMAL.fullmatch(text)
    if number and scale.counts_as_gcse and Fraction(text) <= 9:
        return scale.nearest(Fraction(text) * POINT, fine=fine)
    raise UnknownGrade(
        f"{text!r} is not a grade of {scale.title}.",
        f"Use one of: {', '.join(scale.grades)}.",
    )


def indicator_name(pattern: str, subject: str) -> str:
    """Return the indicator that a pattern names for a subject.

    >>> indicator_name("FFT50 {subject}", "History")
    'FFT50 History'
    >>> indicator_name("MidYIS Maths", "Mathematics")
    'MidYIS Maths'
    """
    return pattern.replace(SUBJECT_PLACEHOLDER, subject)
