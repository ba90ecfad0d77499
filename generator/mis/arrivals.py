"""Bringing exports into the store: what changes, what is left out, what stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from generator.mis import enrolment as enrolling
from generator.mis import staffing as staffing_up
from generator.mis import timetable as timetabling
from generator.mis.enrolment import Enrolment
from generator.mis.exports import Exports, Unrecognised
from generator.mis.faults import Faults
from generator.mis.timetable import Moves, Timetable
from generator.problems import Problem
from generator.store import roster, schema
from generator.store.roster import Standing

# Which kind of pupil list was the fullest so far, kept in the store's settings.
SOURCE_SETTING = "pupils_from"


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Args:
        pupils: Pupils that the store now holds for this academic year, those who
            left included.
        classes: Classes of this academic year.
        memberships: Pupils in classes, ended memberships left out.
        staff: Staff of this academic year.
        refused: Rows left out.
        problems: What there is to put right or to look at, errors first.
        joiners: Pupils new to the school; none where the school itself is new.
        leavers: Pupils who left.
        returned: Pupils who had left and are back.
        set_changes: Pupils who changed from one class of a subject to another.
        changed: Pupils and classes of whom something else changed.
        unrecognised: Headings that nobody knows.
        read_as: What each list was read as: (file, sheet, kind, rows).
    """

    pupils: int
    classes: int
    memberships: int
    staff: int
    refused: int
    problems: tuple[Problem, ...] = ()
    joiners: int = 0
    leavers: int = 0
    returned: int = 0
    set_changes: int = 0
    changed: int = 0
    unrecognised: tuple[Unrecognised, ...] = ()
    read_as: tuple[tuple[str, str, str, int], ...] = field(default=())

    @property
    def exit_status(self) -> int:
        """1 where a row was left out, else 0."""
        return 1 if self.refused else 0

    def json(self) -> dict[str, Any]:
        """The report as the object that `import --json` prints."""
        return {
            "pupils": self.pupils,
            "classes": self.classes,
            "memberships": self.memberships,
            "staff": self.staff,
            "refused": self.refused,
            "problems": [problem.row() for problem in self.problems],
            "joiners": self.joiners,
            "leavers": self.leavers,
            "returned": self.returned,
            "set_changes": self.set_changes,
            "changed": self.changed,
            "unrecognised": [asdict(item) for item in self.unrecognised],
            "files": [
                {"file": file, "sheet": sheet, "kind": kind, "rows": rows}
                for file, sheet, kind, rows in self.read_as
            ],
        }

    def lines(self) -> list[str]:
        """The report in words."""
        made = [
            f"{f'{file} {sheet}'.strip()}: {_counted(rows, 'row')}, read as {kind}."
            for file, sheet, kind, rows in self.read_as
        ]
        made.append(
            f"The store holds {_counted(self.pupils, 'pupil')}, "
            f"{_counted(self.classes, 'class', 'classes')}, "
            f"{_counted(self.memberships, 'membership')} and {self.staff:,} staff."
        )
        happened = [
            _counted(number, *words)
            for number, words in (
                (self.joiners, ("joiner",)),
                (self.leavers, ("leaver",)),
                (self.returned, ("pupil back", "pupils back")),
                (self.set_changes, ("set change",)),
                (self.changed, ("other change",)),
            )
            if number
        ]
        if happened:
            made.append(f"New since the last import: {', '.join(happened)}.")
        for item in self.unrecognised:
            near = f" (nearest: {item.near})" if item.near else ""
            kept = ", kept as an indicator" if item.kept else ""
            made.append(f"Not recognised in {item.file}: {item.heading!r}{near}{kept}.")
        if self.unrecognised:
            made.append("Set what is needed in [columns] in school.toml.")
        if self.refused:
            made.append(f"{_counted(self.refused, 'row')} left out.")
        return made


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def bring_in(
    connection: Connection,
    exports: Exports,
    *,
    academic_year: str,
    today: date,
    now: datetime,
    who: str,
) -> ImportReport:
    """Bring what was read into the store; importing the same again changes nothing.

    Args:
        connection: A transaction of the store: all of it is stored, or nothing.
        exports: What was read.
        academic_year: The year it is for, as `2026/27`.
        today: The day of the import, from which leavers are gone.
        now: The moment, for the record of changes.
        who: Who imports.
    """
    faults = Faults()
    before = roster.standing(connection, academic_year)
    best = roster.setting(connection, SOURCE_SETTING)
    if best not in enrolling.SOURCES:
        best = ""
    source = enrolling.source_of(exports, best)
    _reg_for_class(exports, before)
    enrolment = enrolling.enrol(exports, before.pupils, source, faults)
    rows = enrolling.arrive(enrolment, before.pupils, academic_year, today)
    gone = enrolling.leave(enrolment, before.pupils, rows, academic_year, today)
    doubts = enrolling.doubts_about_leavers(
        enrolment, before.pupils, gone, academic_year
    )
    for adno in gone:
        rows[adno] = {**before.pupils[adno], "left": today.isoformat()}
    timetable = timetabling.arrange(
        exports,
        enrolment,
        before.classes,
        lambda adno: rows.get(adno, before.pupils.get(adno, {})).get("year"),
        academic_year,
        faults,
    )
    staffing = staffing_up.staff_up(
        exports, timetable, before.staff, before.names_before, faults
    )
    moved = timetabling.moves(
        timetable,
        before.memberships,
        lambda adno: _has_left(rows.get(adno, before.pupils.get(adno, {})), today),
    )
    record = _Record(academic_year, now, who)
    record.pupils(before, rows, gone, enrolment)
    record.classes(before, timetable, moved)
    _write(connection, academic_year, today, before, rows, timetable, moved)
    _write_others(connection, academic_year, before, enrolment, staffing)
    roster.note(connection, record.changes)
    if source and enrolment.listed and source != best:
        roster.remember(connection, SOURCE_SETTING, source)
    return ImportReport(
        **roster.counts(connection, academic_year),
        refused=faults.refused,
        problems=(
            *(p for p in faults.problems() if p.severity == "error"),
            *doubts,
            *(item.problem() for item in exports.unrecognised),
            *exports.problems,
            *(p for p in faults.problems() if p.severity != "error"),
        ),
        joiners=record.count("joined"),
        leavers=record.count("left"),
        returned=record.count("returned"),
        set_changes=_set_changes(moved, before, timetable),
        changed=record.changed(),
        unrecognised=exports.unrecognised,
        read_as=tuple(
            (table.file, table.sheet, table.kind, len(table.lines))
            for table in exports.tables
        ),
    )


