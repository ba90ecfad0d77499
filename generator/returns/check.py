"""Every entry cell of a return looked at, and every fault told at once."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from generator.problems import Problem
from generator.returns.check_cells import Reader
from generator.returns.check_rows import SheetCheck
from generator.returns.checked import Answer, Checked, grouped
from generator.returns.identify import Recognised
from generator.returns.issued_context import Register
from udfs.scales.scale import Code, Scale
from udfs.tables import Tables

JUDGEMENT = "judgement"


def check(
    recognised: Recognised,
    register: Register,
    tables: Tables,
    *,
    effort: tuple[str, ...],
    today: date,
    mac_dates: bool = False,
) -> Checked:
    """Look at every entry cell of a return.

    Args:
        recognised: The return.
        register: The ledger and the roll, with this file's issues fetched.
        tables: The scales and codes.
        effort: The school's effort values, in order.
        today: The day it is collected on.
        mac_dates: Whether the workbook counts days from 1904.

    Raises:
        UnknownScale: If the scale of a subject is no longer in the tables.
    """
    answers: list[Answer] = []
    problems: list[Problem] = []
    blank = 0
    touched: set[str] = set()
    scales: dict[tuple[str, str], Scale] = {}
    judged = recognised.collection.style == JUDGEMENT
    for found in recognised.sheets:
        written = found.issue.written(found.identity.subject)
        subject = tables.subject(found.identity.subject)
        scale = tables.scale(written.get("scale", subject.scale))
        style = written.get("style", JUDGEMENT if judged else "")
        choice = tables.scale(JUDGEMENT) if style == JUDGEMENT else scale
        scales[found.issue.class_code, found.identity.subject] = choice
        reader = _reader(scale, choice, tables.codes, effort, mac_dates)
        looked = SheetCheck(found, register, reader, today.isoformat())
        looked.run()
        answers += looked.settled()
        problems += looked.problems
        blank += looked.blank
        if looked.touched:
            touched.add(found.issue.class_code)
    return Checked(
        tuple(answers), blank, frozenset(touched), tuple(grouped(problems)), scales
    )


@lru_cache(maxsize=64)
def _reader(
    scale: Scale,
    choice: Scale,
    codes: tuple[Code, ...],
    effort: tuple[str, ...],
    mac_dates: bool,
) -> Reader:
    """The same for all sheets of a scale, so that it need not read a grade twice."""
    return Reader(scale, choice, codes, effort, mac_dates)
