"""Check one entry sheet of a return, row by row and cell by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.markbook.layout import ENTRY_HEADINGS
from generator.problems import Problem
from generator.returns import match_pupils
from generator.returns.check_cells import UNTICKED, CellFault, EntryReader
from generator.returns.duplicate_rows import reject_duplicates
from generator.returns.entries import EntryCell, SheetProblems
from generator.returns.issued_context import IssuedContext, IssuedPupilRow, KnownPupil
from generator.returns.locate_sheets import BLANK_CELL, LocatedSheet
from generator.xlsx.cell_values import read_cell_value
from generator.xlsx.worksheet import cell_reference
from udfs.text import tidy

_NAMES = ("surname", "forename")
_MERGED = CellFault(
    "merged",
    "The cell is merged with others, so that it is not clear whose mark it is.",
    "Unmerge the cells and give each pupil a mark.",
)


@dataclass(slots=True)
class SheetCheck:
    """The check of one entry sheet.

    Args:
        entry_sheet: The sheet.
        context: The issues and the pupils, with the rows of this issue loaded.
        reader: Reads the entry cells.
        today: The day of collection, as ISO text.
    """

    entry_sheet: LocatedSheet
    issued: IssuedContext
    reader: EntryReader
    today: str
    requested: list[str] = field(default_factory=list)
    not_requested: list[str] = field(default_factory=list)
    entries: list[EntryCell] = field(default_factory=list)
    blank_count: int = 0
    changed: bool = False
    issued_names: dict[str, match_pupils.Name] = field(default_factory=dict)
    rows_by_pupil: dict[str, list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    sheet_problems: SheetProblems = field(init=False)

    def __post_init__(self) -> None:
        self.sheet_problems = SheetProblems(self.entry_sheet.sheet.name)

    @property
    def class_code(self) -> str:
        """The class."""
        return self.entry_sheet.issue.class_code

    @property
    def issued_rows(self) -> Mapping[tuple[str, str], IssuedPupilRow]:
        """The rows of its issue, by subject and pupil."""
        return self.issued.rows.get(self.entry_sheet.issue.issue_id, {})

    @property
    def subject(self) -> str:
        """The subject of its marks."""
        return self.entry_sheet.identity.subject

    def run(self) -> None:
        """Check every row."""
        keys = self.entry_sheet.identity.columns
        self.requested = [key for key in keys if key in ENTRY_HEADINGS]
        self.not_requested = [
            key
            for key in ENTRY_HEADINGS
            if key not in self.requested and key in self.entry_sheet.columns
        ]
        for row in self.entry_sheet.rows():
            self._check_row(row)
        self._note_missing_rows()

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems to correct or to look at."""
        return self.sheet_problems.grouped()

    def resolve_duplicates(self) -> list[EntryCell]:
        """The entries; conflicting values of a pupil in two rows are rejected."""
        return reject_duplicates(
            self.entries, self.rows_by_pupil, self._heading, self.sheet_problems
        )

    def _heading(self, key: str) -> str:
        return self.entry_sheet.layout.heading(key)

    def _check_row(self, row: int) -> None:
        filled = [key for key in self.requested if self._is_filled(row, key)]
        adno_cell = self.entry_sheet.cell(row, "adno")
        adno_text = read_cell_value(adno_cell).text
        if not adno_text:
            self._check_row_without_adno(row, filled)
            return
        if adno_cell.formula is not None or adno_cell.kind == "e":
            self._reject_row(row, filled, "", match_pupils.ADNO_FORMULA)
            return
        issued = self.issued_rows.get((self.subject, adno_text))
        adno, zeros_differ = (
            (adno_text, False) if issued else self.issued.match_adno(adno_text)
        )
        if adno is not None and issued is None:
            issued = self.issued_rows.get((self.subject, adno))
        if adno is None:
            suggestion = self._suggestion(row) if filled else ""
            fault = match_pupils.unknown_adno(self.issued, adno_text, suggestion)
            self._reject_row(row, filled, "", fault)
            return
        if zeros_differ and (issued or filled):
            self._note(row, "adno", adno, adno_text, match_pupils.different_zeros(adno))
        if issued is not None:
            self._check_issued_row(row, adno, issued, filled)
        elif filled:
            self._check_joiner(row, self.issued.pupils[adno], filled)

    def _check_row_without_adno(self, row: int, filled: list[str]) -> None:
        if filled:
            address = self.entry_sheet.address(row, "adno")
            fault = match_pupils.missing_adno(
                address, self._row_name(row), self._suggestion(row)
            )
            self._reject_row(row, filled, "", fault)

    def _is_filled(self, row: int, key: str) -> bool:
        cell = self.entry_sheet.cell(row, key)
        if cell is BLANK_CELL:
            return False
        text = cell.text
        if cell.formula is not None:
            return True
        if key == "praise":
            return not self.reader.read(key, cell).is_blank  # a box may be unticked
        return text.isalnum() or bool(tidy(text))

    def _check_issued_row(
        self, row: int, adno: str, issued: IssuedPupilRow, filled: list[str]
    ) -> None:
        self.rows_by_pupil[adno].append(row)
        if not self.issued_names:
            self.issued_names = self._load_issued_names()
        mixed_up = match_pupils.row_mixed_up(
            self._row_name(row), adno, self.issued_names
        )
        if mixed_up:
            self._reject_row(row, filled, adno, mixed_up)
            return
        # A second row was typed in by hand.
        first_row = len(self.rows_by_pupil[adno]) == 1
        if first_row:
            self._compare_locked(row, adno, issued)
        for key in self.requested:
            prefilled = issued.prefilled.get(key, "") if first_row else ""
            if key not in filled:
                self.blank_count += first_row
                self.changed |= bool(prefilled)
                if prefilled and key == "praise":
                    self._note_unticked(row, adno)
                continue
            self._read_entry(row, key, adno, prefilled)
        self._note_not_requested(row, adno)
        if filled:
            fault = match_pupils.left_or_moved(
                self.issued, adno, self.class_code, self.subject, self.today
            )
            self._note(row, "adno", adno, adno, fault)

    def _note_unticked(self, row: int, adno: str) -> None:
        if displayed := self.reader.read(
            "praise", self.entry_sheet.cell(row, "praise")
        ).displayed:
            self._note(row, "praise", adno, displayed, UNTICKED)

    def _read_entry(self, row: int, key: str, adno: str, prefilled: str) -> None:
        cell = self.entry_sheet.cell(row, key)
        reading = self.reader.read(key, cell)
        fault = reading.fault
        value = reading.value
        if self._is_merged(row, key):
            value, fault = None, _MERGED
        self._note(row, key, adno, reading.displayed, fault)
        # `Clear` is a change even where the cell was issued blank.
        self.changed |= value != prefilled or not value
        self._add_entry(row, key, adno, value, reading.displayed, prefilled)

    def _add_entry(
        self,
        row: int,
        key: str,
        adno: str,
        value: str | None,
        displayed: str,
        prefilled: str,
    ) -> None:
        self.entries.append(
            EntryCell(
                self.class_code,
                self.subject,
                adno,
                key,
                value,
                displayed,
                prefilled,
                self.entry_sheet.sheet.name,
                self.entry_sheet.address(row, key),
            )
        )

    def _is_merged(self, row: int, key: str) -> bool:
        if not self.entry_sheet.sheet.merges:
            return False
        column = self.entry_sheet.columns[key]
        return any(
            top <= row <= bottom and left <= column <= right
            for top, left, bottom, right in self.entry_sheet.sheet.merges
            if bottom > self.entry_sheet.heading_row
        )

    def _compare_locked(self, row: int, adno: str, issued: IssuedPupilRow) -> None:
        for heading, text in issued.locked.items():
            column = self.entry_sheet.headings.get(heading)
            if column is None or heading == self._heading("adno"):
                continue
            cell = self.entry_sheet.sheet.cells.get((row, column))
            if cell is not None and cell.text == text:
                continue  # nearly always
            current = read_cell_value(cell).text
            if current != tidy(text):
                self.sheet_problems.add(
                    CellFault(
                        "locked-changed",
                        f"{heading} is locked and was changed from {text or 'blank'!r} "
                        f"to {current or 'blank'!r}.",
                        "Nothing to do: what was issued counts.",
                        "warning",
                        f"{heading} is locked and was changed in these rows.",
                    ),
                    cell_reference(row, column),
                    adno,
                    current,
                )

    def _note_not_requested(self, row: int, adno: str) -> None:
        for key in self.not_requested:
            if self._is_filled(row, key):
                self.sheet_problems.add(
                    CellFault(
                        "not-asked",
                        f"{self._heading(key)} is not asked for in this collection.",
                        "Nothing to do: it was not read.",
                        "warning",
                    ),
                    self.entry_sheet.address(row, key),
                    adno,
                    tidy(self.entry_sheet.cell(row, key).text),
                )

    def _check_joiner(self, row: int, pupil: KnownPupil, filled: list[str]) -> None:
        row_name = self._row_name(row)
        if fault := match_pupils.name_differs(self.issued, pupil, row_name):
            self._reject_row(row, filled, "", fault)
            return
        self.rows_by_pupil[pupil.adno].append(row)
        self.changed = True
        fault = match_pupils.not_in_class(
            self.issued, pupil, self.class_code, self.subject
        )
        self._note(row, "adno", pupil.adno, pupil.adno, fault)
        for key in filled:
            self._read_entry(row, key, pupil.adno, "")

    def _load_issued_names(self) -> dict[str, match_pupils.Name]:
        surname, forename = map(self._heading, _NAMES)
        return {
            adno: (
                tidy(row.locked.get(surname, "")),
                tidy(row.locked.get(forename, "")),
            )
            for (subject, adno), row in self.issued_rows.items()
            if subject == self.subject
        }

    def _row_name(self, row: int) -> match_pupils.Name:
        surname, forename = (self.entry_sheet.cell(row, key).text for key in _NAMES)
        return tidy(surname), tidy(forename)

    def _suggestion(self, row: int) -> str:
        return match_pupils.suggest_pupils(
            self.issued, self._row_name(row), self.class_code
        )

    def _reject_row(
        self, row: int, filled: list[str], adno: str, fault: CellFault
    ) -> None:
        self.changed |= bool(filled)
        for key in filled:
            cell = self.entry_sheet.cell(row, key)
            self._add_entry(row, key, "", None, tidy(cell.text), "")
            self._note(row, key, adno, "", fault)

    def _note_missing_rows(self) -> None:
        missing = [
            adno
            for subject, adno in self.issued_rows
            if subject == self.subject and adno not in self.rows_by_pupil
        ]
        if missing:
            self.blank_count += len(self.requested) * len(missing)
            fault = match_pupils.rows_missing(self.issued, missing)
            self.sheet_problems.add(fault, adno=", ".join(missing))

    def _note(
        self, row: int, key: str, adno: str, value: str, fault: CellFault | None
    ) -> None:
        if fault is not None:
            self.sheet_problems.add(
                fault, self.entry_sheet.address(row, key), adno, value
            )
