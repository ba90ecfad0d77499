"""Read the files that an MIS exports into tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.mis.attendance_lists import attendance_columns
from generator.mis.export_tables import (
    ExportRow,
    Exports,
    ExportTable,
    UnknownHeading,
    missing_value_warnings,
    sheet_skipped_warning,
)
from generator.mis.headings import HeadingMeaning, heading_meaning, school_headings
from generator.mis.intervention_lists import intervention_columns
from generator.mis.ks2_lists import is_of_year_6, keep_scores_only, ks2_columns
from generator.mis.list_kinds import (
    ABOUT_PUPILS,
    IDS,
    NAMING_PUPILS,
    find_heading_row,
    kind_of,
    result_columns,
    settle_ambiguous,
    table_warnings,
    unused_headings,
    use_full_names,
)
from generator.mis.report_blocks import flatten_blocks
from generator.mis.spreadsheet_damage import settle_days
from generator.mis.values import compare_key
from generator.names import shown_path
from generator.problems import Problem
from generator.tabular.reader import raise_unreadable, read_table_file
from generator.tabular.rows import TableRow, TableSheet, Unreadable, column_letters

Tick = Callable[[int, int, str], None]

# Files in a folder that nobody put there.
_NOT_EXPORTS = {"thumbs.db", "desktop.ini", "readme.txt", "readme.md"}
_FOOTER = re.compile(
    r"(grand |sub ?|report |overall )?(totals?|counts?|sum|averages?|mean)\b.*"
    r"|(number|no|nos) of .*|(printed|generated|exported|created|produced|run) .*"
    r"|page \d+.*|end of .*|report.*|source.*|notes?|copyright.*|filters?.*"
    r"|\d+ (pupils?|students?|records?|rows?|results?|classes)"
)
_KS2_TITLE = re.compile(r"\b(ks ?2|key stage 2)\b")
_KS2_SHORT_HEADINGS = {
    "reading": "ks2_reading",
    "maths": "ks2_maths",
    "mathematics": "ks2_maths",
}
_NUMBER = re.compile(r"[+-]?(\d{1,6})?(\.\d+)?%?")


def export_files(folder: Path) -> list[Path]:
    """Return the exports in a folder by name, without lock files and the like."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file()
        and not path.name.startswith((".", "~$"))
        and not path.name.endswith((".tmp", "~"))
        and path.name.casefold() not in _NOT_EXPORTS
    )


def read_exports(
    files: Sequence[Path],
    columns: Mapping[str, str] | None = None,
    *,
    root: Path | None = None,
    progress: Tick | None = None,
) -> Exports:
    """Read MIS exports with any usual headings and any mixture of lists.

    Args:
        files: The files, CSV or XLSX.
        columns: `[columns]` of `school.toml`: heading -> field.
        root: The folder from which messages name the files; None: by name alone.
        progress: Receives the number of files read, of all files, and a name.

    Raises:
        Unreadable: If there is no file, or some cannot be read or are no exports; the
            message names each of them with the reason.
        UnknownField: If `columns` names a field that does not exist.
    """
    school = school_headings(columns or {})
    if not files:
        raise Unreadable(
            "There is nothing to import.",
            "Put the exports of your MIS into exports/, or name the files.",
        )
    names = [shown_path(path, root, short=True) for path in files]
    readers: list[_FileReader] = []
    errors: list[Unreadable] = []
    for number, (path, name) in enumerate(zip(files, names, strict=True)):
        if progress is not None:
            progress(number, len(files), name)
        reader = _FileReader(name, school)
        try:
            reader.read(path)
        except Unreadable as error:
            errors.append(error)
        readers.append(reader)
    raise_unreadable(errors)
    if progress is not None:
        progress(len(files), len(files), "")
    return Exports(
        files=tuple(names),
        tables=tuple(table for reader in readers for table in reader.tables),
        unknown_headings=tuple(
            heading for reader in readers for heading in reader.unknown_headings
        ),
        problems=tuple(problem for reader in readers for problem in reader.problems),
    )


