"""The report of `undo`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.markbook.layout import ENTRY_HEADINGS
from generator.names import quoted
from generator.problems import Problem
from generator.report import Report


@dataclass(frozen=True, slots=True)
class RevertedMark:
    """One mark that a return changed.

    Args:
        class_code: The class.
        subject: The subject.
        adno: The pupil.
        field: The field.
        cell: The cell it came from: `Markbook!L7`.
        returned_value: The value from the return; empty where it cleared the mark.
        value: The value now; empty for none.
        reason: Why it is not restored; empty where it is.
    """

    class_code: str
    subject: str
    adno: str
    field: str
    cell: str
    returned_value: str
    value: str
    reason: str = ""

    def json(self) -> dict[str, str]:
        """The mark for other programs."""
        return {
            "class": self.class_code,
            "subject": self.subject,
            "adno": self.adno,
            "field": self.field,
            "cell": self.cell,
            "said": self.returned_value,
            "value": self.value,
            "why": self.reason,
        }

    def problem(self, file: str) -> Problem:
        """The warning that it was not restored, for a return of this name."""
        sheet, _, cell = self.cell.rpartition("!")
        heading = ENTRY_HEADINGS.get(self.field, self.field)
        return Problem(
            file=file,
            sheet=sheet,
            cell=cell,
            adno=self.adno,
            severity="warning",
            code="not-taken-back",
            value=self.value,
            what=f"{self.subject}, {heading}: {self.reason}, and was left as it is.",
            do="If that is wrong too, undo what set it, or return the class with the "
            "right mark.",
        )


@dataclass(frozen=True, slots=True)
class UndoReport(Report):
    """What undoing a return did.

    Args:
        return_id: The return.
        file: Its name.
        collection: Its collection.
        classes: Its classes.
        status: Its status now: `undone`, or what it was if there was nothing to undo.
        restored: The marks that have their earlier value again.
        not_restored: The marks that something else has changed or confirmed since.
        note: A line if nothing was done.
        later_returns: Later returns of the same classes, which are not undone.
        copy_notes: Lines about its marked copies: deleted, or held open by somebody.
    """

    return_id: str
    file: str
    collection: str
    classes: tuple[str, ...]
    status: str
    restored: tuple[RevertedMark, ...] = ()
    not_restored: tuple[RevertedMark, ...] = ()
    note: str = ""
    later_returns: tuple[str, ...] = ()
    copy_notes: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """Always 0: a mark that stays is listed, and right unless a person says no."""
        return 0

    def json(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "return": self.return_id,
            "file": self.file,
            "collection": self.collection,
            "classes": list(self.classes),
            "status": self.status,
            "restored": [mark.json() for mark in self.restored],
            "stayed": [mark.json() for mark in self.not_restored],
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        if self.note:
            return [self.note]
        number = len(self.restored)
        marks_are = "1 mark is" if number == 1 else f"{number} marks are"
        lines = [
            f"Undid {self.file} ({', '.join(self.classes)}, {self.collection}): "
            f"{marks_are} as before it, {len(self.not_restored)} left as something "
            "else has set them since."
        ]
        if self.later_returns:
            lines.append(f"Later returns stand: {', '.join(self.later_returns)}.")
        return [
            *lines,
            *self.copy_notes,
            "From now on collecting skips this file unless it is named: "
            f"markbook collect {quoted(self.file)}.",
        ]
