"""Lists of results as exam officers have them: a row a result, or a row a pupil."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.mis.export_tables import ExportRow, ExportTable, joined_places
from generator.mis.headings import HeadingMeaning, heading_meaning, school_headings
from generator.mis.results.subject_titles import SubjectTitles
from generator.mis.values import compare_key
from generator.names import shown_path
from generator.problems import Problem
from generator.tabular.reader import LOOK_AHEAD, read_table_file
from generator.tabular.rows import TableRow, TableSheet, Unreadable, column_letters
from udfs.tables import Tables

# Field -> the headings that mean it in a list of results; the first of them counts.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "subject": (
        "subject", "subject name", "subject title", "course", "course name",
        "exam subject", "qualification title", "qualification name", "award title",
        "award name", "title", "exam title", "specification", "element title",
        "option title", "entry title", "syllabus title", "qan title", "award",
        "qualification", "exam", "examination", "option", "subject description",
    ),
    "level": (
        "qualification type", "qualification level", "level", "qual type", "qual",
        "type", "qualification", "certification type", "academic level",
    ),
    "grade": (
        "grade", "final grade", "first grade", "overall grade", "actual grade",
        "award grade", "exam grade", "grade achieved", "achieved grade",
        "grade awarded", "awarded grade", "result", "final result", "exam result",
        "actual result", "gcse grade", "gcse result", "actual", "outcome", "results",
        "equivalent grade", "subject grade",
    ),
    "series": (
        "series", "exam series", "exam season", "season", "session", "sitting",
        "exam date", "entry date", "award date", "date of award", "result date",
        "date",
    ),
    "series_month": ("exam month", "month", "series month"),
    "series_year": ("exam year", "series year", "award year", "year of exam"),
    "candidate": (
        "candidate no", "candidate number", "cand no", "exam no", "exam number",
        "examination number", "candidate", "exam candidate number", "cand number",
    ),
}  # fmt: skip
IDS = ("adno", "upn")
_YEAR = re.compile(r"20\d\d")
_TOTAL = re.compile(
    r"(grand |sub ?)?(totals?|counts?|averages?|means?|entries|number|no of|sum"
    r"|per ?cent|points)\b"
)
_MOSTLY = 0.8  # of a column's cells: so many grades, and it is one of results


@dataclass
class ResultList:
    """One list of results.

    Args:
        table: Its columns and rows; `fields` has `adno`, `upn`, `candidate` and, in
            a list with a row for each result, `subject`, `grade`, `level`, `series`.
        wide: Heading -> column of a subject, in a list with a row for each pupil.
        grades: Whether it holds results at all; else it only says which candidate
            number is whose.
    """

    table: ExportTable
    wide: dict[str, int] = field(default_factory=dict)
    grades: bool = True


@dataclass
class ResultFiles:
    """Everything that was read.

    Args:
        files: The files, by the names that problems use.
        lists: The lists found in them.
        problems: Columns and sheets that were not taken, and why.
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
    """Read lists of results: CSV or XLSX, any usual headings, title rows above.

    Args:
        files: The files.
        tables: Scales and codes, to tell a column of grades.
        titles: The subjects that a column may be headed with.
        columns: `[columns]` of `school.toml`: heading -> field.
        root: Files below it are named from there in messages.

    Raises:
        Unreadable: If any file cannot be read, or holds no list of results; every
            such file is named, with the reason.
        WrongColumns: If `columns` names a field there is not.
    """
    if not files:
        raise Unreadable(
            "No file of results is named.", "Write: markbook results FILE."
        )
    reader = _Reader(tables, titles, school_headings(columns or {}))
    faults: list[Unreadable] = []
    for path in files:
        try:
            reader.read(path, shown_path(path, root, short=True))
        except Unreadable as fault:
            faults.append(fault)
    if not faults and not any(one.grades for one in reader.lists):
        faults.append(_none(", ".join(reader.names)))
    if faults:
        *first, last = faults
        raise Unreadable("\n".join([*map(str, first), last.what]), last.do)
    return ResultFiles(tuple(reader.names), reader.lists, reader.problems)


