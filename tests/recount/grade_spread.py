"""The spread of targets and predictions over the grades; teachers' target queries."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence

from openpyxl.utils.cell import coordinate_from_string

from tests.recount.arithmetic import SCALES, ScaleGrade, plural
from tests.recount.audit import LineAudit, SheetAudit
from tests.recount.classes import group_rows
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs
from tests.recount.tables import FIGURES

TITLES = {
    scale["name"]: scale["title"]
    for scale in tomllib.loads((FIGURES / "scales.toml").read_text("utf-8"))["scale"]
}
SHARES = tomllib.loads((FIGURES / "packs.toml").read_text("utf-8"))["thresholds"]


def cell_above(line: LineAudit, heading: str, by: int = 1) -> str:
    """The cell some rows above that of a line."""
    column, row = coordinate_from_string(str(line.cells[heading].coordinate))
    return f"{column}{row - by}"


def expect_headings(lines: Sequence[LineAudit], headings: Sequence[str]) -> None:
    """Check headings with a figure in them (grades), above the first line."""
    sheet = lines[0].sheet
    for heading in headings:
        sheet.expect(cell_above(lines[0], heading), heading)


def check_targets(
    sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]
) -> None:
    """Check the sheet `Targets`: the whole, teachers of several classes, classes."""
    several = len({row.subject for row in rows}) > 1
    by_scale = {
        name: [row for row in rows if data.scale(row.subject) is scale]
        for name, scale in SCALES.items()
    }
    scale_rows = {name: part for name, part in by_scale.items() if part}
    tables = sheet.tables("Of", "Which")
    assert len(tables) == len(scale_rows)
    for lines, (name, part) in zip(tables, scale_rows.items(), strict=True):
        scale, shares = SCALES[name], SHARES.get(name, [])
        if len(scale_rows) > 1:
            sheet.expect(cell_above(lines[0], "Year", 2), TITLES[name])
        expect_headings(
            lines, [*reversed(scale), *(f"{grade} or more" for grade in shares)]
        )
        expected = [
            (key, of, which, counts)
            for key, each in group_rows(
                part, lambda row: (row.year, row.subject)
            ).items()
            for of, pupils in _sets(data, each)
            for which, counts in _counts(pupils, scale, shares)
        ]
        assert len(lines) == len(expected)
        for line, ((year, subject), of, which, counts) in zip(
            lines, expected, strict=True
        ):
            line.expect({"Year": year, "Of": of, "Which": which, **counts})
            if several:
                line.expect({"Subject": subject})


def _sets(
    data: RecountData, rows: Sequence[Enrolment]
) -> Iterator[tuple[str, Sequence[Enrolment]]]:
    yield "all classes", unique_pairs(rows)
    for (lead,), own_rows in group_rows(rows, lambda row: (data.lead(row),)).items():
        if len({row.class_ for row in own_rows}) > 1:
            yield str(lead), unique_pairs(own_rows)
    for (name,), own_rows in group_rows(rows, lambda row: (row.class_,)).items():
        yield f"{name}  {data.teacher(own_rows[0].teachers)}", own_rows


def _counts(
    pupils: Sequence[Enrolment], scale: dict[str, ScaleGrade], shares: Sequence[str]
) -> Iterator[tuple[str, dict[str, object]]]:
    for which, field in (("Targets", "target"), ("Predictions", "prediction")):
        levels = [scale[row[field]] for row in pupils if row[field] in scale]
        n = len(levels)
        counts: dict[str, object] = {"Pupils": n, "Mean": None}
        for grade in scale.values():
            counts[grade.name] = levels.count(grade)
        for least in shares:
            reached = sum(grade.rank >= scale[least].rank for grade in levels)
            counts[f"{least} or more"] = reached / n if n else None
        if n:
            counts["Mean"] = float(sum(grade.points for grade in levels) / n)
        yield which, counts


def check_queries(
    sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]
) -> None:
    """Check the sheet `Target queries`: each once, with the grade at its beginning."""
    queries = [row for row in unique_pairs(rows) if row["target_query"]]
    if not queries:
        sheet.expect("A3", "No teacher has asked about a target.")
        return
    sheet.expect("A3", f"{plural(len(queries), 'query', 'queries')} to answer.")
    queries.sort(
        key=lambda row: (
            row.year, row.class_, row["surname"], row["forename"], row.adno
        )
    )  # fmt: skip
    lines = sheet.lines("Suggests", "Query")
    assert len(lines) == len(queries)
    for line, row in zip(lines, queries, strict=True):
        first = re.split(r"[\s:;,.()]", row["target_query"].strip())[0]
        suggested = first if first in data.scale(row.subject) else ""
        line.expect(
            {
                "Year": row.year,
                "Class": row.class_,
                "Teacher": data.teacher(row.teachers),
                "Surname": row["surname"],
                "Forename": row["forename"],
                "Target": row["target"],
                "Aspirational": row["aspirational"],
                "Prediction": row["prediction"],
                "Suggests": suggested,
                "Query": row["target_query"],
            }
        )
