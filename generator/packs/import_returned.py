"""Import what readers wrote into packs: interventions and actions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection

from generator.markbook.layout import column_letters
from generator.packs.facts.results_day import PACK_NAME, STORED_FIELDS
from generator.packs.layout.columns import pack_columns
from generator.packs.pages.actions import no_progress_issue
from generator.packs.pages.pack_record import RECORD_FIELDS, RECORD_SHEET, PackRecord
from generator.packs.pages.results_review import stored_headings
from generator.packs.wording import count_text
from generator.problems import Problem
from generator.school.settings import KINDS
from generator.store import interventions as stored
from generator.store import roster
from generator.xlsx.cell_values import date_from_serial, read_cell_value
from generator.xlsx.reader import Workbook
from generator.xlsx.worksheet import Worksheet
from udfs.text import tidy

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
MAX_CELL_LENGTH = 2_000  # characters of one cell
INTERVENTION_FIELDS = (
    "intervention", "who", "from", "until", "ended_because", "pupil_view",
    "parent_view",
)  # fmt: skip
ACTION_FIELDS = ("action", "who", "by_when")


@dataclass(frozen=True, slots=True)
class ReturnedPack:
    """What was imported from one pack.

    Args:
        file: The file.
        record: Which pack it is; None if this school has not written its record.
        interventions: The number of new, changed and unchanged interventions.
        actions: The number of lines of its sheet of actions.
        problems: What could not be imported, cell by cell.
    """

    file: str
    record: PackRecord | None
    interventions: stored.InterventionCounts = field(
        default_factory=stored.InterventionCounts
    )
    actions: int = 0
    problems: tuple[Problem, ...] = ()

    def lines(self) -> list[str]:
        """The report in sentences."""
        if self.record is None:
            return [str(problem) for problem in self.problems]
        new, changed = self.interventions.new, self.interventions.changed
        summary = (
            f"{self.file}: the pack {self.record.pack}: "
            f"{count_text(new, 'intervention')} new, {changed} changed; "
            f"{count_text(self.actions, 'action')}."
        )
        return [summary, *map(str, self.problems)]


def is_pack(book: Workbook) -> bool:
    """Whether a workbook has a pack's record, whole or not."""
    return _record_sheet(book) is not None


def import_pack(
    connection: Connection,
    book: Workbook,
    *,
    file: str,
    key: bytes,
    now: datetime,
    who: str,
) -> ReturnedPack:
    """Import what was written into a pack; report what cannot be, cell by cell.

    Args:
        connection: A transaction of the store.
        book: The workbook, as it was read.
        file: Its name for people.
        key: The school's key: a pack of another school is not imported.
        now: The moment of the run.
        who: The person who runs the command.
    """
    record = _read_record(book, key)
    if record is None:
        what = "The file looks like a pack, but its record is not one this school made."
        do = "Use the pack as it was written here; nothing was taken from this file."
        return ReturnedPack(
            file, None, problems=(_problem(file, "pack-not-ours", what, do),)
        )
    pupils = set(roster.pupils(connection)["adno"])
    rows: list[dict[str, str]] = []
    lines: list[dict[str, str]] = []
    problems: list[Problem] = []
    for name, sheet in book.sheets.items():
        reader = _SheetReader(file, name, sheet, book.uses_1904_dates, problems)
        rows += reader.interventions(record, pupils, key)
        lines += [*reader.classes(), *reader.actions()]
        if record.pack == PACK_NAME:  # other packs only show it
            lines += reader.results_review()
    year = record.academic_year
    counts = stored.store_interventions(
        connection, rows, file=file, academic_year=year, now=now, who=who
    )
    action_count = stored.replace_actions(
        connection,
        lines,
        collection=record.collection,
        pack=record.pack,
        academic_year=year,
        now=now,
        who=who,
    )
    return ReturnedPack(file, record, counts, action_count, tuple(problems))


def _record_sheet(book: Workbook) -> Worksheet | None:
    for name, sheet in book.sheets.items():
        if name.casefold() == RECORD_SHEET.casefold():
            return sheet
    return None


