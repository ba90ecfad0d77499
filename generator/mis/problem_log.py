"""What an import found to put right, gathered so that one cause is said once."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.mis.export_tables import ExportRow, joined_places
from generator.problems import Problem, Severity


@dataclass(slots=True)
class _Fault:
    problem: Problem
    cells: dict[str, None] = field(default_factory=dict)
    adnos: set[str] = field(default_factory=set)


class ProblemLog:
    """The problems of one import; cells with the same fault share one."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], _Fault] = {}
        self._refused: set[tuple[str, str, int]] = set()

    def refuse(
        self,
        line: ExportRow,
        name: str,
        code: str,
        what: str,
        do: str,
        *,
        value: str | None = None,
        adno: str = "",
    ) -> None:
        """Leave a row out, and say why.

        Args:
            line: The row.
            name: The field that is wrong.
            code: A short stable name for the kind of fault.
            what: What is wrong.
            do: What to do.
            value: What stands there; None takes it from the field.
            adno: The pupil's admission number, where one is known.
        """
        line.refused = True
        self._refused.add(line.key())
        self._add("error", line, name, code, what, do, value, adno)

    def warn(
        self,
        line: ExportRow,
        name: str,
        code: str,
        what: str,
        do: str,
        *,
        value: str | None = None,
        adno: str = "",
        once: str = "",
    ) -> None:
        """Take a row, and ask somebody to look at it.

        Args:
            line: The row.
            name: The field to look at.
            code: A short stable name for the kind of fault.
            what: What is doubtful.
            do: What to do.
            value: What stands there; None takes it from the field.
            adno: The pupil's admission number, where one is known.
            once: Rows of one list with the same word here share a problem, although
                their values differ; the first of them is the example.
        """
        self._add("warning", line, name, code, what, do, value, adno, once)

    def _add(
        self,
        severity: Severity,
        line: ExportRow,
        name: str,
        code: str,
        what: str,
        do: str,
        value: str | None,
        adno: str,
        once: str = "",
    ) -> None:
        table = line.table
        shown = line[name] if value is None else value
        key: tuple[str, ...] = (table.file, table.sheet, severity, code, once)
        if not once:
            key += (shown, what)
        fault = self._found.get(key)
        if fault is None:
            problem = Problem(
                file=table.file,
                sheet=table.sheet,
                severity=severity,
                code=code,
                value=shown,
                what=what,
                do=do,
            )
            fault = self._found[key] = _Fault(problem)
        fault.cells[line.place(name)] = None
        fault.adnos.add(adno)

    @property
    def refused(self) -> int:
        """How many rows are left out."""
        return len(self._refused)

    def problems(self) -> list[Problem]:
        """Everything found, errors first."""
        made = [
            Problem(
                file=fault.problem.file,
                sheet=fault.problem.sheet,
                cell=joined_places(list(fault.cells)),
                adno=next(iter(fault.adnos)) if len(fault.adnos) == 1 else "",
                severity=fault.problem.severity,
                code=fault.problem.code,
                value=fault.problem.value,
                what=fault.problem.what,
                do=fault.problem.do,
            )
            for fault in self._found.values()
        ]
        return sorted(made, key=lambda problem: problem.severity != "error")
