"""What kind of export each file is: pupils, classes, memberships, staff, scores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.mis import headings
from generator.mis.files import LOOK_AHEAD, read_file
from generator.mis.headings import Meaning, meaning
from generator.mis.sheets import Row, Sheet, Unreadable, letters
from generator.mis.values import plain
from generator.problems import Problem
from udfs.errors import MarkbookError

Tick = Callable[[int, int, str], None]

IDS = ("adno", "upn")
NAMES = ("surname", "forename", "pupil_name")
DETAILS = (
    "sex",
    "pp",
    "disadvantaged",
    "fsm",
    "sen",
    "eal",
    "ethnicity",
    "lac",
    "status",
    "left",
)
SCORES = ("ks2_reading", "ks2_maths")
TAUGHT = ("subject", "subject_code", "class_year", "teacher", "co_teacher")

# Files that lie in folders without anybody having put them there.
_NOT_EXPORTS = {"thumbs.db", "desktop.ini", "readme.txt", "readme.md"}
_FOOTER = re.compile(
    r"(grand |sub ?|report |overall )?(totals?|counts?|sum|averages?|mean)\b.*"
    r"|(number|no|nos) of .*|(printed|generated|exported|created|produced|run) .*"
    r"|page \d+.*|end of .*|report.*|source.*|notes?|copyright.*|filters?.*"
    r"|\d+ (pupils?|students?|records?|rows?|results?|classes)"
)
_NUMBER = re.compile(r"[+-]?(\d{1,6})?(\.\d+)?%?")


@dataclass(eq=False, slots=True)
class Line:
    """One row of an export below its headings.

    Args:
        table: Where it stands.
        number: Its row number as a spreadsheet shows it.
        cells: Column (the first is 0) -> text, blanks left out.
        refused: Whether it is left out.
        pupil: The admission number of the pupil it was found to name, or None.
    """

    table: Table
    number: int
    cells: dict[int, str]
    refused: bool = False
    pupil: str | None = None

    def __getitem__(self, name: str) -> str:
        column = self.table.fields.get(name)
        return "" if column is None else self.cells.get(column, "")

    def where(self, name: str = "") -> str:
        """Where one of its fields stands: `row 14`, or `C14` in a workbook."""
        if not self.table.sheet:
            return f"row {self.number}"
        column = self.table.fields.get(name, self.table.indicators.get(name))
        return f"{letters(min(self.cells) if column is None else column)}{self.number}"

    def key(self) -> tuple[str, str, int]:
        """What tells it from every other row."""
        return self.table.file, self.table.sheet, self.number


@dataclass(eq=False, slots=True)
class Table:
    """One list in an export: what its columns mean, and its rows.

    Args:
        file: The file's name for people.
        sheet: The sheet; empty in a CSV file.
        kind: `pupils`, `plain pupils` (names with scores and nothing more of the
            pupil), `class list`, `memberships`, `pupil data`, `classes`, `staff` or
            `roles`.
        fields: Field -> column.
        indicators: An indicator's name -> column.
        lines: The rows.
    """

    file: str
    sheet: str
    kind: str
    fields: dict[str, int]
    indicators: dict[str, int]
    lines: list[Line] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        """Whether it has a column for any of these fields."""
        return any(name in self.fields for name in names)


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """A heading that nobody knows.

    Args:
        file: The file.
        sheet: The sheet; empty in a CSV file.
        cell: Where the heading stands.
        heading: As it stands there.
        near: The field it looks most like, or empty.
        kept: Whether its numbers are kept as an indicator all the same.
    """

    file: str
    sheet: str
    cell: str
    heading: str
    near: str
    kept: bool

    def problem(self) -> Problem:
        """The same as something to look at."""
        nearest = f" Nearest: {self.near}." if self.near else ""
        kept = " It is kept as an indicator." if self.kept else ""
        return Problem(
            file=self.file,
            sheet=self.sheet,
            cell=self.cell,
            severity="warning",
            code="heading-not-recognised",
            value=self.heading,
            what=f"The heading {self.heading!r} is not recognised.{nearest}{kept}",
            do="If it is needed, say what it is in [columns] in school.toml.",
        )


@dataclass(frozen=True, slots=True)
class Exports:
    """Everything that an import is given, as text.

    Args:
        files: The files, by the names that problems use.
        tables: The lists found in them.
        unrecognised: Headings that nobody knows.
        problems: What reading them found (sheets passed over, cells without value).
    """

    files: tuple[str, ...]
    tables: tuple[Table, ...]
    unrecognised: tuple[Unrecognised, ...] = ()
    problems: tuple[Problem, ...] = ()

    def of(self, *kinds: str) -> list[Table]:
        """The lists of these kinds, in the order of the files."""
        return [table for table in self.tables if table.kind in kinds]


def waiting(folder: Path) -> list[Path]:
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
    chosen = headings.overrides(columns or {})
    if not files:
        raise Unreadable(
            "There is nothing to import.",
            "Put the exports of your MIS into exports/, or name the files.",
        )
    names: list[str] = []
    found: list[_Found] = []
    faults: list[MarkbookError] = []
    for place, path in enumerate(files):
        name = _shown(path, root)
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
        unrecognised=tuple(item for one in found for item in one.unrecognised),
        problems=tuple(problem for one in found for problem in one.problems),
    )


@dataclass(slots=True)
class _Found:
    tables: list[Table] = field(default_factory=list)
    unrecognised: list[Unrecognised] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def _shown(path: Path, root: Path | None) -> str:
    if root is not None:
        try:
            return path.resolve().relative_to(root.resolve()).as_posix()
        except ValueError:
            pass
    return path.name


def _read(path: Path, file: str, chosen: Mapping[str, Meaning]) -> _Found:
    found = _Found()
    sheets = read_file(path, file, lambda rows: _best_heading(rows, chosen)[1])
    for sheet in sheets:
        place, score = _best_heading(sheet.rows, chosen)
        table = _table(file, sheet, place, chosen, found) if score else None
        if table is not None:
            found.tables.append(table)
            found.problems += _lost(file, sheet)
        elif sheet.name and sheet.rows:
            found.problems.append(
                Problem(
                    file=file,
                    sheet=sheet.name,
                    severity="warning",
                    code="sheet-passed-over",
                    what=f"The sheet {sheet.name} holds no list that is recognised.",
                    do="Nothing, if it is not an export; else see [columns].",
                )
            )
    if not found.tables:
        raise Unreadable(
            f"{file} is not an export that is recognised{_seen(sheets)}.",
            "It needs headings such as Adno or UPN, Class, Subject or Staff; "
            "say what others are in [columns] in school.toml.",
        )
    return found


def _seen(sheets: Sequence[Sheet]) -> str:
    for sheet in sheets:
        for row in sheet.rows:
            if len(row.cells) > 1:
                cells = [text[:30] for text in list(row.cells.values())[:5]]
                return f" (it begins {', '.join(map(repr, cells))})"
    return ""


def _lost(file: str, sheet: Sheet) -> Iterator[Problem]:
    for why in dict.fromkeys(reason for _, reason in sheet.lost):
        cells = [cell for cell, reason in sheet.lost if reason == why]
        yield Problem(
            file=file,
            sheet=sheet.name,
            cell=listed(cells),
            severity="warning",
            code="cell-without-value",
            what=f"What stands there is {why}; it is read as blank.",
            do="Open the file in Excel, put it right and save it.",
        )


def listed(cells: Sequence[str], most: int = 20) -> str:
    """Cells in a row of words, the first twenty by name.

    >>> listed(["row 3", "row 7"])
    'row 3, row 7'
    """
    shown = ", ".join(cells[:most])
    return shown if len(cells) <= most else f"{shown} and {len(cells) - most} more"


def _best_heading(
    rows: Sequence[Row], chosen: Mapping[str, Meaning]
) -> tuple[int, int]:
    """Which row has the headings, and how many fields it names; 0 if none does."""
    best, most = 0, 0
    for place, row in enumerate(rows[:LOOK_AHEAD]):
        meanings = [meaning(text, chosen) for text in row.cells.values()]
        named = {one.field for one in meanings if one.kind == "field"}
        others = sum(one.kind in ("indicator", "not kept") for one in meanings)
        enough = len(named) > 1 or (named & {*IDS, "weak_adno"} and len(row.cells) > 1)
        score = 4 * len(named) + min(others, 3) if enough else 0
        if score > most:
            best, most = place, score
    return best, most


def _table(
    file: str, sheet: Sheet, place: int, chosen: Mapping[str, Meaning], found: _Found
) -> Table | None:
    top = sheet.rows[place]
    meanings = {column: meaning(text, chosen) for column, text in top.cells.items()}
    fields: dict[str, int] = {}
    for column, one in sorted(meanings.items(), key=lambda item: (item[1].rank, item)):
        if one.kind == "field":
            fields.setdefault(one.field, column)
    _in_context(fields, top)
    kind = _kind(fields, any(one.kind == "indicator" for one in meanings.values()))
    if not kind:
        if "class" in fields or {"surname", "forename"} <= fields.keys():
            raise Unreadable(
                f"{file} names pupils without an admission number or UPN.",
                "Export it again with Adno or UPN: pupils are never matched by name.",
            )
        return None
    below = sheet.rows[place + 1 :]
    table = Table(file, sheet.name, kind, fields, {})
    about_pupils = kind in ("pupils", "plain pupils", "pupil data")
    used = set(fields.values())
    widest = max((max(row.cells) for row in below), default=-1)
    for column in range(max(widest, max(top.cells)) + 1):
        if column in used:
            continue
        one = meanings.get(column, Meaning("unknown"))
        heading = top.cells.get(column, "")
        if one.kind == "indicator" and about_pupils:
            table.indicators.setdefault(heading, column)
        elif one.kind == "unknown" and any(column in row.cells for row in below):
            kept = about_pupils and bool(heading) and _numeric(column, below)
            if kept:
                table.indicators.setdefault(heading, column)
            found.unrecognised.append(
                Unrecognised(
                    file,
                    sheet.name,
                    f"{letters(column)}{top.number}" if sheet.name else "row 1",
                    heading or f"(column {letters(column)}, no heading)",
                    one.near,
                    kept,
                )
            )
    headed = list(top.cells.items())
    for row in below:
        line = Line(table, row.number, row.cells)
        if list(row.cells.items()) != headed and not _is_footer(line):
            table.lines.append(line)
    return table


def _in_context(fields: dict[str, int], top: Row) -> None:
    """Settle headings that mean one thing in one list and another in the next."""
    weak = fields.pop("weak_adno", None)
    if weak is not None and not fields.keys() & set(IDS):
        fields["adno"] = weak
    spare = "code initials name short name"
    staff = fields.get("staff")
    if fields.keys() & set(IDS):
        if "name" in fields:
            fields.setdefault("pupil_name", fields["name"])
        if staff is not None and plain(top.cells[staff]) not in spare:
            fields.setdefault("teacher", staff)
        for name in ("name", "staff", "title", "email", "role", "scope"):
            fields.pop(name, None)
    elif "role" in fields:
        for name in ("teacher", "name", "teacher_name"):
            if "staff" not in fields and name in fields:
                fields["staff"] = fields[name]
        for name in ("subject", "reg", "year", "class"):
            if "scope" not in fields and name in fields:
                fields["scope"] = fields[name]
        for name in set(fields) - {"staff", "role", "scope"}:
            del fields[name]
    elif "class" in fields or {"subject", "teacher", "staff"} <= fields.keys():
        if "class" not in fields:
            fields["class"] = fields.pop("staff")
        elif staff is not None:
            fields.setdefault("teacher", staff)
        for name in ("staff", "name", "title", "email"):
            fields.pop(name, None)
    else:
        for name in ("teacher", "teacher_name"):
            if name in fields:
                here = "staff" if name == "teacher" else "name"
                fields.setdefault(here, fields.pop(name))
        for name in TAUGHT:
            fields.pop(name, None)


def _kind(fields: dict[str, int], indicators: bool) -> str:
    names = "pupil_name" in fields or {"surname", "forename"} <= fields.keys()
    if fields.keys() & set(IDS):
        if "class" in fields:
            return "class list" if fields.keys() & set(TAUGHT) else "memberships"
        scores = indicators or fields.keys() & set(SCORES)
        if not names:
            return "pupil data"
        return (
            "pupils" if fields.keys() & set(DETAILS) or not scores else "plain pupils"
        )
    if fields.keys() & {"staff", "role"} == {"staff", "role"}:
        return "roles"
    pupil_names = fields.keys() & set(NAMES)
    if "class" in fields and fields.keys() & set(TAUGHT) and not pupil_names:
        return "classes"
    if "staff" in fields and fields.keys() & {"name", "email", *NAMES}:
        return "staff"
    return ""


def _numeric(column: int, rows: Sequence[Row]) -> bool:
    """Whether a column holds numbers; long ones are telephones and the like."""
    values = [row.cells[column] for row in rows if column in row.cells]
    numbers = sum(bool(_NUMBER.fullmatch(value)) for value in values)
    return numbers > 0 and numbers >= 0.8 * len(values)


def _is_footer(line: Line) -> bool:
    """Whether a row is a total or a remark under the list and not one of its rows."""
    first = line.cells[min(line.cells)]
    if not _FOOTER.fullmatch(plain(first)) and not first.startswith("*"):
        return False
    fields = line.table.fields
    known = [name for name, column in fields.items() if column in line.cells]
    named = {"surname", "forename"} <= set(known) or line["pupil_name"].count(",") == 1
    columns = len(fields) + len(line.table.indicators)  # a total may add up several
    return not named and len(line.cells) <= max(2, (columns + 1) // 2)
