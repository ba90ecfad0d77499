"""What writing packs did, in words and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.packs.facts.completeness import Back
from generator.packs.kinds import results
from generator.packs.wording import many
from generator.problems import Problem
from generator.school.school import School


@dataclass(frozen=True, slots=True)
class PackReport:
    """The packs that were written.

    Args:
        collection: The collection's code.
        files: The files, relative to the school folder.
        problems: What somebody should put right: a department without a head, say.
        results: What became of the pack of results day, as a sentence; empty where
            it was not asked for.
        back: How much of the collection has come back; None for results day.
    """

    collection: str
    files: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    results: str = ""
    back: Back | None = None

    @property
    def exit_status(self) -> int:
        """0, or 1 where a pack could not be written."""
        return int(any(p.severity == "error" for p in self.problems))

    def json(self) -> dict[str, Any]:
        """The report as one object."""
        told = {
            "collection": self.collection,
            "files": list(self.files),
            "problems": [problem.row() for problem in self.problems],
        }
        return told if self.back is None else told | {"back": self.back.json()}

    def lines(self) -> list[str]:
        """What was written; what is to be put right is told beside it."""
        where = f" under packs/{self.collection}/" if self.files else ""
        said = [f"Wrote {many(len(self.files), 'pack')} of {self.collection}{where}."]
        if not self.files and not self.exit_status:
            said.append("No class has pupils in the years of this collection.")
        if self.files and self.back is not None and self.back.warning:
            said.append(self.back.warning)
        if self.collection == results.KIND:
            said = []
        if self.results:
            said.append(self.results)
        return said


def shown(path: Path, school: School) -> str:
    """A pack's file as it is named to a person, from the school folder on."""
    return path.relative_to(school.folder).as_posix()
