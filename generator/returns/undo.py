"""Taking back what a return changed, and saying what could not be taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection

from generator.names import shown_path
from generator.returns.feedback.write import delete_copy
from generator.returns.undo_report import RevertedMark, UndoReport
from generator.school.school import School
from generator.store import accepted, marks, problems, returns, reverts
from generator.store.engine import Store
from generator.store.marks import Mark
from generator.store.reverts import Filed, Step
from udfs.errors import MarkbookError


class NoSuchReturn(MarkbookError):
    """A name that is no return's, or more than one's."""


def undo(
    store: Store, school: School, name: str, *, now: datetime, who: str
) -> UndoReport:
    """Take back what a return changed, in one transaction.

    A mark that still is as the return put it has the value before again; one that
    something else has changed or confirmed since stays. The same twice changes
    nothing more.

    Args:
        store: The school's store.
        school: The school.
        name: The return: its id, its file's name, or a path to it.
        now: The moment.
        who: Who is doing it.

    Raises:
        NoSuchReturn: If no return, or more than one, is called so.
    """
    with store.begin() as connection:
        known = reverts.filed(connection)
        one = _named(known, school, name)
        if one.status == returns.UNDONE:
            return _noted(one, f"{one.file} was taken back before; nothing more to do.")
        if one.status not in returns.MERGED:
            return _noted(
                one, f"{one.file} changed nothing ({one.status}): nothing to take back."
            )
        report = _take_back(connection, one, known, now=now, who=who)
        issued = reverts.markbook_of(connection, one)
    return replace(report, copies=_without_copy(school, report, issued))


def _without_copy(school: School, report: UndoReport, issued: str) -> tuple[str, ...]:
    """Delete the marked copy of a return, and say so; a later return's stays."""
    if report.later_returns or not issued:
        return ()
    path = school.checked(report.collection) / PurePosixPath(issued).name
    said = []
    # Where a marked copy was sent back itself, its own is named so.
    for copy in (path, path.with_name(f"{path.stem}-checked{path.suffix}")):
        if not copy.exists() or shown_path(copy, school.folder) == report.file:
            continue
        notes = delete_copy(copy)
        shown = shown_path(copy, school.folder)
        said += notes or [f"Deleted its marked copy, {shown}."]
    return tuple(said)


def _take_back(
    connection: Connection,
    one: Filed,
    known: Sequence[Filed],
    *,
    now: datetime,
    who: str,
) -> UndoReport:
    undone = {past.return_id for past in known if past.status == returns.UNDONE}
    told = reverts.steps(connection, one)
    standing = marks.stored(
        connection,
        one.collection,
        pupils={mark[0] for mark in told},
        subjects={mark[1] for mark in told},
    )
    others = reverts.confirmed(connection, one)
    restored, stayed, back, history = [], [], [], []
    for mark, steps in told.items():
        live, first = _live(steps)
        mine = [step for step in live if step.return_id == one.return_id]
        if not mine:
            continue  # taken back long ago, and merged again without it
        last = mine[-1]
        stored = standing[mark].value if mark in standing else ""
        why = _why_stays(last, live, stored, others.get(mark, ()))
        if why:
            stayed.append(_taken(mark, last, stored, why))
            continue
        while live and (
            live[-1].return_id == one.return_id or live[-1].return_id in undone
        ):
            first = live.pop().old
        source = live[-1] if live else None
        value = source.new if source else first
        restored.append(_taken(mark, last, value))
        back.append((mark, value, source))
        history.append(_history(mark, last, stored, value))
    reverts.put_back(connection, one, back)
    accepted.take_back(connection, one.return_id, one.collection)
    returns.unsettle(connection, one.return_id)
    moment = now.isoformat(timespec="seconds")
    reverts.tell(connection, one, history, who=who, moment=moment)
    newest = [past for past in known if past.file == one.file][-1]
    if newest.return_id == one.return_id:
        problems.replace_problems(
            connection, one.file, (), academic_year=one.academic_year, now=now
        )
    later = [
        past.file
        for past in known[known.index(one) + 1 :]
        if past.status in returns.MERGED
        and past.collection == one.collection
        and set(past.classes) & set(one.classes)
    ]
    return UndoReport(
        one.return_id,
        one.file,
        one.collection,
        one.classes,
        returns.UNDONE,
        tuple(restored),
        tuple(stayed),
        later_returns=tuple(dict.fromkeys(later)),
    )


