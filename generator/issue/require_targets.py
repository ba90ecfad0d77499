"""Refuse to issue markbooks that would show no targets, unless that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.school.school import Collection
from generator.store import targets
from generator.store.enrolments import enrolments
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.context import Context


class TargetsMissing(MarkbookError):
    """Most pupils of a collection have no target yet."""


def require_targets(context: Context, collection: Collection) -> None:
    """Check that most pupil–subjects of a collection have a target.

    Args:
        context: The school, its store and the day.
        collection: The collection.

    Raises:
        TargetsMissing: If more than half have none.
    """
    with context.store.begin() as connection:
        taught = enrolments(
            connection,
            context.school.academic_year,
            context.tables,
            today=context.today,
        )
        taught = taught.loc[taught["year"].isin(collection.years)]
        pairs = taught[["adno", "subject"]].drop_duplicates()
        current = targets.current_targets(connection)[["adno", "subject", "expected"]]
    rows = pairs.merge(current, on=["adno", "subject"], how="left")
    without = int((rows["expected"].isna() | (rows["expected"] == "")).sum())
    if 2 * without <= len(rows):
        return
    raise TargetsMissing(
        f"{without} of {len(rows)} pupil–subjects of {collection.code} have no target, "
        "so the markbooks would show none; nothing was written.",
        "First: markbook targets draft, then markbook targets moderate. If they are "
        f"meant to have none: markbook issue {collection.code} --without-targets.",
    )
