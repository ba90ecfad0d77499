"""The store of a school, opened for one job and closed after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.context import Context
    from generator.school.school import School
    from generator.store.engine import Store
    from generator.store.open_store import Purpose


@contextmanager
def open_store(
    school: School, *, now: datetime, purpose: Purpose = "work"
) -> Iterator[Store]:
    """The school's store, open, when it is proved to be the school's."""
    from generator.store.open_store import open_store

    store = open_store(school, now=now, purpose=purpose)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def open_context(
    school: School, *, now: datetime, who: str = "", command: str = ""
) -> Iterator[Context]:
    """What one run works with: the school's tables and its store, open.

    Args:
        school: The school.
        now: The moment.
        who: The person.
        command: The job, if it changes or hands out anything: it is an entry of the
            audit from its begin to its end.
    """
    from generator.context import Context
    from generator.school.school_tables import school_tables

    with open_store(school, now=now) as store:
        context = Context(school, school_tables(school), store, now, who)
        _end_covers(context)
        if not command:
            yield context
            return
        with audited(store, school, command, now=now, who=who):
            yield context


def _end_covers(context: Context) -> None:
    """End the covers whose last day is past, before anything reads who teaches what."""
    from generator.store.corrections import due_covers

    with context.store.begin() as connection:
        is_due = bool(due_covers(connection, context.today.isoformat()))
    if is_due:
        from generator.corrections import end_covers

        with context.store.begin() as connection:
            end_covers(connection, context)


@contextmanager
def audited(
    store: Store, school: School, command: str, *, now: datetime, who: str
) -> Iterator[None]:
    """Enter a job into the audit when it begins and when it ends or stops.

    Args:
        store: The school's store.
        school: The school.
        command: The job.
        now: The moment.
        who: The person.
    """
    from generator.store.audit import BEGUN, DONE, STOPPED

    enter(store, school, command, BEGUN, now=now, who=who)
    end = STOPPED
    try:
        yield
        end = DONE
    finally:
        # Why it stopped is said, even if that can no longer be entered.
        with suppress(MarkbookError) if end == STOPPED else nullcontext():
            enter(store, school, command, end, now=now, who=who)


def enter(
    store: Store,
    school: School,
    command: str,
    what: str = "",
    *,
    files: Sequence[Path] = (),
    now: datetime,
    who: str,
) -> None:
    """Append entries to the audit: one of a text, and one of each file with its hash.

    Args:
        store: The school's store.
        school: The school.
        command: The job.
        what: What it did; empty if only the files are entries.
        files: The files that it handed out.
        now: The moment.
        who: The person.
    """
    from hashlib import sha256

    from generator.names import shown_path
    from generator.store.audit import (
        AuditEntry,
        append_entries,
        remember_entry,
        settings_entry,
    )

    entries = [AuditEntry(command, what)] if what else []
    for path in files:
        digest = sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        name = shown_path(path, school.folder)
        entries.append(AuditEntry(command, "handed out", file=name, sha256=digest))
    with store.begin() as connection:
        changed = settings_entry(connection, school)
        end = append_entries(
            connection,
            school,
            [*changed, *entries],
            at=now.isoformat(timespec="seconds"),
            who=who,
        )
    remember_entry(school.folder, *end)
