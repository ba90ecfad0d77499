"""Problems in somebody's data: collected, never raised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to correct in somebody's data.

    Args:
        file: The file's name, as the reader knows it (relative to the school).
        sheet: The sheet, or empty for a CSV file or a whole workbook.
        cell: The cell or cells (`F14`, `F14, F19`), or `row 14` in a CSV file.
        adno: The pupil's admission number, where one pupil is meant.
        severity: `error` means left out; `warning` means used, please check.
        code: A short stable name for this kind of problem (`grade-not-listed`).
        value: The value in the cell, as text.
        what: What is wrong. A full sentence.
        do: What to do. A full sentence.
    """

    file: str = ""
    sheet: str = ""
    cell: str = ""
    adno: str = ""
    severity: Severity = "error"
    code: str = ""
    value: str = ""
    what: str = ""
    do: str = ""

    def row(self) -> dict[str, str]:
        """This problem as a row of the table `problems`."""
        return {name: str(value) for name, value in asdict(self).items()}

    def __str__(self) -> str:
        """Where it is (if it is in a file), what is wrong and what to do.

        >>> print(Problem(file="8x-Ma2.xlsx", sheet="Maths", cell="F9", what="No."))
        8x-Ma2.xlsx Maths!F9: No.
        >>> print(Problem(what="The class 8x/Ma2 has nobody.", do="Leave it out."))
        The class 8x/Ma2 has nobody. Leave it out.
        """
        cell = "!".join(part for part in (self.sheet, self.cell) if part)
        where = " ".join(part for part in (self.file, cell) if part)
        text = f"{self.what} {self.do}".strip()
        return f"{where}: {text}" if where else text


def group_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Merge problems that differ only in cell and pupil, in order.

    >>> first = Problem(sheet="Y7 Art", cell="K9", adno="4", code="x", what="Wrong.")
    >>> [p.cell for p in group_problems([first, replace(first, cell="K12", adno="5")])]
    ['K9, K12']
    """
    groups: dict[Problem, tuple[dict[str, None], dict[str, None]]] = {}
    for problem in problems:
        alike = replace(problem, cell="", adno="")
        cells, pupils = groups.setdefault(alike, ({}, {}))
        cells |= {problem.cell: None} if problem.cell else {}
        pupils |= {problem.adno: None} if problem.adno else {}
    return [
        replace(problem, cell=", ".join(cells), adno=", ".join(pupils))
        for problem, (cells, pupils) in groups.items()
    ]
