"""What an import did, in words and in figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from generator.mis.classes import ImportedClasses, MembershipChanges
from generator.mis.export_tables import UnknownHeading
from generator.mis.pupil_lists import FIELDS, ImportedPupils
from generator.problems import Problem
from generator.store.roster import Standing


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
        interventions: Interventions that are new, changed, and the same as before.
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
    unrecognised: tuple[UnknownHeading, ...] = ()
    interventions: tuple[int, int, int] = (0, 0, 0)
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
            "interventions": dict(
                zip(("new", "changed", "same"), self.interventions, strict=True)
            ),
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
        if self.pupils and not self.memberships:
            made.append(
                "Nothing says yet who is in which class: import class lists, a row "
                "for each pupil and class (Adno or UPN, and the class)."
            )
        if sum(self.interventions):
            new, changed, same = self.interventions
            made.append(
                f"Interventions: {new:,} new, {changed:,} changed, {same:,} the same."
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
            kept = ", kept as an indicator" if item.is_indicator else ""
            made.append(f"Not recognised in {item.file}: {item.heading!r}{near}{kept}.")
        if self.unrecognised:
            made.append("Set what is needed in [columns] in school.toml.")
        if self.refused:
            made.append(f"{_counted(self.refused, 'row')} left out.")
        return made


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


class ChangeLog:
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
        gone: Sequence[str],
        enrolment: ImportedPupils,
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
            for name in ("upn", *FIELDS):
                if name != "left" and row[name] != old[name]:
                    self._add(
                        "changed",
                        file,
                        adno=adno,
                        name=name,
                        old=old[name],
                        new=row[name],
                    )

    def classes(
        self, before: Standing, timetable: ImportedClasses, moved: MembershipChanges
    ) -> None:
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