@dataclass
class _FileReader:
    """The reader of one file and what it finds.

    Args:
        file: The file's name in messages.
        school: The school's own meanings of headings.
        tables: The tables of the file.
        unknown_headings: Its headings without a known meaning.
        problems: Its doubtful headings, skipped sheets and cells without a value.
    """

    file: str
    school: Mapping[str, HeadingMeaning]
    tables: list[ExportTable] = field(default_factory=list)
    unknown_headings: list[UnknownHeading] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, path: Path) -> None:
        """Read the file.

        Raises:
            Unreadable: If it cannot be read or is no export.
        """
        sheets = read_table_file(
            path, self.file, lambda rows: find_heading_row(rows, self.school)[1]
        )
        without_ids: Unreadable | None = None
        for sheet in sheets:
            position, score = find_heading_row(sheet.rows, self.school)
            table = None
            try:
                table = self._read_table(sheet, position) if score else None
            except Unreadable as error:
                without_ids = error
            if table is not None:
                self.tables.append(table)
                self.problems += missing_value_warnings(self.file, sheet)
            elif sheet.name and sheet.rows:
                self.problems.append(
                    sheet_skipped_warning(
                        self.file,
                        sheet,
                        "list that is recognised",
                        "Nothing, if it is not an export; else it needs Adno or UPN, "
                        "and headings as [columns] in school.toml says.",
                    )
                )
        if not self.tables:
            if without_ids is not None:
                raise without_ids
            raise Unreadable(
                f"{self.file} is not an export that is recognised"
                f"{_first_cells(sheets)}.",
                "It needs headings such as Adno or UPN, Class, Subject or Staff; "
                "say what others are in [columns] in school.toml.",
            )

    def _read_table(self, sheet: TableSheet, position: int) -> ExportTable | None:
        """Return the table below a heading row; None for an unknown kind of list."""
        sheet, position = flatten_blocks(sheet, position, self.school)
        top = sheet.rows[position]
        meanings = {
            column: heading_meaning(text, self.school)
            for column, text in top.cells.items()
        }
        fields: dict[str, int] = {}
        spare: list[int] = []
        for column, meaning in sorted(
            meanings.items(), key=lambda item: (item[1].rank, item[0])
        ):
            if meaning.kind == "field":
                if fields.setdefault(meaning.field, column) != column:
                    spare.append(column)
        use_full_names(fields, spare, top.cells)
        if table := self._read_special_list(sheet, position, fields):
            return table
        settle_ambiguous(fields, top)
        for column in _short_score_columns(self.file, sheet, position):
            score = _KS2_SHORT_HEADINGS[compare_key(top.cells[column])]
            if fields.setdefault(score, column) == column:
                meanings[column] = HeadingMeaning("field", score)
        has_indicators = any(m.kind == "indicator" for m in meanings.values())
        kind = kind_of(fields, has_indicators)
        if not kind:
            if "class" in fields or {"surname", "forename"} <= fields.keys():
                raise Unreadable(
                    f"{self.file} names pupils without an admission number or UPN.",
                    "Export it again with Adno or UPN: pupils are never matched by "
                    "name.",
                )
            return None
        table = ExportTable(
            self.file, sheet.name, kind, fields, {}, headings=dict(top.cells)
        )
        _add_rows(table, sheet, position)
        if kind in (*ABOUT_PUPILS, "memberships") and is_of_year_6(table):
            keep_scores_only(table)
            return table
        self.problems += table_warnings(table, top.number)
        self.problems += unused_headings(table, spare, top.number, self.school)
        self.problems += settle_days(table)
        meanings |= dict.fromkeys(result_columns(table), HeadingMeaning("not kept"))
        self.unknown_headings += _other_columns(table, top, meanings)
        return table

    def _read_special_list(
        self, sheet: TableSheet, position: int, fields: Mapping[str, int]
    ) -> ExportTable | None:
        """A list of attendance, interventions or scores; None for other lists."""
        headings = sheet.rows[position].cells
        if not fields.keys() & {*IDS, "weak_adno"}:
            return None
        for kind, columns in (
            ("attendance", attendance_columns(headings)),
            ("interventions", intervention_columns(headings)),
        ):
            if not columns:
                continue
            columns = _intervention_fields(fields) | columns
            table = ExportTable(self.file, sheet.name, kind, columns, {})
            _add_rows(table, sheet, position)
            self.problems += settle_days(table)
            return table
        ids = {name: fields[name] for name in IDS if name in fields}
        if columns := ks2_columns(headings, ids):
            table = ExportTable(self.file, sheet.name, "ks2", columns, {})
            _add_rows(table, sheet, position)
            keep_scores_only(table)
            return table
        return None


