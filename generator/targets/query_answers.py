"""The answers to teachers' queries in a moderation workbook."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from generator.context import Context
from generator.problems import Problem
from generator.store import targets as stored
from generator.store.moderations import AppliedRow, Pair
from generator.store.targets import KEY
from generator.targets.check_row import read_text, row_problem
from generator.targets.drafting import enrolment_rows
from generator.targets.evidence import add_answers, add_marks
from generator.targets.form import NAME_LENGTH, TEXT_LENGTH
from generator.targets.read_form import FormRow
from udfs.text import tidy


@dataclass
class QueryAnswers:
    """The queries of some subjects, and the answers in one workbook.

    Args:
        queries: Pupil and subject -> the latest query, its collection, its answer and
            the answer's version.
        texts: Pupil, subject, collection and version -> any stored answer.
        applied: Rows applied from this workbook before.
        new_answers: Answers found in the workbook, to be saved.
    """

    queries: Mapping[Pair, Mapping[str, Any]]
    texts: Mapping[tuple[str, str, str, int], str]
    applied: Mapping[Pair, AppliedRow]
    new_answers: dict[Pair, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        connection: Connection,
        context: Context,
        *,
        subjects: Collection[str],
        applied: Mapping[Pair, AppliedRow],
    ) -> QueryAnswers:
        """Load the queries and answers of some subjects from the store."""
        rows = enrolment_rows(connection, context)
        rows = rows.loc[rows["subject"].isin(subjects)].reset_index(drop=True)
        rows = add_answers(connection, add_marks(connection, rows, context))
        rows = rows.loc[rows["query"].ne("")]
        columns = ["query", "query_in", "answer", "answer_version"]
        answers = stored.answer_versions(connection)
        answers = answers[[*KEY, "collection", "version", "answer"]]
        return cls(
            queries={
                (adno, subject): dict(zip(columns, values, strict=True))
                for adno, subject, *values in rows[[*KEY, *columns]].to_numpy().tolist()
            },
            texts={
                (adno, subject, collection, int(version)): text
                for adno, subject, collection, version, text in (
                    answers.to_numpy().tolist()
                )
            },
            applied=applied,
        )

    def differs(self, row: FormRow, pair: Pair, written_version: int) -> bool:
        """Whether a row's answer differs from the one in the workbook as written."""
        cell = row.cells["answer"]
        base = self._base_answer(pair, written_version)
        return bool(cell.problem) or tidy(cell.text) != base

    def check_row(
        self, row: FormRow, pair: Pair, written_version: int
    ) -> list[Problem]:
        """Accept a row's answer, or return its problems.

        Args:
            row: Row of the workbook.
            pair: Pupil and subject of the row.
            written_version: Version of the answer that the workbook was written with.
        """
        if row.cells["answer"].is_blank or not self.differs(row, pair, written_version):
            return []
        text, problems = read_text(row, "answer", TEXT_LENGTH)
        by, by_problems = read_text(row, "by", NAME_LENGTH)
        if problems := problems + by_problems:
            return problems
        query = self.queries.get(pair)
        conflict = self._conflict(row, pair, query, text, written_version)
        if conflict is not None:
            code, what, do = conflict
            return [row_problem(row, "answer", code, what, do, value=text[:40])]
        if query is not None and text != tidy(query["answer"]):
            self.new_answers[pair] = {
                "answer": text,
                "by": by,
                "cell": f"{row.sheet}!{row.address('answer')}",
            }
        return []

    def _conflict(
        self,
        row: FormRow,
        pair: Pair,
        query: Mapping[str, Any] | None,
        text: str,
        written_version: int,
    ) -> tuple[str, str, str] | None:
        # Code, what and what to do if the answer does not fit the query now.
        if query is None:
            return (
                "no-query",
                "There is no query of a teacher to answer here.",
                "Give it as a reason, or take it out.",
            )
        if tidy(query["query"]) != row.cells["query"].text:
            return (
                "query-changed",
                "The teacher has changed the query since this workbook was written: "
                f"{query['query']!r}.",
                "Nothing was answered. Write the workbook again.",
            )
        answer = tidy(query["answer"])
        if answer not in (text, self._base_answer(pair, written_version)):
            return (
                "answer-changed",
                f"The query has been answered elsewhere since: {query['answer']!r}.",
                "Nothing was changed. Write the workbook again.",
            )
        return None

    def save(
        self, connection: Connection, context: Context, file: str
    ) -> dict[Pair, int]:
        """Save the new answers.

        Args:
            connection: A transaction of the store.
            context: Academic year, moment and person of the run.
            file: Name of the workbook.

        Returns:
            Pupil and subject -> the version of the new answer.
        """
        versions: dict[Pair, int] = {}
        rows = []
        for pair, answer in self.new_answers.items():
            query = self.queries[pair]
            key = (*pair, query["query_in"])
            versions[pair] = 1 + max(
                (version for *other, version in self.texts if tuple(other) == key),
                default=0,
            )
            rows.append(
                {
                    **dict(zip((*KEY, "collection"), key, strict=True)),
                    "version": versions[pair],
                    "academic_year": context.school.academic_year,
                    "query": query["query"],
                    "answer": answer["answer"],
                    "answered_by": answer["by"] or context.who,
                    "answered_at": context.moment,
                    "file": file,
                    "cell": answer["cell"],
                }
            )
        stored.add_answers(connection, rows)
        return versions

    def _base_answer(self, pair: Pair, written_version: int) -> str:
        """The answer last applied from this workbook, or that it was written with."""
        applied = self.applied.get(pair)
        version = applied.answer if applied and applied.answer else written_version
        query = self.queries.get(pair)
        if not version or query is None:
            return ""
        return tidy(self.texts.get((*pair, query["query_in"], version), ""))
