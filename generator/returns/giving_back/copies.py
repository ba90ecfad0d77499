"""Marked copies in the making: begun while the run goes on, asked for at its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from generator.markbook.sealing import is_encrypted
from generator.problems import Problem
from generator.returns.giving_back import marking_desk
from generator.returns.giving_back.markup import mark_up
from generator.returns.giving_back.patching import CannotPatch
from generator.returns.giving_back.to_put_right import Item, items
from generator.returns.merging.verdicts import Return
from generator.returns.reading.reading_room import ReadingRoom
from generator.returns.reading.unsealing import marked_as_it_came

AT_HAND = 64  # copies that are begun before it is certain that they are wanted


def to_mark(problems: Sequence[Problem]) -> bool:
    """Whether any of the problems of a return is one of a cell."""
    return any(problem.cell for problem in problems)


@dataclass(slots=True)
class MarkedCopies:
    """Has returns marked up by the process that has read them.

    Args:
        room: That, opened with a `BOOT` that marks.
        names: Admission number -> the pupil's name.
        passwords: Teacher -> password: what came back encrypted is marked up
            encrypted.
        contact: Whom a teacher asks, or empty.
    """

    room: ReadingRoom
    names: Mapping[str, str]
    passwords: Mapping[str, str]
    contact: str
    _begun: dict[str, Future[Any]] = field(default_factory=dict)

    def begin(self, one: Return, problems: Sequence[Problem]) -> None:
        """Begin a copy that is probably wanted: later returns may yet replace this."""
        if len(self._begun) < AT_HAND and to_mark(problems):
            if not is_encrypted(one.path):
                self._begun[one.file] = self._asked(one, problems)

    def of(self, one: Return, problems: Sequence[Problem]) -> Callable[[], bytes]:
        """The copy of a return: called, it gives or explains it."""
        if one.file not in self._begun and is_encrypted(one.path):
            return lambda: self._here(one, problems)
        made = self._begun.get(one.file) or self._asked(one, problems)
        return lambda: marking_desk.copy_of(made)

    def _asked(self, one: Return, problems: Sequence[Problem]) -> Future[Any]:
        return marking_desk.ask(
            self.room, one.path, one.sha256, self._items(problems), _title(one)
        )

    def _here(self, one: Return, problems: Sequence[Problem]) -> bytes:
        """The copy of an encrypted return."""
        data = one.path.read_bytes()
        if hashlib.sha256(data).hexdigest() != one.sha256:
            raise CannotPatch(marking_desk.CHANGED)
        found = self._items(problems)
        copy = marked_as_it_came(
            data,
            one.path,
            self.passwords,
            lambda book: mark_up(book, found, title=_title(one)),
        )
        if copy is None:
            raise CannotPatch("it is encrypted with a password of its own")
        return copy

    def _items(self, problems: Sequence[Problem]) -> Sequence[Item]:
        return items(problems, dict(self.names), contact=self.contact)


def _title(one: Return) -> str:
    return ", ".join(one.classes)
