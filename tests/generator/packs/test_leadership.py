from __future__ import annotations

import statistics
from typing import Any

import pytest
from openpyxl import load_workbook

from generator.school.school import School, SettingsError
from generator.school.settings import Kpi
from generator.store.engine import Store
from tests.generator.packs.pack_files import exported, write_kinds
from udfs.measures.pupil_measures import MEASURES

MORE = """
[[groups]]
name = "PP"
rule = 'pp == "Y"'

[[groups]]
name = "EAL"
rule = 'eal == "Y"'

[[kpis]]
measure = "on_or_above"
year = 10
plan = 0.99

[[kpis]]
measure = "mean_gap"
year = 11
group = "PP"
plan = -3
"""
TITLES = {one.name: one.title for one in MEASURES}


def told(school: School, text: str = MORE) -> School:
    with (school.folder / "school.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    return School.load(school.folder)


def run(school: School, store: Store, code: str = "AUT") -> Any:
    return write_kinds(school, store, ["leadership"], code)


def lines(school: School, sheet: str, code: str = "AUT") -> list[tuple[Any, ...]]:
    page = load_workbook(school.packs(code) / "leadership.xlsx")[sheet]
    return list(page.iter_rows(values_only=True))


def words(school: School, sheet: str, code: str = "AUT") -> str:
    cells = (cell for line in lines(school, sheet, code) for cell in line)
    return "\n".join(str(cell) for cell in cells if cell is not None)


def year(school: School, name: str) -> dict[str, dict[str, Any]]:
    """Measure -> heading -> value, of one year; the n of a group under `n GROUP`."""
    rows = lines(school, "Headlines")
    start = next(at for at, row in enumerate(rows) if row[0] == name)
    names = list(rows[start + 1])
    for at, heading in enumerate(names):
        if heading == "n":
            names[at] = f"n {names[at - 1]}"
    found = {}
    for row in rows[start + 2 :]:
        if sum(cell is not None for cell in row) < 2:
            break
        found[str(row[0])] = dict(zip(names, row, strict=True))
    return found


def test_headlines_are_what_anybody_reckons_from_the_exported_marks(
    school: School, store: Store
) -> None:
    school = told(school)
    run(school, store)
    pupils = {p["adno"]: p for p in exported(school, store, "pupils", "AUT")}
    marks = [
        m for m in exported(school, store, "marks", "AUT") if m["flag"] != "no data"
    ]
    for number in (10, 11):
        shown = year(school, f"Year {number}")
        for heading, keeps in (
            ("All", lambda p: True),
            ("PP", lambda p: p["pp"] == "Y"),
            ("EAL", lambda p: p["eal"] == "Y"),
        ):
            mine = [
                m for m in marks
                if pupils[m["adno"]]["year"] == str(number) and keeps(pupils[m["adno"]])
            ]  # fmt: skip
            if not mine:
                continue
            gaps = [int(m["prediction"]) - int(m["target"]) for m in mine]
            row = shown["Mean gap to target in grades"]
            assert row[heading] == pytest.approx(statistics.mean(gaps))
            share = sum(gap >= 0 for gap in gaps) / len(gaps)
            assert shown["On or above target"][heading] == pytest.approx(share)
            many = row["Pupils"] if heading == "All" else row[f"n {heading}"]
            assert many == len({m["adno"] for m in mine})


def test_headlines_agree_with_the_exported_measures(
    school: School, store: Store
) -> None:
    school = told(school)
    run(school, store)
    compared = set()
    for row in exported(school, store, "measures", "AUT"):
        if row["suppressed"] == "Y" or row["dimension"] not in ("all", "PP", "EAL"):
            continue
        if row["group"] not in ("all", "Y") or not row["value"]:
            continue
        needs = row["measure"].startswith(("attainment8", "progress8", "english"))
        if needs and not row["value_carried"]:
            continue  # so few are carried that the table hides them
        heading = "All" if row["dimension"] == "all" else row["dimension"]
        shown = year(school, f"Year {row['year']}")[TITLES[row["measure"]]]
        value = float(row["value_carried"] or row["value"])
        assert shown[heading] == pytest.approx(value, abs=0.0001)
        compared.add((row["year"], heading, row["measure"]))
    # All that the joint hiding shows of so small a school.
    assert compared == {
        ("10", "All", "mean_gap"),
        ("10", "All", "on_or_above"),
        ("11", "All", "mean_gap"),
        ("11", "All", "on_or_above"),
        ("11", "All", "incomplete"),
    }


def test_the_plan_is_judged_with_what_chance_does(school: School, store: Store) -> None:
    school = told(school)
    run(school, store)
    said = words(school, "Headlines")
    assert "The school's plan has 2 aims: 1 met, 1 not met" in said
    plan = {str(r[0]): r for r in lines(school, "Headlines") if "(Year" in str(r[0])}
    assert "not met" in plan["On or above target (Year 10, all pupils)"]
    assert "met" in plan["Mean gap to target in grades (Year 11, PP)"]


def test_nothing_is_ranked_and_appraisal_is_ruled_out(
    school: School, store: Store
) -> None:
    school = told(school)
    run(school, store)
    for sheet in ("Subjects", "Class by class", "Teachers", "Funnel"):
        said = words(school, sheet)
        assert "Not for appraisal or pay" in said
        rows = lines(school, sheet)
        start = [at for at, row in enumerate(rows)
                 if row[0] in ("Subject", "Class", "Teacher")]  # fmt: skip
        names = [row[0] for at in start for row in rows[at + 1 :] if row[0]]
        assert names == sorted(names)


def test_what_is_missing_is_reported(school: School, store: Store) -> None:
    school = told(school)
    run(school, store)
    said = words(school, "Returns and data")
    assert "11x/Fr1" in said
    assert "Without a teacher: 1 class." in said


@pytest.mark.parametrize("code", ["AUT", "KS3"])
def test_with_no_returns_it_says_so(
    school: School, empty_store: Store, code: str
) -> None:
    run(school, empty_store, code)
    assert "No returns yet" in words(school, "Headlines", code)
    every = "".join(
        words(school, sheet, code)
        for sheet in ("Headlines", "Subjects", "Class by class", "Teachers", "Funnel")
    )
    assert "#" not in every and "nan" not in every


def test_an_aim_of_a_group_that_is_not_there_is_refused(school: School) -> None:
    text = "[[kpis]]\nmeasure = 'mean_gap'\nyear = 10\ngroup = 'Ghosts'\nplan = 0\n"
    with pytest.raises(SettingsError, match="Ghosts"):
        told(school, text)


def test_every_measure_may_be_aimed_at() -> None:
    for measure in MEASURES:
        assert Kpi(measure=measure.name, year=11, plan=0).measure == measure.name
