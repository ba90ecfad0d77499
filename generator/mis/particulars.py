"""What exports say of each pupil: of two answers the first stands."""

from __future__ import annotations

from collections import Counter, defaultdict

from generator.mis import values
from generator.mis.enrolment import FIELDS, SOURCES, Enrolment
from generator.mis.faults import Faults
from generator.mis.lists import Exports, Line, Table

# The year that a class list gives a pupil: it may be the class's, in a class of
# mixed ages, so it counts only where nothing better is known.
CLASS_LIST_YEAR = "year in class list"


def take(exports: Exports, enrolment: Enrolment, faults: Faults) -> None:
    """Read what every list says of its pupils; pupil lists are asked first.

    Args:
        exports: What is imported.
        enrolment: Whom the rows are about; `given` and `indicators` are filled.
        faults: Where doubts go.
    """
    settled: dict[str, dict[str, tuple[str, Line]]] = {}
    first = exports.of(enrolment.source)
    for table in [*first, *(t for t in exports.tables if t not in first)]:
        if table.kind in (*SOURCES, "memberships", "pupil data"):
            _take_values(table, enrolment, settled, faults)
    for adno, given in settled.items():
        told = enrolment.given[adno]
        told.update((name, value) for name, (value, _) in given.items())


def _take_values(
    table: Table,
    found: Enrolment,
    settled: dict[str, dict[str, tuple[str, Line]]],
    faults: Faults,
) -> None:
    """What a list says of each pupil; of two answers the first stands."""
    names = [name for name in FIELDS if name in table.fields]
    if "pupil_name" in table.fields and "surname" not in table.fields:
        names = ["pupil_name", *names]
    if not names and not table.indicators:
        return
    answers: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    lines: dict[tuple[str, str], Line] = {}
    for line in table.lines:
        pupil = line.pupil
        if pupil is None or line.refused:
            continue
        for name in names:
            for said, value in _values(line, name, pupil, faults):
                answers[pupil, said][value] += 1
                lines.setdefault((pupil, said), line)
        for name, column in table.indicators.items():
            text = line.cells.get(column, "")
            if text:
                _indicator(line, pupil, name, text, found, faults)
    for (pupil, name), told in answers.items():
        filled = {value: times for value, times in told.items() if value}
        value = max(filled, key=lambda text: filled[text]) if filled else ""
        line = lines[pupil, name]
        if len(filled) > 1 and name != "year":
            faults.warn(
                line,
                name,
                "value-differs",
                f"{name} of pupil {pupil} is {' and '.join(filled)} in different "
                f"rows; {value} was kept.",
                "Make the rows of a pupil agree.",
                value=value,
                adno=pupil,
                once=f"{name} in rows",
            )
        if name == "year" and table.kind == "class list" != found.source:
            name = CLASS_LIST_YEAR
        before = settled.setdefault(pupil, {}).get(name)
        if before is None or (not before[0] and value):
            settled[pupil][name] = (value, line)
        elif value and value != before[0]:
            _differs(line, pupil, name, value, before, faults)


def _values(line: Line, name: str, pupil: str, faults: Faults) -> list[tuple[str, str]]:
    text = line[name]
    if name == "year" and not text and line.table.kind in ("pupils", "plain pupils"):
        faults.warn(
            line,
            name,
            "year-missing",
            "The pupil has no year group.",
            "Give it in the MIS; the pupil is imported all the same.",
            adno=pupil,
        )
    if name == "pupil_name":
        if not text:
            return []
        surname, forename, doubtful = values.split_name(text)
        if doubtful:
            faults.warn(
                line,
                name,
                "name-unclear",
                f"{text!r} is not written as Surname, Forename; it was taken as "
                f"{f'{surname}, {forename}' if forename else 'the surname'}.",
                "Write names as `Surname, Forename`, or in two columns.",
                adno=pupil,
                once="name",
            )
        return [("surname", surname), ("forename", forename)]
    reading = values.read(name, text)
    if reading.doubt:
        faults.warn(
            line,
            name,
            "value-not-recognised",
            f"{text!r} {reading.doubt}.",
            "Check it; the row is imported all the same.",
            adno=pupil,
        )
        if not reading.value:
            return []
    return [(name, reading.value)]


def _indicator(
    line: Line, pupil: str, name: str, text: str, found: Enrolment, faults: Faults
) -> None:
    value = values.identifier(text)
    before = found.indicators.setdefault((pupil, name), value)
    if before != value:
        faults.warn(
            line,
            name,
            "indicator-differs",
            f"{name} is {before!r} in one row and {value!r} in another; the first "
            "was kept.",
            "Import one list of it.",
            value=value,
            adno=pupil,
            once=name,
        )


def _differs(
    line: Line,
    pupil: str,
    name: str,
    value: str,
    before: tuple[str, Line],
    faults: Faults,
) -> None:
    if name == CLASS_LIST_YEAR:
        return
    kept, where = before
    faults.warn(
        line,
        name,
        "value-differs",
        f"{name} is {value!r} here and {kept!r} in {where.table.file} "
        f"{where.where(name)}; the latter was kept.",
        "Import the list that is right, or make them agree.",
        value=value,
        adno=pupil,
        once=name,
    )
