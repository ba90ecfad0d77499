"""Store the roster of an import, and record each row before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from generator.mis.classes import ImportedClasses, MembershipChanges
from generator.mis.departures import Departures
from generator.mis.pupil_lists import ImportedPupils
from generator.mis.staff import ImportedStaff
from generator.store import roster, schema
from generator.store.imports import ImportRecorder, table_rows
from generator.store.roster import RosterSnapshot


@dataclass(frozen=True)
class RosterUpdate:
    """The roster before and after an import.

    Args:
        academic_year: The academic year of the import.
        today: The day of the import.
        before: The roster in the store.
        imported: The pupils of the import.
        pupil_rows: Admission number -> row, for pupils of the import and leavers.
        leaving: The pupils whom the pupil list omits.
        ending: The classes that the class lists omit.
        classes: The classes of the import.
        moves: The changes of memberships.
        staff: The staff of the import.
    """

    academic_year: str
    today: date
    before: RosterSnapshot
    imported: ImportedPupils
    pupil_rows: Mapping[str, Mapping[str, Any]]
    leaving: Departures
    ending: Departures
    classes: ImportedClasses
    moves: MembershipChanges
    staff: ImportedStaff

    def class_rows(self) -> dict[str, dict[str, Any]]:
        """Class code -> row, after the import."""
        return {**self.before.classes, **self.classes.rows}

    def has_left(self, adno: str) -> bool:
        """Whether a pupil is not on roll after the import."""
        row = self.pupil_rows.get(adno) or self.before.pupils.get(adno) or {}
        return is_gone(row, self.today)

    def memberships(self) -> list[tuple[str, str]]:
        """(class, pupil) after the import, of pupils on roll."""
        ended = set(self.moves.ended)
        pairs = [
            pair
            for pair, (_, until) in self.before.memberships.items()
            if not until and pair not in ended
        ]
        return [
            (code, adno)
            for code, adno in (*pairs, *self.moves.joined)
            if not self.has_left(adno)
        ]


def is_gone(row: Mapping[str, Any], today: date) -> bool:
    """Whether a pupil's row says that the pupil has left by a day."""
    left = row.get("left")
    return left is not None and str(left) <= today.isoformat()


def store_roster(recorder: ImportRecorder, update: RosterUpdate) -> None:
    """Store pupils, classes, memberships, staff, roles and indicators."""
    before, year, day = update.before, update.academic_year, update.today.isoformat()
    recorder.replace(
        schema.pupils,
        [(before.pupils.get(adno), row) for adno, row in update.pupil_rows.items()],
    )
    recorder.replace(
        schema.classes,
        [(before.classes.get(code), row) for code, row in update.classes.rows.items()],
    )
    spans = {pair: (day, "") for pair in update.moves.joined}
    spans |= {pair: (before.memberships[pair][0], day) for pair in update.moves.ended}

    def membership(
        pair: tuple[str, str], span: tuple[str, str] | None
    ) -> dict[str, str] | None:
        if span is None:
            return None
        keys = {"academic_year": year, "class": pair[0], "adno": pair[1]}
        return {**keys, "since": span[0], "until": span[1]}

    recorder.replace(
        schema.memberships,
        [
            (membership(pair, before.memberships.get(pair)), row)
            for pair, span in spans.items()
            if (row := membership(pair, span))
        ],
    )
    _store_staff_and_roles(recorder, update)
    common = {"academic_year": year}

    def indicator(adno: str, name: str, value: str) -> dict[str, str]:
        return {**common, "adno": adno, "name": name, "value": value}

    recorder.replace(
        schema.indicators,
        [
            (
                indicator(adno, name, before.indicators[adno, name])
                if (adno, name) in before.indicators
                else None,
                indicator(adno, name, value),
            )
            for (adno, name), value in update.imported.indicators.items()
        ],
    )


def _store_staff_and_roles(recorder: ImportRecorder, update: RosterUpdate) -> None:
    before, year = update.before, update.academic_year

    def member(code: str, names: tuple[str, str]) -> dict[str, str]:
        keys = {"academic_year": year, "code": code}
        return {**keys, "name": names[0], "email": names[1]}

    recorder.replace(
        schema.staff,
        [
            (
                member(code, before.staff[code]) if code in before.staff else None,
                member(code, names),
            )
            for code, names in update.staff.staff.items()
        ],
    )
    roles = update.staff.roles
    if roles is not None and roles != before.roles:
        old = table_rows(recorder.connection, schema.roles)
        roster.replace_roles(recorder.connection, year, roles)
        new = table_rows(recorder.connection, schema.roles)
        recorder.record(schema.roles, old, new)


def save_setting(recorder: ImportRecorder, name: str, value: str) -> None:
    """Keep a setting in the store that an import decides."""
    old = roster.read_setting(recorder.connection, name)
    recorder.replace(
        schema.settings,
        [
            (
                {"name": name, "value": old} if old else None,
                {"name": name, "value": value},
            )
        ],
    )
