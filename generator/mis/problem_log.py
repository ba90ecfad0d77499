"""The problems of an import, collected so that each cause is reported once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from generator.mis.export_tables import ExportRow, joined_places
from generator.problems import Problem


@dataclass(slots=True)
class _Entry:
    problem: Problem
    rows: int  # of its table
    cells: dict[str, None] = field(default_factory=dict)
    adnos: set[str] = field(default_factory=set)


class ProblemLog:
    """The problems of one import; rows with the same fault share a problem."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, ...], _Entry] = {}
        self._refused: set[tuple[str, str, int]] = set()

    # These two have a parameter for each part of a problem.
    def refuse(
        self,
        row: ExportRow,
        name: str,
        code: str,
        what: str,
        do: str,
        *,
        value: str | None = None,
        adno: str = "",
    ) -> None:
        """Leave a row out and report why.

        Args:
            row: The row.
            name: The field that is wrong.
            code: The problem code.
            what: What is wrong, as a sentence.
            do: What to do, as a sentence.
            value: The wrong value; None: the field's text.
            adno: The pupil's admission number; empty where unknown.
        """
        row.is_refused = True
        self._refused.add(row.key())
        value = row.raw(name) if value is None else value
        self._add(row, name, Problem(
            severity="error", code=code, what=what, do=do, value=value, adno=adno
        ))  # fmt: skip

    def warn(
        self,
        row: ExportRow,
        name: str,
        code: str,
        what: str,
        do: str,
        *,
        value: str | None = None,
        adno: str = "",
        once: str = "",
    ) -> None:
        """Report a doubt about a row that is imported.

        Args:
            row: The row.
            name: The field in doubt.
            code: The problem code.
            what: What is doubtful, as a sentence.
            do: What to do, as a sentence.
            value: The doubtful value; None: the field's text.
            adno: The pupil's admission number; empty where unknown.
            once: Rows of one table with the same text here share a problem, even with
                different values; the first row is the example.
        """
        value = row.raw(name) if value is None else value
        problem = Problem(
            severity="warning", code=code, what=what, do=do, value=value, adno=adno
        )
        self._add(row, name, problem, once)

    def _add(self, row: ExportRow, name: str, problem: Problem, once: str = "") -> None:
        file, sheet = row.table.file, row.table.sheet
        key: tuple[str, ...] = (file, sheet, problem.severity, problem.code, once)
        if not once:
            key += (problem.value, problem.what)
        entry = self._entries.get(key)
        if entry is None:
            rows = len(row.table.rows)
            entry = _Entry(replace(problem, file=file, sheet=sheet), rows)
            self._entries[key] = entry
        entry.cells[row.place(name)] = None
        entry.adnos.add(problem.adno)

    @property
    def refused(self) -> int:
        """The number of rows left out."""
        return len(self._refused)

    def problems(self) -> list[Problem]:
        """All problems, errors first."""
        problems = [
            replace(
                entry.problem,
                cell=joined_places(list(entry.cells)),
                adno=next(iter(entry.adnos)) if len(entry.adnos) == 1 else "",
            )
            for entry in _joined(list(self._entries.values()))
        ]
        return sorted(problems, key=lambda problem: problem.severity != "error")


MANY = 10  # rows


def _joined(entries: list[_Entry]) -> list[_Entry]:
    """Entries, with those of one cause joined that are about most rows of a list.

    So the other problems of the list stay visible.
    """
    groups: dict[tuple[str, ...], list[_Entry]] = {}
    for entry in entries:
        problem = entry.problem
        key = (problem.file, problem.sheet, problem.severity, problem.code)
        groups.setdefault(key, []).append(entry)
    joined: list[_Entry] = []
    for group in groups.values():
        cells = {cell: None for entry in group for cell in entry.cells}
        if len(group) == 1 or len(cells) < MANY or 2 * len(cells) <= group[0].rows:
            joined += group
            continue
        first = group[0]
        what = (
            f"{len(cells):,} of {first.rows:,} rows have the same fault. The first: "
            f"{first.problem.what}"
        )
        adnos = {adno for entry in group for adno in entry.adnos}
        joined.append(
            _Entry(replace(first.problem, what=what), first.rows, cells, adnos)
        )
    return joined
