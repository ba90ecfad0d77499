"""The queue at the office: files are read, and handed over in the order of merging.

Rule 9 of the house merges a run's returns in the order in which they were saved. A
quick look at every file tells that order, so that the first is merged while the last
is still to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import islice
from pathlib import Path

from generator.returns.account import FileReport
from generator.returns.checking.recognise import universal
from generator.returns.gathering import shown_path
from generator.returns.intake import Intake
from generator.returns.merging.verdicts import Return
from generator.returns.reading.reading_room import ReadingRoom, Taken
from generator.returns.reading.unsealing import unsealed

BATCH = 16  # files that are checked together
FEW = 24  # files that are read sooner than looked at twice
Place = tuple[str, int, str]  # own time, file time, name: as `Return.order`


@dataclass(slots=True)
class Queue:
    """The files of one run.

    Args:
        desk: Where a file becomes a return, or not.
        passwords: Teacher -> password, for files that came back encrypted.
        aside: Asked of each file whether somebody else takes it, or None.
        room: Where the files are read.
        told: Called with each file's name when it has been looked at.
        refused: The files that are no returns, filled as they are read.
        others: The files that somebody else takes, likewise.
    """

    desk: Intake
    passwords: Mapping[str, str]
    aside: Callable[[Taken], bool] | None
    room: ReadingRoom
    told: Callable[[str], None]
    refused: list[FileReport] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)

    def returns(self, files: Sequence[Path]) -> Generator[Return]:
        """The returns among files, each as soon as none that is unread precedes it."""
        first, rest = self._arranged(files)
        reading = self.room.read([*first, *(path for _, path in rest)])
        waiting: list[tuple[Place, int, Return]] = []
        looked_at = 0
        while batch := list(islice(reading, BATCH)):
            for ready in self._ready(batch):
                looked_at += 1
                if ready:
                    heappush(waiting, (ready.order, looked_at, ready))
                if looked_at < len(first):
                    continue
                # Handed over one at a time: while the disk takes one, the next is
                # looked at.
                later = rest[looked_at - len(first) :][:1]
                while waiting and (not later or waiting[0][0] < later[0][0]):
                    yield heappop(waiting)[2]

    def _arranged(
        self, files: Sequence[Path]
    ) -> tuple[list[Path], list[tuple[Place, Path]]]:
        """Those whose place only reading tells, and the others in their order."""
        if len(files) <= FEW:
            return list(files), []
        first, rest = [], []
        times = self.room.times(files)
        folder = self.desk.school.folder
        for path, (saved, mtime_ns) in zip(files, times, strict=True):
            if modified := universal(saved):
                rest.append(((modified, mtime_ns, shown_path(path, folder)), path))
            else:
                first.append(path)
        return first, sorted(rest)

    def _ready(self, batch: Iterable[Taken]) -> Iterator[Return | None]:
        """Each file of a batch, in order: a return, or None where it is none."""
        opened = [unsealed(taken, self.passwords) for taken in batch]
        aside = [bool(self.aside and self.aside(one)) for one in opened]
        ours = [one for one, other in zip(opened, aside, strict=True) if not other]
        prepared = self.desk.prepare_all(ours)
        for taken, other in zip(opened, aside, strict=True):
            self.told(shown_path(taken.path, self.desk.school.folder))
            ready = None if other else next(prepared)
            if other:
                self.others.append(taken.path)
            elif isinstance(ready, FileReport):
                self.refused.append(ready)
            yield ready if isinstance(ready, Return) else None
