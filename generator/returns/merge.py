"""Three-way merge: what a return says, what it was issued with, what the store has.

Rule 9 of the house. One return is one transaction: all of it is stored, or none.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from generator.problems import Problem
from generator.returns.check import Answer, grouped
from generator.returns.doubts import doubts
from generator.returns.register import Issue
from generator.store import found, inbox, marks
from generator.store.inbox import Past, Unsettled
from generator.store.marks import Accepted, Mark, Stored
from udfs.scales import CLEAR, Scale

Verdict = Literal["new", "changed", "same", "rejected", "conflict"]
Take = Literal["returned", "stored"]
_Places = set[tuple[str, str, str, str]]
VERDICTS: tuple[Verdict, ...] = ("new", "changed", "same", "rejected", "conflict")


@dataclass(frozen=True, slots=True)
class Return:
    """A file that was recognised, read and checked, ready to be merged.

    Args:
        path: Where it lies.
        file: Its name as the reader knows it.
        sha256: Of its content.
        mtime_ns: The file system's time of last change.
        returned_at: The same, as local ISO text.
        modified: The workbook's own time of last change, else that of its issue.
        collection: The collection's code.
        academic_year: As `2026/27`.
        classes: Its classes.
        touched: Those in which an entry cell differs from what was issued.
        issues: Class -> the issue it is of.
        answers: Every entry cell that is not blank.
        blank: How many are.
        problems: What checking found.
        scales: Class and subject -> the scale of predictions.
        before: Subject and pupil -> the prediction of the collection before.
        named: Whether somebody named this very file.
    """

    path: Path
    file: str
    sha256: str
    mtime_ns: int
    returned_at: str
    modified: str
    collection: str
    academic_year: str
    classes: tuple[str, ...]
    touched: frozenset[str]
    issues: Mapping[str, Issue]
    answers: tuple[Answer, ...]
    blank: int
    problems: tuple[Problem, ...]
    scales: Mapping[tuple[str, str], Scale]
    before: Mapping[tuple[str, str], str] = field(default_factory=dict)
    named: bool = False

    @property
    def order(self) -> tuple[str, int, str]:
        """Where it comes in a run: own time, then file time, then name."""
        return self.modified, self.mtime_ns, self.file

    @property
    def return_id(self) -> str:
        """A short name for it: the same content under the same name is the same."""
        return return_id(self.sha256, self.file)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one cell, for the report."""

    file: str
    class_code: str
    subject: str
    adno: str
    field: str
    sheet: str
    cell: str
    verdict: Verdict
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a return.

    Args:
        status: `merged`, `superseded` or `unchanged`.
        counts: How many of the cells read were new, changed, same, rejected or in
            conflict.
        problems: Everything there is to say about it, now.
        changes: The cells that are not simply the same.
        note: A line for the reader, or empty.
        again: Whether it was merged before and read again for a few cells.
    """

    status: str
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    note: str = ""
    again: bool = False


def return_id(content: str, file: str) -> str:
    """The id of a file as it came back: of what is in it, under which name."""
    text = f"{content}\n{file}".encode("utf-8", "replace")
    return "r" + hashlib.sha256(text).hexdigest()[:12]


def judge(
    returned: str,
    *,
    base: str,
    store: str,
    accepted: str | None = None,
    old_copy: bool = False,
) -> Verdict:
    """What one returned value is, against its base and the store. Empty is none.

    Args:
        returned: The value in the file; empty for `Clear`.
        base: What the class started from: see `base_of`.
        store: The value that stands.
        accepted: The last value accepted from the class, or None where it has not
            answered this cell.
        old_copy: Whether a later return of the class was merged before.

    >>> judge("6", base="5", store="5"), judge("6", base="", store="")
    ('changed', 'new')
    >>> judge("6", base="5", store="7"), judge("5", base="5", store="7")
    ('conflict', 'same')
    >>> judge("6", base="5", store="5", accepted="5", old_copy=True)
    'conflict'
    """
    if returned == store:
        return "same"
    if old_copy and accepted is not None and returned != accepted:
        return "conflict"
    if returned == base:
        return "same"
    if store == base:
        return "changed" if store else "new"
    return "conflict"


def base_of(stamped: str, issue: Issue, accepted: Accepted | None) -> str:
    """The later of what the markbook was issued with and what was last accepted.

    Args:
        stamped: What the cell was issued with; empty for nothing.
        issue: The issue that the file is of.
        accepted: What was last accepted from the class's returns, or None.
    """
    if accepted is None:
        return stamped
    # A return comes after its own issue, whatever the clocks say.
    if issue.issue_id in accepted.issues or accepted.accepted_at >= issue.issued_at:
        return accepted.value
    return stamped


def superseded(returned: Sequence[Return]) -> set[str]:
    """Which of a run's returns are superseded by later ones, by their ids.

    Args:
        returned: The returns that are merged in this run, in their order.
    """
    filled: dict[tuple[str, str], list[tuple[Return, _Places]]] = defaultdict(list)
    for one in returned:
        for key, places in _places(one).items():
            filled[key].append((one, places))

    def filled_later(one: Return) -> bool:
        return all(
            any(o.order > one.order and places <= more for o, more in filled[key])
            for key, places in _places(one).items()
        )

    return {one.return_id for one in returned if one.answers and filled_later(one)}


def merge(
    connection: Connection,
    returned: Return,
    *,
    who: str,
    now: datetime,
    take: Take | None = None,
    is_superseded: bool = False,
) -> Merged:
    """Merge one return, in the transaction that is open.

    Args:
        connection: A transaction of the store, for this return alone.
        returned: The return.
        who: Who is doing it.
        now: The moment.
        take: How to settle conflicts of this file, or None to leave them.
        is_superseded: Whether a later return of this run fills all its cells.
    """
    past = inbox.with_hash(connection, returned.sha256)
    done = [one for one in past if one.status in inbox.MERGED]
    undone = not done and any(one.status == inbox.UNDONE for one in past)
    if undone and not returned.named:
        note = f"{returned.file} was taken back before; name it to merge it again."
        return Merged("unchanged", note=note)
    open_cells = inbox.unsettled(connection, [one.return_id for one in done])
    if done and not open_cells and take is None:
        _enter_unchanged(connection, returned, past, who=who, now=now)
        return Merged("unchanged")
    if not done and not returned.touched:
        _enter_unchanged(connection, returned, past, who=who, now=now)
        found.replace(
            connection,
            returned.file,
            returned.problems,
            academic_year=returned.academic_year,
            collection=returned.collection,
            now=now,
        )
        return Merged("unchanged", problems=returned.problems)
    again = _Again(done[0].return_id, open_cells, take) if done else None
    return _Merge(connection, returned, who, now, take, again).run(
        "superseded" if is_superseded else "merged"
    )


@dataclass(frozen=True, slots=True)
class _Again:
    """A return that is read again for the cells it left unsettled."""

    return_id: str
    cells: Sequence[Unsettled]
    take: Take | None

    def only(self) -> set[tuple[str, str]] | None:
        """The cells to look at; None for all, where `--take` finds none to settle."""
        if self.take and not any(cell.kind == "conflict" for cell in self.cells):
            return None
        return {(cell.sheet, cell.cell) for cell in self.cells}


@dataclass(slots=True)
class _Merge:
    """One return on its way into the store."""

    connection: Connection
    returned: Return
    who: str
    now: datetime
    take: Take | None
    again: _Again | None
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    history: list[dict[str, str]] = field(default_factory=list)
    after: dict[Mark, dict[str, str]] = field(default_factory=dict)
    left: list[Unsettled] = field(default_factory=list)
    values: dict[str, dict[Mark, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    verdicts: dict[tuple[str, Mark], Verdict] = field(default_factory=dict)
    stored: dict[Mark, Stored] = field(default_factory=dict)
    accepted: dict[str, dict[Mark, Accepted]] = field(default_factory=dict)
    newer: dict[str, Past | None] = field(default_factory=dict)

    @property
    def moment(self) -> str:
        return self.now.isoformat(timespec="seconds")

    @property
    def return_id(self) -> str:
        return self.again.return_id if self.again else self.returned.return_id

    def run(self, status: str) -> Merged:
        answers = self._answers()
        self._load(answers)
        for answer in answers:
            self._cell(answer)
        self._old_copies()
        problems = self._problems(answers)
        self._store(status, problems)
        return Merged(
            "merged" if self.again else status,
            dict(self.counts),
            tuple(problems),
            tuple(self.changes),
            again=self.again is not None,
        )

    def _answers(self) -> list[Answer]:
        only = self.again.only() if self.again else None
        return [
            answer
            for answer in self.returned.answers
            if only is None or (answer.sheet, answer.cell) in only
        ]

    def _load(self, answers: Sequence[Answer]) -> None:
        collection = self.returned.collection
        pupils = {answer.adno for answer in answers if answer.adno}
        self.stored = marks.stored(self.connection, collection, pupils)
        for code in self.returned.classes:
            self.accepted[code] = marks.accepted(self.connection, collection, code)
            latest = inbox.latest_of(
                self.connection, collection, code, other_than=self.return_id
            )
            is_old = latest is not None and self.returned.modified < latest.modified
            self.newer[code] = latest if is_old else None

    def _value(self, mark: Mark) -> str:
        if mark in self.after:
            return self.after[mark]["value"]
        return self.stored[mark].value if mark in self.stored else ""

    def _cell(self, answer: Answer) -> None:
        store = self._value(answer.mark)
        verdict: Verdict
        if answer.value is None:
            verdict = "rejected"
            self._leave(answer, verdict, store)
        else:
            verdict = self._judge(answer, answer.value, store)
        self.counts[verdict] += 1
        self.verdicts[answer.class_code, answer.mark] = verdict
        if verdict != "same":
            self._tell(answer, verdict, store)

    def _judge(self, answer: Answer, value: str, store: str) -> Verdict:
        known = self.accepted[answer.class_code].get(answer.mark)
        verdict = judge(
            value,
            base=base_of(
                answer.stamped, self.returned.issues[answer.class_code], known
            ),
            store=store,
            accepted=known.value if known else None,
            old_copy=self.newer[answer.class_code] is not None,
        )
        why = "merged"
        if verdict == "conflict":
            if self.take is None:
                self._conflict(answer, store)
                self._leave(answer, verdict, store)
                return verdict
            why = "taken"
            self.values[answer.class_code][answer.mark] = value
            if self.take == "stored":
                return "same"
            verdict = "changed" if store else "new"
        if verdict == "same":
            if value == store:
                self.values[answer.class_code][answer.mark] = value
            return verdict
        self.values[answer.class_code][answer.mark] = value
        self._change(answer, value, store, why)
        return verdict

    def _change(self, answer: Answer, value: str, store: str, why: str) -> None:
        where = f"{answer.sheet}!{answer.cell}"
        self.after[answer.mark] = {
            "value": value,
            "class": answer.class_code,
            "source_cell": where,
        }
        self.history.append(
            {
                "class": answer.class_code,
                "adno": answer.adno,
                "subject": answer.subject,
                "field": answer.field,
                "old": store,
                "new": value,
                "source_cell": where,
                "why": why,
            }
        )

    def _leave(self, answer: Answer, kind: str, store: str) -> None:
        self.left.append(
            Unsettled(
                self.return_id,
                answer.sheet,
                answer.cell,
                answer.class_code,
                answer.subject,
                answer.adno,
                answer.field,
                kind,
                answer.shown,
                store,
            )
        )

    def _tell(self, answer: Answer, verdict: Verdict, store: str) -> None:
        new = answer.shown if answer.value is None else answer.value or CLEAR
        self.changes.append(
            Change(
                self.returned.file,
                answer.class_code,
                answer.subject,
                answer.adno,
                answer.field,
                answer.sheet,
                answer.cell,
                verdict,
                store,
                new,
            )
        )

    def _conflict(self, answer: Answer, store: str) -> None:
        newer = self.newer[answer.class_code]
        before = self.stored.get(answer.mark)
        here = repr(answer.value or CLEAR)
        there = f"the store has {store!r}" if store else "the store has no mark now"
        if before is not None and answer.mark not in self.after:
            there += f", from {before.source_file} ({before.class_code})"
        if newer is not None:
            what = f"This older copy says {here}; {there}."
        else:
            what = f"The markbook says {here}; {there}."
        self.problems.append(
            Problem(
                file=self.returned.file,
                sheet=answer.sheet,
                cell=answer.cell,
                adno=answer.adno,
                code="conflict",
                value=answer.shown,
                what=what,
                do="The store was left as it is. To settle it: markbook collect "
                f"--take returned (or stored) {self.returned.file}.",
            )
        )

    def _old_copies(self) -> None:
        for code, newer in self.newer.items():
            if newer is not None and code in self.returned.touched:
                self.problems.append(
                    Problem(
                        file=self.returned.file,
                        severity="warning",
                        code="old-copy",
                        value=code,
                        what=f"This copy of {code} was saved before {newer.file}, "
                        f"which is merged already.",
                        do="It fills only what the class had not answered; where it "
                        "differs, the newer one stands.",
                    )
                )

    def _problems(self, answers: Sequence[Answer]) -> list[Problem]:
        if self.again is not None:
            open_now = {cell.cell for cell in self.left if cell.kind == "rejected"}
            checked = [
                problem
                for problem in self.returned.problems
                if open_now & set(problem.cell.split(", "))
            ]
            return [*checked, *grouped(self.problems)]
        asked = doubts(
            answers,
            scales=self.returned.scales,
            before=self.returned.before,
            stored=self.stored,
            verdicts=self.verdicts,
        )
        asked = [replace(problem, file=self.returned.file) for problem in asked]
        return [*self.returned.problems, *grouped([*self.problems, *asked])]

    def _store(self, status: str, problems: Sequence[Problem]) -> None:
        returned = self.returned
        common = {
            "collection": returned.collection,
            "academic_year": returned.academic_year,
            "return_id": self.return_id,
        }
        if self.again is None:
            _enter(
                self.connection,
                returned,
                status,
                self.counts,
                who=self.who,
                now=self.now,
            )
            inbox.settle(
                self.connection, inbox.unsettled(self.connection, [self.return_id])
            )
            inbox.leave_unsettled(self.connection, returned.academic_year, self.left)
        else:
            self._store_again(self.again)
        marks.write(
            self.connection,
            common={
                **common,
                "source_file": returned.file,
                "who": self.who,
                "merged_at": self.moment,
            },
            before=self.stored,
            after=self.after,
            changes=self.history,
        )
        for code, values in self.values.items():
            marks.accept(
                self.connection,
                common={**common, "accepted_at": self.moment},
                class_code=code,
                known=self.accepted[code],
                values=values,
            )
        self._settle_older()
        found.replace(
            self.connection,
            returned.file,
            problems,
            academic_year=returned.academic_year,
            collection=returned.collection,
            now=self.now,
        )

    def _store_again(self, again: _Again) -> None:
        left = {(cell.sheet, cell.cell) for cell in self.left}
        only = again.only() or set()
        before = Counter(
            cell.kind for cell in again.cells if (cell.sheet, cell.cell) in only
        )
        inbox.settle(
            self.connection,
            [cell for cell in again.cells if (cell.sheet, cell.cell) in only - left],
        )
        known = {(cell.sheet, cell.cell) for cell in again.cells}
        inbox.leave_unsettled(
            self.connection,
            self.returned.academic_year,
            [cell for cell in self.left if (cell.sheet, cell.cell) not in known],
        )
        if only:
            moved = {str(v): self.counts[v] - before[v] for v in VERDICTS}
            inbox.recount(self.connection, again.return_id, moved)

    def _settle_older(self) -> None:
        """Take off the list what older returns left and this one has answered."""
        older = inbox.older_unsettled(
            self.connection,
            self.returned.collection,
            [c for c in self.returned.classes if self.newer[c] is None],
            self.returned.modified,
        )
        clean = self.again is None and not self.counts["rejected"]
        inbox.settle(
            self.connection,
            [
                cell
                for cell in older
                if cell.return_id != self.return_id
                and (
                    (cell.adno, cell.subject, cell.field)
                    in self.values.get(cell.class_code, {})
                    or (
                        clean
                        and cell.kind == "rejected"
                        and cell.class_code in self.returned.touched
                    )
                )
            ],
        )


def _enter_unchanged(
    connection: Connection,
    returned: Return,
    past: Sequence[Past],
    *,
    who: str,
    now: datetime,
) -> None:
    # Once is enough: reading the same file again must store nothing.
    for one in past:
        if one.return_id == returned.return_id and one.status != "rejected":
            return
    _enter(connection, returned, "unchanged", {}, who=who, now=now)


def _enter(
    connection: Connection,
    returned: Return,
    status: str,
    counts: Mapping[str, int],
    *,
    who: str,
    now: datetime,
) -> None:
    classes = [
        code
        for code in returned.classes
        if status == "unchanged" or code in returned.touched
    ]
    inbox.enter(
        connection,
        {
            "return_id": returned.return_id,
            "academic_year": returned.academic_year,
            "sha256": returned.sha256,
            "file": returned.file,
            "class": ";".join(classes),
            "collection": returned.collection,
            "issue_id": ";".join(
                dict.fromkeys(issue.issue_id for issue in returned.issues.values())
            ),
            "modified": returned.modified,
            "returned_at": returned.returned_at,
            "read_at": now.isoformat(timespec="seconds"),
            "who": who,
            "status": status,
            "read": sum(counts.values()),
            **{str(verdict): counts.get(verdict, 0) for verdict in VERDICTS},
            "blank": returned.blank,
        },
    )


def _places(returned: Return) -> dict[tuple[str, str], _Places]:
    found: dict[tuple[str, str], _Places] = defaultdict(set)
    for answer in returned.answers:
        found[returned.collection, answer.class_code].add(answer.place)
    return dict(found)


def totals(merged: Iterable[Merged]) -> dict[str, int]:
    """The cells of several returns together, with how many were read."""
    counts: Counter[str] = Counter()
    for one in merged:
        counts.update(one.counts)
    made = {str(verdict): counts[verdict] for verdict in VERDICTS}
    return {"read": sum(made.values()), **made}
