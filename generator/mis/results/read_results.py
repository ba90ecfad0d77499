"""Read lists of exam results: a row for each result, or a row for each pupil."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.mis.export_tables import (
    ExportRow,
    ExportTable,
    missing_value_warnings,
    sheet_skipped_warning,
)
from generator.mis.headings import HeadingMeaning, heading_meaning, school_headings
from generator.mis.results.result_columns import other_columns, unknown_subjects
from generator.mis.results.result_headings import (
    IDS,
    LINKS,
    ROW_FIELDS,
    HeadingReader,
    ResultHeadings,
)
from generator.mis.results.subject_titles import SubjectTitles
from generator.mis.results.title_words import (
    OtherKind,
    title_words,
)
from generator.mis.values import compare_key
from generator.names import shown_path
from generator.problems import Problem
from generator.tabular.reader import (
    raise_missing_files,
    raise_unreadable,
    read_table_file,
    unreadable_problem,
)
from generator.tabular.rows import TableSheet, Unreadable
from udfs.tables import Tables

_YEAR = re.compile(r"20\d\d")
_TOTAL = re.compile(
    r"(grand |sub ?)?(totals?|counts?|averages?|means?|entries|number|no of|sum"
    r"|per ?cent|points)\b"
)
_EDI_NAME = re.compile(r"[EPRT][0-9A-Z]{5,9}\.X\d\d", re.I)
_REPEAT = "If these are the results all the same, repeat it with --as-results."


@dataclass
class ResultList:
    """A list of results.

    Args:
        table: Its columns and rows; the fields are `adno`, `upn`, `candidate` and, in a
            list with a row for each result, `subject`, `grade`, `level`, `series`.
        subject_columns: Heading -> column, in a list with a row for each pupil.
        has_grades: Whether it holds results; else it gives candidate numbers only.
        value_columns: Other columns whose values may say that a row is no result.
    """

    table: ExportTable
    subject_columns: dict[str, int] = field(default_factory=dict)
    has_grades: bool = True
    value_columns: tuple[int, ...] = ()

    def other_kind(self, row: ExportRow) -> tuple[OtherKind, str] | None:
        """What a row says it is instead of a result, with its words, or None."""
        for column in self.value_columns:
            if text := row.cells.get(column, ""):
                heading = self.table.headings[column]
                if kind := title_words().kind_of_value(text, heading):
                    return kind, f"{heading} {text}"
        return None


@dataclass
class ResultFiles:
    """The lists of results of all files.

    Args:
        files: The names of the files in messages.
        lists: Their lists.
        problems: Files, columns and sheets that were left out, with the reason.
        endorsements: Titles that are expected beside a result and were left out.
    """

    files: tuple[str, ...]
    lists: list[ResultList] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    endorsements: list[str] = field(default_factory=list)


def read_results(
    files: Sequence[Path],
    tables: Tables,
    titles: SubjectTitles,
    columns: Mapping[str, str] | None = None,
    *,
    root: Path | None = None,
) -> ResultFiles:
    """Read lists of results, CSV or XLSX, with any usual headings.

    Args:
        files: The files.
        tables: Scales and codes, which tell a column of grades.
        titles: The subjects that a column may be headed with.
        columns: `[columns]` of `school.toml`: heading -> field.
        root: The folder from which messages name the files; None: by name alone.

    Raises:
        Unreadable: If a file cannot be read or holds no list of results; the message
            names each of them with the reason.
        UnknownField: If `columns` names a field that does not exist.
    """
    if not files:
        raise Unreadable(
            "No file of results is named.", "Write: markbook results FILE."
        )
    names = [shown_path(path, root, short=True) for path in files]
    raise_missing_files(files, names)
    reader = _ResultFileReader(tables, titles, school_headings(columns or {}))
    errors: list[tuple[str, Unreadable]] = []
    for path, name in zip(files, names, strict=True):
        try:
            reader.read(path, name)
        except Unreadable as error:
            errors.append((name, error))
    if not errors and not any(each.has_grades for each in reader.lists):
        errors.append(("", _no_results(", ".join(names))))
    if not any(each.has_grades for each in reader.lists):
        raise_unreadable([error for _, error in errors])
    reader.problems += [unreadable_problem(*error) for error in errors]
    return ResultFiles(
        tuple(names), reader.lists, reader.problems, list(reader.endorsements)
    )


def _no_results(file: str) -> Unreadable:
    if _EDI_NAME.fullmatch(file):
        return Unreadable(
            f"{file} is for the exams program of an MIS (EDI), which is not read.",
            "Export a broadsheet of results from the MIS, or CSV with UCI and QAN.",
        )
    return Unreadable(
        f"{file} holds no results that are recognised.",
        "It needs Adno or UPN, then either Subject and Grade, or a column for each "
        "subject headed with its name.",
    )


class _ResultFileReader:
    """Read the files of one run; their lists and problems add up.

    Args:
        tables: Scales and codes.
        titles: The subjects that a column may be headed with.
        school: The school's own meanings of headings.
    """

    def __init__(
        self,
        tables: Tables,
        titles: SubjectTitles,
        school: Mapping[str, HeadingMeaning],
    ) -> None:
        self.titles, self.school = titles, school
        self.headings = HeadingReader(titles, school)
        self.scales = [s for s in tables.scales.values() if not s.judgement]
        self.lists: list[ResultList] = []
        self.problems: list[Problem] = []
        self.endorsements: dict[str, None] = {}

    def read(self, path: Path, file: str) -> None:
        """Read a file.

        Raises:
            Unreadable: If it cannot be read or holds no list of results.
        """
        sheets = read_table_file(
            path, file, lambda rows: self.headings.find(rows).score
        )
        number_of_lists = len(self.lists)
        errors: list[Unreadable] = []
        skipped: list[TableSheet] = []
        for sheet in sheets:
            headings = self.headings.find(sheet.rows)
            if not headings.score:
                skipped.append(sheet)
                continue
            if error := self._refusal(path, file, sheet, headings):
                errors.append(error)
            elif _is_result_list(headings):
                self._add_list(file, sheet, headings)
            elif headings.has_row_per_result:
                errors.append(_without_ids(file))
            else:
                skipped.append(sheet)
        if len(self.lists) == number_of_lists:
            raise errors[0] if errors else _no_results(file)
        self.problems += [unreadable_problem(file, error) for error in errors]
        self.problems += [
            sheet_skipped_warning(
                file, sheet, "results that are recognised",
                "Nothing, if it is no list of results; else it needs Adno or UPN.",
            )
            for sheet in skipped if sheet.name and sheet.rows
        ]  # fmt: skip

    def _refusal(
        self, path: Path, file: str, sheet: TableSheet, headings: ResultHeadings
    ) -> Unreadable | None:
        """Why a list holds something else than results; None if it holds results."""
        place = f"{file} (sheet {sheet.name})" if sheet.name else file
        others = [
            (headings.texts[column], kind)
            for column, kind in headings.others.items()
            if kind.refuses_list
        ]
        if not headings.has_row_per_result and not headings.subjects:
            if others:
                named = ", ".join(repr(text) for text, _ in others[:4])
                return Unreadable(
                    f"{place} holds no results: its headings say that they are "
                    f"{_kinds([kind for _, kind in others])} ({named}).",
                    f"Nothing of it was stored. {_REPEAT}",
                )
            if grades := headings.other_grades:
                return Unreadable(
                    f"{place} holds no results: the grades are headed {grades[0]!r}.",
                    f"Nothing of it was stored. {_REPEAT}",
                )
        if others or self.titles.as_results:
            return None  # what is no result is said column by column
        heading_texts = set(headings.texts.values())
        for text in _list_titles(path, sheet, headings.position):
            kind = title_words().kind_of_title(text)
            if kind and text not in heading_texts:
                return Unreadable(
                    f"{place} says that it holds {_kinds([kind])}, not results: "
                    f"{text!r}.",
                    f"Nothing of it was stored. {_REPEAT}",
                )
        return None

    def _add_list(self, file: str, sheet: TableSheet, headings: ResultHeadings) -> None:
        rows = sheet.rows
        fields, subjects = headings.fields, headings.subjects
        table = ExportTable(
            file,
            sheet.name,
            "results",
            fields,
            dict(subjects),
            headings=headings.texts,
        )
        top = list(rows[headings.position].cells.items())
        id_columns = {fields[name] for name in ROW_FIELDS if name in fields}
        for table_row in rows[headings.position + 1 :]:
            row = ExportRow(table, table_row.number, table_row.cells)
            if list(row.cells.items()) == top:
                continue
            if not id_columns & set(row.cells) and _is_remark(row, subjects):
                continue
            table.rows.append(row)
        _find_exam_year(table)
        has_grades = headings.has_row_per_result or bool(subjects)
        values = () if self.titles.as_results else self._value_columns(table)
        self.lists.append(ResultList(table, subjects, has_grades, values))
        if not headings.has_row_per_result:
            number = rows[headings.position].number
            self.problems += other_columns(headings, table, number)
            self.problems += unknown_subjects(
                headings, table, number, self.headings, self.scales
            )
            for column, kind in headings.others.items():
                if kind.quiet and any(column in row.cells for row in table.rows):
                    self.endorsements[headings.texts[column]] = None
        self.problems += missing_value_warnings(file, sheet)

    def _value_columns(self, table: ExportTable) -> tuple[int, ...]:
        """The columns whose values may say that a row is no result."""
        used = {*table.indicators.values(), *table.fields.values()}
        return tuple(
            column
            for column, text in table.headings.items()
            if column not in used
            and heading_meaning(text, self.school).kind != "field"
            and heading_meaning(text, self.school).rank != -1
            and "name" not in compare_key(text).split()
        )


def _list_titles(path: Path, sheet: TableSheet, position: int) -> list[str]:
    """The texts above a list's headings, its sheet's name and its file's name."""
    above = [text for row in sheet.rows[:position] for text in row.cells.values()]
    stem = re.sub(r"[_\W]+", " ", path.stem)
    return [text for text in (*above, sheet.name, stem) if len(text) <= 200]


