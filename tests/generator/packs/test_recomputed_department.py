"""What heads of department read, counted again with loops over the exported tables."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from typing import Any

import pytest
from openpyxl import load_workbook

from generator.school import School
from tests.generator.packs.looking import (
    Row,
    names_of,
    page,
    table,
    tables,
    taught,
    text,
)

FLAGS = {"above": "Above", "on": "On", "below": "Below", "well below": "Well below"}
CODES = ("Abs", "N/T", "TE")
HEADINGS = ("Surname", "Forename", "Target", "Aspirational", "C1", "C2", "C3", "C4",
            "Prediction", "Flag", "Working at")  # fmt: skip
GCSE = ("Mathematics", "Languages", "English", "Art and Design", "Humanities")


def level(grade: str) -> float | None:
    """Whole grades: `5` is 5, `5-4` is 4.5, U is 0; a code is none."""
    if grade == "U":
        return 0.0
    parts = grade.split("-")
    if not all(part.isdigit() for part in parts):
        return None
    return sum(int(part) for part in parts) / len(parts)


def of_department(school: School, department: str, code: str = "C5") -> list[Row]:
    """The rows of the marks whose class stands in the department's pack."""
    shown = tables(
        page(school, f"department-{department}", "Classes", "C5"), "Returned"
    )
    classes = {row["Class"] for row in shown}
    return [row for row in taught(school, code) if row["class"] in classes]


def close(found: Any, wanted: float | None) -> bool:
    if wanted is None or found is None:
        return wanted is None and found is None
    return math.isclose(found, wanted, abs_tol=1e-9)


@pytest.mark.parametrize("department", GCSE)
def test_moderation_is_what_anybody_reckons(counted: School, department: str) -> None:
    teachers = names_of(counted)
    away: dict[tuple[str, str, str], dict[str, float | None]] = defaultdict(dict)
    far: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in of_department(counted, department):
        lead = teachers[row["teacher"].split(";")[0]]
        one, two = level(row["prediction"]), level(row["working_at"])
        apart = None if one is None or two is None else one - two
        key = row["year"], row["subject"], lead
        away[key][row["adno"]] = apart
        if apart is not None and abs(apart) >= 3 and not row["reason"]:
            far[key].add(row["adno"])
    sheet = page(counted, f"department-{department}", "Moderation", "C5")
    shown = table(sheet, "Colleagues: n")
    assert {(str(r["Year"]), r["Subject"], r["Teacher"]) for r in shown} == set(away)
    for row in shown:
        key = str(row["Year"]), row["Subject"], row["Teacher"]
        mine = [gap for gap in away[key].values() if gap is not None]
        others = {
            adno: gap
            for other, pupils in away.items()
            for adno, gap in pupils.items()
            if other[:2] == key[:2] and other != key and adno not in away[key]
        }
        peers = [gap for gap in others.values() if gap is not None]
        assert row["Pupils"] == len(away[key])
        assert row["3 or more apart"] == len(far[key])
        names = ("n", "Above working-at", "from", "to", "Spread")
        again = ("Colleagues: n", *(f"{name} 2" for name in names[1:]))
        for values, headings in ((mine, names), (peers, again)):
            for heading, wanted in zip(headings, told(values), strict=True):
                assert close(row[heading], wanted), (key, heading)


def told(values: list[float]) -> tuple[float | None, ...]:
    """How many, their mean with its 95 % interval, and their standard deviation."""
    n = len(values)
    if n < 2:
        return n, values[0] if n else None, None, None, None
    mean, sd = statistics.fmean(values), statistics.stdev(values)
    reach = 1.96 * sd / math.sqrt(n)
    return n, mean, mean - reach, mean + reach, sd


