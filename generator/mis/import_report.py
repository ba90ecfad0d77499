"""The report of an import, and the log of the changes that it makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from generator.mis.classes import ImportedClasses, MembershipChanges
from generator.mis.export_tables import UnknownHeading
from generator.mis.pupil_lists import FIELDS, ImportedPupils
from generator.report import Report
from generator.store.roster import RosterSnapshot


@dataclass(frozen=True)
class ImportReport(Report):
    """The report of an import.

    Args:
        pupils: Pupils of this academic year in the store, leavers among them.
        classes: Classes of this academic year.
        memberships: Current pupils in classes.
        staff: Staff of this academic year.
        refused: Rows left out.
        joiners: Pupils new to the school; 0 for the first import of a school.
        leavers: Pupils who left.
        returned: Pupils who had left and are back.
        set_changes: Pupils who changed from one class of a subject to another.
        changed: Pupils and classes with other changes.
        unrecognised: Headings without a known meaning.
        interventions: Interventions that are new, changed and the same.
        read_as: (file, sheet, kind, number of rows) of each list.
        began: Classes that are new.
        ended: Classes that have ended.
        fields: Field of pupils and classes -> number of changed values.
        withheld_leavers: Pupils who would have left.
        absent: Classes that would have ended.
        import_id: The import's id; empty where it changed nothing.
    """

    pupils: int
    classes: int
    memberships: int
    staff: int
    refused: int
    joiners: int = 0
    leavers: int = 0
    returned: int = 0
    set_changes: int = 0
    changed: int = 0
    unrecognised: tuple[UnknownHeading, ...] = ()
    interventions: tuple[int, int, int] = (0, 0, 0)
    read_as: tuple[tuple[str, str, str, int], ...] = field(default=())
    began: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    fields: Mapping[str, int] = field(default_factory=dict)
    withheld_leavers: int = 0
    absent: tuple[str, ...] = ()
    import_id: str = ""

    @property
    def exit_status(self) -> int:
        """1 where a row or list was left out, or a person is asked, else 0."""
        needs_a_person = any(each.severity == "error" for each in self.problems)
        return 1 if self.refused or needs_a_person else 0

    def json(self) -> dict[str, Any]:
        """The report as the object that `import --json` prints."""
        return {
            "pupils": self.pupils,
            "classes": self.classes,
            "memberships": self.memberships,
            "staff": self.staff,
            "refused": self.refused,
            "problems": self.problem_rows(),
            "joiners": self.joiners,
            "leavers": self.leavers,
            "returned": self.returned,
            "set_changes": self.set_changes,
            "changed": self.changed,
            "import": self.import_id,
            "classes_began": list(self.began),
            "classes_ended": list(self.ended),
            "fields_changed": dict(self.fields),
            "would_leave": self.withheld_leavers,
            "classes_absent": list(self.absent),
            "interventions": dict(
                zip(("new", "changed", "same"), self.interventions, strict=True)
            ),
            "unrecognised": [
                {
                    "file": heading.file,
                    "sheet": heading.sheet,
                    "cell": heading.cell,
                    "heading": heading.heading,
                    "near": heading.near,
                    "kept": heading.is_indicator,
                }
                for heading in self.unrecognised
            ],
            "files": [
                {"file": file, "sheet": sheet, "kind": kind, "rows": rows}
                for file, sheet, kind, rows in self.read_as
            ],
        }

    def lines(self) -> list[str]:
        """The report in words."""
        lines = [
            f"{f'{file} {sheet}'.strip()}: {_count(rows, 'row')}, read as {kind}."
            for file, sheet, kind, rows in self.read_as
        ]
        if self.import_id:
            lines.append(f"This import is {self.import_id}.")
        lines.append(
            f"The store holds {_count(self.pupils, 'pupil')}, "
            f"{_count(self.classes, 'class', 'classes')}, "
            f"{_count(self.memberships, 'membership')} and {self.staff:,} staff."
        )
        if self.pupils and not self.memberships:
            lines.append(
                "No pupil is in a class yet: import class lists, with a row for each "
                "pupil and class (Adno or UPN, and the class)."
            )
        if sum(self.interventions):
            new, changed, same = self.interventions
            lines.append(
                f"Interventions: {new:,} new, {changed:,} changed, {same:,} the same."
            )
        lines += self._change_lines()
        for heading in self.unrecognised:
            near = f" (nearest: {heading.near})" if heading.near else ""
            indicator = ", kept as an indicator" if heading.is_indicator else ""
            lines.append(
                f"Not recognised in {heading.file}: {heading.heading!r}{near}"
                f"{indicator}."
            )
        if self.unrecognised:
            lines.append("Set what is needed in [columns] in school.toml.")
        if self.refused:
            lines.append(f"{_count(self.refused, 'row')} left out.")
        return lines

    def _change_lines(self) -> list[str]:
        """What changed, in words."""
        changes = [
            _count(number, *nouns)
            for number, nouns in (
                (self.joiners, ("joiner",)),
                (self.leavers, ("leaver",)),
                (self.returned, ("pupil back", "pupils back")),
                (self.set_changes, ("set change",)),
                (self.changed, ("other change",)),
            )
            if number
        ]
        lines = []
        if changes:
            lines.append(f"New since the last import: {', '.join(changes)}.")
        if self.fields:
            counts = ", ".join(f"{name} {n:,}" for name, n in self.fields.items())
            lines.append(f"Changed values: {counts}.")
        for codes, verb in ((self.began, "begun"), (self.ended, "ended")):
            if codes:
                count = _count(len(codes), "class has", "classes have")
                lines.append(f"{count} {verb}: {', '.join(codes[:12])}{_more(codes)}.")
        if self.withheld_leavers:
            would = _count(self.withheld_leavers, "pupil")
            lines.append(f"Nobody was marked as left; {would} would have been.")
        if self.absent:
            absent = _count(len(self.absent), "class", "classes")
            lines.append(f"Not ended, though in no list: {absent}.")
        return lines


def _more(codes: Sequence[str], limit: int = 12) -> str:
    return f" and {len(codes) - limit:,} more" if len(codes) > limit else ""


def _count(number: int, singular: str, plural: str = "") -> str:
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


class ChangeLog:
    """The changes of an import, as rows of `roster_changes`.

    Args:
        academic_year: The academic year of the import.
        now: The moment of the import.
        who: The person who imports.
    """

    def __init__(self, academic_year: str, now: datetime, who: str) -> None:
        self.academic_year, self.now, self.who = academic_year, now, who
        self._common = {
            "academic_year": academic_year,
            "at": now.isoformat(timespec="seconds"),
            "who": who,
        }
        self.changes: list[dict[str, str]] = []

    def count(self, kind: str) -> int:
        """The number of changes of a kind."""
        return sum(change["kind"] == kind for change in self.changes)

    def count_changed(self) -> int:
        """The number of pupils and classes with new values."""
        return len(
            {(c["adno"], c["class"]) for c in self.changes if c["kind"] == "changed"}
        )

    def count_fields(self) -> dict[str, int]:
        """Field -> number of changed values, of pupils and classes."""
        return dict(Counter(c["field"] for c in self.changes if c["kind"] == "changed"))

    def classes(self, kind: str) -> tuple[str, ...]:
        """The classes with a change of a kind."""
        return tuple(c["class"] for c in self.changes if c["kind"] == kind)

    def add_pupils(
        self,
        before: RosterSnapshot,
        rows: Mapping[str, Mapping[str, Any]],
        leavers: Sequence[str],
        imported: ImportedPupils,
    ) -> None:
        """Add joiners, leavers, returners and new values of pupils."""
        lists = ", ".join(sorted({row.table.file for row in imported.listed.values()}))
        for adno, row in rows.items():
            old = before.pupils.get(adno)
            file = imported.files.get(adno, lists if adno in set(leavers) else "")
            if old is None:
                if before.pupils:  # the first list of a new school has no joiners
                    self._add("joined", file, adno=adno)
                continue
            if row["left"] != old["left"]:
                kind = "returned" if row["left"] is None else "left"
                values = (old["left"], row["left"])
                self._add(kind, file, adno=adno, name="left", values=values)
            for name in ("upn", *FIELDS):
                if name != "left" and row[name] != old[name]:
                    values = (old[name], row[name])
                    self._add("changed", file, adno=adno, name=name, values=values)

    def add_classes(
        self,
        before: RosterSnapshot,
        classes: ImportedClasses,
        moves: MembershipChanges,
        ended: Sequence[str] = (),
    ) -> None:
        """Add new values of classes, and pupils who joined or left a class."""
        lists = ", ".join(sorted(set(classes.files.values())))
        for code, row in classes.rows.items():
            old = before.classes.get(code)
            file = classes.files.get(code, "")
            for name in ("subject", "year", "teachers"):
                if old is not None and row[name] != old[name]:
                    values = (old[name], row[name])
                    self._add("changed", file, code=code, name=name, values=values)
        if not before.memberships:  # with a year's first lists nobody has moved
            return
        for code in classes.rows:
            if code not in before.classes:
                self._add("class began", classes.files.get(code, ""), code=code)
        for code in ended:
            self._add("class ended", lists, code=code)
        for code, adno in moves.joined:
            file = classes.members[code, adno].table.file
            self._add("class joined", file, adno=adno, code=code)
        for code, adno in moves.ended:
            file = classes.files.get(code, lists)
            self._add("class left", file, adno=adno, code=code)

    def _add(
        self,
        kind: str,
        file: str,
        *,
        adno: str = "",
        code: str = "",
        name: str = "",
        values: tuple[object, object] = ("", ""),
    ) -> None:
        old, new = ("" if value is None else str(value) for value in values)
        self.changes.append(
            {
                **self._common,
                "file": file,
                "kind": kind,
                "adno": adno,
                "class": code,
                "field": name,
                "old": old,
                "new": new,
            }
        )
