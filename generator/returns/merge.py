"""Three-way merge: what a return says, what it was issued with, what the store has.

Rule 9 of the house. One return is one transaction: all of it is stored, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from generator.problems import Problem
from generator.returns import persist
from generator.returns.checked import Answer, grouped
from generator.returns.merge_rules import (
    CellChange,
    MergeResult,
    Return,
    Take,
    Verdict,
    base_of,
    judge,
)
from generator.returns.persist import EarlierMerge, MergeOutcome
from generator.returns.warnings import mark_warnings
from generator.store import accepted as accepting
from generator.store import marks, returns
from generator.store.accepted import Accepted
from generator.store.marks import Mark, Stored
from generator.store.returns import Past, Unsettled
from udfs.scales.scale import CLEAR


def merge(
    connection: Connection,
    returned: Return,
    *,
    who: str,
    now: datetime,
    take: Take | None = None,
) -> MergeResult:
    """Merge one return, in the transaction that is open.

    Args:
        connection: A transaction of the store, for this return alone.
        returned: The return.
        who: Who is doing it.
        now: The moment.
        take: How to settle conflicts of this file, or None to leave them.
    """
    past = returns.with_hash(connection, returned.sha256)
    done = [one for one in past if one.status in returns.MERGED]
    undone = not done and any(one.status == returns.UNDONE for one in past)
    if undone and not returned.is_named:
        note = f"{returned.file} was taken back before; name it to merge it again."
        return MergeResult("unchanged", note=note)
    left = (
        returns.unsettled(connection, [one.return_id for one in done]) if done else []
    )
    if (done and not left and take is None) or (
        not done and not returned.changed_classes
    ):
        persist.record_unchanged(connection, returned, past, who=who, now=now)
        return MergeResult("unchanged")
    again = EarlierMerge(done[0].return_id, left, take) if done else None
    outcome = _Merge(connection, returned, take, again).run()
    persist.store_outcome(
        connection,
        returned,
        outcome,
        again,
        is_known=bool(past),
        who=who,
        now=now,
    )
    return MergeResult(
        "merged",
        dict(outcome.counts),
        tuple(outcome.problems),
        tuple(outcome.changes),
        is_reread=again is not None,
    )


@dataclass(slots=True)
class _Merge:
    """One return being laid beside the store, cell by cell."""

    connection: Connection
    returned: Return
    take: Take | None
    again: EarlierMerge | None
    outcome: MergeOutcome = field(default_factory=MergeOutcome)
    problems: list[Problem] = field(default_factory=list)
    verdicts: dict[tuple[str, Mark], Verdict] = field(default_factory=dict)
    stored: dict[Mark, Stored] = field(default_factory=dict)
    accepted: dict[str, dict[Mark, Accepted]] = field(default_factory=dict)
    newer: dict[str, Past | None] = field(default_factory=dict)

    @property
    def return_id(self) -> str:
        return self.again.return_id if self.again else self.returned.return_id

    def run(self) -> MergeOutcome:
        answers = self._answers()
        self._load(answers)
        for answer in answers:
            self._cell(answer)
        self._old_copies()
        made = self.outcome
        made.problems = self._told(answers)
        made.stored = self.stored
        made.accepted_before = self.accepted
        made.current_classes = {
            code for code, newer in self.newer.items() if newer is None
        }
        return made

    def _answers(self) -> list[Answer]:
        only = self.again.only() if self.again else None
        return [
            answer
            for answer in self.returned.answers
            if only is None or (answer.sheet, answer.cell) in only
        ]

    def _load(self, answers: Sequence[Answer]) -> None:
        collection = self.returned.collection
        self.stored = marks.stored(
            self.connection,
            collection,
            pupils={answer.adno for answer in answers if answer.adno},
            subjects={answer.subject for answer in answers},
        )
        for code in self.returned.classes:
            self.accepted[code] = accepting.accepted(self.connection, collection, code)
            latest = returns.latest_of(
                self.connection, collection, code, other_than=self.return_id
            )
            is_old = latest is not None and self.returned.modified < latest.modified
            self.newer[code] = latest if is_old else None

    def _value(self, mark: Mark) -> str:
        if mark in self.outcome.new_marks:
            return self.outcome.new_marks[mark]["value"]
        return self.stored[mark].value if mark in self.stored else ""

    def _cell(self, answer: Answer) -> None:
        store = self._value(answer.mark)
        verdict: Verdict
        if answer.value is None:
            verdict = "rejected"
            self._leave(answer, verdict, store)
        else:
            verdict = self._judge(answer, answer.value, store)
        self.outcome.counts[verdict] += 1
        self.verdicts[answer.class_code, answer.mark] = verdict
        if verdict != "same":
            self._change(answer, verdict, store)

    def _judge(self, answer: Answer, value: str, store: str) -> Verdict:
        code = answer.class_code
        known = self.accepted[code].get(answer.mark)
        verdict = judge(
            value,
            base=base_of(answer.stamped, self.returned.issues[code], known),
            store=store,
            accepted=known.value if known else None,
            old_copy=self.newer[code] is not None,
        )
        if verdict == "conflict" and self.take is None:
            self._conflict(answer, store)
            self._leave(answer, verdict, store)
            return verdict
        settled = verdict == "conflict"
        if settled:
            verdict = "same" if self.take == "stored" else _taken(store)
        if settled or verdict != "same" or value == store:
            self.outcome.accepted_values[code][answer.mark] = value
        if verdict != "same":
            self.outcome.set_mark(
                answer, value, store, "taken" if settled else "merged"
            )
        return verdict

    def _leave(self, answer: Answer, kind: str, store: str) -> None:
        self.outcome.unsettled.append(
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

    def _change(self, answer: Answer, verdict: Verdict, store: str) -> None:
        new = answer.shown if answer.value is None else answer.value or CLEAR
        self.outcome.changes.append(
            CellChange(
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
        old = self.newer[answer.class_code] is not None
        there = f"the store has {store!r}" if store else "the store has no mark now"
        before = self.stored.get(answer.mark)
        if before is not None and answer.mark not in self.outcome.new_marks:
            where = f" ({before.class_code})" if before.class_code else ""
            there += f", from {before.source_file}{where}"
        who = "This older copy" if old else "The markbook"
        self.problems.append(
            Problem(
                file=self.returned.file,
                sheet=answer.sheet,
                cell=answer.cell,
                adno=answer.adno,
                code="conflict",
                value=answer.shown,
                what=f"{who} says {answer.value or CLEAR!r}; {there}.",
                do="The store was left as it is. To settle it: markbook collect "
                f"--take returned (or stored) {self.returned.file}.",
            )
        )

    def _old_copies(self) -> None:
        if self.again or self.take == "returned":
            return  # it was said the first time, or is not so
        for code, newer in self.newer.items():
            if newer is not None and code in self.returned.changed_classes:
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

    def _told(self, answers: Sequence[Answer]) -> list[Problem]:
        if self.again is not None:
            left = {c.cell for c in self.outcome.unsettled if c.kind == "rejected"}
            checked = [
                problem
                for problem in self.returned.problems
                if left & set(problem.cell.split(", "))
            ]
            return [*checked, *grouped(self.problems)]
        asked = mark_warnings(
            answers,
            scales=self.returned.scales,
            previous_predictions=self.returned.previous_predictions,
            stored=self.stored,
            verdicts=self.verdicts,
        )
        asked = [replace(problem, file=self.returned.file) for problem in asked]
        return [*self.returned.problems, *grouped([*self.problems, *asked])]


def _taken(store: str) -> Verdict:
    return "changed" if store else "new"
