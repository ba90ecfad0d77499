"""Each result of a list: whose it is, in which subject, and which grade."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from generator.mis import census_codes
from generator.mis.export_tables import ExportRow
from generator.mis.matching import PupilDirectory, ids, pupil_of
from generator.mis.problem_log import ProblemLog
from generator.mis.results.read_results import ResultFiles, ResultList
from generator.mis.results.subject_titles import SubjectTitles, TitleMatch
from generator.mis.values import identifier
from udfs.scales.scale import MONTHS, Scale
from udfs.scales.scale import CellReading as Said
from udfs.scales.subjects import a_level_subject_key
from udfs.tables import Tables

NOT_ENTERED, PENDING = "N/T", "Q"
_SEASONS = {"winter": 1, "january": 1, "spring": 3, "summer": 6, "autumn": 11}
_ISO_DATE = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")
_NUMERIC = re.compile(r"(?:\d{1,2}[/.-])?(\d{1,2})[/.-](20\d\d)")
_WORDED = re.compile(r"([a-z]+)[ \-/]*((?:20)?\d\d)")
_REVERSED = re.compile(r"(20\d\d)[ \-/]*([a-z]+)")


@dataclass(frozen=True, slots=True)
class Result:
    """One result as a list has it.

    Args:
        adno: Whose it is.
        subject: In which subject, by the school's name for it.
        grade: On the subject's scale, or a code.
        points: In sixtieths of a point; None for a code.
        scale: The subject's scale.
        series: When it was entered: `2027-06`, or as it stands; mostly empty.
        title: The subject in the list's own words.
        line: Its row.
        column: The heading of its column.
    """

    adno: str
    subject: str
    grade: str
    points: int | None
    scale: str
    series: str
    title: str
    line: ExportRow
    column: str

    @property
    def place(self) -> str:
        """Where it stands, as the store keeps it: `Sheet1!D7`, or `row 7`."""
        sheet, cell = self.line.table.sheet, self.line.place(self.column)
        return f"{sheet}!{cell}" if sheet else cell


class ResultsReader:
    """The results of all lists of one run, and what could not be read.

    Args:
        tables: Scales, subjects and codes.
        titles: The subjects that a title may mean.
        directory: The pupils there are.
        taught: Pupil -> the subjects the pupil is taught.
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
        self.faults = ProblemLog()
        self.refused = self.blank = self.not_entered = self.pending = 0
        self._candidates: dict[str, str] = {}

    def results(self, files: ResultFiles) -> list[Result]:
        """Every result that can be read, in the order of the files and rows."""
        self._candidates = self._known_candidates(files.lists)
        return [one for each in files.lists if each.grades for one in self._of(each)]

    def _known_candidates(self, lists: Sequence[ResultList]) -> dict[str, str]:
        """Candidate number -> pupil, from rows that have both; a doubtful one: none."""
        found: dict[str, str] = {}
        for one in lists:
            if "candidate" not in one.table.fields:
                continue
            for line in one.table.rows:
                number = identifier(line["candidate"]).lstrip("0")
                adno = self.directory.match(*ids(line)).adno
                if number and adno is not None:
                    same = found.setdefault(number, adno) == adno
                    found[number] = adno if same else ""
        return found

    def _of(self, one: ResultList) -> Iterator[Result]:
        for line in one.table.rows:
            asked = list(self._asked(line, one))
            if not any(grade for *_, grade in asked):
                self.blank += len(asked)
                continue
            adno = self._pupil(line)
            if adno is None:
                self.refused += sum(bool(grade) for *_, grade in asked)
                continue
            for title, column, grade in asked:
                if not grade:
                    self.blank += not one.wide
                    continue
                result = self._result(line, adno, title, column, grade)
                if result is not None:
                    yield result

    def _asked(
        self, line: ExportRow, one: ResultList
    ) -> Iterator[tuple[str, str, str]]:
        """Title, heading and grade of every result that a row may have."""
        if not one.wide:
            title, level = line["subject"], line["level"]
            if (
                level
                and level != title
                and a_level_subject_key(level)
                and not a_level_subject_key(title)
            ):
                title = f"{title} A level"
            yield title, "grade", _grade(line["grade"])
            return
        for heading, column in one.wide.items():
            yield heading, heading, _grade(line.cells.get(column, ""))

    def _pupil(self, line: ExportRow) -> str | None:
        if any(ids(line)) or "candidate" not in line.table.fields:
            return pupil_of(line, self.directory, self.faults)
        number = identifier(line["candidate"])
        adno = self._candidates.get(number.lstrip("0"))
        if not adno:
            self.faults.refuse(
                line, "candidate", "candidate-unknown",
                f"Whose the candidate number {number!r} is, no list says."
                if adno is None else
                f"The candidate number {number!r} is given to several pupils.",
                "Name a second file that has Adno or UPN beside each candidate "
                "number: markbook results FILE CANDIDATES.",
            )  # fmt: skip
        return adno or None

    def _result(
        self, line: ExportRow, adno: str, title: str, column: str, cell: str
    ) -> Result | None:
        meant = self.titles.match(title, self.taught.get(adno, ()))
        if not self._is_one_subject(line, adno, title, column, meant):
            return None
        scale = self.tables.scale(self.tables.subject(meant.subject).scale)
        said = read_grade(scale, cell, self.tables)
        if said.value is None:
            self._refuse_grade(line, adno, column, cell, meant.subject, said, scale)
            return None
        if said.kind == "code":
            self.not_entered += said.value == NOT_ENTERED
            self.pending += said.value == PENDING
            if said.value == NOT_ENTERED:
                return None
        return Result(
            adno, meant.subject, said.value,
            scale.points(said.value) if said.kind == "grade" else None,
            scale.name, series_of(line), title, line, column,
        )  # fmt: skip

    def _is_one_subject(
        self, line: ExportRow, adno: str, title: str, column: str, meant: TitleMatch
    ) -> bool:
        where = column if column != "grade" else "subject"
        if meant.several or not meant.subject:
            told = (
                f"{title!r} may be any of {', '.join(meant.several)}."
                if meant.several else "The row names no subject."
            )  # fmt: skip
            self.faults.refuse(
                line, where, "subject-unclear", told,
                "Write which subject the result is in.", value=title, adno=adno,
            )  # fmt: skip
            self.refused += 1
            return False
        if not meant.known:
            self.faults.warn(
                line, where, "subject-not-known",
                f"No subject is called {title!r}; its results are taken under that "
                "name, graded 9–1, and are compared with no prediction.",
                "If the school teaches it under another name, give that subject this "
                "synonym under [[subjects]] in school.toml and read the file again.",
                value=title, adno=adno,
            )  # fmt: skip
        return True

    def _refuse_grade(
        self,
        line: ExportRow,
        adno: str,
        column: str,
        cell: str,
        subject: str,
        said: Said,
        scale: Scale,
    ) -> None:
        self.refused += 1
        if said.kind == "clear" or not said.question:
            what = f"{cell!r} is not a grade of {scale.title}."
        else:
            what = said.question
        codes = ", ".join(code.name for code in self.tables.result_codes)
        self.faults.refuse(
            line, column, "grade-not-listed", f"{subject}: {what}",
            f"Use one of: {', '.join(scale.grades)}, {codes}; or give the subject its "
            "scale under [[subjects]] in school.toml.",
            value=cell, adno=adno,
        )  # fmt: skip