def _first_cells(sheets: Sequence[TableSheet]) -> str:
    for sheet in sheets:
        for row in sheet.rows:
            if len(row.cells) > 1:
                cells = [text[:30] for text in list(row.cells.values())[:5]]
                return f" (it begins {', '.join(map(repr, cells))})"
    return ""


def _intervention_fields(fields: Mapping[str, int]) -> dict[str, int]:
    """The fields of a list of interventions that mean the same in other lists."""
    columns = {name: fields.get(name) for name in ("adno", "upn", "subject")}
    columns["adno"] = fields.get("adno", fields.get("weak_adno"))
    return {name: column for name, column in columns.items() if column is not None}


def _add_rows(table: ExportTable, sheet: TableSheet, position: int) -> None:
    """Add the rows below a heading row, without footers and repeated headings."""
    headings = list(sheet.rows[position].cells.items())
    for table_row in sheet.rows[position + 1 :]:
        row = ExportRow(table, table_row.number, table_row.cells)
        if list(row.cells.items()) != headings and not _is_footer(row, len(headings)):
            table.rows.append(row)


def _short_score_columns(file: str, sheet: TableSheet, position: int) -> list[int]:
    """The columns `Reading` and `Maths` where a title says Key Stage 2."""
    top = sheet.rows[position]
    columns = [
        column
        for column, text in top.cells.items()
        if compare_key(text) in _KS2_SHORT_HEADINGS
    ]
    above = [text for row in sheet.rows[:position] for text in row.cells.values()]
    titles = compare_key(" ".join((file, sheet.name, *above)))
    return columns if len(columns) == 2 and _KS2_TITLE.search(titles) else []


def _other_columns(
    table: ExportTable, top: TableRow, meanings: Mapping[int, HeadingMeaning]
) -> Iterator[UnknownHeading]:
    """Keep the indicators of a table, and yield its unknown headings."""
    filled = {column for row in table.rows for column in row.cells}
    for column in sorted(filled - set(table.fields.values())):
        meaning = meanings.get(column, HeadingMeaning("unknown"))
        heading = top.cells.get(column, "")
        unknown = meaning.kind == "unknown"
        is_indicator = bool(heading) and table.kind in NAMING_PUPILS
        if unknown:  # in a class list, a number may belong to the class
            is_indicator &= table.kind in ABOUT_PUPILS and _is_numeric(table, column)
        if is_indicator and meaning.kind in ("indicator", "unknown"):
            name = heading
            if name in table.indicators:
                name = f"{heading} ({column_letters(column)})"
            table.indicators[name] = column
        if unknown:
            cell = f"{column_letters(column)}{top.number}"
            yield UnknownHeading(
                table.file,
                table.sheet,
                cell if table.sheet else f"row {top.number}",
                heading or f"(column {column_letters(column)}, no heading)",
                meaning.near,
                is_indicator,
            )


def _is_numeric(table: ExportTable, column: int) -> bool:
    """Whether a column holds numbers; long ones are telephone numbers and the like."""
    values = [row.cells[column] for row in table.rows if column in row.cells]
    numbers = sum(bool(_NUMBER.fullmatch(value)) for value in values)
    return numbers > 0 and numbers >= 0.8 * len(values)


def _is_footer(row: ExportRow, headings: int) -> bool:
    """Whether a row is a total or a remark below the list."""
    column = min(row.cells)
    first = row.cells[column]
    if not _FOOTER.fullmatch(compare_key(first)) and not first.startswith("*"):
        return False
    fields = row.table.fields
    if column in (fields.get("adno"), fields.get("upn")):
        return True  # the text is no admission number
    filled = {name for name, column in fields.items() if column in row.cells}
    has_name = {"surname", "forename"} <= filled or row["pupil_name"].count(",") == 1
    # A total may add up several columns, among them an indicator's.
    return not has_name and len(row.cells) <= max(2, (headings + 1) // 2)
