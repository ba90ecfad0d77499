"""One entry sheet of a return, row by row and cell by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from generator.markbook.layout import ENTRY_HEADINGS
from generator.problems import Problem
from generator.returns import match_pupils
from generator.returns.check_cells import Fault, Reader
from generator.returns.checked import Answer
from generator.returns.issued_context import IssuedRow, Person, Register
from generator.returns.locate_sheets import BLANK, FoundSheet, plain
from generator.returns.sheet_problems import Telling
from generator.xlsx.worksheet import cell_reference
from udfs.text import tidy

_NAMES = ("surname", "forename")
_MERGED = Fault(
    "merged",
    "The cell is merged with others, so that it is not clear whose mark it is.",
    "Unmerge the cells and give each pupil a mark.",
)
_ROW_MISSING = Fault(
    "row-missing",
    "Rows that were issued are gone, or have another Adno now.",
    "Nothing was read for these pupils. To give marks for one after all, write the "
    "Adno and the marks in a spare row.",
    "warning",
)


@dataclass(slots=True)
class SheetCheck:
    """One entry sheet being looked at."""

    found: FoundSheet
    register: Register
    reader: Reader
    today: str
    asked: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    blank: int = 0
    touched: bool = False
    names: dict[str, match_pupils.Name] = field(default_factory=dict)
    seen: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    said: Telling = field(init=False)

    def __post_init__(self) -> None:
        self.said = Telling(self.found.sheet.name)

    @property
    def code(self) -> str:
        """The class."""
        return self.found.issue.class_code

    @property
    def issued(self) -> Mapping[tuple[str, str], IssuedRow]:
        """The rows that its issue holds, by subject and pupil."""
        return self.register.rows.get(self.found.issue.issue_id, {})

    @property
    def subject(self) -> str:
        """What its marks are about."""
        return self.found.identity.subject

    def run(self) -> None:
        """Look at every row."""
        keys = self.found.identity.columns
        self.asked = [key for key in keys if key in ENTRY_HEADINGS]
        self.not_asked = [
            key
            for key in ENTRY_HEADINGS
            if key not in self.asked and key in self.found.columns
        ]
        for row in self.found.rows():
            self._row(row)
        self._missing_rows()

    @property
    def problems(self) -> Sequence[Problem]:
        """What there is to put right or to look at."""
        return self.said.problems()

    def settled(self) -> list[Answer]:
        """The answers, those of a pupil who stands in two rows compared."""
        by_mark: dict[tuple[str, str, str], list[Answer]] = defaultdict(list)
        for answer in self.answers:
            if answer.adno:
                by_mark[answer.mark].append(answer)
        torn = {
            mark
            for mark, several in by_mark.items()
            if len({answer.value for answer in several}) > 1
        }
        made = []
        for answer in self.answers:
            if answer.adno and answer.mark in torn:
                answer = replace(answer, value=None)
            made.append(answer)
        for mark in sorted(torn):
            several = by_mark[mark]
            self.said.tell(
                Fault(
                    "pupil-twice",
                    f"The pupil stands in rows {self._both(several[0].adno)} with "
                    f"different values under {ENTRY_HEADINGS[several[0].field]}.",
                    "Keep one of them and empty the other.",
                ),
                ", ".join(answer.cell for answer in several),
                several[0].adno,
                ", ".join(answer.shown for answer in several),
            )
        return made

    def _both(self, adno: str) -> str:
        return " and ".join(str(row + 1) for row in self.seen[adno])

    def _row(self, row: int) -> None:
        filled = [key for key in self.asked if self._filled(row, key)]
        adno_cell = self.found.cell(row, "adno")
        written = plain(adno_cell)
        if not written:
            if filled:
                at = self.found.where(row, "adno")
                fault = match_pupils.nobody(
                    at, self._written_name(row), self._hint(row)
                )
                self._reject_row(row, filled, "", fault)
            return
        if adno_cell.formula is not None or adno_cell.kind == "e":
            self._reject_row(row, filled, "", match_pupils.ADNO_FORMULA)
            return
        issued = self.issued.get((self.subject, written))
        adno, bare = (written, False) if issued else self.register.match(written)
        if adno is not None and issued is None:
            issued = self.issued.get((self.subject, adno))
        if adno is None:
            likely = self._hint(row) if filled else ""
            fault = match_pupils.stranger(self.register, written, likely)
            self._reject_row(row, filled, "", fault)
            return
        if bare and (issued or filled):
            self._note(row, "adno", adno, written, match_pupils.other_zeros(adno))
        if issued is not None:
            self._issued_row(row, adno, issued, filled)
        elif filled:
            self._joiner(row, self.register.people[adno], filled)

    def _filled(self, row: int, key: str) -> bool:
        cell = self.found.cell(row, key)
        if cell is BLANK:
            return False
        text = cell.text
        return cell.formula is not None or text.isalnum() or bool(tidy(text))

    def _issued_row(
        self, row: int, adno: str, issued: IssuedRow, filled: list[str]
    ) -> None:
        self.seen[adno].append(row)
        if not self.names:
            self.names = self._issued_names()
        if fault := match_pupils.mixed_up(self._written_name(row), adno, self.names):
            self._reject_row(row, filled, adno, fault)
            return
        own = len(self.seen[adno]) == 1  # a second row was written in by hand
        if own:
            self._compare_locked(row, adno, issued)
        for key in self.asked:
            stamped = issued.stamped.get(key, "") if own else ""
            if key not in filled:
                self.blank += own
                self.touched |= bool(stamped)
                continue
            self._answer(row, key, adno, stamped)
        self._not_asked(row, adno)
        if filled:
            gone = match_pupils.no_longer_here(
                self.register, adno, self.code, self.subject, self.today
            )
            self._note(row, "adno", adno, adno, gone)

    def _answer(self, row: int, key: str, adno: str, stamped: str) -> None:
        cell = self.found.cell(row, key)
        said = self.reader.read(key, cell)
        fault = said.fault
        value = said.value
        if self._merged(row, key):
            value, fault = None, _MERGED
        self._note(row, key, adno, said.shown, fault)
        # `Clear` where nothing stood says something too.
        self.touched |= value != stamped or not value
        self._add(row, key, adno, value, said.shown, stamped)

    def _add(
        self, row: int, key: str, adno: str, value: str | None, shown: str, stamped: str
    ) -> None:
        self.answers.append(
            Answer(
                self.code,
                self.subject,
                adno,
                key,
                value,
                shown,
                stamped,
                self.found.sheet.name,
                self.found.where(row, key),
            )
        )

    def _merged(self, row: int, key: str) -> bool:
        if not self.found.sheet.merges:
            return False
        column = self.found.columns[key]
        return any(
            top <= row <= bottom and left <= column <= right
            for top, left, bottom, right in self.found.sheet.merges
            if bottom > self.found.heading_row
        )

    def _compare_locked(self, row: int, adno: str, issued: IssuedRow) -> None:
        for heading, text in issued.locked.items():
            column = self.found.headings.get(heading)
            if column is None or heading == "Adno":
                continue
            cell = self.found.sheet.cells.get((row, column))
            if cell is not None and cell.text == text:
                continue  # nearly always
            now = plain(cell) if cell else ""
            if now != tidy(text):
                self.said.tell(
                    Fault(
                        "locked-changed",
                        f"{heading} is locked and was changed from {text or 'blank'!r} "
                        f"to {now or 'blank'!r}.",
                        "Nothing to do: what was issued counts.",
                        "warning",
                        f"{heading} is locked and was changed in these rows.",
                    ),
                    cell_reference(row, column),
                    adno,
                    now,
                )

    def _not_asked(self, row: int, adno: str) -> None:
        for key in self.not_asked:
            if self._filled(row, key):
                self.said.tell(
                    Fault(
                        "not-asked",
                        f"{ENTRY_HEADINGS[key]} is not asked for in this collection.",
                        "Nothing to do: it was not read.",
                        "warning",
                    ),
                    self.found.where(row, key),
                    adno,
                    tidy(self.found.cell(row, key).text),
                )

    def _joiner(self, row: int, person: Person, filled: list[str]) -> None:
        written = self._written_name(row)
        if fault := match_pupils.name_differs(self.register, person, written):
            self._reject_row(row, filled, "", fault)
            return
        self.seen[person.adno].append(row)
        self.touched = True
        fault = match_pupils.not_in_class(
            self.register, person, self.code, self.subject
        )
        self._note(row, "adno", person.adno, person.adno, fault)
        for key in filled:
            self._answer(row, key, person.adno, "")

    def _issued_names(self) -> dict[str, match_pupils.Name]:
        return {
            adno: (
                tidy(row.locked.get("Surname", "")),
                tidy(row.locked.get("Forename", "")),
            )
            for (subject, adno), row in self.issued.items()
            if subject == self.subject
        }

    def _written_name(self, row: int) -> match_pupils.Name:
        surname, forename = (self.found.cell(row, key).text for key in _NAMES)
        return tidy(surname), tidy(forename)

    def _hint(self, row: int) -> str:
        return match_pupils.hint(self.register, self._written_name(row), self.code)

    def _reject_row(self, row: int, filled: list[str], adno: str, fault: Fault) -> None:
        self.touched |= bool(filled)
        for key in filled:
            cell = self.found.cell(row, key)
            self._add(row, key, "", None, tidy(cell.text), "")
            self._note(row, key, adno, "", fault)

    def _missing_rows(self) -> None:
        for subject, adno in self.issued:
            if subject != self.subject or adno in self.seen:
                continue
            self.blank += len(self.asked)
            self.said.tell(_ROW_MISSING, adno=adno)

    def _note(
        self, row: int, key: str, adno: str, value: str, fault: Fault | None
    ) -> None:
        if fault is not None:
            self.said.tell(fault, self.found.where(row, key), adno, value)
