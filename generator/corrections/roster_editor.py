"""Change rows of the roster by hand, remembering each row before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from generator.corrections.correction_report import CorrectionReport
from generator.corrections.people import Roster
from generator.problems import Problem
from generator.store import corrections, roster, schema
from generator.store.corrections import ManualCorrection, RowChange, Values

if TYPE_CHECKING:
    from generator.context import Context


@dataclass(slots=True)
class RosterEditor:
    """One correction of the roster, row by row; `finish` records it.

    Args:
        connection: A transaction of the store.
        context: The school, the moment and the person.
        people: The roster before.
        changes: The rows changed so far.
        log: Lines for the log of roster changes.
    """

    connection: Connection
    context: Context
    people: Roster
    changes: list[RowChange] = field(default_factory=list)
    log: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def begin(cls, connection: Connection, context: Context) -> RosterEditor:
        """Begin a correction in the present academic year."""
        people = Roster.load(connection, context.school.academic_year)
        return cls(connection, context, people)

    @property
    def academic_year(self) -> str:
        """The academic year that is corrected."""
        return self.context.school.academic_year

    def row(self, table: str, **key: Any) -> dict[str, Any] | None:
        """The row with a key, or None; the academic year need not be given."""
        columns = {column.name for column in schema.metadata.tables[table].primary_key}
        if "academic_year" in columns:
            key = {"academic_year": self.academic_year, **key}
        return corrections.current_row(self.connection, RowChange(table, None, key))

    def put(self, table: str, row: Values) -> None:
        """Write a row in the place of the one with its key."""
        change = RowChange(table, None, row)
        before = corrections.current_row(self.connection, change)
        if before == dict(row):
            return
        change = RowChange(table, before, dict(row))
        corrections.apply_changes(self.connection, [change])
        self.changes.append(change)

    def delete(self, table: str, row: Values) -> None:
        """Delete a row."""
        change = RowChange(table, dict(row), None)
        corrections.apply_changes(self.connection, [change])
        self.changes.append(change)

    def rows_of_pupil(self, table: str, adno: str) -> list[dict[str, Any]]:
        """All rows of a table about a pupil."""
        rows = schema.metadata.tables[table]
        query = select(rows).where(rows.c.adno == adno)
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def join(self, adno: str, code: str) -> None:
        """Put a pupil into a class from today."""
        day = self.context.today.isoformat()
        row = self.row("memberships", **{"class": code, "adno": adno})
        if row is None or row["until"]:
            self.put("memberships", self._membership(adno, code, since=day))
            self.note("class joined", adno=adno, code=code)

    def leave(self, adno: str, code: str, day: str) -> None:
        """End a pupil's time in a class on a day (ISO text)."""
        row = self.row("memberships", **{"class": code, "adno": adno})
        if row is not None and not row["until"]:
            self.put("memberships", {**row, "until": day})
            self.note("class left", adno=adno, code=code)

    def _membership(self, adno: str, code: str, *, since: str) -> dict[str, Any]:
        return {
            "academic_year": self.academic_year,
            "class": code,
            "adno": adno,
            "since": since,
            "until": "",
        }

    def note(
        self,
        kind: str,
        *,
        adno: str = "",
        code: str = "",
        name: str = "",
        old: str = "",
        new: str = "",
    ) -> None:
        """Add a line to the log of roster changes."""
        line = {"kind": kind, "adno": adno, "class": code, "field": name}
        self.log.append({**line, "old": old, "new": new})

    def finish(
        self,
        kind: str,
        what: str,
        *,
        why: str = "",
        about: Mapping[str, str] | None = None,
        problems: tuple[Problem, ...] = (),
        hint: str = "",
    ) -> CorrectionReport:
        """Record the correction and report it; one that changed nothing is none.

        Args:
            kind: `pupil`, `class` or `collection`.
            what: What was changed, as a sentence without its full stop.
            why: The person's reason, or empty.
            about: `collection`, `class_code`, `adno`, `until` of the correction.
            problems: What should be looked at.
            hint: What to do next, as a sentence, or empty.
        """
        values: dict[str, Any] = {"kind": kind, "what": what, "why": why}
        values |= about or {}
        if not self.changes:
            note = f"{what}: it is so already."
            return CorrectionReport("", (note,), values, problems=problems)
        number = corrections.record_correction(
            self.connection,
            ManualCorrection(
                self.academic_year,
                self.context.moment,
                self.context.who,
                kind,
                what,
                why,
                collection=values.get("collection", ""),
                class_code=values.get("class_code", ""),
                adno=values.get("adno", ""),
                until=values.get("until", ""),
                changes=tuple(self.changes),
            ),
        )
        common = {
            "academic_year": self.academic_year,
            "at": self.context.moment,
            "who": self.context.who,
            "file": f"correction {number}",
        }
        roster.record_changes(self.connection, [{**common, **row} for row in self.log])
        reason = f" ({why})" if why else ""
        sentences = (f"{number}: {what}{reason}.", *([hint] if hint else []))
        return CorrectionReport(number, sentences, values, problems=problems)
