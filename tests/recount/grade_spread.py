"""How targets and predictions are spread over the grades; what teachers asked about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence

from openpyxl.utils.cell import coordinate_from_string

from tests.recount.arithmetic import SCALES, ScaleGrade, count_text
from tests.recount.audit import LineAudit, SheetAudit
from tests.recount.classes import group_rows
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs
from tests.recount.tables import FIGURES

TITLES = {
    one["name"]: one["title"]
    for one in tomllib.loads((FIGURES / "scales.toml").read_text("utf-8"))["scale"]
}
SHARES = tomllib.loads((FIGURES / "packs.toml").read_text("utf-8"))["thresholds"]


def cell_above(line: LineAudit, heading: str, by: int = 1) -> str:
    """The cell that stands so many rows above that of a line."""
    column, row = coordinate_from_string(str(line.cells[heading].coordinate))
    return f"{column}{row - by}"


def expect_headings(lines: Sequence[LineAudit], headings: Sequence[str]) -> None:
    """Headings with a figure in them (grades): they stand above the first line."""
    sheet = lines[0].sheet
    for heading in headings:
        sheet.expect(cell_above(lines[0], heading), heading)


def check_targets(
    sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]
) -> None:
    """The sheet `Targets`: two lines for the whole, teachers of several, classes."""
    several = len({one.subject for one in rows}) > 1
    by_scale = {
        name: [one for one in rows if data.scale(one.subject) is scale]
        for name, scale in SCALES.items()
    }
    shown = {name: part for name, part in by_scale.items() if part}
    tables = sheet.tables("Of", "Which")
    assert len(tables) == len(shown)
    for lines, (name, part) in zip(tables, shown.items(), strict=True):
        scale, shares = SCALES[name], SHARES.get(name, [])
        if len(shown) > 1:
            sheet.expect(cell_above(lines[0], "Year", 2), TITLES[name])
        expect_headings(
            lines, [*reversed(scale), *(f"{grade} or more" for grade in shares)]
        )
        wanted = [
            (key, of, which, counted)
            for key, each in group_rows(
                part, lambda one: (one.year, one.subject)
            ).items()
            for of, pupils in _sets(data, each)
            for which, counted in _counts(pupils, scale, shares)
        ]
        assert len(lines) == len(wanted)
        for line, ((year, subject), of, which, counted) in zip(
            lines, wanted, strict=True
        ):
            line.expect({"Year": year, "Of": of, "Which": which, **counted})
            if several:
                line.has(Subject=subject)


def _sets(
    data: RecountData, rows: Sequence[Enrolment]
) -> Iterator[tuple[str, Sequence[Enrolment]]]:
    yield "all classes", unique_pairs(rows)
    for (lead,), mine in group_rows(rows, lambda one: (data.lead(one),)).items():
        if len({one.class_ for one in mine}) > 1:
            yield str(lead), unique_pairs(mine)
    for (name,), mine in group_rows(rows, lambda one: (one.class_,)).items():
        yield f"{name}  {data.teacher(mine[0].teachers)}", mine


def _counts(
    pupils: Sequence[Enrolment], scale: dict[str, ScaleGrade], shares: Sequence[str]
) -> Iterator[tuple[str, dict[str, object]]]:
    for which, field in (("Targets", "target"), ("Predictions", "prediction")):
        there = [scale[one[field]] for one in pupils if one[field] in scale]
        n = len(there)
        made: dict[str, object] = {"Pupils": n, "Mean": None}
        for grade in scale.values():
            made[grade.name] = there.count(grade)
        for least in shares:
            reached = sum(one.rank >= scale[least].rank for one in there)
            made[f"{least} or more"] = reached / n if n else None
        if n:
            made["Mean"] = float(sum(one.points for one in there) / n)
        yield which, made


def check_queries(
    sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]
) -> None:
    """The sheet `Target queries`: each once, with the grade that it begins with."""
    asked = [one for one in unique_pairs(rows) if one["target_query"]]
    if not asked:
        sheet.expect("A3", "No teacher has asked about a target.")
        return
    sheet.expect("A3", f"{count_text(len(asked), 'query', 'queries')} to answer.")
    asked.sort(
        key=lambda one: (
            one.year, one.class_, one["surname"], one["forename"], one.adno
        )
    )  # fmt: skip
    lines = sheet.lines("Suggests", "Query")
    assert len(lines) == len(asked)
    for line, one in zip(lines, asked, strict=True):
        first = re.split(r"[\s:;,.()]", one["target_query"].strip())[0]
        suggested = first if first in data.scale(one.subject) else ""
        line.expect(
            {
                "Year": one.year,
                "Class": one.class_,
                "Teacher": data.teacher(one.teachers),
                "Surname": one["surname"],
                "Forename": one["forename"],
                "Target": one["target"],
                "Aspirational": one["aspirational"],
                "Prediction": one["prediction"],
                "Suggests": suggested,
                "Query": one["target_query"],
            }
        )