def _has_left(row: Mapping[str, Any], today: date) -> bool:
    left = row.get("left")
    return left is not None and str(left) <= today.isoformat()


def _set_changes(moved: Moves, before: Standing, timetable: Timetable) -> int:
    known = {**before.classes, **timetable.rows}
    return timetabling.set_changes(moved, lambda code: str(known[code]["subject"]))


def _reg_for_class(exports: Exports, before: Standing) -> None:
    """A pupil list's column `Class` is the tutor group, where no class is so called.

    One row a pupil, more of the pupil than a class list tells, and none of the codes
    a class: then it is what primary colleagues call the class.
    """
    classes = set(before.classes)
    for table in exports.of("classes", "class list"):
        classes |= {timetabling.code_of(line) for line in table.lines}
    for table in exports.of("memberships"):
        names = table.has("pupil_name", "surname")
        if not names or table.has("reg") or not table.has(*enrolling.FIELDS[2:]):
            continue
        pupils = [(line["adno"], line["upn"]) for line in table.lines]
        codes = {timetabling.code_of(line) for line in table.lines}
        if len(set(pupils)) == len(pupils) and not codes & classes:
            table.fields["reg"] = table.fields.pop("class")
            table.kind = "pupils"


class _Record:
    """What an import changes, for `roster_changes` and the report."""

    def __init__(self, academic_year: str, now: datetime, who: str) -> None:
        self._same = {
            "academic_year": academic_year,
            "at": now.isoformat(timespec="seconds"),
            "who": who,
        }
        self.changes: list[dict[str, str]] = []

    def _add(
        self,
        kind: str,
        file: str,
        *,
        adno: str = "",
        code: str = "",
        name: str = "",
        old: object = "",
        new: object = "",
    ) -> None:
        self.changes.append(
            {
                **self._same,
                "file": file,
                "kind": kind,
                "adno": adno,
                "class": code,
                "field": name,
                "old": "" if old is None else str(old),
                "new": "" if new is None else str(new),
            }
        )

    def count(self, kind: str) -> int:
        """How many changes of a kind there are."""
        return sum(change["kind"] == kind for change in self.changes)

    def changed(self) -> int:
        """Of how many pupils and classes something else changed."""
        return len(
            {(c["adno"], c["class"]) for c in self.changes if c["kind"] == "changed"}
        )

    def pupils(
        self,
        before: Standing,
        rows: Mapping[str, Mapping[str, Any]],
        gone: list[str],
        enrolment: Enrolment,
    ) -> None:
        """Joiners, leavers, pupils who are back, and new values."""
        file_of = enrolment.files
        left_out = set(gone)
        lists = sorted({line.table.file for line in enrolment.listed.values()})
        for adno, row in rows.items():
            old = before.pupils.get(adno)
            file = file_of.get(adno, ", ".join(lists) if adno in left_out else "")
            if old is None:
                if before.pupils:  # the first list of a new school has no joiners
                    self._add("joined", file, adno=adno)
                continue
            if row["left"] != old["left"]:
                kind = "returned" if row["left"] is None else "left"
                self._add(
                    kind,
                    file,
                    adno=adno,
                    name="left",
                    old=old["left"],
                    new=row["left"],
                )
            for name in ("upn", *enrolling.FIELDS):
                if name != "left" and row[name] != old[name]:
                    self._add(
                        "changed",
                        file,
                        adno=adno,
                        name=name,
                        old=old[name],
                        new=row[name],
                    )

    def classes(self, before: Standing, timetable: Timetable, moved: Moves) -> None:
        """New values of classes, and who joined or left one."""
        for code, row in timetable.rows.items():
            old = before.classes.get(code)
            for name in ("subject", "year", "teachers"):
                if old is not None and row[name] != old[name]:
                    self._add(
                        "changed",
                        timetable.files.get(code, ""),
                        code=code,
                        name=name,
                        old=old[name],
                        new=row[name],
                    )
        if not before.memberships:  # a new year's first lists: nobody has moved
            return
        for code, adno in moved.joined:
            file = timetable.members[code, adno].table.file
            self._add("class joined", file, adno=adno, code=code)
        for code, adno in moved.ended:
            file = timetable.files.get(code, "")
            self._add("class left", file, adno=adno, code=code)


