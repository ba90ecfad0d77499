"""Check the chain of the audit: what is there is as it was written, and all of it."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from generator.problems import Problem
from generator.report import Report
from generator.school.key_file import key_id, read_keys
from generator.school.school import School
from generator.store.audit import (
    BEGUN,
    DONE,
    STOPPED,
    end_fact,
    entry_chain,
)
from generator.store.schema import audit
from generator.store.store_facts import AUDIT_END, read_facts


@dataclass(frozen=True, slots=True)
class AuditReport(Report):
    """What the check of the audit found.

    Args:
        entries: How many entries there are.
        first: The moment of the first, as ISO text; empty if there is none.
        last: The moment of the last.
        unchecked: Entries of a key that is not here any more.
    """

    entries: int
    first: str
    last: str
    unchecked: int

    def json(self) -> dict[str, Any]:
        """The counts and the problems."""
        return {
            "entries": self.entries,
            "first": self.first,
            "last": self.last,
            "unchecked": self.unchecked,
            "holds": not self.exit_status,
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The same in words."""
        if not self.entries:
            return ["The audit has no entry yet."]
        verdict = "does not hold" if self.exit_status else "holds"
        lines = [
            f"The audit {verdict}: {self.entries:,} entries, {_moment(self.first)} to "
            f"{_moment(self.last)}."
        ]
        if self.unchecked:
            lines.append(
                f"{self.unchecked:,} of them were signed by a key that is not here, "
                "and cannot be checked."
            )
        return lines


def _moment(text: str) -> str:
    return text.replace("T", " ")


def verify_audit(connection: Connection, school: School) -> AuditReport:
    """Check every entry of the audit.

    Args:
        connection: A transaction of the store.
        school: The school, whose keys signed it.
    """
    rows = [
        row._asdict()
        for row in connection.execute(select(audit).order_by(audit.c.number))
    ]
    keys = {key_id(key): key for key in read_keys(school.folder)}
    problems, unchecked = _check_chain(rows, keys)
    problems += _check_end(rows, school.key(), read_facts(connection))
    problems += _unfinished(rows)
    return AuditReport(
        len(rows),
        rows[0]["at"] if rows else "",
        rows[-1]["at"] if rows else "",
        unchecked,
        problems=tuple(problems),
    )


def _check_chain(
    rows: Sequence[Mapping[str, Any]], keys: Mapping[str, bytes]
) -> tuple[list[Problem], int]:
    """Where the chain breaks, and how many entries a lost key signed."""
    problems, unchecked = [], 0
    number, chain = 0, ""
    lost = _lost_keys(rows, keys)
    for row in rows:
        if row["number"] != number + 1:
            problems.append(_missing(number + 1, row["number"] - 1))
            # Its chain goes on from one that is not here.
        elif row["key_id"] not in keys and row["key_id"] in lost:
            unchecked += 1
        elif row["key_id"] not in keys or not hmac.compare_digest(
            entry_chain(keys[row["key_id"]], chain, row), row["chain"]
        ):
            problems.append(_changed(row))
        number, chain = row["number"], row["chain"]
    return problems, unchecked


def _lost_keys(
    rows: Sequence[Mapping[str, Any]], keys: Mapping[str, bytes]
) -> set[str]:
    """The keys that entries signed by a key that is here say were replaced."""
    texts = [
        row["what"]
        for row in rows
        if row["command"] == "renew_key" and row["key_id"] in keys
    ]
    return {text.split()[1].rstrip(":") for text in texts if text.startswith("former ")}


def _check_end(
    rows: Sequence[Mapping[str, Any]], key: bytes, facts: Mapping[str, str]
) -> list[Problem]:
    """A problem if the last entry is not the one that the settings name."""
    end = facts.get(AUDIT_END, "")
    if not rows:
        return [_missing(1, int(end.split()[0]))] if end else []
    last = rows[-1]
    if end == end_fact(key, last["number"], last["chain"]):
        return []
    number = int(end.split()[0]) if end else 0
    if number > last["number"]:
        return [_missing(last["number"] + 1, number)]
    return [
        Problem(
            code="audit-end",
            value=str(last["number"]),
            what=f"Entry {last['number']} is not what the store names as the last one.",
            do="Somebody has changed the store by other means than Markbooks.",
        )
    ]


def _missing(first: int, last: int) -> Problem:
    numbers = f"Entry {first} is" if first >= last else f"Entries {first} to {last} are"
    return Problem(
        code="audit-missing",
        value=str(first),
        what=f"{numbers} missing.",
        do="Somebody has removed them by other means than Markbooks. Compare with a "
        "backup.",
    )


def _changed(row: Mapping[str, Any]) -> Problem:
    return Problem(
        code="audit-changed",
        value=str(row["number"]),
        what=f"Entry {row['number']} ({_moment(row['at'])}, {row['command']}, "
        f"{row['what']}) or the one before it is not as it was written.",
        do="Compare with a backup: it was changed by other means than Markbooks.",
    )


def _unfinished(rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """A warning for each command that began and never ended."""
    running: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        key = (row["at"], row["who"], row["command"])
        if row["what"] == BEGUN:
            running[key] += 1
        elif row["what"] in (DONE, STOPPED):
            running[key] -= 1
    return [
        Problem(
            severity="warning",
            code="audit-unfinished",
            value=command,
            what=f"`{command}` of {_moment(at)} by {who} began and did not end.",
            do="It was killed, or is still running: what it stored until then is "
            "whole. Run it again.",
        )
        for (at, who, command), count in running.items()
        if count > 0
    ]
