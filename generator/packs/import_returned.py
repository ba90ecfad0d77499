"""What readers wrote into packs: interventions and actions, taken when they return."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection

from generator.markbook.layout import column_letters
from generator.packs.layout.columns import pack_columns
from generator.packs.pages import results_review as results_form
from generator.packs.pages.actions import no_progress_issue
from generator.packs.pages.pack_record import RECORD_FIELDS, RECORD_SHEET, PackRecord
from generator.packs.wording import count_text
from generator.problems import Problem
from generator.store import interventions as stored
from generator.store import roster
from generator.xlsx.cell_values import date_from_serial, read_cell_value
from generator.xlsx.reader import Workbook
from generator.xlsx.worksheet import Worksheet
from udfs.text import tidy

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
MAX_CELL_LENGTH = 2_000  # characters of one cell
INTERVENTION_FIELDS = ("intervention", "who", "from", "until", "ended_because", "pupil_view",
        "parent_view")  # fmt: skip
ACTION_FIELDS = ("action", "who", "by_when")


@dataclass(frozen=True, slots=True)
class ReturnedPack:
    """What was taken from one pack.

    Args:
        file: The file.
        record: Which pack it is; None where its record is not one of ours.
        entered: Interventions that are new, changed and the same.
        actions: Lines of its sheet of actions.
        problems: What could not be taken, cell by cell.
    """

    file: str
    record: PackRecord | None
    entered: stored.InterventionCounts = field(
        default_factory=stored.InterventionCounts
    )
    actions: int = 0
    problems: tuple[Problem, ...] = ()

    def lines(self) -> list[str]:
        """The same in words."""
        if self.record is None:
            return [str(problem) for problem in self.problems]
        new, changed = self.entered.new, self.entered.changed
        said = (
            f"{self.file}: the pack {self.record.pack}: {count_text(new, 'intervention')} "
            f"new, {changed} changed; {count_text(self.actions, 'action')}."
        )
        return [said, *map(str, self.problems)]


def is_pack(book: Workbook) -> bool:
    """Whether a workbook has a pack's record, be it whole or not."""
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
    """Take what was written into a pack; what cannot be taken is said, cell by cell.

    Args:
        connection: A transaction of the store.
        book: The workbook, as it was read.
        file: Its name for people.
        key: The school's key: a pack of another school is not taken.
        now: The moment.
        who: Who collects.
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
        reading = _SheetReader(file, name, sheet, book.uses_1904_dates, problems)
        rows += reading.interventions(record, pupils, key)
        lines += [*reading.classes(), *reading.actions()]
        if record.pack == results_form.PACK:  # others only show it again
            lines += reading.results_review()
    year = record.academic_year
    entered = stored.store_interventions(
        connection, rows, file=file, academic_year=year, now=now, who=who
    )
    count = stored.replace_actions(
        connection,
        lines,
        collection=record.collection,
        pack=record.pack,
        academic_year=year,
        now=now,
        who=who,
    )
    return ReturnedPack(file, record, entered, count, tuple(problems))


def _record_sheet(book: Workbook) -> Worksheet | None:
    for name, sheet in book.sheets.items():
        if name.casefold() == RECORD_SHEET.casefold():
            return sheet
    return None


def _read_record(book: Workbook, key: bytes) -> PackRecord | None:
    sheet = _record_sheet(book)
    if sheet is None:
        return None
    told = {
        cell.text: sheet.cells[row, 1].text if (row, 1) in sheet.cells else ""
        for (row, column), cell in sheet.cells.items()
        if column == 0
    }
    if any(name not in told for name in (*RECORD_FIELDS, "seal")):
        return None
    record = PackRecord(**{name: told[name] for name in RECORD_FIELDS})
    return record if record.verifies(told["seal"], key) else None


class _SheetReader:
    """One sheet of a pack being read."""

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
        """The rows in which something is said to be done, or to have become of it."""
        words = _headings(("adno", "subject", *INTERVENTION_FIELDS))
        head, at = self._find_headings(words, ("adno", "intervention"))
        # Where it stands how one ended, those that there are stand.
        known = "ended_because" in at
        may = set(record.pupils.split())
        found = []
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
            if record.pupil_code(cells["adno"], key) not in may:
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
                self._report(_cell_name(row, at["until"]), "ends-before-it-begins", last,
                          f"It ends on {last}, before it begins on {first}.",
                          "Check both days; they were taken as they are.")  # fmt: skip
            found.append(
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
                        "" if known else record.pack.partition("-")[2]
                    ),
                }
            )
        return found

    def classes(self) -> list[dict[str, str]]:
        """What will be done for a class that shows no progress, as actions."""
        words = _headings(("class", "subject", *ACTION_FIELDS))
        head, at = self._find_headings(words, ("class", *ACTION_FIELDS))
        found = []
        for row in self._rows_below(head):
            line = {name: self._text(row, at[name]) for name in ACTION_FIELDS}
            if any(line.values()):
                about = [self._text(row, at[name])
                         for name in ("class", "subject") if name in at]  # fmt: skip
                found.append({"issue": no_progress_issue(*about), **line})
        return found

    def actions(self) -> list[dict[str, str]]:
        """The lines of the sheet of actions; those of last time are not taken again."""
        words = _headings(stored.ACTION_DETAILS)
        head, at = self._find_headings(words, stored.ACTION_DETAILS, last=True)
        found = []
        for row in self._rows_below(head):
            line = {key: self._text(row, column) for key, column in at.items()}
            if any(line.values()):
                found.append(line)
        return found

    def results_review(self) -> list[dict[str, str]]:
        """What was said on results day; a subject alone says nothing."""
        words = results_form.stored_headings()
        needed = list(results_form.STORED_FIELDS.values())
        head, at = self._find_headings(words, needed, last=True)
        found = []
        for row in self._rows_below(head):
            line = {name: self._text(row, column) for name, column in at.items()}
            if any(text for name, text in line.items() if name != "subject"):
                found.append(line)
        return found

    def _find_headings(
        self, words: Mapping[str, str], needed: Sequence[str], *, last: bool = False
    ) -> tuple[int, dict[str, int]]:
        """The heading row, and where each field stands in it; -1 where none is."""
        rows: dict[int, dict[str, int]] = {}
        for (row, column), cell in sorted(self.sheet.cells.items()):
            key = words.get(tidy(cell.text).casefold())
            if key is not None:
                rows.setdefault(row, {}).setdefault(key, column)
        whole = [row for row, at in rows.items() if all(key in at for key in needed)]
        if not whole:
            return -1, {}
        row = whole[-1] if last else whole[0]
        return row, rows[row]

    def _rows_below(self, head: int) -> list[int]:
        if head < 0:
            return []
        return sorted({row for row, _ in self.sheet.cells if row > head})

    def _text(self, row: int, column: int) -> str:
        cell = self.sheet.cells.get((row, column))
        found = read_cell_value(cell, uses_1904_dates=self.uses_1904_dates)
        if found.problem:
            self._report(_cell_name(row, column), "cell-not-a-value", found.text,
                      f"{found.problem.capitalize()} stands there; it was not taken.",
                      "Type the words themselves.")  # fmt: skip
            return ""
        return found.day.isoformat() if found.day else found.text[:MAX_CELL_LENGTH]

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
