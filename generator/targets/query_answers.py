"""Answers to teachers' queries, as a moderation workbook gives them."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from generator.problems import Problem
from generator.school.school import School
from generator.store import targets as stored
from generator.store.moderations import AppliedRow, Pair
from generator.store.targets import KEY
from generator.targets.check_row import read_text, row_problem
from generator.targets.drafting import enrolment_rows
from generator.targets.evidence import add_answers, add_marks
from generator.targets.form import NAME_LENGTH, TEXT_LENGTH
from generator.targets.read_form import FormRow
from udfs.tables import Tables
from udfs.text import tidy


@dataclass
class QueryAnswers:
    """The queries of some subjects, and the answers that a workbook gives them.

    Args:
        queries: Pupil and subject -> the latest query, the collection it is of, its
            answer and the answer's version.
        texts: Pupil, subject, collection and version -> an answer ever given.
        taken: What was taken from this workbook before.
        given: The answers taken now.
    """

    queries: Mapping[Pair, Mapping[str, Any]]
    texts: Mapping[tuple[str, str, str, int], str]
    applied: Mapping[Pair, AppliedRow]
    new_answers: dict[Pair, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        connection: Connection,
        school: School,
        tables: Tables,
        *,
        subjects: Some[str],
        taken: Mapping[Pair, AppliedRow],
    ) -> QueryAnswers:
        """The queries and answers of some subjects, as they stand in the store."""
        rows = enrolment_rows(connection, school, tables)
        rows = rows.loc[rows["subject"].isin(subjects)].reset_index(drop=True)
        rows = add_answers(connection, add_marks(connection, rows, school, tables))
        asked = rows.loc[rows["query"].ne("")]
        columns = ["query", "query_in", "answer", "answer_version"]
        every = stored.answer_versions(connection)
        return cls(
            queries={
                (adno, subject): dict(zip(columns, rest, strict=True))
                for adno, subject, *rest in asked[[*KEY, *columns]].to_numpy().tolist()
            },
            texts={
                (adno, subject, collection, int(version)): text
                for adno, subject, collection, version, text in every[
                    [*KEY, "collection", "version", "answer"]
                ]
                .to_numpy()
                .tolist()
            },
            taken=taken,
        )

    def differs(self, row: FormRow, pair: Pair, shown: int) -> bool:
        """Whether a row's answer says something that the workbook did not."""
        cell = row.cells["answer"]
        return bool(cell.problem) or tidy(cell.text) != self._base_answer(pair, shown)

    def check_row(self, row: FormRow, pair: Pair, shown: int) -> list[Problem]:
        """Take a row's answer, or say why it cannot be taken.

        Args:
            row: The row.
            pair: The pupil and subject.
            shown: The version of the answer that the workbook was written with.
        """
        if row.cells["answer"].is_blank or not self.differs(row, pair, shown):
            return []
        text, faults = read_text(row, "answer", TEXT_LENGTH)
        by, more = read_text(row, "by", NAME_LENGTH)
        if faults := faults + more:
            return faults
        query = self.queries.get(pair)
        if query is None:
            return [
                row_problem(
                    row,
                    "answer",
                    "no-query",
                    "There is no query of a teacher to answer here.",
                    "Give it as a reason, or take it out.",
                    value=text[:40],
                )
            ]
        if tidy(query["query"]) != row.cells["query"].text:
            return [
                row_problem(
                    row,
                    "answer",
                    "query-changed",
                    "The teacher has changed the query since this workbook was "
                    f"written: {query['query']!r}.",
                    "Nothing was answered. Write the workbook again.",
                    value=text[:40],
                )
            ]
        if text == tidy(query["answer"]):
            return []
        if tidy(query["answer"]) != self._base_answer(pair, shown):
            return [
                row_problem(
                    row,
                    "answer",
                    "answer-changed",
                    "The query has been answered elsewhere since: "
                    f"{query['answer']!r}.",
                    "Nothing was changed. Write the workbook again.",
                    value=text[:40],
                )
            ]
        self.new_answers[pair] = {
            "answer": text,
            "by": by,
            "cell": f"{row.sheet}!{row.address('answer')}",
        }
        return []

    def save(
        self,
        connection: Connection,
        *,
        academic_year: str,
        file: str,
        at: str,
        who: str,
    ) -> dict[Pair, int]:
        """Put the answers down; pupil and subject -> the version of each."""
        made: dict[Pair, int] = {}
        rows = []
        for pair, given in self.new_answers.items():
            query = self.queries[pair]
            key = (*pair, query["query_in"])
            made[pair] = 1 + max(
                (version for *place, version in self.texts if tuple(place) == key),
                default=0,
            )
            rows.append(
                {
                    **dict(zip((*KEY, "collection"), key, strict=True)),
                    "version": made[pair],
                    "academic_year": academic_year,
                    "query": query["query"],
                    "answer": given["answer"],
                    "answered_by": given["by"] or who,
                    "answered_at": at,
                    "file": file,
                    "cell": given["cell"],
                }
            )
        stored.add_answers(connection, rows)
        return made

    def _base_answer(self, pair: Pair, shown: int) -> str:
        """The answer this workbook was written with, or that was taken from it."""
        before = self.applied.get(pair)
        version = before.answer if before and before.answer else shown
        query = self.queries.get(pair)
        if not version or query is None:
            return ""
        return tidy(self.texts.get((*pair, query["query_in"], version), ""))
