"""Subjects, classes and teachers against similar pupils: patterns beyond chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.recount.arithmetic import FEW, listing, mean_of, student
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
FUNNEL_SIZES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24, 28, 32)  # pupils

Key = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A subject, class or teacher: its pupils, compared with similar ones."""

    key: Key
    rows: Sequence[CohortEntry]
    beside: ComparedMean | None
    side: str

    @property
    def note(self) -> str:
        """The text under `Note`."""
        if self.beside and self.beside.n < FEW:
            return "too few to conclude"
        return f"{self.side.lower()}, beyond chance" if self.side else ""

    def cells(self) -> dict[str, Any]:
        """The cells of a line."""
        flags = [row.flag for row in self.rows if row.flag]
        reached = sum(flag in REACHED for flag in flags)
        return {
            "Pupils": len(self.rows),
            "With data": len(flags),
            "On or above": reached / len(flags) if flags else None,
            "Mean gap": mean_of(row.gap for row in self.rows).mean,
            "n": self.beside.n if self.beside else 0,
            "Against similar": self.beside and self.beside.mean,
            "from": self.beside and self.beside.low,
            "to": self.beside and self.beside.high,
            "Drawn in": self.beside and self.beside.shrunk,
            "Note": self.note,
        }


class Patterns:
    """The comparisons of the leaders' pack, now and in the collection before."""

    def __init__(self, headlines: Headlines) -> None:
        self.headlines = headlines
        self.names = headlines.data.names

    def lead(self, row: CohortEntry) -> str:
        """The name of a class's lead teacher."""
        if not row.teachers:
            return "no teacher"
        return self.names.get(row.teachers[0], row.teachers[0])

    def subjects(self) -> list[Part]:
        return self._parts(lambda row: (row.subject,))

    def classes(self) -> list[Part]:
        return self._parts(lambda row: (row.class_, row.subject, self.lead(row)))

    def teachers(self) -> list[Part]:
        return self._parts(lambda row: (self.lead(row), row.subject))

    def _parts(self, key: Callable[[CohortEntry], Key]) -> list[Part]:
        """Parts, with a side if beyond chance both now and in the collection before."""
        rows: dict[Key, list[CohortEntry]] = {}
        for row in self.headlines.now.entries:
            rows.setdefault(key(row), []).append(row)
        now = compare_means(_residuals(self.headlines.now, key))
        sides = {name: mean.side for name, mean in now.items()}
        then = (
            compare_means(_residuals(self.headlines.last, key))
            if self.headlines.last
            else {}
        )
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
    cohort: RecountCohort, key: Callable[[CohortEntry], Key]
) -> dict[Key, list[Fraction]]:
    result: dict[Key, list[Fraction]] = {}
    for row in cohort.entries:
        if row.residual is not None:
            result.setdefault(key(row), []).append(row.residual)
    return result


PAGES = {
    "Subjects": ("Subject",),
    "Class by class": ("Class", "Subject", "Teacher"),
    "Teachers": ("Teacher", "Subject"),
}


def pages(audit: WorkbookAudit, headlines: Headlines) -> None:
    """Check the pages of subjects, classes and teachers, and the funnel."""
    patterns = Patterns(headlines)
    parts = {
        "Subjects": patterns.subjects(),
        "Class by class": patterns.classes(),
        "Teachers": patterns.teachers(),
    }
    for title, headings in PAGES.items():
        sheet = audit[title]
        assert sheet["A2"] == APPRAISAL
        page_parts = parts[title]
        if not any(part.beside for part in page_parts):
            sheet.expect("A4", NOTHING)
            continue
        sheet.expect("A4", _sentence(page_parts, headings))
        twice = f", and was so in {headlines.last_code} too" if headlines.last else ""
        sheet.expect("A5", NOTE.format(twice=twice))
        lines = sheet.lines(*headings, "Drawn in")
        assert len(lines) == len(page_parts)
        for line, part in zip(lines, page_parts, strict=True):
            line.expect(dict(zip(headings, part.key, strict=True)) | part.cells())
    _funnel(audit, parts["Class by class"])


def _sentence(parts: Sequence[Part], headings: Sequence[str]) -> str:
    marked = [part for part in parts if part.side]
    if not marked:
        return f"No {headings[0].lower()} stands out by more than chance gives."
    if len(marked) > 12:
        above = sum(part.side == "Above" for part in marked)
        return (
            f"{len(marked):,} of {len(parts):,} are beyond chance: {above:,} above "
            f"similar pupils nationally, {len(marked) - above:,} below. They are "
            "marked."
        )
    # A class or teacher with two subjects is named with each.
    names = [f"{' '.join(part.key[:2])} ({part.side.lower()})" for part in marked]
    return f"Beyond chance: {listing(names, 12)}."


def _funnel(audit: WorkbookAudit, classes: Sequence[Part]) -> None:
    sheet = audit["Funnel"]
    assert sheet["A2"] == APPRAISAL
    compared = [part for part in classes if part.beside]
    if not compared:
        sheet.expect("A4", NOTHING)
        return
    sheet.expect("A4", FUNNEL)
    first = compared[0].beside
    assert first is not None
    spread, freedom = first.deviation, first.freedom
    most = max(part.beside.n for part in compared if part.beside)
    sizes = [n for n in FUNNEL_SIZES if n < most] + [most]
    (lines,) = sheet.tables("Pupils", "95% low", "99.8% high")
    assert len(lines) == len(sizes)
    for line, n in zip(lines, sizes, strict=True):
        error = spread / math.sqrt(n)
        line.expect({"Pupils": n})
        for name, level in (("95%", 0.05), ("99.8%", 0.002)):
            reach = student(freedom, level) * error
            line.expect({f"{name} low": -reach, f"{name} high": reach})
    (dots,) = sheet.tables("Class", "Against similar")
    assert len(dots) == len(compared)
    for line, part in zip(dots, compared, strict=True):
        cells = part.cells()
        line.expect(dict(zip(PAGES["Class by class"], part.key, strict=True)))
        line.expect({name: cells[name] for name in ("n", "Against similar", "Note")})
