"""Targets and baselines that come from elsewhere: FFT, MidYIS, a department."""

from __future__ import annotations

import re
from fractions import Fraction

from udfs.errors import UnknownGrade
from udfs.scales.scale import POINT, Scale
from udfs.text import tidy

_DECIMAL = re.compile(r"[0-9](\.[0-9]{1,3})?")
SUBJECT = "{subject}"


def grade_of(value: object, scale: Scale, *, fine: bool = True) -> str | None:
    """The grade that an imported value says, or None where it is blank.

    A grade as the scale spells it is that grade (`54` in combined science is 5-4); a
    number with decimals is the nearest one, halfway the higher.

    Args:
        value: `5`, `5.4`, `54`, `B`, `L2M` or a blank.
        scale: The subject's scale.
        fine: Whether a decimal may come out as a third of a grade.

    Raises:
        UnknownGrade: If it is neither a grade nor, on a scale that counts as GCSE
            does, a number from 0 to 9.

    >>> from udfs.tables import standard
    >>> gcse, pairs = standard().scale("gcse"), standard().scale("combined_science")
    >>> grade_of("5", gcse), grade_of("5.4", gcse), grade_of(" 5.50", gcse)
    ('5', '5', '6')
    >>> grade_of("54", pairs), grade_of("5.4", pairs), grade_of("", pairs) is None
    ('5-4', '6-5', True)
    """
    text = tidy(value)
    if not text:
        return None
    if (found := scale.find(text)) is not None:
        return found
    number = _DECIMAL.fullmatch(text)
    if number and scale.counts_as_gcse and Fraction(text) <= 9:
        return scale.nearest(Fraction(text) * POINT, fine=fine)
    raise UnknownGrade(
        f"{text!r} is not a grade of {scale.title}.",
        f"Use one of: {', '.join(scale.grades)}.",
    )


def name_for(pattern: str, subject: str) -> str:
    """The indicator that a pattern names for a subject.

    >>> name_for("FFT50 {subject}", "History"), name_for("MidYIS Maths", "Mathematics")
    ('FFT50 History', 'MidYIS Maths')
    """
    return pattern.replace(SUBJECT, subject)
