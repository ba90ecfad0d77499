"""Read lists of exam results: a row for each result, or a row for each pupil."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.mis.export_tables import (
    ExportRow,
    ExportTable,
    missing_value_warnings,
    sheet_skipped_warning,
)
from generator.mis.heading_spellings import OTHER_FIGURES, RESULT_HEADINGS
from generator.mis.headings import HeadingMeaning, heading_meaning, school_headings
from generator.mis.results.subject_titles import SubjectTitles
from generator.mis.values import compare_key
from generator.names import shown_path
from generator.problems import Problem
from generator.tabular.reader import LOOK_AHEAD, raise_unreadable, read_table_file
from generator.tabular.rows import TableRow, TableSheet, Unreadable, column_letters
from udfs.tables import Tables

IDS = ("adno", "upn")
ROW_FIELDS = ("adno", "upn", "candidate")  # one of them says whose the row is
_YEAR = re.compile(r"20\d\d")
_TOTAL = re.compile(
    r"(grand |sub ?)?(totals?|counts?|averages?|means?|entries|number|no of|sum"
    r"|per ?cent|points)\b"
)
_GRADE_SHARE = 0.8  # of the values of a column that looks like results


@dataclass
class ResultList:
    """A list of results.

    Args:
        table: Its columns and rows; the fields are `adno`, `upn`, `candidate` and, in a
            list with a row for each result, `subject`, `grade`, `level`, `series`.
        subject_columns: Heading -> column, in a list with a row for each pupil.
        has_grades: Whether it holds results; else it gives candidate numbers only.
    """

    table: ExportTable
    subject_columns: dict[str, int] = field(default_factory=dict)
    has_grades: bool = True


@dataclass
class ResultFiles:
    """The lists of results of all files.

    Args:
        files: The names of the files in messages.
        lists: Their lists.
        problems: Columns and sheets that were skipped, with the reason.
    """

    files: tuple[str, ...]
    lists: list[ResultList] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


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
    reader = _ResultFileReader(tables, titles, school_headings(columns or {}))
    names = [shown_path(path, root, short=True) for path in files]
    errors: list[Unreadable] = []
    for path, name in zip(files, names, strict=True):
        try:
            reader.read(path, name)
        except Unreadable as error:
            errors.append(error)
    if not errors and not any(each.has_grades for each in reader.lists):
        errors.append(_no_results(", ".join(names)))
    raise_unreadable(errors)
    return ResultFiles(tuple(names), reader.lists, reader.problems)


def _no_results(file: str) -> Unreadable:
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
        self.tables, self.titles, self.school = tables, titles, school
        self.lists: list[ResultList] = []
        self.problems: list[Problem] = []

    def read(self, path: Path, file: str) -> None:
        """Read a file.

        Raises:
            Unreadable: If it cannot be read or holds no list of results.
        """
        sheets = read_table_file(path, file, lambda rows: self._heading_row(rows)[1])
        has_list = without_ids = False
        for sheet in sheets:
            position, score = self._heading_row(sheet.rows)
            headings = sheet.rows[position].cells if score else {}
            fields = self._fields(headings)
            subjects = self._subject_columns(headings, fields)
            if score and _is_result_list(fields, subjects):
                has_list = True
                self._add_list(file, sheet, position, fields, subjects)
            elif {"subject", "grade"} <= fields.keys():
                without_ids = True
            elif sheet.name and sheet.rows:
                self.problems.append(
                    sheet_skipped_warning(
                        file,
                        sheet,
                        "results that are recognised",
                        "Nothing, if it is no list of results; else it needs Adno or "
                        "UPN.",
                    )
                )
        if has_list:
            return
        if without_ids:
            raise Unreadable(
                f"{file} names pupils without an admission number or UPN.",
                "Export it again with Adno or UPN (or name a second file that has "
                "each candidate number beside one of them): pupils are never "
                "matched by name.",
            )
        raise _no_results(file)

    def _heading_row(self, rows: Sequence[TableRow]) -> tuple[int, int]:
        """The position of the heading row and its score; 0 if there is none."""
        best, best_score = 0, 0
        for position, row in enumerate(rows[:LOOK_AHEAD]):
            fields = self._fields(row.cells)
            subjects = self._subject_columns(row.cells, fields)
            matches = len(fields.keys() & {*ROW_FIELDS, "subject", "grade"})
            score = 0
            if matches + len(subjects) > 1:
                score = 4 * matches + min(len(subjects), 40)
                score += 10 * bool(fields.keys() & set(ROW_FIELDS))
            if score > best_score:
                best, best_score = position, score
        return best, best_score

    def _fields(self, headings: Mapping[int, str]) -> dict[str, int]:
        """Field -> column; without `subject` and `grade` unless both are there."""
        columns: dict[str, int] = {}
        for column, text in headings.items():
            columns.setdefault(compare_key(text), column)
        fields: dict[str, int] = {}
        for name, spellings in RESULT_HEADINGS.items():
            for key in spellings:
                if key in columns and columns[key] not in fields.values():
                    fields[name] = columns[key]
                    break
        ids: dict[str, int] = {}
        meanings = {
            c: heading_meaning(text, self.school) for c, text in headings.items()
        }
        for column, meaning in sorted(
            meanings.items(), key=lambda item: (item[1].rank, item[0])
        ):
            if meaning.field in (*IDS, "weak_adno"):
                ids.setdefault(meaning.field, column)
        weak = ids.pop("weak_adno", None)
        if weak is not None and not ids:
            ids["adno"] = weak
        return fields | ids

    def _subject_columns(
        self, headings: Mapping[int, str], fields: dict[str, int]
    ) -> dict[str, int]:
        """Heading -> column of each subject, in a list with a row for each pupil.

        Args:
            headings: Column -> heading.
            fields: Field -> column; loses the fields that such a list does not have.
        """
        if {"subject", "grade"} <= fields.keys():
            return {}
        subjects: dict[str, int] = {}
        for column, text in headings.items():
            is_field = heading_meaning(text, self.school).kind == "field"
            if is_field or compare_key(text) in OTHER_FIGURES:
                continue
            if self.titles.has_subject(text):
                subjects.setdefault(text, column)
        for name in ("subject", "grade", "level"):
            fields.pop(name, None)
        if fields.get("series") in subjects.values():
            fields.pop("series")
        return subjects

    def _add_list(
        self,
        file: str,
        sheet: TableSheet,
        position: int,
        fields: dict[str, int],
        subjects: dict[str, int],
    ) -> None:
        top = sheet.rows[position]
        table = ExportTable(
            file,
            sheet.name,
            "results",
            fields,
            dict(subjects),
            headings=dict(top.cells),
        )
        headings = list(top.cells.items())
        id_columns = {fields[name] for name in ROW_FIELDS if name in fields}
        for table_row in sheet.rows[position + 1 :]:
            row = ExportRow(table, table_row.number, table_row.cells)
            if list(row.cells.items()) == headings:
                continue
            if not id_columns & set(row.cells) and _is_remark(row, subjects):
                continue
            table.rows.append(row)
        _find_exam_year(table)
        is_long = {"subject", "grade"} <= fields.keys()
        self.lists.append(ResultList(table, subjects, is_long or bool(subjects)))
        if not is_long:
            self.problems += self._unknown_subjects(table, top.number)
        self.problems += missing_value_warnings(file, sheet)

    def _unknown_subjects(self, table: ExportTable, top: int) -> Iterator[Problem]:
        """Report columns that look like results without a known subject."""
        scales = [s for s in self.tables.scales.values() if not s.judgement]
        used = {*table.indicators.values(), *table.fields.values()}
        for column, heading in table.headings.items():
            meaning = heading_meaning(heading, self.school)
            if column in used or meaning.kind in ("field", "not kept"):
                continue
            values = {row.cells[column] for row in table.rows if column in row.cells}
            grades = sum(any(s.find(value) for s in scales) for value in values)
            if compare_key(heading) in OTHER_FIGURES or not values:
                continue
            if grades >= _GRADE_SHARE * len(values):
                yield Problem(
                    file=table.file,
                    sheet=table.sheet,
                    cell=f"{column_letters(column)}{top}" if table.sheet
                    else f"row {top}",
                    code="subject-not-recognised",
                    value=heading,
                    what=f"The column {heading!r} looks like results, and no subject "
                    "is called so; it was left out.",
                    do="Name the subject in the heading, or give it this synonym under "
                    "[[subjects]] in school.toml; then read the file again.",
                )  # fmt: skip


def _is_result_list(fields: Mapping[str, int], subjects: Mapping[str, int]) -> bool:
    if not fields.keys() & set(ROW_FIELDS):
        return False
    if {"subject", "grade"} <= fields.keys() or subjects:
        return True
    return "candidate" in fields and bool(fields.keys() & set(IDS))


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
