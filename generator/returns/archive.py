"""Archive every merged return by its hash, without its teacher's own notes.

An archived file never changes.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from itertools import islice
from pathlib import Path

from generator.returns.merge_rules import Return
from generator.returns.worker_tasks import CHANGED, ENCRYPTED, archive_bytes
from generator.school.school import School
from generator.xlsx.encryption import decrypt_path
from generator.xlsx.worker_pool import WorkerPool

FOLDER = "kept"
AHEAD = 16  # files


def archive_path(school: School, sha256: str) -> Path:
    """The path in the archive of a return with this hash."""
    return school.folder / FOLDER / f"{sha256}.xlsx"


def archive_returns(
    school: School,
    returns: Iterable[Return],
    passwords: Mapping[str, str],
    pool: WorkerPool,
) -> Generator[tuple[Return, str]]:
    """Archive returns in order, a few ahead of the caller.

    Args:
        school: The school.
        returns: The returns, in the order of merging; those without a change are not
            archived.
        passwords: Teacher -> password, for encrypted returns, which are archived
            without their encryption.
        pool: The processes that read them, with the tasks of `worker_tasks`.

    Yields:
        Each return when it is on the disk, with the reason why it could not be
        archived, or an empty text.
    """
    waiting: deque[tuple[Return, Callable[[], str]]] = deque()
    started: set[str] = set()
    remaining = iter(returns)

    def start_next() -> None:
        for returned in islice(remaining, 1):
            if not returned.changed_classes or returned.sha256 in started:
                waiting.append((returned, lambda: ""))
                continue
            started.add(returned.sha256)
            waiting.append((returned, _start(school, returned, passwords, pool)))

    for _ in range(AHEAD):
        start_next()
    while waiting:
        returned, finish = waiting.popleft()
        yield returned, finish()
        start_next()


def _start(
    school: School, returned: Return, passwords: Mapping[str, str], pool: WorkerPool
) -> Callable[[], str]:
    """Start to archive a return; the result waits and says why it failed, if so."""
    path = archive_path(school, returned.sha256)
    future = pool.submit(
        {
            "task": "archive",
            "path": str(returned.path),
            "sha256": returned.sha256,
            "notes": {sheet: list(cells) for sheet, cells in returned.notes.items()},
            "to": str(path),
        }
    )

    def finish() -> str:
        answer = future.result()
        error = "it took too long" if answer is None else answer["error"]
        if error == ENCRYPTED:
            error = _archive_decrypted(returned, passwords, path)
        return f"{returned.file} could not be archived: {error}." if error else ""

    return finish


def _archive_decrypted(
    returned: Return, passwords: Mapping[str, str], path: Path
) -> str:
    """Archive the content of an encrypted return; the reason if it fails."""
    try:
        data = returned.path.read_bytes()
    except OSError as error:
        return error.strerror or "it cannot be read"
    if hashlib.sha256(data).hexdigest() != returned.sha256:
        return CHANGED
    content = decrypt_path(returned.path, passwords) or b""
    return archive_bytes(content, path, returned.notes)
