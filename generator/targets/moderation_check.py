"""Check the rows of a moderation workbook against the store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from generator.context import Context
from generator.problems import Problem
from generator.store import moderations, roster
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

# Admission number -> the versions of target and answer that the sheet was written with.
WrittenVersions = Callable[[str], tuple[int, int] | None]


@dataclass
class ModerationCheck:
    """The check of one moderation workbook; it stores nothing.

    Args:
        tables: Scales, codes and subjects.
        stretch: Whole grades from the expected to the aspirational target if a row has
            only the expected one.
        names: Admission number -> surname and forename.
        adnos_without_zeros: Admission number without leading zeros -> candidates.
        current: Pupil and subject -> the current target.
        versions: Pupil, subject and version -> that version of the target.
        applied: Rows applied from this workbook before.
        query_answers: Queries, and the answers to them.
        problems: Problems, cell by cell.
        counts: Outcome -> number of rows with an agreed target.
        row_count: Number of rows with an entry.
        refused_count: Number of those rows with an error.
        changes: Pupil and subject -> the row and the target it agrees.
        unchanged: Pupil and subject -> the current version that the row agrees with.
        addresses: Pupil and subject -> sheet and cell.
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
        context: Context,
        *,
        subjects: Set[str],
        issue_id: str,
    ) -> ModerationCheck:
        """Load what the rows are checked against.

        Args:
            connection: A transaction of the store.
            context: School and tables.
            subjects: Subjects of the workbook.
            issue_id: Id of the workbook.
        """
        columns = ["adno", "surname", "forename"]
        names = {
            adno: (tidy(surname), tidy(forename))
            for adno, surname, forename in (
                roster.pupils(connection)[columns].to_numpy().tolist()
            )
        }
        adnos_without_zeros: dict[str, list[str]] = defaultdict(list)
        for adno in names:
            adnos_without_zeros[adno.lstrip("0")].append(adno)
        frame = stored.target_versions(connection)
        frame = frame.loc[frame["subject"].isin(subjects)]
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        applied = moderations.applied_rows(connection, issue_id)
        return cls(
            tables=context.tables,
            stretch=context.school.settings.targets.aspirational_steps,
            names=names,
            adnos_without_zeros=adnos_without_zeros,
            current={
                (row["adno"], row["subject"]): {str(k): v for k, v in row.items()}
                for row in rows
            },
            versions={
                (row["adno"], row["subject"], int(row["version"])): target_version(row)
                for row in rows
            },
            applied=applied,
            query_answers=QueryAnswers.load(
                connection, context, subjects=subjects, applied=applied
            ),
        )

    def check_sheet(
        self, rows: Sequence[FormRow], written_versions: WrittenVersions
    ) -> None:
        """Check every row of one sheet.

        Args:
            rows: Rows of the sheet.
            written_versions: Returns, for an admission number, the versions of target
                and answer that the sheet was written with; None for another pupil.
        """
        by_adno: dict[str, list[FormRow]] = defaultdict(list)
        for row in rows:
            adno = self._match_adno(row, written_versions)
            if adno is not None:
                by_adno[adno].append(replace(row, adno=adno))
        for adno, pupil_rows in by_adno.items():
            written = written_versions(adno) or (0, 0)
            entries = [row for row in pupil_rows if self._has_entry(row, written[1])]
            if len({_entry_texts(row) for row in entries}) > 1:
                self._report_duplicates(entries)
            elif entries:
                self._check_row(entries[0], *written)

    def _has_entry(self, row: FormRow, answer_version: int) -> bool:
        if row.entry_keys == ("answer",):
            pair = (row.adno, row.subject)
            return self.query_answers.differs(row, pair, answer_version)
        return bool(row.entry_keys)

    def _match_adno(
        self, row: FormRow, written_versions: WrittenVersions
    ) -> str | None:
        """The pupil of a row; None, with a problem if it has an entry, for no pupil."""
        if row.adno and written_versions(row.adno) is not None:
            return row.adno
        if not row.entry_keys:
            return None
        candidates = [
            adno
            for adno in self.adnos_without_zeros.get(row.adno.lstrip("0"), [])
            if written_versions(adno)
        ]
        if row.adno and len(candidates) == 1:
            adno = candidates[0]
            self.problems.append(
                row_problem(
                    row,
                    "adno",
                    "adno-zeros",
                    f"The Adno has lost its leading zeros; it was read as {adno}.",
                    "Nothing to do.",
                    value=row.adno,
                    severity="warning",
                )
            )
            return adno
        self.row_count += 1
        self.refused_count += 1
        who = f"{row.adno!r} is" if row.adno else "Without an Adno, this is"
        self.problems.append(
            row_problem(
                row,
                "adno",
                "pupil-not-here",
                f"{who} no pupil of this sheet; the row was not applied.",
                "Put it into the row of the pupil it is meant for.",
                value=row.adno,
            )
        )
        return None

    def _report_duplicates(self, rows: Sequence[FormRow]) -> None:
        lines = " and ".join(str(row.line) for row in rows)
        self.row_count += 1
        self.refused_count += 1
        self.problems += [
            row_problem(
                row,
                "adno",
                "pupil-twice",
                f"The pupil is in rows {lines}, with different entries.",
                "Keep one of them and empty the other.",
                value=row.adno,
            )
            for row in rows
        ]

    def _check_row(self, row: FormRow, version: int, answer_version: int) -> None:
        self.row_count += 1
        pair = (row.adno, row.subject)
        self.addresses[pair] = f"{row.sheet}!{row.address('agreed_expected')}"
        agreed = None
        problems = self._check_names(row)
        if not problems:
            if {"agreed_expected", "agreed_aspirational"} & set(row.entry_keys):
                agreed, problems = self._check_target(row, pair, version)
            elif not row.cells["reason"].is_blank:
                self._warn_of_lone_reason(row)
            problems += self.query_answers.check_row(row, pair, answer_version)
        self.problems += problems
        self.refused_count += bool(problems)
        if agreed is None:
            return
        self.counts[agreed.outcome] += 1
        if agreed.outcome == "same":
            self.unchanged[pair] = int(self.current[pair]["version"])
        else:
            self.changes[pair] = (row, agreed)

    def _check_target(
        self, row: FormRow, pair: Pair, version: int
    ) -> tuple[AgreedTarget | None, list[Problem]]:
        applied = self.applied.get(pair)
        version = applied.version if applied and applied.version else version
        current = self.current.get(pair)
        scale = self.tables.scale(self.tables.subject(row.subject).scale)
        return RowChecker(scale, self.tables.codes, self.stretch).check(
            row,
            base=self.versions.get((*pair, version), TargetVersion(version)),
            now=target_version(current) if current else TargetVersion(),
        )

    def _warn_of_lone_reason(self, row: FormRow) -> None:
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

    def _check_names(self, row: FormRow) -> list[Problem]:
        """A problem if a row has one pupil's Adno and another pupil's name."""
        name = (row.cells["surname"].text, row.cells["forename"].text)
        expected = self.names.get(row.adno)
        if expected is None or not all(name) or any(map(str.__eq__, name, expected)):
            return []
        if name not in self.names.values():
            return []
        return [
            row_problem(
                row,
                "adno",
                "row-mixed-up",
                f"The row has the Adno {row.adno} ({expected[1]} {expected[0]}) and "
                f"the name of another pupil ({name[1]} {name[0]}): perhaps some "
                "columns were sorted without the others.",
                "Undo the sorting, or fill in a fresh copy.",
                value=row.adno,
            )
        ]


def target_version(row: Mapping[Any, Any]) -> TargetVersion:
    """A target version from a row of the table `targets`."""
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
