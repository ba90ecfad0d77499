"""Read each result of a list: its pupil, subject, grade and exam series."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from generator.mis import census_codes
from generator.mis.export_tables import ExportRow
from generator.mis.matching import PupilDirectory, find_pupil
from generator.mis.problem_log import ProblemLog
from generator.mis.results.read_results import ResultFiles, ResultList
from generator.mis.results.subject_titles import SubjectTitles, TitleMatch
from udfs.scales.scale import MONTHS, CellReading, Scale
from udfs.scales.subjects import a_level_subject_key
from udfs.tables import Tables

NOT_ENTERED, PENDING = "N/T", "Q"
_SEASONS = {"winter": 1, "january": 1, "spring": 3, "summer": 6, "autumn": 11}
_ISO_DATE = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")
_ISO_MONTH = re.compile(r"(20\d\d)-(\d{1,2})(-\d\d)?([ t].*)?")
_NUMERIC = re.compile(r"(?:\d{1,2}[/.-])?(\d{1,2})[/.-](20\d\d)")
_MONTH_NAME_FIRST = re.compile(r"([a-z]+)[ \-/]*((?:20)?\d\d)")
_YEAR_FIRST = re.compile(r"(20\d\d)[ \-/]*([a-z]+)")


@dataclass(frozen=True, slots=True)
class Result:
    """A result in a list.

    Args:
        adno: The pupil's admission number.
        subject: The school's name of the subject.
        grade: The grade on the subject's scale, or a code.
        points: In sixtieths of a point; None for a code.
        scale: The subject's scale.
        series: The exam series: `2027-06`, or the text in the list; often empty.
        title: The subject in the list's own words.
        row: The row.
        column: The field or heading of the grade.
    """

    adno: str
    subject: str
    grade: str
    points: int | None
    scale: str
    series: str
    title: str
    row: ExportRow
    column: str

    @property
    def place(self) -> str:
        """The cell as the store has it: `Sheet1!D7`, or `row 7`."""
        sheet, cell = self.row.table.sheet, self.row.place(self.column)
        return f"{sheet}!{cell}" if sheet else cell


class ResultsReader:
    """Read the results of all lists of one run, and count what is no result.

    Args:
        tables: Scales, subjects and codes.
        titles: The subjects that a title may mean.
        directory: The pupils.
        taught: Pupil -> the pupil's subjects.
    """

    def __init__(
        self,
        tables: Tables,
        titles: SubjectTitles,
        directory: PupilDirectory,
        taught: Mapping[str, Sequence[str]],
    ) -> None:
        self.tables, self.titles = tables, titles
        self.directory, self.taught = directory, taught
        self.problems = ProblemLog()
        self.refused = self.blank = self.not_entered = self.pending = 0
        self._candidates: dict[str, str] = {}

    def results(self, files: ResultFiles) -> list[Result]:
        """Return the results in the order of files and rows."""
        self._candidates = self._read_candidates(files.lists)
        return [
            result
            for result_list in files.lists
            if result_list.has_grades
            for row in result_list.table.rows
            for result in self._row_results(row, result_list)
        ]

    def _read_candidates(self, lists: Sequence[ResultList]) -> dict[str, str]:
        """Candidate number -> pupil; empty for a number of several pupils."""
        candidates: dict[str, str] = {}
        for result_list in lists:
            if not result_list.table.has("candidate"):
                continue
            for row in result_list.table.rows:
                number = row["candidate"].lstrip("0")
                adno = self.directory.match_row(row).adno
                if number and adno is not None:
                    is_same = candidates.setdefault(number, adno) == adno
                    candidates[number] = adno if is_same else ""
        return candidates

    def _row_results(self, row: ExportRow, result_list: ResultList) -> Iterator[Result]:
        cells = list(_grade_cells(row, result_list))
        filled = sum(bool(grade) for *_, grade in cells)
        if not filled:
            self.blank += len(cells)
            return
        adno = self._pupil(row)
        if adno is None:
            self.refused += filled
            return
        for title, column, grade in cells:
            if not grade:
                self.blank += not result_list.subject_columns
            elif result := self._result(row, adno, title, column, grade):
                yield result

    def _pupil(self, row: ExportRow) -> str | None:
        if row["adno"] or row["upn"] or not row.table.has("candidate"):
            return find_pupil(row, self.directory, self.problems)
        number = row["candidate"]
        adno = self._candidates.get(number.lstrip("0"))
        if not adno:
            self.problems.refuse(
                row, "candidate", "candidate-unknown",
                f"No list gives the pupil with the candidate number {number!r}."
                if adno is None else
                f"The candidate number {number!r} is given to several pupils.",
                "Name a second file that has Adno or UPN beside each candidate "
                "number: markbook results FILE CANDIDATES.",
            )  # fmt: skip
        return adno or None

    def _result(
        self, row: ExportRow, adno: str, title: str, column: str, cell: str
    ) -> Result | None:
        match = self.titles.match(title, self.taught.get(adno, ()))
        if not self._has_subject(row, adno, title, column, match):
            return None
        scale = self.tables.scale(self.tables.subject(match.subject).scale)
        grade = read_grade(scale, cell, self.tables)
        if grade.value is None:
            self.refused += 1
            self.problems.refuse(
                row,
                column,
                "grade-not-listed",
                f"{match.subject}: {_grade_fault(cell, grade, scale)}",
                f"Use one of: {', '.join(scale.grades)}, "
                f"{', '.join(code.name for code in self.tables.result_codes)}; or give "
                "the subject its scale under [[subjects]] in school.toml.",
                value=cell,
                adno=adno,
            )
            return None
        if grade.kind == "code":
            self.not_entered += grade.value == NOT_ENTERED
            self.pending += grade.value == PENDING
            if grade.value == NOT_ENTERED:
                return None
        points = scale.points(grade.value) if grade.kind == "grade" else None
        return Result(
            adno, match.subject, grade.value, points, scale.name, series_of(row), title,
            row, column,
        )  # fmt: skip

    def _has_subject(
        self, row: ExportRow, adno: str, title: str, column: str, match: TitleMatch
    ) -> bool:
        """Whether a title means one subject; refuse the row if not."""
        name = column if column != "grade" else "subject"
        if match.candidates or not match.subject:
            self.problems.refuse(
                row, name, "subject-unclear",
                f"{title!r} may be any of {', '.join(match.candidates)}."
                if match.candidates else "The row names no subject.",
                "Write which subject the result is in.", value=title, adno=adno,
            )  # fmt: skip
            self.refused += 1
            return False
        if not match.is_known:
            self.problems.warn(
                row, name, "subject-not-known",
                f"No subject is called {title!r}; its results are stored under that "
                "name, graded 9–1, and are compared with no prediction.",
                "If the school teaches it under another name, give that subject this "
                "synonym under [[subjects]] in school.toml and read the file again.",
                value=title, adno=adno,
            )  # fmt: skip
        return True


def _grade_cells(
    row: ExportRow, result_list: ResultList
) -> Iterator[tuple[str, str, str]]:
    """The (title, column, grade) of each possible result of a row."""
    if not result_list.subject_columns:
        title, level = row["subject"], row["level"]
        if level and level != title and a_level_subject_key(level):
            title = title if a_level_subject_key(title) else f"{title} A level"
        yield title, "grade", _without_dash(row["grade"])
        return
    for heading, column in result_list.subject_columns.items():
        yield heading, heading, _without_dash(row.cells.get(column, ""))


def _without_dash(cell: str) -> str:
    """A grade; empty for a dash and other texts that mean a blank."""
    return "" if cell.casefold() in census_codes.NOTHING else cell


def _grade_fault(cell: str, grade: CellReading, scale: Scale) -> str:
    if grade.kind == "clear" or not grade.question:
        return f"{cell!r} is not a grade of {scale.title}."
    return grade.question


def read_grade(scale: Scale, cell: str, tables: Tables) -> CellReading:
    """Read a grade on a subject's scale.

    Args:
        scale: The scale.
        cell: The cell's text; a date may be a grade that a spreadsheet changed.
        tables: The codes of results.
    """
    if day := _ISO_DATE.fullmatch(cell):
        try:
            return scale.read(date(int(day[1]), int(day[2]), int(day[3])))
        except ValueError:
            pass
    return scale.read(cell, tables.result_codes)


def series_of(row: ExportRow) -> str:
    """The exam series of a row: `2027-06`, or the text where the month is unclear."""
    text = row["series"]
    month, year = row["series_month"], row["series_year"]
    if not text and (month or year):
        text = f"{year}-{month}" if month.isdigit() else f"{month} {year}".strip()
    return month_of(text) or text


def month_of(text: str) -> str:
    """Return the month of an exam series as ISO text; empty where unclear.

    >>> month_of("Summer 2027"), month_of("Nov-26"), month_of("6/2027")
    ('2027-06', '2026-11', '2027-06')
    >>> month_of("2027 June"), month_of("6F27"), month_of("2027")
    ('2027-06', '', '')
    """
    key = " ".join(text.casefold().split())
    if match := _ISO_MONTH.fullmatch(key):
        return _iso_month(match[1], int(match[2]))
    if match := _NUMERIC.fullmatch(key):
        return _iso_month(match[2], int(match[1]))
    if match := _MONTH_NAME_FIRST.fullmatch(key):
        return _iso_month(match[2], _month_number(match[1]))
    if match := _YEAR_FIRST.fullmatch(key):
        return _iso_month(match[1], _month_number(match[2]))
    return ""


def _month_number(word: str) -> int:
    names = {name.casefold()[:3]: number for number, name in enumerate(MONTHS, 1)}
    return _SEASONS.get(word) or (names.get(word[:3], 0) if len(word) > 2 else 0)


def _iso_month(year: str, month: int) -> str:
    year = year if len(year) == 4 else f"20{year}"
    return f"{year}-{month:02d}" if 1 <= month <= 12 else ""


def academic_year_of_series(series: str) -> str:
    """Return the academic year of an exam series; empty where it has no month.

    >>> academic_year_of_series("2027-06"), academic_year_of_series("2026-11")
    ('2026/27', '2026/27')
    """
    if not re.fullmatch(r"20\d\d-\d\d", series):
        return ""
    first = int(series[:4]) - (int(series[5:]) < 9)
    return f"{first}/{(first + 1) % 100:02d}"