def _live(steps: Sequence[Step]) -> tuple[list[Step], str]:
    """The steps that still count, and the value before the first of them.

    A step that was taken back cancels those above the value it went back to.

    >>> def step(who, old, new, why="merged"):
    ...     return Step(who, "10x", old, new, "", "", "", "", why)
    >>> said = [step("a", "", "5"), step("b", "5", "6"), step("b", "6", "5", "undone")]
    >>> [one.return_id for one in _live(said)[0]]
    ['a']
    """
    live: list[Step] = []
    first = steps[0].old if steps else ""
    for step in steps:
        if step.why != returns.UNDONE:
            live.append(step)
            continue
        if live:
            live.pop()
        while live and live[-1].new != step.new:
            live.pop()
        if not live:
            first = step.new
    return live, first


def _why_stays(
    last: Step, live: Sequence[Step], stored: str, others: Sequence[tuple[str, ...]]
) -> str:
    top = live[-1]
    if top is not last:
        said = f"{top.source_file} has changed it to {top.new!r} since"
        return said if top.new else f"{top.source_file} has cleared it since"
    if stored != last.new:
        return f"it was changed to {stored!r} since" if stored else "it is gone"
    for value, accepted_at, file in others:
        if value == stored and accepted_at >= last.merged_at:
            return f"{file} says {stored!r} too" if stored else f"{file} clears it too"
    return ""


def _taken(mark: Mark, step: Step, value: str, why: str = "") -> RevertedMark:
    adno, subject, field = mark
    return RevertedMark(
        step.class_code, subject, adno, field, step.source_cell, step.new, value, why
    )


def _history(mark: Mark, step: Step, old: str, new: str) -> dict[str, str]:
    adno, subject, field = mark
    return {
        "class": step.class_code,
        "adno": adno,
        "subject": subject,
        "field": field,
        "old": old,
        "new": new,
        "source_cell": step.source_cell,
    }


def _named(known: Sequence[Filed], school: School, name: str) -> Filed:
    """The return that a person names, by id, path or file name."""
    for one in known:
        if one.return_id == name:
            return one
    paths = [Path(name), school.folder / name]
    shown = {shown_path(path, school.folder) for path in paths}
    fits = [one for one in known if one.file in shown or one.file == name]
    fits = fits or [one for one in known if PurePosixPath(one.file).name == name]
    if not fits:
        raise NoSuchReturn(
            f"No return is called {name}.",
            "Name it as the table of returns does (markbook export returns), or by "
            "the path of its file.",
        )
    content = {sha for path in paths if (sha := _sha256(path))}
    hashes = content & {one.sha256 for one in fits} or {one.sha256 for one in fits}
    # The same content under another name was merged once, under that name.
    alike = [one for one in known if one.sha256 in hashes or one in fits]
    for statuses in (returns.MERGED, (returns.UNDONE,)):
        here = [one for one in fits if one.status in statuses]
        if content & {one.sha256 for one in here}:
            here = [one for one in here if one.sha256 in content]
        here = here or [o for o in alike if o.status in statuses]
        if len(here) == 1:
            return here[0]
        if here:
            ids = "; ".join(
                f"{one.return_id} (read {one.read_at}, {one.file})" for one in here
            )
            raise NoSuchReturn(
                f"More than one return is called {name}.", f"Name one by its id: {ids}."
            )
    return fits[-1]


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except OSError:
        return ""


def _noted(one: Filed, note: str) -> UndoReport:
    return UndoReport(
        one.return_id, one.file, one.collection, one.classes, one.status, note=note
    )
