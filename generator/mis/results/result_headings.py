"""The headings of lists of results: one row or two, their fields and subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.mis.heading_spellings import (
    OTHER_FIGURES,
    OTHER_GRADES,
    RESULT_HEADINGS,
)
from generator.mis.headings import HeadingMeaning, heading_meaning
from generator.mis.results.subject_titles import SubjectTitles
from generator.mis.results.title_words import OtherKind, title_words
from generator.mis.values import compare_key
from generator.tabular.reader import LOOK_AHEAD
from generator.tabular.rows import TableRow

IDS = ("adno", "upn")
LINKS = ("candidate", "uci")  # numbers that a second list gives to a pupil
ROW_FIELDS = (*IDS, *LINKS)  # one of them says whose the row is
_LONG = ("subject", "grade", "level", "qan")


@dataclass
class ResultHeadings:
    """The headings of a list of results.

    Args:
        position: The position of the last heading row among the rows.
        texts: Column -> heading; of two heading rows, both texts.
        fields: Field -> column.
        subjects: Heading -> column, in a list with a row for each pupil.
        others: Column -> what it holds instead of a subject's results.
        duplicates: Headings of subjects that lose to an exact one, with that one.
        other_grades: Headings of grades that are no results, in a list with a subject
            in each row and no grade.
        score: How well they fit; 0 where they are no headings.
    """

    position: int = 0
    texts: dict[int, str] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)
    others: dict[int, OtherKind] = field(default_factory=dict)
    duplicates: dict[int, str] = field(default_factory=dict)
    other_grades: list[str] = field(default_factory=list)
    score: int = 0

    @property
    def has_row_per_result(self) -> bool:
        """Whether there is a row for each result."""
        return "grade" in self.fields and bool(self.fields.keys() & {"subject", "qan"})


class HeadingReader:
    """Find and read the headings of lists of results.

    Args:
        titles: The subjects that a column may be headed with.
        school: The school's own meanings of headings.
    """

    def __init__(
        self, titles: SubjectTitles, school: Mapping[str, HeadingMeaning]
    ) -> None:
        self.titles, self.school = titles, school

    def find(self, rows: Sequence[TableRow]) -> ResultHeadings:
        """Return the headings that fit best; their score is 0 if there are none."""
        best = ResultHeadings()
        for position, row in enumerate(rows[:LOOK_AHEAD]):
            headings = self.read(row.cells, position)
            if headings.score > best.score:
                best = headings
            below = rows[position + 1] if position + 1 < len(rows) else None
            if below is not None and (joined := self._join(row.cells, below.cells)):
                headings = self.read(joined, position + 1)
                if headings.score >= best.score and headings.score:
                    best = headings
        return best

    def _join(
        self, upper: Mapping[int, str], lower: Mapping[int, str]
    ) -> dict[int, str]:
        """The headings of two rows, subjects above what is given of them.

        `Maths` with `Predicted` and `Result` below it becomes `Maths Predicted` and
        `Maths Result`. Empty where the rows are no such headings.
        """
        words = title_words()
        if max(map(len, upper.values())) > 80:
            return {}
        measures = {c for c, text in lower.items() if words.is_only_words(text)}
        if not measures or not all(
            self._is_field(lower[c]) for c in lower.keys() - measures
        ):
            return {}
        joined: dict[int, str] = {}
        above, has_subject = "", False
        for column in range(max([*upper, *lower]) + 1):
            own = upper.get(column, "")
            above = own or above
            if column in measures:
                is_subject = self._names_subject(above)
                text = (
                    f"{above} {lower[column]}" if is_subject else own or lower[column]
                )
                joined[column] = text
                has_subject = has_subject or is_subject
            elif text := lower.get(column) or own:
                joined[column] = text
        return joined if has_subject else {}

    def _names_subject(self, text: str) -> bool:
        return bool(self.titles.read(text).base) and not self._is_field(text)

    def _is_field(self, text: str) -> bool:
        return heading_meaning(text, self.school).kind in ("field", "not kept")

    def read(self, texts: Mapping[int, str], position: int) -> ResultHeadings:
        """Read the cells of a row as headings."""
        headings = ResultHeadings(position, dict(texts), self._fields(texts))
        if not headings.has_row_per_result:
            if headings.fields.keys() & {"subject", "qan"}:
                headings.other_grades = [
                    text for text in texts.values() if compare_key(text) in OTHER_GRADES
                ]
            self._read_subjects(headings)
        fields = headings.fields
        matches = len(fields.keys() & {*ROW_FIELDS, *_LONG[:2], "qan"})
        subjects = len(headings.subjects) + len(headings.others)
        subjects += len(headings.other_grades)
        if matches + subjects > 1:
            headings.score = 4 * matches + min(subjects, 40)
            headings.score += 10 * bool(fields.keys() & set(ROW_FIELDS))
        return headings

    def _fields(self, headings: Mapping[int, str]) -> dict[str, int]:
        """Field -> column, for the fields of both shapes of list."""
        meanings = {
            c: heading_meaning(text, self.school) for c, text in headings.items()
        }
        columns: dict[str, int] = {}
        for column, text in headings.items():
            if meanings[column].rank != -1:  # the school's own meaning goes first
                columns.setdefault(compare_key(text), column)
        fields: dict[str, int] = {}
        for name, spellings in RESULT_HEADINGS.items():
            if name == "grade" and self.titles.as_results:
                spellings = (*spellings, *OTHER_GRADES)
            for key in spellings:
                if key in columns and columns[key] not in fields.values():
                    fields[name] = columns[key]
                    break
        ids: dict[str, int] = {}
        for column, meaning in sorted(
            meanings.items(), key=lambda item: (item[1].rank, item[0])
        ):
            if meaning.field in (*IDS, "weak_adno"):
                ids.setdefault(meaning.field, column)
        weak = ids.pop("weak_adno", None)
        if weak is not None and not ids:
            ids["adno"] = weak
        return fields | ids

    def _read_subjects(self, headings: ResultHeadings) -> None:
        """Find the columns of subjects, in a list with a row for each pupil."""
        exact: dict[str, str] = {}
        subjects: dict[str, str] = {}
        for column, text in headings.texts.items():
            is_field = heading_meaning(text, self.school).kind == "field"
            if is_field or compare_key(text) in OTHER_FIGURES:
                continue
            reading = self.titles.read(text)
            if reading.subject and text not in subjects:
                headings.subjects[text] = column
                subjects[text] = reading.subject
                if reading.is_exact:
                    exact.setdefault(reading.subject, text)
            elif reading.other and reading.base:
                headings.others[column] = reading.other
        for text, subject in subjects.items():
            best = exact.get(subject, text)
            if best != text and not self.titles.read(text).is_exact:
                headings.duplicates[headings.subjects.pop(text)] = best
        fields = headings.fields
        for name in _LONG:
            fields.pop(name, None)
        if fields.get("series") in headings.subjects.values():
            fields.pop("series")
