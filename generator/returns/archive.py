"""Every return that was merged, kept as it came: by its hash, never changed again.

What a teacher wrote under `Your notes` is theirs, and is taken out first.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from itertools import islice
from pathlib import Path

from generator.markbook.layout import NOTES_HEADING
from generator.returns import worker_tasks
from generator.returns.locate_sheets import BLANK, FoundSheet
from generator.returns.merge_rules import Return
from generator.returns.stripping import is_filled
from generator.school.school import School
from generator.xlsx.encryption import plain
from generator.xlsx.worker_pool import WorkerPool
from generator.xlsx.worksheet import cell_reference

FOLDER = "kept"
AHEAD = 16  # files


def archive_path(school: School, sha256: str) -> Path:
    """Where a return of a hash is kept, if it was merged."""
    return school.folder / FOLDER / f"{sha256}.xlsx"


def notes_of(found: FoundSheet) -> tuple[str, ...]:
    """The cells under `Your notes` in which something stands."""
    column = found.headings.get(NOTES_HEADING)
    if column is None:
        return ()
    return tuple(
        cell_reference(row, column)
        for row in found.rows()
        if is_filled(found.sheet.cells.get((row, column), BLANK))
    )


def archive_returns(
    school: School,
    returned: Iterable[Return],
    passwords: Mapping[str, str],
    room: WorkerPool,
) -> Generator[tuple[Return, str]]:
    """Keep returns in order, a few ahead of whoever asks whether the next is kept.

    Args:
        school: The school.
        returned: The returns, in the order of merging; those in which nobody has
            written anything are not kept.
        passwords: Teacher -> password, for those that came back encrypted; what is
            kept of them is what was inside.
        room: Where they were read, opened with `keeping_desk.BOOT`.

    Yields:
        Each when it lies on the disk, with a line of why it could not be kept, or
        an empty one.
    """
    waiting: deque[tuple[Return, Callable[[], str]]] = deque()
    begun: set[str] = set()
    rest = iter(returned)

    def begin() -> None:
        for one in islice(rest, 1):
            if not one.changed_classes or one.sha256 in begun:
                waiting.append((one, lambda: ""))
                continue
            begun.add(one.sha256)
            waiting.append((one, _begin_to_keep(school, one, passwords, room)))

    for _ in range(AHEAD):
        begin()
    while waiting:
        one, kept = waiting.popleft()
        yield one, kept()
        begin()


def _begin_to_keep(
    school: School, one: Return, passwords: Mapping[str, str], room: WorkerPool
) -> Callable[[], str]:
    """Have a return kept: asked, the answer waits for it and says why it is not."""
    path = archive_path(school, one.sha256)
    asked = worker_tasks.ask(room, one.path, one.sha256, one.notes, path)

    def answer() -> str:
        said = asked.result()
        if said == worker_tasks.SEALED:
            said = _keep_encrypted(one, passwords, path)
        if said is None:
            return f"{one.file} could not be kept: it took too long."
        return f"{one.file} {said}." if said else ""

    return answer


def _keep_encrypted(one: Return, passwords: Mapping[str, str], path: Path) -> str:
    """Keep what is inside an encrypted return."""
    try:
        data = one.path.read_bytes()
    except OSError as error:
        return f"could not be kept ({error.strerror})"
    if hashlib.sha256(data).hexdigest() != one.sha256:
        return worker_tasks.CHANGED
    return worker_tasks.keep(plain(one.path, passwords) or b"", path, one.notes)