def _kinds(kinds: Sequence[OtherKind]) -> str:
    """Kinds in words: `forecasts and mocks`."""
    plural = {
        "forecast": "forecasts", "mock": "mocks", "target": "targets",
        "teacher assessment": "teachers' assessments",
        "working at": "working-at grades",
    }  # fmt: skip
    return " and ".join(dict.fromkeys(plural[kind.kind] for kind in kinds))


def _without_ids(file: str) -> Unreadable:
    return Unreadable(
        f"{file} names pupils without an admission number or UPN.",
        "Export it again with Adno or UPN (or name a second file that has each "
        "candidate number or UCI beside one of them): pupils are never matched by "
        "name.",
    )


def _is_result_list(headings: ResultHeadings) -> bool:
    fields = headings.fields.keys()
    if not fields & set(ROW_FIELDS):
        return False
    if headings.has_row_per_result or headings.subjects:
        return True
    return bool(fields & set(LINKS)) and bool(fields & set(IDS))


def _find_exam_year(table: ExportTable) -> None:
    """Take a column `Year` with values such as 2027 as the year of the exam."""
    for column, text in table.headings.items():
        if compare_key(text) == "year" and not table.has("series_year"):
            cells = [row.cells[column] for row in table.rows if column in row.cells]
            if cells and all(_YEAR.fullmatch(cell) for cell in cells):
                table.fields["series_year"] = column


def _is_remark(row: ExportRow, subjects: Mapping[str, int]) -> bool:
    """Whether a row without a pupil is a total or a remark below the list."""
    if not subjects:
        return not row["grade"]
    first = compare_key(row.cells[min(row.cells)])
    return not set(subjects.values()) & set(row.cells) or bool(_TOTAL.match(first))
