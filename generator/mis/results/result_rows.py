"""Read each result of a list: its pupil, subject, grade and exam series."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.mis import census_codes
from generator.mis.export_tables import ExportRow
from generator.mis.matching import PupilDirectory, find_pupil
from generator.mis.problem_log import ProblemLog
from generator.mis.results.exam_dates import date_in_cell, series_of
from generator.mis.results.read_results import ResultFiles, ResultList
from generator.mis.results.result_headings import LINKS
from generator.mis.results.subject_titles import SubjectTitles, TitleMatch
from generator.mis.results.title_words import UNKNOWN, OtherKind, qualification_number
from udfs.scales.scale import CellReading, Scale
from udfs.tables import Tables

NOT_ENTERED, PENDING = "N/T", "Q"
_LINK_NAMES = {"candidate": "candidate number", "uci": "UCI"}


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
        is_exact: Whether the title is the subject's name and nothing else.
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
    is_exact: bool = False

    @property
    def place(self) -> str:
        """The cell as the store has it: `Sheet1!D7`, or `row 7`."""
        sheet, cell = self.row.table.sheet, self.row.place(self.column)
        return f"{sheet}!{cell}" if sheet else cell


@dataclass(frozen=True, slots=True)
class OtherResult:
    """A cell that is no result of its subject.

    Args:
        row: Its row.
        name: The field or heading that says so.
        adno: The pupil's admission number.
        title: What it is called in the list.
        kind: What it is instead.
        base: The subject that it names; empty if none.
    """

    row: ExportRow
    name: str
    adno: str
    title: str
    kind: OtherKind
    base: str


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
        self.others = 0  # cells that are no results of their subjects
        self.endorsements: dict[str, None] = {}
        self._links: dict[tuple[str, str], str] = {}
        self._other_results: list[OtherResult] = []

    def results(self, files: ResultFiles) -> list[Result]:
        """Return the results in the order of files and rows."""
        self._links = self._read_links(files.lists)
        self.endorsements.update(dict.fromkeys(files.endorsements))
        results = [
            result
            for result_list in files.lists
            if result_list.has_grades
            for row in result_list.table.rows
            for result in self._row_results(row, result_list)
        ]
        self._report_others(results)
        return results

    def _read_links(self, lists: Sequence[ResultList]) -> dict[tuple[str, str], str]:
        """Candidate number or UCI -> pupil; empty where it is given to several."""
        links: dict[tuple[str, str], str] = {}
        for result_list in lists:
            for name in LINKS:
                if not result_list.table.has(name):
                    continue
                for row in result_list.table.rows:
                    key = (name, _link(row, name))
                    adno = self.directory.match_row(row).adno
                    if key[1] and adno is not None:
                        is_same = links.setdefault(key, adno) == adno
                        links[key] = adno if is_same else ""
        return links

    def _row_results(self, row: ExportRow, result_list: ResultList) -> Iterator[Result]:
        cells = list(_grade_cells(row, result_list, self.titles))
        filled = sum(bool(grade) for *_, grade in cells)
        if not filled:
            self.blank += len(cells)
            return
        adno = self._pupil(row)
        if adno is None:
            self.refused += filled
            return
        if other := result_list.other_kind(row):
            kind, text = other
            base = "" if result_list.subject_columns else cells[0][0]
            self._other_results += [
                OtherResult(row, column, adno, text, kind, base)
                for _, column, grade in cells if grade
            ]  # fmt: skip
            return
        for title, column, grade in cells:
            if not grade:
                self.blank += not result_list.subject_columns
            elif result := self._result(row, adno, title, column, grade):
                yield result

    def _pupil(self, row: ExportRow) -> str | None:
        names = [name for name in LINKS if row[name]]
        if row["adno"] or row["upn"] or not names:
            return find_pupil(row, self.directory, self.problems)
        found = [self._links.get((name, _link(row, name))) for name in names]
        for adno in found:
            if adno:
                return adno
        name, called = names[0], _LINK_NAMES[names[0]]
        self.problems.refuse(
            row, name, f"{name}-unknown",
            f"No list gives the pupil with the {called} {row[name]!r}."
            if found[0] is None else
            f"The {called} {row[name]!r} is given to several pupils.",
            f"Name a second file that has Adno or UPN beside each {called}: "
            "markbook results FILE CANDIDATES.",
        )  # fmt: skip
        return None

    def _result(
        self, row: ExportRow, adno: str, title: str, column: str, cell: str
    ) -> Result | None:
        level = row["level"] if row["level"] != title else ""
        match = self.titles.match(title, self.taught.get(adno, ()), level)
        reading = match.reading
        if reading.other and not match.candidates:
            said = f"{title} ({level})" if level else title
            name = column if column != "grade" else "subject"
            self._other_results.append(
                OtherResult(row, name, adno, said, reading.other, reading.base)
            )
            return None
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
            row, column, reading.is_exact,
        )  # fmt: skip

    def _report_others(self, results: Sequence[Result]) -> None:
        """Name what is no result of its subject, once for each title.

        It is left out with a warning where the pupil has the result as well, or where
        it is no result at all; a qualification or a part of one that stands alone is
        refused, for somebody may miss it.
        """
        present = {(result.adno, result.subject) for result in results}
        for other in self._other_results:
            kind = other.kind
            if kind.quiet:
                self.others += 1
                self.endorsements[other.title] = None
                continue
            own = self.taught.get(other.adno, ())
            names = {
                self.titles.match(name, own).subject
                for name in (other.base, f"{other.base} A level") if other.base
            }  # fmt: skip
            is_beside = any((other.adno, name) in present for name in names)
            what = f"{other.title!r} is {_says(kind)}: it was left out."
            do = (
                "Nothing, if that is right; else name the subject alone, or give the "
                "school a subject of this name under [[subjects]] in school.toml."
            )
            place, code = (other.row, other.name), "not-the-result"
            if kind.refuses_list or kind.kind == "figure" or is_beside:
                self.others += 1
                self.problems.warn(*place, code, what, do, value=other.title)
            else:
                self.refused += 1
                self.problems.refuse(*place, code, what, do, value=other.title)

    def _has_subject(
        self, row: ExportRow, adno: str, title: str, column: str, match: TitleMatch
    ) -> bool:
        """Whether a title means one subject; refuse the row if not."""
        name = column if column != "grade" else "subject"
        if qualification_number(title) and not match.is_known:
            self.problems.refuse(
                row, "qan" if row["qan"] else name, "qualification-number-unknown",
                f"No subject has the qualification number {title}.",
                "Give its subject this qualification_number under [[subjects]] in "
                "school.toml.", value=title, adno=adno,
            )  # fmt: skip
            self.refused += 1
            return False
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


def _link(row: ExportRow, name: str) -> str:
    """A candidate number or UCI in one spelling."""
    if name == "candidate":
        return row[name].lstrip("0")
    return re.sub(r"[\W_]+", "", row[name]).upper()


def _says(kind: OtherKind) -> str:
    if kind.kind == UNKNOWN:
        return "more than the name of a subject"
    return f"{kind.what}, not the result of the subject"


def _grade_cells(
    row: ExportRow, result_list: ResultList, titles: SubjectTitles
) -> Iterator[tuple[str, str, str]]:
    """The (title, column, grade) of each possible result of a row."""
    if not result_list.subject_columns:
        title, number = row["subject"], row["qan"]
        if number and (not title or titles.has_subject(number)):
            title = number
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
    if day := date_in_cell(cell):
        return scale.read(day)
    return scale.read(cell, tables.result_codes)
