"""What taking a return back did, for a person and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from generator.markbook.layout import ENTRY_HEADINGS
from generator.problems import Problem


@dataclass(frozen=True, slots=True)
class RevertedMark:
    """One mark that a return had changed.

    Args:
        class_code: The class.
        subject: What the mark is about.
        adno: The pupil.
        field: Which mark.
        cell: The cell it came from: `Markbook!L7`.
        said: What the return had put there; empty where it cleared the mark.
        value: What stands now; empty for nothing.
        why: Why it stays; empty where it was taken back.
    """

    class_code: str
    subject: str
    adno: str
    field: str
    cell: str
    returned_value: str
    value: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What taking a return back did.

    Args:
        return_id: The return.
        file: Its name.
        collection: Its collection.
        classes: Its classes.
        status: What the return is now: `undone`, or what it was where there was
            nothing to take back.
        restored: The marks that have the value before again.
        stayed: The marks that something else has settled since.
        note: A line where nothing was done.
        later: Later returns of the same classes, which stand.
        copies: Lines about its marked copies: deleted, or held open by somebody.
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
    def problems(self) -> tuple[Problem, ...]:
        """The marks that were not taken back, as warnings."""
        return tuple(
            Problem(
                file=self.file,
                sheet=one.cell.rpartition("!")[0],
                cell=one.cell.rpartition("!")[2],
                adno=one.adno,
                severity="warning",
                code="not-taken-back",
                value=one.value,
                what=f"{one.subject}, {ENTRY_HEADINGS.get(one.field, one.field)}: "
                f"{one.reason}, and was left as it is.",
                do="If that is wrong too, take back what set it, or return the class "
                "with the right mark.",
            )
            for one in self.not_restored
        )

    @property
    def exit_status(self) -> int:
        """Always 0: what stays is named, and right until a person says otherwise."""
        return 0

    def json(self) -> dict[str, Any]:
        """The report as other programs read it."""
        return {
            "return": self.return_id,
            "file": self.file,
            "collection": self.collection,
            "classes": list(self.classes),
            "status": self.status,
            "restored": [_row(one) for one in self.restored],
            "stayed": [_row(one) for one in self.not_restored],
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """The report as a person reads it."""
        if self.note:
            return [self.note]
        classes = ", ".join(self.classes)
        made = [
            f"Took back {self.file} ({classes}, {self.collection}): "
            f"{_marks(len(self.restored))} as before it, "
            f"{len(self.not_restored)} left as something else has set them since."
        ]
        if self.later_returns:
            made.append(f"Later returns stand: {', '.join(self.later_returns)}.")
        made += self.copy_notes
        made.append(
            "Collecting passes this file over from now on, until it is named itself: "
            f"markbook collect {self.file}."
        )
        return made


def _row(one: RevertedMark) -> dict[str, str]:
    row = asdict(one)
    return {"class": row.pop("class_code"), **row}


def _marks(number: int) -> str:
    return "1 mark is" if number == 1 else f"{number} marks are"