def read_grade(scale: Scale, cell: str, tables: Tables) -> Said:
    """What a cell of a list of results says on a subject's scale.

    Args:
        scale: The subject's scale.
        cell: The cell's text; a date that a spreadsheet made of a grade is one.
        tables: The codes of results.
    """
    if day := _ISO_DATE.fullmatch(cell):
        try:
            return scale.read(date(int(day[1]), int(day[2]), int(day[3])))
        except ValueError:
            pass
    return scale.read(cell, tables.result_codes)


def series_of(line: ExportRow) -> str:
    """When a result was entered: `2027-06` where it can be read, else as it stands."""
    text = line["series"]
    month, year = line["series_month"], line["series_year"]
    if not text and (month or year):
        text = f"{year}-{month}" if month.isdigit() else f"{month} {year}".strip()
    return month_of(text) or text


def month_of(text: str) -> str:
    """A month as ISO text, from what lists of results call it; empty where unclear.

    >>> month_of("Summer 2027"), month_of("Nov-26"), month_of("6/2027")
    ('2027-06', '2026-11', '2027-06')
    >>> month_of("2027 June"), month_of("6F27"), month_of("2027")
    ('2027-06', '', '')
    """
    plain = " ".join(text.casefold().split())
    if day := re.fullmatch(r"(20\d\d)-(\d{1,2})(-\d\d)?([ t].*)?", plain):
        return _month(day[1], int(day[2]))
    if worded := _NUMERIC.fullmatch(plain):
        return _month(worded[2], int(worded[1]))
    if worded := _WORDED.fullmatch(plain):
        return _month(worded[2], _named(worded[1]))
    if worded := _REVERSED.fullmatch(plain):
        return _month(worded[1], _named(worded[2]))
    return ""


def _named(word: str) -> int:
    names = {name.casefold()[:3]: place for place, name in enumerate(MONTHS, 1)}
    return _SEASONS.get(word) or (names.get(word[:3], 0) if len(word) > 2 else 0)


def _month(year: str, month: int) -> str:
    whole = year if len(year) == 4 else f"20{year}"
    return f"{whole}-{month:02d}" if 1 <= month <= 12 else ""


def academic_year_of_series(series: str) -> str:
    """The academic year of an entry, from its month; empty where there is none.

    >>> academic_year_of_series("2027-06"), academic_year_of_series("2026-11")
    ('2026/27', '2026/27')
    """
    if not re.fullmatch(r"20\d\d-\d\d", series):
        return ""
    first = int(series[:4]) - (int(series[5:]) < 9)
    return f"{first}/{(first + 1) % 100:02d}"


def _grade(cell: str) -> str:
    """What stands there; nothing where a dash or the like says that it is blank."""
    return "" if cell.casefold() in census_codes.NOTHING else cell
