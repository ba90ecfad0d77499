"""Subjects, classes and teachers beside similar pupils: only patterns that hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.recount.arithmetic import FEW, list_text, mean_of
from tests.recount.audit import WorkbookAudit
from tests.recount.cohort import CohortEntry, RecountCohort
from tests.recount.headlines import Headlines
from tests.recount.measures import REACHED
from tests.recount.similar_pupils import ComparedMean, compare_means

APPRAISAL = (
    "Not for appraisal or pay: a prediction is the teacher's own judgement, classes "
    "are not dealt out by chance, and nothing here says why."
)
NOTE = (
    "Points against similar pupils nationally (same prior attainment, same subject), "
    'with the 95% interval; "drawn in": what is left of it when small numbers are '
    "trusted less. Marked is only what is beyond chance when all rows are considered "
    "together (Benjamini and Hochberg){twice}. In the order of their names: this is no "
    "ranking."
)
NOTHING = (
    "Nothing can be compared: nobody has a prediction as well as prior attainment in a "
    "subject with national figures."
)
FUNNEL = (
    "Each dot is a class: how many pupils it has, and its mean points against similar "
    "pupils nationally. Between the lines chance alone explains it: 95 classes in 100 "
    "between the inner, 998 in 1,000 between the outer. The numbers stand in the table "
    "beside it."
)
LIMITS = r"^(?:95|99\.8)% (?:low|high)$"  # headings of the funnel
OUTER = 3.09  # standard errors: 998 in 1,000
DRAWN_AT = (2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24, 28, 32)  # pupils

Key = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What is compared: its pupils, and how they stand beside similar ones."""

    key: Key
    rows: Sequence[CohortEntry]
    beside: ComparedMean | None
    side: str

    @property
    def note(self) -> str:
        """What stands under `Note`."""
        if self.beside and self.beside.n < FEW:
            return "too few to conclude"
        return f"{self.side.lower()}, beyond chance" if self.side else ""

    def cells(self) -> dict[str, Any]:
        """What stands under the headings of a table of parts."""
        flags = [one.flag for one in self.rows if one.flag]
        reached = sum(one in REACHED for one in flags)
        return {
            "Pupils": len(self.rows),
            "With data": len(flags),
            "On or above": reached / len(flags) if flags else None,
            "Mean gap": mean_of(one.gap for one in self.rows).mean,
            "n": self.beside.n if self.beside else 0,
            "Against similar": self.beside and self.beside.mean,
            "from": self.beside and self.beside.low,
            "to": self.beside and self.beside.high,
            "Drawn in": self.beside and self.beside.drawn_in,
            "Note": self.note,
        }


class Patterns:
    """What is compared in the leaders' pack, now and in the collection before."""

    def __init__(self, of: Headlines) -> None:
        self.of = of
        self.names = of.data.names

    def lead(self, one: CohortEntry) -> str:
        """Who leads a class, by name."""
        if not one.teachers:
            return "no teacher"
        return self.names.get(one.teachers[0], one.teachers[0])

    def subjects(self) -> list[Part]:
        return self._parts(lambda one: (one.subject,))

    def classes(self) -> list[Part]:
        return self._parts(lambda one: (one.class_, one.subject, self.lead(one)))

    def teachers(self) -> list[Part]:
        return self._parts(lambda one: (self.lead(one), one.subject))

    def _parts(self, key: Callable[[CohortEntry], Key]) -> list[Part]:
        """Marked is what holds now and held, on the same side, the time before."""
        rows: dict[Key, list[CohortEntry]] = {}
        for one in self.of.now.entries:
            rows.setdefault(key(one), []).append(one)
        now = compare_means(_residuals(self.of.now, key))
        sides = {name: one.side for name, one in now.items()}
        then = compare_means(_residuals(self.of.last, key)) if self.of.last else {}
        if then:
            sides = {
                name: side if name in then and then[name].side == side else ""
                for name, side in sides.items()
            }
        return [
            Part(name, rows[name], now.get(name), sides.get(name, ""))
            for name in sorted(rows)
        ]


def _residuals(
    of: RecountCohort, key: Callable[[CohortEntry], Key]
) -> dict[Key, list[Fraction]]:
    found: dict[Key, list[Fraction]] = {}
    for one in of.entries:
        if one.residual is not None:
            found.setdefault(key(one), []).append(one.residual)
    return found


PAGES = {
    "Subjects": ("Subject",),
    "Class by class": ("Class", "Subject", "Teacher"),
    "Teachers": ("Teacher", "Subject"),
}


def pages(audit: WorkbookAudit, of: Headlines) -> None:
    """Count the pages of subjects, classes and teachers, and the funnel."""
    made = Patterns(of)
    parts = {
        "Subjects": made.subjects(),
        "Class by class": made.classes(),
        "Teachers": made.teachers(),
    }
    for title, headings in PAGES.items():
        sheet = audit[title]
        assert sheet["A2"] == APPRAISAL
        mine = parts[title]
        if not any(part.beside for part in mine):
            sheet.expect("A4", NOTHING)
            continue
        sheet.expect("A4", _said(mine, headings))
        twice = f", and was so in {of.last_code} too" if of.last else ""
        sheet.expect("A5", NOTE.format(twice=twice))
        lines = sheet.lines(*headings, "Drawn in")
        assert len(lines) == len(mine)
        for line, part in zip(lines, mine, strict=True):
            line.expect(dict(zip(headings, part.key, strict=True)) | part.cells())
    _funnel(audit, parts["Class by class"])


def _said(mine: Sequence[Part], headings: Sequence[str]) -> str:
    held = [part for part in mine if part.side]
    if not held:
        return f"No {headings[0].lower()} stands out by more than chance gives."
    if len(held) > 12:
        above = sum(part.side == "Above" for part in held)
        return (
            f"{len(held):,} of {len(mine):,} are beyond chance: {above:,} above "
            f"similar pupils nationally, {len(held) - above:,} below. They are marked."
        )
    # A class with two subjects, or a teacher of two, is named with each.
    names = [f"{' '.join(part.key[:2])} ({part.side.lower()})" for part in held]
    return f"Beyond chance: {list_text(names, 12)}."


def _funnel(audit: WorkbookAudit, classes: Sequence[Part]) -> None:
    sheet = audit["Funnel"]
    assert sheet["A2"] == APPRAISAL
    there = [part for part in classes if part.beside]
    if not there:
        sheet.expect("A4", NOTHING)
        return
    sheet.expect("A4", FUNNEL)
    spread = there[0].beside.deviation if there[0].beside else math.nan
    most = max(part.beside.n for part in there if part.beside)
    drawn = [n for n in DRAWN_AT if n < most] + [most]
    (lines,) = sheet.tables("Pupils", "95% low", "99.8% high")
    assert len(lines) == len(drawn)
    for line, n in zip(lines, drawn, strict=True):
        error = spread / math.sqrt(n)
        line.expect({"Pupils": n, "95% low": -1.96 * error, "95% high": 1.96 * error})
        line.expect({"99.8% low": -OUTER * error, "99.8% high": OUTER * error})
    (dots,) = sheet.tables("Class", "Against similar")
    assert len(dots) == len(there)
    for line, part in zip(dots, there, strict=True):
        cells = part.cells()
        line.expect(dict(zip(PAGES["Class by class"], part.key, strict=True)))
        line.expect({name: cells[name] for name in ("n", "Against similar", "Note")})
