"""Undo a return: restore the marks it changed that nothing else has set since."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection

from generator.names import shown_path
from generator.returns.feedback.write import delete_copy
from generator.returns.revert_marks import plan_reversal, store_reversal
from generator.returns.undo_report import UndoReport
from generator.school.school import School
from generator.store import corrections, problems, returns, reverts
from generator.store.engine import Store
from generator.store.reverts import FiledReturn
from udfs.errors import MarkbookError


class NoSuchReturn(MarkbookError):
    """No return, or more than one, has this name."""


def undo(
    store: Store, school: School, name: str, *, now: datetime, who: str
) -> UndoReport:
    """Undo what a return changed, in one transaction.

    A mark that still has the return's value gets its earlier value back. A mark that
    something else has changed or confirmed since stays. Undoing twice changes
    nothing more.

    Args:
        store: The school's store.
        school: The school.
        name: The return: its id, its file's name, or a path to it.
        now: The moment.
        who: Who undoes it.

    Raises:
        NoSuchReturn: If no return, or more than one, has this name.
    """
    with store.begin() as connection:
        filed = reverts.filed_returns(connection)
        undone = _find_return(filed, school, name)
        report = UndoReport(
            undone.return_id,
            undone.file,
            undone.collection,
            undone.classes,
            undone.status,
        )
        if undone.status == returns.UNDONE:
            note = f"{undone.file} was undone before; nothing more to do."
            return replace(report, note=note)
        if undone.status not in returns.MERGED:
            note = f"{undone.file} changed nothing ({undone.status}): nothing to undo."
            return replace(report, note=note)
        report = _revert(connection, report, undone, filed, now=now, who=who)
        markbook = reverts.issued_file(connection, undone)
    return replace(report, copy_notes=_delete_copies(school, report, markbook))


def _find_return(
    filed: Sequence[FiledReturn], school: School, name: str
) -> FiledReturn:
    """The return with this id, path or file name."""
    for filed_return in filed:
        if filed_return.return_id == name:
            return filed_return
    paths = [Path(name), school.folder / name]
    matches = _matches(filed, {shown_path(path, school.folder) for path in paths}, name)
    if not matches:
        raise NoSuchReturn(
            f"No return is called {name}.",
            "Name it as the table of returns does (markbook export returns), or by "
            "the path of its file.",
        )
    on_disk = {sha256 for path in paths if (sha256 := _sha256(path))}
    for statuses in (returns.MERGED, (returns.UNDONE,)):
        candidates = _candidates(filed, matches, on_disk, statuses)
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            ids = "; ".join(
                f"{each.return_id} (read {each.read_at}, {each.file})"
                for each in candidates
            )
            raise NoSuchReturn(
                f"More than one return is called {name}.", f"Name one by its id: {ids}."
            )
    return matches[-1]


def _candidates(
    filed: Sequence[FiledReturn],
    matches: Sequence[FiledReturn],
    on_disk: set[str],
    statuses: Sequence[str],
) -> list[FiledReturn]:
    """The matches with these statuses, else the returns of the same content."""
    candidates = [each for each in matches if each.status in statuses]
    if candidates:
        return [each for each in candidates if each.sha256 in on_disk] or candidates
    hashes = {each.sha256 for each in matches}
    hashes = on_disk & hashes or hashes
    # The same content under another name was merged once, under that name.
    return [
        each
        for each in filed
        if each.status in statuses and (each.sha256 in hashes or each in matches)
    ]


def _matches(
    filed: Sequence[FiledReturn], files: Container[str], name: str
) -> list[FiledReturn]:
    """The returns with one of some paths, else with a file name."""
    matches = [each for each in filed if each.file in files or each.file == name]
    return matches or [e for e in filed if PurePosixPath(e.file).name == name]


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except OSError:
        return ""


def _revert(
    connection: Connection,
    report: UndoReport,
    undone: FiledReturn,
    filed: Sequence[FiledReturn],
    *,
    now: datetime,
    who: str,
) -> UndoReport:
    """Restore the marks of a return that nothing else has changed since."""
    undone_ids = {each.return_id for each in filed if each.status == returns.UNDONE}
    reversal = plan_reversal(
        connection, undone, undone_ids | corrections.undone_ids(connection)
    )
    moment = now.isoformat(timespec="seconds")
    store_reversal(connection, reversal, who=who, moment=moment)
    _remove_problems(connection, undone, filed, now)
    return replace(
        report,
        status=returns.UNDONE,
        restored=tuple(reversal.restored),
        not_restored=tuple(reversal.not_restored),
        later_returns=_later_returns(undone, filed),
        problems=tuple(mark.problem(undone.file) for mark in reversal.not_restored),
    )


def _remove_problems(
    connection: Connection,
    undone: FiledReturn,
    filed: Sequence[FiledReturn],
    now: datetime,
) -> None:
    """Remove the problems of a file unless a later return of that name has its own."""
    newest = [each for each in filed if each.file == undone.file][-1]
    if newest.return_id == undone.return_id:
        problems.replace_problems(
            connection, undone.file, (), academic_year=undone.academic_year, now=now
        )


def _later_returns(
    undone: FiledReturn, filed: Sequence[FiledReturn]
) -> tuple[str, ...]:
    """The files merged later for a class of a return."""
    later = [
        each.file
        for each in filed[filed.index(undone) + 1 :]
        if each.status in returns.MERGED
        and each.collection == undone.collection
        and set(each.classes) & set(undone.classes)
    ]
    return tuple(dict.fromkeys(later))


def _delete_copies(
    school: School, report: UndoReport, markbook: str
) -> tuple[str, ...]:
    """Delete the marked copies of a return, unless a later return has replaced them.

    Returns:
        Lines about each.
    """
    if report.later_returns or not markbook:
        return ()
    path = school.checked(report.collection) / PurePosixPath(markbook).name
    notes = []
    # The copy of a marked copy that was returned has a name of its own.
    for copy in (path, path.with_name(f"{path.stem}-checked{path.suffix}")):
        shown = shown_path(copy, school.folder)
        if copy.exists() and shown != report.file:
            notes += delete_copy(copy) or [f"Deleted its marked copy, {shown}."]
    return tuple(notes)
