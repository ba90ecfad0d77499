"""The rows of a moderation workbook held against the store, one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from generator.problems import Problem
from generator.school.school import School
from generator.store import moderations as ledger
from generator.store import roster
from generator.store import targets as stored
from generator.store.moderations import AppliedRow, Pair
from generator.targets.check_row import (
    AgreedTarget,
    RowChecker,
    TargetVersion,
    row_problem,
)
from generator.targets.query_answers import QueryAnswers
from generator.targets.read_form import FormRow
from udfs.tables import Tables
from udfs.text import tidy

Versions = Callable[[str], tuple[int, int] | None]


@dataclass
class ModerationCheck:
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
    adnos_without_zeros: Mapping[str, list[str]]
    current: Mapping[Pair, dict[str, Any]]
    versions: Mapping[tuple[str, str, int], TargetVersion]
    applied: Mapping[Pair, AppliedRow]
    query_answers: QueryAnswers
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    row_count: int = 0
    refused_count: int = 0
    changes: dict[Pair, tuple[FormRow, AgreedTarget]] = field(default_factory=dict)
    unchanged: dict[Pair, int] = field(default_factory=dict)
    addresses: dict[Pair, str] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        connection: Connection,
        school: School,
        tables: Tables,
        *,
        subjects: Set[str],
        issue_id: str,
    ) -> ModerationCheck:
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
        every = stored.target_versions(connection)
        every = every.loc[every["subject"].isin(subjects)]
        plain = every.astype(object).where(every.notna(), None).to_dict("records")
        taken = ledger.applied_rows(connection, issue_id)
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
                (row["adno"], row["subject"], int(row["version"])): target_version(row)
                for row in plain
            },
            taken=taken,
            answering=QueryAnswers.load(
                connection, school, tables, subjects=subjects, taken=taken
            ),
        )

    def check_sheet(self, rows: Sequence[FormRow], versions: Versions) -> None:
        """Look at every row of one sheet.

        Args:
            rows: Its rows.
            versions: Answers, for an admission number, the versions of target and
                answer that the sheet was written with; None: not in it.
        """
        seen: dict[str, list[FormRow]] = defaultdict(list)
        for row in rows:
            adno = self._match_adno(row, versions)
            if adno is not None:
                seen[adno].append(replace(row, adno=adno))
        for adno, several in seen.items():
            shown = versions(adno) or (0, 0)
            filled = [row for row in several if self._has_entry(row, shown[1])]
            if len({_entry_texts(row) for row in filled}) > 1:
                self._report_duplicate(filled)
            elif filled:
                self._row(filled[0], shown)

    def _has_entry(self, row: FormRow, answer: int) -> bool:
        if row.entry_keys == ("answer",):
            return self.query_answers.differs(row, (row.adno, row.subject), answer)
        return bool(row.entry_keys)

    def _match_adno(self, row: FormRow, versions: Versions) -> str | None:
        """The pupil of a row; None, and a problem, where it is nobody's."""
        if row.adno and versions(row.adno) is not None:
            return row.adno
        if not row.entry_keys:
            return None
        found = [
            a
            for a in self.adnos_without_zeros.get(row.adno.lstrip("0"), [])
            if versions(a)
        ]
        if row.adno and len(found) == 1:
            self.problems.append(
                row_problem(
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
        self.row_count += 1
        self.refused_count += 1
        who = f"{row.adno!r} is" if row.adno else "Without an Adno, this is"
        self.problems.append(
            row_problem(
                row,
                "adno",
                "pupil-not-here",
                f"{who} no pupil of this sheet; what is filled in was not taken.",
                "Put it into the row of the pupil it is meant for.",
                value=row.adno,
            )
        )
        return None

    def _report_duplicate(self, rows: Sequence[FormRow]) -> None:
        lines = " and ".join(str(row.line) for row in rows)
        self.row_count += 1
        self.refused_count += 1
        for row in rows:
            self.problems.append(
                row_problem(
                    row,
                    "adno",
                    "pupil-twice",
                    f"The pupil stands in rows {lines}, and they say different things.",
                    "Keep one of them and empty the other.",
                    value=row.adno,
                )
            )

    def _row(self, row: FormRow, shown: tuple[int, int]) -> None:
        self.row_count += 1
        pair = (row.adno, row.subject)
        faults = self._check_names(row)
        agreement = None
        grades = {"agreed_expected", "agreed_aspirational"} & set(row.entry_keys)
        if not faults and grades:
            before = self.applied.get(pair)
            version = before.version if before and before.version else shown[0]
            agreement, faults = self._row_checker(row.subject).check(
                row,
                base=self.versions.get((*pair, version), TargetVersion(version)),
                now=target_version(self.current[pair])
                if pair in self.current
                else TargetVersion(),
            )
        elif not faults and not row.cells["reason"].is_blank:
            self.problems.append(
                row_problem(
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
            faults = self.query_answers.check_row(row, pair, shown[1])
        elif not row.cells["answer"].is_blank and not self._check_names(row):
            faults = faults + self.query_answers.check_row(row, pair, shown[1])
        self.problems += faults
        self.refused_count += bool(faults)
        self.addresses[pair] = f"{row.sheet}!{row.address('agreed_expected')}"
        if agreement is None:
            return
        self.counts[agreement.outcome] += 1
        if agreement.outcome == "same":
            self.unchanged[pair] = int(self.current[pair]["version"])
        else:
            self.changes[pair] = (row, agreement)

    def _row_checker(self, subject: str) -> RowChecker:
        scale = self.tables.scale(self.tables.subject(subject).scale)
        return RowChecker(scale, self.tables.codes, self.stretch)

    def _check_names(self, row: FormRow) -> list[Problem]:
        """Whether a row has one pupil's Adno and another's name."""
        here = (row.cells["surname"].text, row.cells["forename"].text)
        meant = self.names.get(row.adno)
        if meant is None or not all(here) or any(map(str.__eq__, here, meant)):
            return []
        if here not in self.names.values():
            return []
        return [
            row_problem(
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


def target_version(row: Mapping[Any, Any]) -> TargetVersion:
    """A row of the table `targets` as it stands or stood."""
    return TargetVersion(
        version=int(row["version"]),
        expected=row["expected"],
        aspirational=row["aspirational"],
        status=row["status"],
        set_by=row["set_by"],
        set_at=row["set_at"],
    )


def _entry_texts(row: FormRow) -> tuple[str, ...]:
    return tuple(row.cells[key].text for key in row.entry_keys)