def _read_record(book: Workbook, key: bytes) -> PackRecord | None:
    sheet = _record_sheet(book)
    if sheet is None:
        return None
    values = {
        cell.text: sheet.cells[row, 1].text if (row, 1) in sheet.cells else ""
        for (row, column), cell in sheet.cells.items()
        if column == 0
    }
    if any(name not in values for name in (*RECORD_FIELDS, "seal")):
        return None
    record = PackRecord(**{name: values[name] for name in RECORD_FIELDS})
    return record if record.verifies(values["seal"], key) else None


def _scope_of(pack: str) -> str:
    """The part of the school that a pack is about, from the name of its file."""
    kinds = [kind for kind in KINDS if pack.startswith(f"{kind}-")]
    return pack.removeprefix(f"{max(kinds, key=len)}-") if kinds else ""


class _SheetReader:
    """Reads what was written into one sheet of a pack."""

    def __init__(
        self,
        file: str,
        name: str,
        sheet: Worksheet,
        uses_1904_dates: bool,
        problems: list[Problem],
    ) -> None:
        self.file, self.name, self.sheet = file, name, sheet
        self.uses_1904_dates = uses_1904_dates
        self.problems = problems

    def interventions(
        self, record: PackRecord, pupils: set[str], key: bytes
    ) -> list[dict[str, str]]:
        """The rows with an intervention, or with how one ended."""
        words = _headings(("adno", "subject", *INTERVENTION_FIELDS))
        head, at = self._find_headings(words, ("adno", "intervention"))
        # A sheet with a column for how it ended lists existing interventions.
        existing = "ended_because" in at
        allowed = set(record.pupils.split())
        lines = []
        for row in self._rows_below(head):
            cells = {key: self._text(row, column) for key, column in at.items()}
            if not any(cells.get(name) for name in INTERVENTION_FIELDS):
                continue
            where = _cell_name(row, at["intervention"])
            if cells["adno"] not in pupils:
                self._report(where, "pupil-unknown", cells["adno"],
                          f"No pupil has the admission number {cells['adno']!r}.",
                          "Leave the column Adno as it was written.")  # fmt: skip
                continue
            if record.pupil_code(cells["adno"], key) not in allowed:
                self._report(where, "pupil-not-in-pack", cells["adno"],
                          f"{cells['adno']} is no pupil of this pack, so nothing "
                          "about this pupil was taken.",
                          "Write it into a pack that the pupil is in.")  # fmt: skip
                continue
            if not cells["intervention"]:
                self._report(where, "intervention-not-named", "",
                          "The row does not say what is done.",
                          "Say it in the column Intervention.")  # fmt: skip
                continue
            first, last = (
                self._date(row, at.get("from")),
                self._date(row, at.get("until")),
            )
            if first and last and last < first:
                end = _cell_name(row, at["until"])
                self._report(end, "ends-before-it-begins", last,
                          f"It ends on {last}, before it begins on {first}.",
                          "Check both days; they were taken as they are.")  # fmt: skip
            lines.append(
                {
                    "adno": cells["adno"],
                    "subject": cells.get("subject", ""),
                    "what": cells["intervention"],
                    "who": cells.get("who", ""),
                    "from": first,
                    "until": last,
                    "pupil_view": cells.get("pupil_view", ""),
                    "parent_view": cells.get("parent_view", ""),
                    "ended_because": cells.get("ended_because", ""),
                    "department_or_pastoral": (
                        "" if existing else _scope_of(record.pack)
                    ),
                }
            )
        return lines

    def classes(self) -> list[dict[str, str]]:
        """The actions for classes that show no progress."""
        words = _headings(("class", "subject", *ACTION_FIELDS))
        head, at = self._find_headings(words, ("class", *ACTION_FIELDS))
        lines = []
        for row in self._rows_below(head):
            line = {name: self._text(row, at[name]) for name in ACTION_FIELDS}
            if any(line.values()):
                about = [self._text(row, at[name])
                         for name in ("class", "subject") if name in at]  # fmt: skip
                lines.append({"issue": no_progress_issue(*about), **line})
        return lines

    def actions(self) -> list[dict[str, str]]:
        """The lines of the sheet of actions, without those of last time."""
        words = _headings(stored.ACTION_DETAILS)
        head, at = self._find_headings(words, stored.ACTION_DETAILS, last=True)
        lines = []
        for row in self._rows_below(head):
            line = {key: self._text(row, column) for key, column in at.items()}
            if any(line.values()):
                lines.append(line)
        return lines

    def results_review(self) -> list[dict[str, str]]:
        """The lines of the results day form that have more than a subject."""
        words = stored_headings()
        needed = list(STORED_FIELDS.values())
        head, at = self._find_headings(words, needed, last=True)
        lines = []
        for row in self._rows_below(head):
            line = {name: self._text(row, column) for name, column in at.items()}
            if any(text for name, text in line.items() if name != "subject"):
                lines.append(line)
        return lines

    def _find_headings(
        self, words: Mapping[str, str], needed: Sequence[str], *, last: bool = False
    ) -> tuple[int, dict[str, int]]:
        """The heading row, and the column of each field in it; -1 if there is none."""
        rows: dict[int, dict[str, int]] = {}
        for (row, column), cell in sorted(self.sheet.cells.items()):
            key = words.get(tidy(cell.text).casefold())
            if key is not None:
                rows.setdefault(row, {}).setdefault(key, column)
        complete = [row for row, at in rows.items() if all(key in at for key in needed)]
        if not complete:
            return -1, {}
        row = complete[-1] if last else complete[0]
        return row, rows[row]

    def _rows_below(self, head: int) -> list[int]:
        if head < 0:
            return []
        return sorted({row for row, _ in self.sheet.cells if row > head})

    def _text(self, row: int, column: int) -> str:
        cell = self.sheet.cells.get((row, column))
        value = read_cell_value(cell, uses_1904_dates=self.uses_1904_dates)
        if value.problem:
            self._report(_cell_name(row, column), "cell-not-a-value", value.text,
                      f"{value.problem.capitalize()} stands there; it was not taken.",
                      "Type the words themselves.")  # fmt: skip
            return ""
        return value.day.isoformat() if value.day else value.text[:MAX_CELL_LENGTH]

    def _date(self, row: int, column: int | None) -> str:
        if column is None:
            return ""
        text = self._text(row, column)
        day = self._parse_date(text)
        if text and not day:
            self._report(_cell_name(row, column), "value-not-recognised", text,
                      f"{text!r} is not a date that can be read, so it was left out.",
                      "Write it like 25/11/2026.")  # fmt: skip
        return day

    def _parse_date(self, text: str) -> str:
        try:
            if match := _DAY_FIRST.fullmatch(text):
                year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
                return date(year, int(match[2]), int(match[1])).isoformat()
            if re.fullmatch(r"\d{5}(\.\d+)?", text):
                day = date_from_serial(
                    float(text), uses_1904_dates=self.uses_1904_dates
                )
                return day.isoformat() if day else ""
            return date.fromisoformat(text[:10]).isoformat() if text else ""
        except ValueError:
            return ""

    def _report(self, cell: str, code: str, value: str, what: str, do: str) -> None:
        self.problems.append(
            _problem(self.file, code, what, do, sheet=self.name, cell=cell,
                     value=value[:100])
        )  # fmt: skip


def _headings(keys: Sequence[str]) -> dict[str, str]:
    """Heading without case -> field."""
    return {column.heading.casefold(): column.key for column in pack_columns(keys)}


def _problem(file: str, code: str, what: str, do: str, **more: str) -> Problem:
    return Problem(
        file=file, severity="warning", code=code, what=what, do=do, **more
    )  # fmt: skip


def _cell_name(row: int, column: int) -> str:
    return f"{column_letters(column)}{row + 1}"