def _write(
    connection: Connection,
    academic_year: str,
    today: date,
    before: Standing,
    rows: Mapping[str, Mapping[str, Any]],
    timetable: Timetable,
    moved: Moves,
) -> None:
    roster.put(
        connection,
        schema.pupils,
        [row for adno, row in rows.items() if row != before.pupils.get(adno)],
    )
    roster.put(
        connection,
        schema.classes,
        [r for code, r in timetable.rows.items() if r != before.classes.get(code)],
    )
    day = today.isoformat()
    spans = {pair: (day, "") for pair in moved.joined}
    spans |= {pair: (before.memberships[pair][0], day) for pair in moved.ended}
    roster.put(
        connection,
        schema.memberships,
        [
            {
                "academic_year": academic_year,
                "class": code,
                "adno": adno,
                "since": since,
                "until": until,
            }
            for (code, adno), (since, until) in spans.items()
        ],
    )


def _write_others(
    connection: Connection,
    academic_year: str,
    before: Standing,
    enrolment: Enrolment,
    staffing: staffing_up.Staffing,
) -> None:
    roster.put(
        connection,
        schema.staff,
        [
            {
                "academic_year": academic_year,
                "code": code,
                "name": name,
                "email": email,
            }
            for code, (name, email) in staffing.staff.items()
            if before.staff.get(code) != (name, email)
        ],
    )
    if staffing.roles is not None and staffing.roles != before.roles:
        roster.replace_roles(connection, academic_year, staffing.roles)
    roster.put(
        connection,
        schema.indicators,
        [
            {
                "academic_year": academic_year,
                "adno": adno,
                "name": name,
                "value": value,
            }
            for (adno, name), value in enrolment.indicators.items()
            if before.indicators.get((adno, name)) != value
        ],
    )
