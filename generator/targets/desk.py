"""The rows of a moderation workbook held against the store, one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from generator.problems import Problem
from generator.school import School
from generator.store import moderation as ledger
from generator.store import roster
from generator.store import targets as stored
from generator.store.moderation import Pair, Taken
from generator.targets.agreed import Agreement, Judge, Stands, tell
from generator.targets.filled import FilledRow
from generator.targets.queries import Answering
from udfs.cells import tidy
from udfs.tables import Tables

Versions = Callable[[str], tuple[int, int] | None]


@dataclass
class Desk:
    """One moderation workbook being applied: looks at every row, keeps nothing yet.

    Args:
        tables: Scales, codes and subjects.
        stretch: Whole grades from expected to aspirational where one is given.
        names: Admission number -> surname and forename.
        bare: Admission number without leading zeros -> those it may be.
        current: Pupil and subject -> the target as it stands.
        versions: Pupil, subject and version -> the target as it was then.
        taken: What was taken from this workbook before.
        answering: The queries, and the answers to them.
        problems: What is wrong, cell by cell.
        counts: What became of the rows with a target agreed.
        rows: How many rows have something filled in.
        refused: How many of them were not taken whole.
        agreed: Pupil and subject -> the row, and what it changes.
        alike: Pupil and subject -> the version that the row agrees with.
        places: Pupil and subject -> the sheet and cell.
    """

    tables: Tables
    stretch: int
    names: Mapping[str, tuple[str, str]]
    bare: Mapping[str, list[str]]
    current: Mapping[Pair, dict[str, Any]]
    versions: Mapping[tuple[str, str, int], Stands]
    taken: Mapping[Pair, Taken]
    answering: Answering
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    refused: int = 0
    agreed: dict[Pair, tuple[FilledRow, Agreement]] = field(default_factory=dict)
    alike: dict[Pair, int] = field(default_factory=dict)
    places: dict[Pair, str] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        connection: Connection,
        school: School,
        tables: Tables,
        *,
        subjects: Set[str],
        issue_id: str,
    ) -> Desk:
        """Everything in the store that rows are held against.

        Args:
            connection: A transaction of the store.
            school: The school.
            tables: Scales, codes and subjects.
            subjects: The subjects of the workbook.
            issue_id: The workbook's id.
        """
        pupils = roster.pupils(connection)
        names = {
            adno: (tidy(surname), tidy(forename))
            for adno, surname, forename in zip(
                pupils["adno"], pupils["surname"], pupils["forename"], strict=True
            )
        }
        bare: dict[str, list[str]] = defaultdict(list)
        for adno in names:
            bare[adno.lstrip("0")].append(adno)
        every = stored.versions(connection)
        every = every.loc[every["subject"].isin(subjects)]
        plain = every.astype(object).where(every.notna(), None).to_dict("records")
        taken = ledger.taken(connection, issue_id)
        return cls(
            tables=tables,
            stretch=school.settings.targets.aspirational_steps,
            names=names,
            bare=bare,
            current={
                (row["adno"], row["subject"]): {str(k): v for k, v in row.items()}
                for row in plain
            },
            versions={
                (row["adno"], row["subject"], int(row["version"])): stands_of(row)
                for row in plain
            },
            taken=taken,
            answering=Answering.open(
                connection, school, tables, subjects=subjects, taken=taken
            ),
        )

    def sheet(self, rows: Sequence[FilledRow], versions: Versions) -> None:
        """Look at every row of one sheet.

        Args:
            rows: Its rows.
            versions: Answers, for an admission number, the versions of target and
                answer that the sheet was written with; None: not in it.
        """
        seen: dict[str, list[FilledRow]] = defaultdict(list)
        for row in rows:
            adno = self._adno(row, versions)
            if adno is not None:
                seen[adno].append(replace(row, adno=adno))
        for adno, several in seen.items():
            shown = versions(adno) or (0, 0)
            filled = [row for row in several if self._says(row, shown[1])]
            if len({_content(row) for row in filled}) > 1:
                self._twice(filled)
            elif filled:
                self._row(filled[0], shown)

    def _says(self, row: FilledRow, answer: int) -> bool:
        if row.filled == ("answer",):
            return self.answering.differs(row, (row.adno, row.subject), answer)
        return bool(row.filled)

    def _adno(self, row: FilledRow, versions: Versions) -> str | None:
        """The pupil of a row; None, and a problem, where it is nobody's."""
        if row.adno and versions(row.adno) is not None:
            return row.adno
        if not row.filled:
            return None
        found = [a for a in self.bare.get(row.adno.lstrip("0"), []) if versions(a)]
        if row.adno and len(found) == 1:
            self.problems.append(
                tell(
                    row,
                    "adno",
                    "adno-zeros",
                    f"The Adno has lost its leading zeros; it was read as {found[0]}.",
                    "Nothing to do.",
                    value=row.adno,
                    severity="warning",
                )
            )
            return found[0]
        self.rows += 1
        self.refused += 1
        who = f"{row.adno!r} is" if row.adno else "Without an Adno, this is"
        self.problems.append(
            tell(
                row,
                "adno",
                "pupil-not-here",
                f"{who} no pupil of this sheet; what is filled in was not taken.",
                "Put it into the row of the pupil it is meant for.",
                value=row.adno,
            )
        )
        return None

    def _twice(self, rows: Sequence[FilledRow]) -> None:
        lines = " and ".join(str(row.line) for row in rows)
        self.rows += 1
        self.refused += 1
        for row in rows:
            self.problems.append(
                tell(
                    row,
                    "adno",
                    "pupil-twice",
                    f"The pupil stands in rows {lines}, and they say different things.",
                    "Keep one of them and empty the other.",
                    value=row.adno,
                )
            )

    def _row(self, row: FilledRow, shown: tuple[int, int]) -> None:
        self.rows += 1
        pair = (row.adno, row.subject)
        faults = self._mixed_up(row)
        agreement = None
        grades = {"agreed_expected", "agreed_aspirational"} & set(row.filled)
        if not faults and grades:
            before = self.taken.get(pair)
            version = before.version if before and before.version else shown[0]
            agreement, faults = self._judge(row.subject).look(
                row,
                base=self.versions.get((*pair, version), Stands(version)),
                now=stands_of(self.current[pair]) if pair in self.current else Stands(),
            )
        elif not faults and not row.cells["reason"].blank:
            self.problems.append(
                tell(
                    row,
                    "reason",
                    "reason-alone",
                    "A reason is given and no target is agreed.",
                    "Choose a target if another one is meant; the reason alone "
                    "changes nothing.",
                    value=row.cells["reason"].text[:40],
                    severity="warning",
                )
            )
        if not faults:
            faults = self.answering.look(row, pair, shown[1])
        elif not row.cells["answer"].blank and not self._mixed_up(row):
            faults = faults + self.answering.look(row, pair, shown[1])
        self.problems += faults
        self.refused += bool(faults)
        self.places[pair] = f"{row.sheet}!{row.where('agreed_expected')}"
        if agreement is None:
            return
        self.counts[agreement.outcome] += 1
        if agreement.outcome == "same":
            self.alike[pair] = int(self.current[pair]["version"])
        else:
            self.agreed[pair] = (row, agreement)

    def _judge(self, subject: str) -> Judge:
        scale = self.tables.scale(self.tables.subject(subject).scale)
        return Judge(scale, self.tables.codes, self.stretch)

    def _mixed_up(self, row: FilledRow) -> list[Problem]:
        """Whether a row has one pupil's Adno and another's name."""
        here = (row.cells["surname"].text, row.cells["forename"].text)
        meant = self.names.get(row.adno)
        if meant is None or not all(here) or any(map(str.__eq__, here, meant)):
            return []
        if here not in self.names.values():
            return []
        return [
            tell(
                row,
                "adno",
                "row-mixed-up",
                f"The row has the Adno {row.adno} ({meant[1]} {meant[0]}) and the name "
                f"of another pupil ({here[1]} {here[0]}): perhaps some columns were "
                "sorted without the others.",
                "Undo the sorting, or fill in a fresh copy.",
                value=row.adno,
            )
        ]


def stands_of(row: Mapping[Any, Any]) -> Stands:
    """A row of the table `targets` as it stands or stood."""
    return Stands(
        version=int(row["version"]),
        expected=row["expected"],
        aspirational=row["aspirational"],
        status=row["status"],
        by=row["set_by"],
        at=row["set_at"],
    )


def _content(row: FilledRow) -> tuple[str, ...]:
    return tuple(row.cells[key].text for key in row.filled)
