from __future__ import annotations

import math
import statistics
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import exported, write_kinds
from tests.generator.packs.sample_school import adno
from tests.recount.arithmetic import Mean, student, welch

GROUPS = """
[[groups]]
name = "PP"
rule = 'pp == "Y"'

[[groups]]
name = "Four"
rule = 'pp == "Y" and eal == "Y"'

[[groups]]
name = "Nobody"
rule = 'sex == "X"'

[[groups]]
name = "Everybody"
rule = 'sex in ["F", "M"]'
"""
TOP = "Against everyone else"


def grouped(school: School, text: str = GROUPS) -> School:
    with (school.folder / "school.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    return School.load(school.folder)


def run(school: School, store: Store, code: str = "AUT") -> Any:
    return write_kinds(school, store, ["group"], code)


def book(school: School, group: str) -> Any:
    return load_workbook(school.packs("AUT") / f"group-{group}.xlsx")


def words(school: School, group: str, sheet: str = TOP) -> str:
    page = book(school, group)[sheet]
    cells = (cell for row in page.iter_rows(values_only=True) for cell in row)
    return "\n".join(str(cell) for cell in cells if cell is not None)


def table(page: Any, heading: str) -> list[tuple[Any, ...]]:
    rows = list(page.iter_rows(values_only=True))
    start = next(at for at, row in enumerate(rows) if row[0] == heading)
    found = []
    for row in rows[start + 1 :]:
        if sum(cell is not None for cell in row) < 3:
            break
        found.append(row)
    return found


def test_the_comparison_is_what_anybody_reckons_from_the_exported_tables(
    school: School, store: Store
) -> None:
    school = grouped(school)
    run(school, store)
    pp = {p["adno"] for p in exported(school, store, "pupils", "AUT") if p["pp"] == "Y"}
    marks = exported(school, store, "marks", "AUT")
    found = {str(row[0]): row[1:] for row in table(book(school, "PP")[TOP], "Subject")}
    assert "Mathematics" in found
    for subject in ("Mathematics", "English Language"):
        sides = []
        for is_in in (True, False):
            mine = [
                m for m in marks
                if m["subject"] == subject and (m["adno"] in pp) == is_in
                and m["flag"] != "no data"
            ]  # fmt: skip
            gaps = [int(m["prediction"]) - int(m["target"]) for m in mine]
            sides.append(gaps)
        shown = found[subject]
        for gaps, at in zip(sides, (1, 6), strict=True):
            assert shown[at] == len(gaps)
            share = sum(gap >= 0 for gap in gaps) / len(gaps)
            assert shown[at + 1] == pytest.approx(share)
            assert shown[at + 3] == pytest.approx(statistics.mean(gaps))
        apart = statistics.mean(sides[0]) - statistics.mean(sides[1])
        assert shown[10] == pytest.approx(apart)
        if min(map(len, sides)) > 1:
            error = math.sqrt(sum(statistics.variance(s) / len(s) for s in sides))
            means = [
                Mean(len(s), 0.0, error=math.sqrt(statistics.variance(s) / len(s)))
                for s in sides
            ]  # fmt: skip
            reach = student(welch(*means)) * error
            assert shown[11] == pytest.approx(apart - reach)
            assert shown[12] == pytest.approx(apart + reach)


def test_a_group_s_file_holds_nobody_who_is_not_in_it(
    school: School, store: Store
) -> None:
    school = grouped(school)
    run(school, store)
    others = [n for n in range(1, 45) if n % 3]
    with zipfile.ZipFile(school.packs("AUT") / "group-PP.xlsx") as file:
        parts = {name: file.read(name).decode() for name in file.namelist()}
    for text in parts.values():
        for n in others:
            assert adno(n) not in text
            assert f"Surname{n:02d}" not in text
            assert f"U{n:012d}" not in text
    assert any("Surname03" in text for text in parts.values())


@pytest.mark.parametrize(
    ("group", "says"),
    [
        ("Four", "too few to conclude"),
        ("Nobody", "Nobody on roll in these years is in Nobody."),
        ("Everybody", "nobody to compare them with"),
    ],
)
def test_what_cannot_be_compared_is_reported_plainly(
    school: School, store: Store, group: str, says: str
) -> None:
    school = grouped(school)
    run(school, store)
    assert says in words(school, group)
    assert "#" not in words(school, group)


def test_with_no_returns_nothing_is_concluded(
    school: School, empty_store: Store
) -> None:
    school = grouped(school)
    report = run(school, empty_store)
    assert len(report.files) == 4
    assert "nothing is known yet of where they stand" in words(school, "PP")
    for sheet in ("Pupils", "Where they are below"):
        assert "Nothing is known yet of where PP stand" in words(school, "PP", sheet)


def test_a_rule_that_asks_for_what_is_not_there_refuses_its_own_pack_only(
    school: School, store: Store
) -> None:
    school = grouped(school, GROUPS + "[[groups]]\nname = 'Odd'\nrule = 'shoe > 4'\n")
    report = run(school, store)
    assert len(report.files) == 4
    refused = next(p for p in report.problems if p.code == "pack-refused")
    assert "shoe" in refused.what
    assert report.exit_status == 1


def test_the_group_lead_is_found_without_regard_to_case(
    school: School, store: Store
) -> None:
    school = grouped(school)
    with store.begin() as connection:
        connection.execute(
            schema.roles.insert(),
            {"academic_year": sample_school.YEAR, "staff": "DRU", "role": "group lead",
             "scope": "pp"},
        )  # fmt: skip
    report = run(school, store)
    assert "Mrs O Drum, group lead of PP" in words(school, "PP", "Cover")
    assert "PP" not in {p.value for p in report.problems}
    assert {p.value for p in report.problems} == {"Four", "Nobody", "Everybody"}


def test_the_same_store_and_moment_give_the_same_bytes(
    school: School, store: Store
) -> None:
    school = grouped(school)
    file: Path = school.packs("AUT") / "group-PP.xlsx"
    run(school, store)
    first = file.read_bytes()
    run(school, store)
    assert file.read_bytes() == first
