"""What an import changes, for the record and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from generator.mis.enrolment import FIELDS, Enrolment
from generator.mis.timetable import Moves, Timetable
from generator.store.roster import Standing


class Record:
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
