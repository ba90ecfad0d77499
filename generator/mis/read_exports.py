"""Reading the files that an MIS exports: what lists are in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.mis import headings, intervention_lists
from generator.mis.export_tables import (
    ExportRow,
    Exports,
    ExportTable,
    UnknownHeading,
    joined_places,
)
from generator.mis.headings import HeadingMeaning, heading_meaning
from generator.mis.list_kinds import (
    ABOUT_PUPILS,
    IDS,
    NAMING_PUPILS,
    find_heading_row,
    kind_of,
    result_columns,
    settle_ambiguous,
    table_warnings,
)
from generator.mis.values import compare_key
from generator.names import shown_path
from generator.problems import Problem
from generator.tabular.reader import read_table_file
from generator.tabular.rows import TableRow, TableSheet, Unreadable, column_letters
from udfs.errors import MarkbookError

Tick = Callable[[int, int, str], None]

# Files that lie in folders without anybody having put them there.
_NOT_EXPORTS = {"thumbs.db", "desktop.ini", "readme.txt", "readme.md"}
_FOOTER = re.compile(
    r"(grand |sub ?|report |overall )?(totals?|counts?|sum|averages?|mean)\b.*"
    r"|(number|no|nos) of .*|(printed|generated|exported|created|produced|run) .*"
    r"|page \d+.*|end of .*|report.*|source.*|notes?|copyright.*|filters?.*"
    r"|\d+ (pupils?|students?|records?|rows?|results?|classes)"
)
_KEY_STAGE_2 = re.compile(r"\b(ks ?2|key stage 2)\b")
_KEY_STAGE_2_PAIR = {
    "reading": "ks2_reading",
    "maths": "ks2_maths",
    "mathematics": "ks2_maths",
}
_NUMBER = re.compile(r"[+-]?(\d{1,6})?(\.\d+)?%?")


def export_files(folder: Path) -> list[Path]:
    """The exports lying in a folder, by name; lock files and the like left out."""
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
    """Read MIS exports: any usual headings, any mixture of lists.

    Args:
        files: The files; each is CSV or XLSX.
        columns: `[columns]` of `school.toml`: heading -> field.
        root: Files below it are named from there in messages.
        progress: Told of each file read.

    Raises:
        Unreadable: If there is no file, or any cannot be read or is no export of
            ours; every such file is named, with the reason.
        WrongColumns: If `columns` names a field there is not.
    """
    chosen = headings.school_headings(columns or {})
    if not files:
        raise Unreadable(
            "There is nothing to import.",
            "Put the exports of your MIS into exports/, or name the files.",
        )
    names: list[str] = []
    found: list[_Found] = []
    faults: list[MarkbookError] = []
    for place, path in enumerate(files):
        name = shown_path(path, root, short=True)
        names.append(name)
        if progress is not None:
            progress(place, len(files), name)
        try:
            found.append(_read(path, name, chosen))
        except Unreadable as fault:
            faults.append(fault)
    if faults:
        *first, last = faults
        raise Unreadable("\n".join([*map(str, first), last.what]), last.do)
    if progress is not None:
        progress(len(files), len(files), "")
    return Exports(
        files=tuple(names),
        tables=tuple(table for one in found for table in one.tables),
        unknown_headings=tuple(item for one in found for item in one.unrecognised),
        problems=tuple(problem for one in found for problem in one.problems),
    )


@dataclass(slots=True)
class _Found:
    tables: list[ExportTable] = field(default_factory=list)
    unrecognised: list[UnknownHeading] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def _read(path: Path, file: str, chosen: Mapping[str, HeadingMeaning]) -> _Found:
    found = _Found()
    sheets = read_table_file(path, file, lambda rows: find_heading_row(rows, chosen)[1])
    nameless: Unreadable | None = None
    for sheet in sheets:
        place, score = find_heading_row(sheet.rows, chosen)
        table = None
        try:
            table = _table(file, sheet, place, chosen, found) if score else None
        except Unreadable as fault:
            nameless = fault
        if table is not None:
            found.tables.append(table)
            found.problems += _lost(file, sheet)
        elif sheet.name and sheet.rows:
            found.problems.append(_passed_over(file, sheet))
    if not found.tables:
        if nameless is not None:
            raise nameless
        raise Unreadable(
            f"{file} is not an export that is recognised{_seen(sheets)}.",
            "It needs headings such as Adno or UPN, Class, Subject or Staff; "
            "say what others are in [columns] in school.toml.",
        )
    return found


def _passed_over(file: str, sheet: TableSheet) -> Problem:
    return Problem(
        file=file,
        sheet=sheet.name,
        cell="A1",
        severity="warning",
        code="sheet-passed-over",
        what=f"The sheet {sheet.name} holds no list that is recognised.",
        do="Nothing, if it is not an export; else it needs Adno or UPN, and headings "
        "as [columns] in school.toml says.",
    )


def _seen(sheets: Sequence[TableSheet]) -> str:
    for sheet in sheets:
        for row in sheet.rows:
            if len(row.cells) > 1:
                cells = [text[:30] for text in list(row.cells.values())[:5]]
                return f" (it begins {', '.join(map(repr, cells))})"
    return ""


def _lost(file: str, sheet: TableSheet) -> Iterator[Problem]:
    for why in dict.fromkeys(reason for _, reason in sheet.lost):
        cells = [cell for cell, reason in sheet.lost if reason == why]
        yield Problem(
            file=file,
            sheet=sheet.name,
            cell=joined_places(cells),
            severity="warning",
            code="cell-without-value",
            what=f"What stands there is {why}; it is read as blank.",
            do="Open the file in Excel, put it right and save it.",
        )


def _table(
    file: str,
    sheet: TableSheet,
    place: int,
    chosen: Mapping[str, HeadingMeaning],
    found: _Found,
) -> ExportTable | None:
    top = sheet.rows[place]
    meanings = {
        column: heading_meaning(text, chosen) for column, text in top.cells.items()
    }
    fields: dict[str, int] = {}
    for column, one in sorted(meanings.items(), key=lambda item: (item[1].rank, item)):
        if one.kind == "field":
            fields.setdefault(one.field, column)
    helped = (
        intervention_lists.intervention_columns(top.cells)
        if set(fields) & {*IDS, "weak_adno"}
        else {}
    )
    if helped:
        return _interventions(file, sheet, place, fields, helped)
    settle_ambiguous(fields, top)
    for column in _scores(file, sheet, place):
        score = _KEY_STAGE_2_PAIR[compare_key(top.cells[column])]
        if fields.setdefault(score, column) == column:
            meanings[column] = HeadingMeaning("field", score)
    kind = kind_of(fields, any(one.kind == "indicator" for one in meanings.values()))
    if not kind:
        if "class" in fields or {"surname", "forename"} <= fields.keys():
            raise Unreadable(
                f"{file} names pupils without an admission number or UPN.",
                "Export it again with Adno or UPN: pupils are never matched by name.",
            )
        return None
    table = ExportTable(file, sheet.name, kind, fields, {}, headings=dict(top.cells))
    headed = list(top.cells.items())
    for row in sheet.rows[place + 1 :]:
        line = ExportRow(table, row.number, row.cells)
        if list(row.cells.items()) != headed and not _is_footer(line, len(headed)):
            table.rows.append(line)
    found.problems += table_warnings(table, top.number)
    meanings |= dict.fromkeys(result_columns(table), HeadingMeaning("not kept"))
    found.unrecognised += _other_columns(table, top, meanings)
    return table


def _interventions(
    file: str,
    sheet: TableSheet,
    place: int,
    fields: dict[str, int],
    helped: dict[str, int],
) -> ExportTable:
    """A list of interventions: its headings mean what they mean in no other list."""
    own = {"adno": fields.get("adno", fields.get("weak_adno"))}
    own |= {name: fields.get(name) for name in ("upn", "subject")}
    named = {name: column for name, column in own.items() if column is not None}
    table = ExportTable(file, sheet.name, "interventions", {**named, **helped}, {})
    headed = list(sheet.rows[place].cells.items())
    for row in sheet.rows[place + 1 :]:
        line = ExportRow(table, row.number, row.cells)
        if list(row.cells.items()) != headed and not _is_footer(line, len(headed)):
            table.rows.append(line)
    return table


def _scores(file: str, sheet: TableSheet, place: int) -> list[int]:
    """Columns headed just `Reading` and `Maths`, where a title says Key Stage 2."""
    top = sheet.rows[place]
    columns = [
        c for c, text in top.cells.items() if compare_key(text) in _KEY_STAGE_2_PAIR
    ]
    above = [text for row in sheet.rows[:place] for text in row.cells.values()]
    titles = compare_key(" ".join((file, sheet.name, *above)))
    return columns if len(columns) == 2 and _KEY_STAGE_2.search(titles) else []


def _other_columns(
    table: ExportTable, top: TableRow, meanings: Mapping[int, HeadingMeaning]
) -> Iterator[UnknownHeading]:
    """Keep indicators, and tell of columns that nobody knows."""
    filled = {column for line in table.rows for column in line.cells}
    for column in sorted(filled - set(table.fields.values())):
        one = meanings.get(column, HeadingMeaning("unknown"))
        heading = top.cells.get(column, "")
        unknown = one.kind == "unknown"
        kept = bool(heading) and table.kind in NAMING_PUPILS
        if unknown:  # in a class list, a number may be of the class
            kept &= table.kind in ABOUT_PUPILS and _numeric(column, table.rows)
        if kept and one.kind in ("indicator", "unknown"):
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
                one.near,
                kept,
            )


def _numeric(column: int, lines: Sequence[ExportRow]) -> bool:
    """Whether a column holds numbers; long ones are telephones and the like."""
    values = [line.cells[column] for line in lines if column in line.cells]
    numbers = sum(bool(_NUMBER.fullmatch(value)) for value in values)
    return numbers > 0 and numbers >= 0.8 * len(values)


def _is_footer(line: ExportRow, headings: int) -> bool:
    """Whether a row is a total or a remark under the list and not one of its rows."""
    column = min(line.cells)
    first = line.cells[column]
    if not _FOOTER.fullmatch(compare_key(first)) and not first.startswith("*"):
        return False
    fields = line.table.fields
    if column in (fields.get("adno"), fields.get("upn")):
        return True  # no number of anybody
    known = [name for name, column in fields.items() if column in line.cells]
    named = {"surname", "forename"} <= set(known) or line["pupil_name"].count(",") == 1
    # A total may add up several columns, an indicator's among them.
    return not named and len(line.cells) <= max(2, (headings + 1) // 2)
