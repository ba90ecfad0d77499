"""Change the last day of a collection."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from generator.corrections.correction_report import (
    CorrectionRefused,
    CorrectionReport,
)
from generator.corrections.roster_editor import RosterEditor
from generator.school.closing_day import set_closing_day
from generator.school.school import Collection
from generator.store.collection_codes import claim_code

if TYPE_CHECKING:
    from generator.context import Context


def reopen_collection(
    connection: Connection, context: Context, collection: Collection, until: date
) -> CorrectionReport:
    """Let a collection close on another day, in `school.toml` too.

    Args:
        connection: A transaction of the store.
        context: The school, the moment and the person.
        collection: The collection.
        until: Its new last day.

    Raises:
        MarkbookError: If the day is before the collection opens.
    """
    if until < collection.opens:
        raise CorrectionRefused(
            f"{collection.code} opens on {collection.opens.isoformat()}.",
            "Name a later day.",
        )
    claim_code(connection, collection, context.school.academic_year)
    editor = RosterEditor.begin(connection, context)
    row = editor.row("collections", code=collection.code)
    assert row is not None  # it was just claimed
    editor.put("collections", {**row, "closes": until.isoformat()})
    before = collection.closes.isoformat()
    what = f"{collection.code} closes on {until.isoformat()} (before: {before})"
    report = editor.finish("collection", what, about={"collection": collection.code})
    if report.id:
        set_closing_day(context.school.folder, collection.code, until.isoformat())
    return report
