"""Parse `scales.toml` and `codes.csv`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from udfs.errors import BadTable
from udfs.scales.scale import POINT, Code, Grade, Scale
from udfs.scales.table_files import check_keys, csv_rows, toml_entries
from udfs.text import tidy


def read_scales(text: str, where: str) -> tuple[Scale, ...]:
    """Parse a `scales.toml`."""
    return tuple(_scale(entry, where) for entry in toml_entries(text, where, "scale"))


def _scale(entry: Mapping[str, Any], where: str) -> Scale:
    check_keys(entry, ("name", "title", "judgement", "grades"), where)
    name = entry.get("name")
    rows = entry.get("grades")
    if not isinstance(name, str) or not name.strip():
        raise BadTable(f"A scale in {where} has no name.", 'Write name = "…".')
    if not isinstance(rows, list) or len(rows) < 2:
        raise BadTable(
            f"The scale {name!r} in {where} has fewer than two grades.",
            "List its grades from lowest to highest.",
        )
    steps = tuple(_grade(row, f"the scale {name!r} in {where}") for row in rows)
    named = [tidy(step.name).casefold() for step in steps]
    for step in steps:
        if named.count(tidy(step.name).casefold()) > 1:
            raise BadTable(
                f"The grade {step.name!r} is there twice in the scale {name!r} "
                f"in {where}.",
                "Name each grade once.",
            )
    order = [step.fine for step in steps]
    if order != sorted(order):
        raise BadTable(
            f"The levels of the scale {name!r} in {where} go down.",
            "List its grades from lowest to highest.",
        )
    title = entry.get("title", name)
    return Scale(name, str(title), steps, judgement=bool(entry.get("judgement")))


def _grade(row: object, where: str) -> Grade:
    if not isinstance(row, dict):
        raise BadTable(
            f"A grade of {where} is not written as we need it.",
            'Write { grade = "4", points = 4, level = 4 }.',
        )
    check_keys(row, ("grade", "points", "level", "thirds", "spellings"), where)
    name = row.get("grade")
    if not isinstance(name, str) or not name.strip():
        raise BadTable(
            f"A grade of {where} has no name, or one without quotes.",
            'Write { grade = "4", points = 4, level = 4 }.',
        )
    level = _sixtieths(row.get("level"), f"The level of {name!r} in {where}")
    points = _sixtieths(row.get("points"), f"The points of {name!r} in {where}")
    thirds = row.get("thirds", 0)
    if thirds not in (-1, 0, 1):
        raise BadTable(
            f"The thirds of {name!r} in {where} are {thirds}.", "Use -1, 0 or 1."
        )
    spellings = tuple(str(way) for way in row.get("spellings", ()))
    return Grade(name, points, level, level + thirds * POINT // 3, spellings)


def _sixtieths(value: object, label: str) -> int:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        exact = Fraction(value) * POINT
        if exact.denominator == 1:
            return int(exact)
    raise BadTable(
        f"{label} cannot be used ({value}).",
        "Use a number in whole grades or points, in halves, quarters or twentieths.",
    )


def read_codes(text: str, where: str) -> Iterator[Code]:
    """Parse a `codes.csv`: code, meaning, and spellings separated by `|`."""
    for number, row in csv_rows(text, where, ("code", "meaning")):
        if not row["code"]:
            raise BadTable(
                f"{where} row {number} has no code.", "Fill it in or take it out."
            )
        ways = row.get("spellings", "").split("|")
        spellings = tuple(way.strip() for way in ways if way.strip())
        yield Code(row["code"], row["meaning"], spellings)
