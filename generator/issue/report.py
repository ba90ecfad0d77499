"""What a run of `issue` answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.problems import Problem


@dataclass(frozen=True, slots=True)
class IssueReport:
    """What was issued.

    Args:
        collection: The collection's code.
        folder: Where its markbooks lie, below the school folder.
        classes: How many classes have a markbook now, of those asked about.
        pupils: How many rows of pupils those have.
        written: The files written now, below the school folder.
        unchanged: How many files were there already and stay as they are.
        removed: Files of an earlier issue that were taken away.
        refused: The classes that could not be issued.
        empty: The classes without a pupil to ask about.
        problems: What to look at.
    """

    collection: str
    folder: str
    classes: int
    pupils: int
    written: tuple[str, ...] = ()
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 where something needs a person, else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    def json(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "collection": self.collection,
            "classes": self.classes,
            "pupils": self.pupils,
            "files": {
                "written": len(self.written),
                "unchanged": self.unchanged,
                "removed": len(self.removed),
            },
            "written": list(self.written),
            "removed": list(self.removed),
            "refused": list(self.refused),
            "empty": list(self.empty),
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """For the person who asked."""
        classes = "class" if self.classes == 1 else "classes"
        told = [
            f"{self.collection}: {_files(len(self.written))} written, "
            f"{self.unchanged:,} unchanged, for {self.classes:,} {classes}, in "
            f"{self.folder}/."
        ]
        if self.written:
            told.append(f"{self.folder}/send.csv says who gets which.")
        if self.removed:
            told.append(
                f"{_files(len(self.removed))} of an earlier issue taken away, whose "
                "classes are in other files now."
            )
        if self.refused:
            told.append(f"Not issued: {', '.join(self.refused)}.")
        return told


def _files(number: int) -> str:
    return f"{number:,} markbook{'' if number == 1 else 's'}"