@pytest.mark.parametrize("department", GCSE)
def test_the_spread_of_grades_is_counted_again(
    counted: School, department: str
) -> None:
    teachers = names_of(counted)
    sets: dict[tuple[str, str, str], dict[str, Row]] = defaultdict(dict)
    for row in of_department(counted, department):
        here = (
            " ".join((row["class"], "")),
            ", ".join(teachers[code] for code in row["teacher"].split(";")),
        )
        for name in ("all classes", " ".join(here)):
            sets[row["year"], row["subject"], name][row["adno"]] = row
    sheet = page(counted, f"department-{department}", "Targets", "C5")
    shown = tables(sheet, "Which")
    counted_here = 0
    for row in shown:
        key = str(row["Year"]), row.get("Subject"), row["Of"]
        found = [one for one in sets if one[0] == key[0] and one[2] == key[2]
                 and key[1] in (None, one[1])]  # fmt: skip
        if not found:  # a teacher of several classes
            continue
        (one,) = found
        field = {"Targets": "target", "Predictions": "prediction"}[row["Which"]]
        grades = [pupil[field] for pupil in sets[one].values()]
        graded = [grade for grade in grades if level(grade) is not None]
        assert row["Pupils"] == len(graded), key
        for heading, cell in row.items():
            if heading.endswith(" or more"):
                least = level(heading.removesuffix(" or more"))
                assert least is not None
                reached = [g for g in graded if (level(g) or 0) >= least]
                share = len(reached) / len(graded) if graded else None
                assert close(cell, share), (key, heading)
            elif level(heading) is not None:
                assert cell == grades.count(heading), (key, heading)
        counted_here += 1
    assert counted_here


@pytest.mark.parametrize("department", GCSE)
def test_the_classes_without_progress_are_those_anybody_finds(
    counted: School, department: str
) -> None:
    now = {(r["class"], r["subject"], r["adno"]): r
           for r in of_department(counted, department)}  # fmt: skip
    then, last = (
        {(r["class"], r["subject"], r["adno"]): r for r in taught(counted, c)}
        for c in ("C3", "C4")
    )
    still = {}
    for name, subject in {key[:2] for key in now}:
        keys = [key for key in now if key[:2] == (name, subject)]
        gaps = [(gap(then[k]), gap(now[k])) for k in keys if k in then]
        both = [(a, b) for a, b in gaps if a is not None and b is not None]
        pairs = [(last[k]["prediction"], now[k]["prediction"]) for k in keys
                 if k in last]  # fmt: skip
        graded = [(a, b) for a, b in pairs if a and b and a not in CODES
                  and b not in CODES]  # fmt: skip
        before, after = sum(a for a, _ in both), sum(b for _, b in both)
        same = sum(a == b for a, b in graded)
        if (both and after < 0 and after <= before) or (
            graded and same >= 0.9 * len(graded)
        ):
            still[name, subject] = (len(both), before, after, same, len(graded))
    sheet = page(counted, f"class-targets-{department}", "No progress", "C5")
    shown = tables(sheet, "By when")
    assert len(shown) == len(still)
    for row in shown:
        found = [one for one in still if one[0] == row["Class"]
                 and row.get("Subject") in (None, one[1])]  # fmt: skip
        n, before, after, same, graded = still[found[0]]
        assert [value for value in row.values() if isinstance(value, float | int)][
            -5:
        ] == pytest.approx([before / n, after / n, n, same / graded, graded])
    if not still:
        assert "show progress" in text(sheet)


def gap(row: Row) -> float | None:
    prediction, target = level(row["prediction"]), level(row["target"])
    return None if prediction is None or target is None else prediction - target


def test_a_page_for_each_class_shows_every_collection_as_it_was(
    counted: School,
) -> None:
    every = {
        code: {(r["class"], r["adno"]): r for r in taught(counted, code)
               if r["subject"] == "Maths"}
        for code in ("C1", "C2", "C3", "C4", "C5")
    }  # fmt: skip
    book = load_workbook(counted.packs("C5") / "class-targets-Mathematics.xlsx")
    seen = 0
    for sheet in book.worksheets[2:-2]:
        name = str(sheet["A1"].value).partition(": ")[0]
        shown = [tuple(row[h] or "" for h in HEADINGS) for row in table(sheet, "Flag")]
        assert sorted(shown) == sorted(line(every, key) for key in every["C5"]
                                       if key[0] == name)  # fmt: skip
        seen += len(shown)
    assert seen == len(every["C5"])


def line(every: dict[str, dict[tuple[str, str], Row]], key: Any) -> tuple[str, ...]:
    """A pupil's line, from the marks of each collection."""
    now = every["C5"][key]
    earlier = []
    for code in ("C1", "C2", "C3", "C4"):
        was = every[code][key]
        flag = FLAGS.get(was["flag"])
        earlier.append(was["prediction"] + (f" ({flag})" if flag else ""))
    return (
        now["surname"], now["forename"], now["target"], now["aspirational"], *earlier,
        now["prediction"], FLAGS.get(now["flag"], ""), now["working_at"],
    )  # fmt: skip
