"""Set one mark by hand (rule 9: a person's edit is a source of its own)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from generator.corrections.correction_report import (
    CorrectionRefused,
    CorrectionReport,
    check_reason,
)
from generator.corrections.people import Roster, choose_subject, leaver_warning
from generator.lookup import RosterPupil, find_code, listed
from generator.markbook.layout import ENTRY_HEADINGS
from generator.problems import Problem
from generator.returns.check_cells import EntryReader, EntryReading
from generator.returns.check_return import JUDGEMENT
from generator.school.school import Collection
from generator.store import accepted, corrections, marks, returns, reverts
from generator.store.collection_codes import academic_year_of_code
from generator.store.corrections import ManualCorrection
from generator.store.marks import Mark, StoredMark
from generator.store.returns import UnsettledCell
from generator.xlsx.worksheet import Cell

if TYPE_CHECKING:
    from generator.context import Context


@dataclass(frozen=True, slots=True)
class MarkEdit:
    """What a person asks for.

    Args:
        class_code: The class, as typed.
        adno: The pupil, as typed.
        field: The field or its heading, as typed.
        value: The value, as typed; `Clear` removes the mark.
        why: The person's reason.
        subject: The subject, as typed; None for the only one of the class.
    """

    class_code: str
    adno: str
    field: str
    value: str
    why: str
    subject: str | None = None


def set_mark(
    connection: Connection, context: Context, collection: Collection, edit: MarkEdit
) -> CorrectionReport:
    """Set one mark, and settle the cells of returns that are about it.

    Args:
        connection: A transaction of the store.
        context: The school, the moment and the person.
        collection: The collection.
        edit: What to set.

    Raises:
        MarkbookError: If the class, pupil, field or value is not one; nothing is
            stored then.
    """
    why = check_reason(edit.why)
    year = academic_year_of_code(connection, collection.code)
    roster = Roster.load(connection, year or context.school.academic_year)
    code = roster.class_code(edit.class_code)
    pupil = roster.pupil(edit.adno)
    roster.member(pupil, code)
    subject = choose_subject(
        edit.subject, roster.subjects(code, context.tables), code, context.tables
    )
    name = _field(edit.field, collection)
    reading, problems = _read_value(context, collection, subject, name, edit.value)
    assert reading.value is not None  # else it was refused
    change = _MarkChange(
        connection, context, collection, roster.academic_year, code, pupil
    )
    report = change.run((pupil.adno, subject, name), reading.value, why)
    return CorrectionReport(
        report.id,
        report.sentences,
        report.values,
        problems=(*problems, *leaver_warning(pupil, context.today)),
    )


def _field(word: str, collection: Collection) -> str:
    fields = [name for name in ENTRY_HEADINGS if name in set[str](collection.asks)]
    text = word.strip().casefold().replace("-", " ").replace("_", " ")
    known = {
        **{name.replace("_", " "): name for name in ENTRY_HEADINGS},
        **{heading.casefold(): name for name, heading in ENTRY_HEADINGS.items()},
    }
    name = known.get(text) or find_code(text, ENTRY_HEADINGS, "field")
    if name not in fields:
        raise CorrectionRefused(
            f"{collection.title} does not ask for {name}.",
            f"It asks for: {listed(fields)}.",
        )
    return name


def _reader(context: Context, collection: Collection, subject: str) -> EntryReader:
    tables = context.tables
    scale = tables.scale(tables.subject(subject).scale)
    judged = collection.style == JUDGEMENT
    return EntryReader(
        scale,
        tables.scale(JUDGEMENT) if judged else scale,
        tables.codes,
        context.school.settings.flags.effort,
    )


def _read_value(
    context: Context, collection: Collection, subject: str, name: str, text: str
) -> tuple[EntryReading, tuple[Problem, ...]]:
    """The value that was typed, and what should be looked at in it."""
    reading = _reader(context, collection, subject).read(name, Cell("s", text))
    if reading.is_blank:
        raise CorrectionRefused(
            "No value was given.", "Write it, or Clear to remove the mark."
        )
    fault = reading.fault
    if reading.value is None:
        assert fault is not None  # a value that is refused has a fault
        raise CorrectionRefused(f"{subject}: {fault.what}", fault.do)
    if fault is None:
        return reading, ()
    warning = Problem(
        severity="warning", code=fault.code, value=text, what=fault.what, do=fault.do
    )
    return reading, (warning,)


@dataclass(slots=True)
class _MarkChange:
    """Writes one mark, its history, and what it settles."""

    connection: Connection
    context: Context
    collection: Collection
    academic_year: str
    class_code: str
    pupil: RosterPupil
    settled: list[UnsettledCell] = field(default_factory=list)

    def run(self, mark: Mark, value: str, why: str) -> CorrectionReport:
        """Write the mark; nothing if it stands already and nothing is to settle."""
        adno, subject, name = mark
        before = marks.stored_marks(
            self.connection, self.collection.code, pupils=[adno], subjects=[subject]
        )
        old = before[mark].value if mark in before else ""
        self.settled = reverts.unsettled_cells_of(
            self.connection, self.collection.code, mark
        )
        values = {
            "collection": self.collection.code,
            "class": self.class_code,
            "adno": adno,
            "subject": subject,
            "field": name,
            "old": old,
            "new": value,
            "why": why,
        }
        if value == old and not self.settled:
            sentence = f"{self._label(mark)} is {old or 'empty'} already."
            return CorrectionReport("", (sentence,), {**values, "settled": []})
        what = f"{self._label(mark)}: {old or 'empty'} → {value or 'empty'}"
        number = corrections.record_correction(
            self.connection, self._correction(mark, what, why)
        )
        if value != old:
            self._write(mark, number, before, values)
        self._settle(mark, number)
        cells = [f"{cell.sheet}!{cell.cell}" for cell in self.settled]
        sentences = [f"{number}: {what} ({why})."]
        if cells:
            kinds = " and ".join(sorted({cell.kind for cell in self.settled}))
            sentences.append(f"Settled with it ({kinds} until now): {listed(cells)}.")
        return CorrectionReport(number, tuple(sentences), {**values, "settled": cells})

    def _label(self, mark: Mark) -> str:
        _, subject, name = mark
        return (
            f"{self.collection.code} {self.class_code}, {self.pupil.name} "
            f"({self.pupil.adno}), {subject}, {ENTRY_HEADINGS[name]}"
        )

    def _correction(self, mark: Mark, what: str, why: str) -> ManualCorrection:
        return ManualCorrection(
            self.academic_year,
            self.context.moment,
            self.context.who,
            "mark",
            what,
            why,
            collection=self.collection.code,
            class_code=self.class_code,
            adno=mark[0],
            subject=mark[1],
        )

    def _write(
        self,
        mark: Mark,
        number: str,
        before: dict[Mark, StoredMark],
        values: dict[str, str],
    ) -> None:
        row = {
            "class": self.class_code,
            "adno": mark[0],
            "subject": mark[1],
            "field": mark[2],
            "old": values["old"],
            "new": values["new"],
            "source_cell": "",
            "why": "corrected",
            "reason": values["why"],
        }
        marks.write_marks(
            self.connection,
            common={
                "collection": self.collection.code,
                "academic_year": self.academic_year,
                "return_id": number,
                "source_file": f"correction {number}",
                "who": self.context.who,
                "merged_at": self.context.moment,
            },
            before=before,
            after={
                mark: {
                    "value": values["new"],
                    "class": self.class_code,
                    "source_cell": "",
                }
            },
            changes=[row],
        )

    def _settle(self, mark: Mark, number: str) -> None:
        """Settle cells; what conflicted counts from now on as seen by its class."""
        returns.settle_cells(
            self.connection, self.academic_year, self.settled, by=number
        )
        reader = _reader(self.context, self.collection, mark[1])
        seen: dict[str, dict[Mark, str]] = defaultdict(dict)
        for cell in self.settled:
            if cell.kind == "conflict":
                reading = reader.read(mark[2], Cell("s", cell.returned))
                if reading.value is not None:
                    seen[cell.class_code][mark] = reading.value
        for code, values in seen.items():
            accepted.accept_values(
                self.connection,
                common={
                    "collection": self.collection.code,
                    "academic_year": self.academic_year,
                    "return_id": number,
                    "accepted_at": self.context.moment,
                },
                class_code=code,
                known=accepted.accepted_values(
                    self.connection, self.collection.code, code
                ),
                values=values,
            )
