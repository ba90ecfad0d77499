"""Keep what people corrected by hand until an import changes its own statement.

A correction knows what the roster said before it, and so what lists stated. A list that
states that again changes nothing. One that states something else, or agrees, takes over
for good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from generator.mis.classes import ImportedClasses, MembershipChanges
from generator.mis.export_tables import Exports
from generator.problems import Problem
from generator.store import schema
from generator.store.class_aliases import class_aliases
from generator.store.corrections import (
    RowChange,
    mark_overtaken,
    roster_corrections,
)
from generator.store.imports import ImportRecorder, table_rows

# The fields of the roster that are corrected by hand.
_FIELDS = {"pupils": ("left",), "classes": ("teachers",)}
MEMBER = "member"  # whether a pupil is in a class


@dataclass(slots=True)
class _HandEdit:
    """One value that a person set, and what lists said before."""

    stated: Any
    value: Any
    numbers: list[int]


@dataclass(slots=True)
class HandEdits:
    """What people corrected in the roster of a year, as an import meets it.

    Args:
        edits: Table, row and field -> the edit.
        overtaken: Correction -> keys of its values that this import changes.
        problems: A warning about each.
    """

    edits: dict[tuple[str, ...], _HandEdit] = field(default_factory=dict)
    overtaken: defaultdict[int, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def load(cls, connection: Connection, academic_year: str) -> HandEdits:
        """Load the edits that still hold; renamed classes are no edits of members."""
        edits = cls()
        aliases = class_aliases(connection, academic_year)
        for correction in roster_corrections(connection, academic_year):
            if any(change.table == "class_aliases" for change in correction.changes):
                continue
            for change in correction.changes:
                for key, old, new in _values(change, aliases):
                    if "|".join(key) in correction.overtaken or old == new:
                        continue
                    edit = edits.edits.setdefault(key, _HandEdit(old, new, []))
                    edit.value = new
                    edit.numbers.append(correction.number)
        return edits

    def _take_over(self, key: tuple[str, ...], stated: Any, text: str = "") -> None:
        """Let the lists state a value from now on; a warning if it is another."""
        edit = self.edits.pop(key)
        for number in edit.numbers:
            self.overtaken[number].add("|".join(key))
        if stated == edit.value:
            return
        ids = ", ".join(f"K{number}" for number in edit.numbers)
        self.problems.append(
            Problem(
                severity="warning",
                code="import-over-correction",
                value=ids,
                what=f"{text}: the list has changed what it says since {ids}.",
                do="The list was taken. If that is wrong, correct it in the MIS.",
            )
        )

    def keep_pupils(
        self, rows: Mapping[str, dict[str, Any]], listed: Iterable[str]
    ) -> None:
        """Keep days of leaving set by hand; changes the rows of the import."""
        for adno in set(listed) & set(rows):
            key = ("pupils", adno, "left")
            edit = self.edits.get(key)
            if edit is None:
                continue
            if rows[adno]["left"] == edit.stated:
                rows[adno]["left"] = edit.value
            else:
                left = rows[adno]["left"]
                self._take_over(key, left, f"Pupil {adno} left: {left or 'no'}")

    def keep_on_roll(self, leavers: Iterable[str]) -> list[str]:
        """The leavers but for those whom a person added or brought back by hand."""
        return [
            adno
            for adno in leavers
            if ("pupils", adno, "") not in self.edits
            and not (
                (edit := self.edits.get(("pupils", adno, "left")))
                and edit.value is None
            )
        ]

    def keep_teachers(self, classes: ImportedClasses, exports: Exports) -> None:
        """Keep teachers set by hand; changes the rows of the import."""
        stating = {
            row["class"]
            for table in exports.of_kind("classes", "class list")
            if table.has("teacher", "teacher_name")
            for row in table.rows
        }
        for code in stating & set(classes.rows):
            key = ("classes", code, "teachers")
            edit = self.edits.get(key)
            if edit is None:
                continue
            row = classes.rows[code]
            if row["teachers"] == edit.stated:
                row["teachers"] = edit.value
            else:
                stated = row["teachers"]
                self._take_over(key, stated, f"Teachers of {code}: {stated}")

    def keep_members(
        self, classes: ImportedClasses, moves: MembershipChanges
    ) -> MembershipChanges:
        """The changes of memberships but for those that a person decided otherwise."""
        for key, edit in list(self.edits.items()):
            if key[0] != MEMBER or key[1] not in classes.complete:
                continue
            _, code, adno = key
            stated = (code, adno) in classes.members
            if stated != edit.stated:
                self._take_over(key, stated)
        kept = {(key[1], key[2]) for key in self.edits if key[0] == MEMBER}
        return MembershipChanges(
            tuple(pair for pair in moves.joined if pair not in kept),
            tuple(pair for pair in moves.ended if pair not in kept),
        )

    def save(self, recorder: ImportRecorder, academic_year: str) -> None:
        """Record which corrections this import has overtaken."""
        connection = recorder.connection
        if not self.overtaken:
            return
        rows_before = table_rows(connection, schema.corrections)
        before = {
            correction.number: correction.overtaken
            for correction in roster_corrections(connection, academic_year)
        }
        for number, keys in self.overtaken.items():
            mark_overtaken(connection, number, {*before.get(number, ()), *keys})
        rows_after = table_rows(connection, schema.corrections)
        recorder.record(schema.corrections, rows_before, rows_after)


def _values(
    change: RowChange, aliases: Mapping[str, str]
) -> Iterable[tuple[tuple[str, ...], Any, Any]]:
    """Key, old and new value of what a change of a row says."""
    table, row = change.table, change.after or change.before or {}
    if table == "memberships":
        old, new = (
            side is not None and not side["until"]
            for side in (change.before, change.after)
        )
        code = aliases.get(row["class"], row["class"])
        yield (MEMBER, code, row["adno"]), old, new
    elif table == "pupils" and change.before is None:
        yield ("pupils", row["adno"], ""), False, True
    elif table in _FIELDS and change.before and change.after:
        name = row["adno"] if table == "pupils" else row["class"]
        for field_name in _FIELDS[table]:
            old, new = change.before[field_name], change.after[field_name]
            yield (table, aliases.get(name, name), field_name), old, new


def rename_classes(exports: Exports, aliases: Mapping[str, str]) -> None:
    """Give the classes in exports their present codes; changes the rows.

    Where the present class has rows of its own, the earlier code's teachers are left
    out: the class has its own.
    """
    if not aliases:
        return
    rows = exports.rows_of_kind("classes", "class list", "memberships")
    codes = {row["class"] for row in rows}
    for row in rows:
        new = aliases.get(row["class"])
        if new is None:
            continue
        row.cells[row.table.fields["class"]] = new
        if new in codes:
            for name in ("teacher", "co_teacher", "teacher_name"):
                row.cells.pop(row.table.fields.get(name, -1), None)
