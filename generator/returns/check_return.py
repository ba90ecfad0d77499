"""Check every entry cell of a return, and report every fault at once."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from generator.problems import Problem, group_problems
from generator.returns.check_cells import EntryReader
from generator.returns.check_rows import SheetCheck
from generator.returns.entries import CheckedReturn, EntryCell
from generator.returns.identify import IdentifiedReturn
from generator.returns.issued_context import IssuedContext
from udfs.scales.scale import Code, Scale
from udfs.tables import Tables

JUDGEMENT = "judgement"


def check_return(
    identified: IdentifiedReturn,
    issued: IssuedContext,
    tables: Tables,
    *,
    effort: tuple[str, ...],
    today: date,
    uses_1904_dates: bool = False,
) -> CheckedReturn:
    """Check every entry cell of a return.

    Args:
        identified: The return.
        issued: The issues and the pupils, with this file's rows loaded.
        tables: The scales and codes.
        effort: The school's effort values, in order.
        today: The day of collection.
        uses_1904_dates: Whether the workbook counts days from 1904.

    Raises:
        UnknownScale: If the scale of a subject is no longer in the tables.
    """
    entries: list[EntryCell] = []
    problems: list[Problem] = []
    blank_count = 0
    changed_classes: set[str] = set()
    scales: dict[tuple[str, str], Scale] = {}
    uses_judgements = identified.collection.style == JUDGEMENT
    for entry_sheet in identified.sheets:
        layout = entry_sheet.layout
        subject = tables.subject(entry_sheet.identity.subject)
        scale = tables.scale(layout.scale or subject.scale)
        style = layout.style or (JUDGEMENT if uses_judgements else "")
        prediction_scale = tables.scale(JUDGEMENT) if style == JUDGEMENT else scale
        scales[entry_sheet.issue.class_code, entry_sheet.identity.subject] = (
            prediction_scale
        )
        reader = _entry_reader(
            scale, prediction_scale, tables.codes, effort, uses_1904_dates
        )
        sheet_check = SheetCheck(entry_sheet, issued, reader, today.isoformat())
        sheet_check.run()
        entries += sheet_check.resolve_duplicates()
        problems += sheet_check.problems
        blank_count += sheet_check.blank_count
        if sheet_check.changed:
            changed_classes.add(entry_sheet.issue.class_code)
    return CheckedReturn(
        tuple(entries),
        blank_count,
        frozenset(changed_classes),
        tuple(group_problems(problems)),
        scales,
    )


@lru_cache(maxsize=64)
def _entry_reader(
    scale: Scale,
    prediction_scale: Scale,
    codes: tuple[Code, ...],
    effort: tuple[str, ...],
    uses_1904_dates: bool,
) -> EntryReader:
    """One reader for all sheets of a scale, so that they share its cache."""
    return EntryReader(scale, prediction_scale, codes, effort, uses_1904_dates)
