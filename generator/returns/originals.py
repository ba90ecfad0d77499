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
from generator.returns import keeping_desk
from generator.returns.checking.finding import BLANK, FoundSheet
from generator.returns.merging.verdicts import Return
from generator.returns.reading.reading_room import ReadingRoom
from generator.returns.reading.unsealing import plain
from generator.returns.reading.worksheet import reference
from generator.returns.stripping import is_filled
from generator.school import School

FOLDER = "kept"
AHEAD = 16  # files


def kept_path(school: School, sha256: str) -> Path:
    """Where a return of a hash is kept, if it was merged."""
    return school.folder / FOLDER / f"{sha256}.xlsx"


def notes_of(found: FoundSheet) -> tuple[str, ...]:
    """The cells under `Your notes` in which something stands."""
    column = found.headings.get(NOTES_HEADING)
    if column is None:
        return ()
    return tuple(
        reference(row, column)
        for row in found.rows()
        if is_filled(found.sheet.cells.get((row, column), BLANK))
    )


def keep_ahead(
    school: School,
    returned: Iterable[Return],
    passwords: Mapping[str, str],
    room: ReadingRoom,
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
            if not one.touched or one.sha256 in begun:
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
    school: School, one: Return, passwords: Mapping[str, str], room: ReadingRoom
) -> Callable[[], str]:
    """Have a return kept: asked, the answer waits for it and says why it is not."""
    path = kept_path(school, one.sha256)
    asked = keeping_desk.ask(room, one.path, one.sha256, one.notes, path)

    def answer() -> str:
        said = asked.result()
        if said == keeping_desk.SEALED:
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
        return keeping_desk.CHANGED
    return keeping_desk.keep(plain(one.path, passwords) or b"", path, one.notes)
