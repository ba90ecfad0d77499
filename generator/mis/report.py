"""What an import did, in words and in figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from generator.mis.lists import Unrecognised
from generator.problems import Problem


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
    unrecognised: tuple[Unrecognised, ...] = ()
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
            kept = ", kept as an indicator" if item.kept else ""
            made.append(f"Not recognised in {item.file}: {item.heading!r}{near}{kept}.")
        if self.unrecognised:
            made.append("Set what is needed in [columns] in school.toml.")
        if self.refused:
            made.append(f"{_counted(self.refused, 'row')} left out.")
        return made


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