def _none(file: str) -> Unreadable:
    return Unreadable(
        f"{file} holds no results that are recognised.",
        "It needs Adno or UPN, then either Subject and Grade, or a column for each "
        "subject headed with its name.",
    )


class _Reader:
    """The files of one run, read one after the other."""

    def __init__(
        self,
        tables: Tables,
        titles: SubjectTitles,
        chosen: Mapping[str, HeadingMeaning],
    ) -> None:
        self.tables, self.titles, self.chosen = tables, titles, chosen
        self.names: list[str] = []
        self.lists: list[ResultList] = []
        self.problems: list[Problem] = []

    def read(self, path: Path, file: str) -> None:
        self.names.append(file)
        sheets = read_table_file(path, file, lambda rows: self._best(rows)[1])
        found = 0
        nameless = False
        for sheet in sheets:
            place, score = self._best(sheet.rows)
            top = sheet.rows[place].cells if score else {}
            fields, wide = self._headings(top)
            if not score or not self._is_list(fields, wide):
                if {"subject", "grade"} <= fields.keys():
                    nameless = True
                elif sheet.name and sheet.rows:
                    self._pass_over(file, sheet)
                continue
            found += 1
            self._take(file, sheet, place, fields, wide)
        if not found:
            if nameless:
                raise Unreadable(
                    f"{file} names pupils without an admission number or UPN.",
                    "Export it again with Adno or UPN (or name a second file that has "
                    "each candidate number beside one of them): pupils are never "
                    "matched by name.",
                )
            raise _none(file)

    def _best(self, rows: Sequence[TableRow]) -> tuple[int, int]:
        best, most = 0, 0
        for place, row in enumerate(rows[:LOOK_AHEAD]):
            fields, wide = self._headings(row.cells)
            known = len(fields.keys() & {*IDS, "candidate", "subject", "grade"})
            ids = bool(fields.keys() & {*IDS, "candidate"})
            score = 4 * known + min(len(wide), 40) if known + len(wide) > 1 else 0
            score += 10 * ids if score else 0
            if score > most:
                best, most = place, score
        return best, most

    def _is_list(self, fields: Mapping[str, int], wide: Mapping[str, int]) -> bool:
        if not fields.keys() & {*IDS, "candidate"}:
            return False
        if {"subject", "grade"} <= fields.keys() or wide:
            return True
        return "candidate" in fields and bool(fields.keys() & set(IDS))

    def _headings(
        self, top: Mapping[int, str]
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Field -> column, and for subjects heading -> column."""
        known: dict[str, int] = {}
        fields: dict[str, int] = {}
        meanings = {
            column: heading_meaning(text, self.chosen) for column, text in top.items()
        }
        for column, text in top.items():
            known.setdefault(compare_key(text), column)
        for name, ways in HEADINGS.items():
            at = next(
                (known[w] for w in ways if w in known and known[w] not in
                 fields.values()),
                None,
            )  # fmt: skip
            if at is not None:
                fields[name] = at
        weak: int | None = None
        for column, one in sorted(
            meanings.items(), key=lambda item: (item[1].rank, item[0])
        ):
            if one.kind == "field" and one.field in IDS:
                fields.setdefault(one.field, column)
            elif one.kind == "field" and one.field == "weak_adno" and weak is None:
                weak = column
        if weak is not None and not fields.keys() & set(IDS):
            fields["adno"] = weak
        if {"subject", "grade"} <= fields.keys():
            return fields, {}
        wide: dict[str, int] = {}
        for column, text in top.items():
            other = meanings[column].kind == "field" or compare_key(text) in _OTHERS
            if not other and self.titles.known(text):
                wide.setdefault(text, column)
        for name in ("subject", "grade", "level", "series"):
            if fields.get(name) in wide.values() or name != "series":
                fields.pop(name, None)
        return fields, wide

    def _take(
        self,
        file: str,
        sheet: TableSheet,
        place: int,
        fields: dict[str, int],
        wide: dict[str, int],
    ) -> None:
        top = sheet.rows[place]
        long = {"subject", "grade"} <= fields.keys()
        table = ExportTable(file, sheet.name, "results", fields, dict(wide))
        headed = list(top.cells.items())
        needed = {fields[name] for name in (*IDS, "candidate") if name in fields}
        for row in sheet.rows[place + 1 :]:
            line = ExportRow(table, row.number, row.cells)
            if list(row.cells.items()) == headed:
                continue
            if not needed & set(row.cells) and _is_remark(line, wide):
                continue
            table.rows.append(line)
        self._years(table, top)
        self.lists.append(ResultList(table, wide, long or bool(wide)))
        if not long:
            self.problems += self._other_columns(table, top, wide)
        for why in dict.fromkeys(reason for _, reason in sheet.lost):
            cells = [cell for cell, reason in sheet.lost if reason == why]
            self.problems.append(
                Problem(
                    file=file, sheet=sheet.name, cell=joined_places(cells),
                    severity="warning", code="cell-without-value",
                    what=f"What stands there is {why}; it is read as blank.",
                    do="Open the file in Excel, put it right and save it.",
                )
            )  # fmt: skip

    def _years(self, table: ExportTable, top: TableRow) -> None:
        """A column `Year` of 2027s is of the examination, not of the pupil."""
        for column, text in top.cells.items():
            if compare_key(text) == "year" and "series_year" not in table.fields:
                cells = [one.cells[column] for one in table.rows if column in one.cells]
                if cells and all(_YEAR.fullmatch(cell) for cell in cells):
                    table.fields["series_year"] = column

    def _other_columns(
        self, table: ExportTable, top: TableRow, wide: Mapping[str, int]
    ) -> Iterator[Problem]:
        """Columns that look like results, under a heading that nobody knows."""
        scales = [s for s in self.tables.scales.values() if not s.judgement]
        for column, heading in top.cells.items():
            one = heading_meaning(heading, self.chosen)
            if column in wide.values() or column in table.fields.values():
                continue
            if one.kind in ("field", "not kept") or compare_key(heading) in _OTHERS:
                continue
            cells = [line.cells[column] for line in table.rows if column in line.cells]
            grades = sum(any(s.find(cell) for s in scales) for cell in set(cells))
            if not cells or grades < _MOSTLY * len(set(cells)):
                continue
            yield Problem(
                file=table.file,
                sheet=table.sheet,
                cell=f"{column_letters(column)}{top.number}" if table.sheet
                else f"row {top.number}",
                code="subject-not-recognised",
                value=heading,
                what=f"The column {heading!r} looks like results, and no subject is "
                "called so; it was left out.",
                do="Name the subject in the heading, or give it this synonym under "
                "[[subjects]] in school.toml; then read the file again.",
            )  # fmt: skip

    def _pass_over(self, file: str, sheet: TableSheet) -> None:
        self.problems.append(
            Problem(
                file=file, sheet=sheet.name, cell="A1", severity="warning",
                code="sheet-passed-over",
                what=f"The sheet {sheet.name} holds no results that are recognised.",
                do="Nothing, if it is no list of results; else it needs Adno or UPN.",
            )
        )  # fmt: skip


def _is_remark(line: ExportRow, wide: Mapping[str, int]) -> bool:
    """Whether a row that names nobody is a total or a remark below the list."""
    if not wide:
        return not line["grade"]
    first = compare_key(line.cells[min(line.cells)])
    return not set(wide.values()) & set(line.cells) or bool(_TOTAL.match(first))


# Headings of other figures beside results, although some could be subjects' names.
_OTHERS = frozenset(
    "attainment 8|a8|progress 8|p8|total|total points|points|average|average points"
    "|mean|ebacc|english and maths|english maths|basics|entries|no of entries|rank"
    "|reading|writing|average grade|best 8|house|centre|centre number".split("|")
)
