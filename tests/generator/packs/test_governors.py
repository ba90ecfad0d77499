from __future__ import annotations

import itertools
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import write_kinds
from tests.generator.packs.sample_school import adno

MATHS = [*range(1, 17), *range(21, 34)]
# Fields by number, so that groups are nested, disjoint and small in every way.
FIELDS: dict[str, Any] = {
    "pp": lambda n: "Y" if n in (3, 6, 9, 12) or n > 24 else "N",
    "eal": lambda n: "Y" if n % 4 == 0 or n > 27 else "N",
    "sen": lambda n: "E" if n in (1, 2) else ("K" if n % 5 == 0 else "N"),
}
GROUPS = {
    "PP": lambda f: f["pp"] == "Y",
    "EAL": lambda f: f["eal"] == "Y",
    "SEND": lambda f: f["sen"] in ("K", "E"),
    "Plan": lambda f: f["sen"] == "E",
    "Support": lambda f: f["sen"] == "K",
    "PP or EAL": lambda f: f["pp"] == "Y" or f["eal"] == "Y",
    "PP with EAL": lambda f: f["pp"] == "Y" and f["eal"] == "Y",
    "Girls": lambda f: f["sex"] == "F",
}
RULES = {
    "PP": 'pp == "Y"',
    "EAL": 'eal == "Y"',
    "SEND": 'sen in ["K", "E"]',
    "Plan": 'sen == "E"',
    "Support": 'sen == "K"',
    "PP or EAL": 'pp == "Y" or eal == "Y"',
    "PP with EAL": 'pp == "Y" and eal == "Y"',
    "Girls": 'sex == "F"',
}


def told(school: School) -> School:
    with (school.folder / "school.toml").open("a", encoding="utf-8") as file:
        for name, rule in RULES.items():
            file.write(f"\n[[groups]]\nname = '{name}'\nrule = '{rule}'\n")
    return School.load(school.folder)


def fields(n: int) -> dict[str, str]:
    return {"sex": "FM"[n % 2], **{name: of(n) for name, of in FIELDS.items()}}


def run(school: School, store: Store, code: str = "AUT") -> Any:
    return write_kinds(school, store, ["governors"], code)


@pytest.fixture
def small(school: School, store: Store) -> School:
    """Groups of all sizes, those under six among them."""
    school = told(school)
    p = schema.pupils
    with store.begin() as connection:
        for n in MATHS:
            connection.execute(
                p.update().where(p.c.adno == adno(n)).values(**fields(n))
            )
            sample_school.mark(
                connection, "AUT", adno(n), "Mathematics", "prediction", "45"[n % 2]
            )
    run(school, store)
    return school


def rows(school: School, code: str = "AUT") -> list[tuple[Any, ...]]:
    page = load_workbook(school.packs(code) / "governors.xlsx")["Headlines"]
    return list(page.iter_rows(values_only=True))


def shown(school: School, year: int, measure: str) -> dict[str, tuple[Any, Any]]:
    """Group -> its value and its n, of one measure in one year."""
    lines = rows(school)
    start = next(at for at, row in enumerate(lines) if row[0] == f"Year {year}")
    names = lines[start + 1]
    row = next(r for r in lines[start + 2 :] if r[0] == measure)
    found = {"all": (row[2], row[1])}
    for at, name in enumerate(names):
        if name in GROUPS:
            found[str(name)] = (row[at], row[at + 1])
    return found


def test_no_group_under_six_follows_from_what_is_displayed(small: School) -> None:
    pupils = {10: range(1, 17), 11: range(21, 34)}
    hidden = 0
    for year, numbers in pupils.items():
        sets = {"all": frozenset(numbers)}
        for name, inside in GROUPS.items():
            sets[name] = frozenset(n for n in numbers if inside(fields(n)))
        found = shown(small, year, "On or above target")
        told_of = {}
        for name, (value, n) in found.items():
            if value == "hidden":
                assert n is None
                hidden += 1
            elif value is not None:
                assert n == len(sets[name])
                told_of[name] = sets[name]
        assert all(len(one) >= 6 for one in told_of.values())
        # A reader adds and subtracts what he is told, two and three at a time: a set
        # that nests in another, or lies wholly beside it, gives away their difference.
        known = set(told_of.values())
        for _ in range(3):
            more = set()
            for one, other in itertools.permutations(known, 2):
                if other < one:
                    more.add(one - other)
                if not one & other:
                    more.add(one | other)
            known |= more
        small_ones = [one for one in known if 0 < len(one) < 6]
        assert not small_ones
    assert hidden  # there was something to hide


def test_neither_pupil_nor_class_nor_teacher_is_anywhere_in_the_file(
    small: School,
) -> None:
    words = [
        *(adno(n) for n in range(1, 45)), *(f"Surname{n:02d}" for n in range(1, 45)),
        *(f"Forename{n:02d}" for n in range(1, 45)), *sample_school.CLASSES,
        *sample_school.STAFF, *sample_school.STAFF.values(), "U000000",
        *(code.replace("/", "-") for code in sample_school.CLASSES),
    ]  # fmt: skip
    with zipfile.ZipFile(small.packs("AUT") / "governors.xlsx") as file:
        for name in file.namelist():
            text = file.read(name).decode()
            for word in words:
                assert word not in text, (name, word)


def test_there_are_two_sheets_the_second_of_words(small: School) -> None:
    book = load_workbook(small.packs("AUT") / "governors.xlsx")
    assert book.sheetnames == ["Headlines", "Words and key"]
    said = "\n".join(
        str(cell)
        for row in book["Words and key"].iter_rows(values_only=True)
        for cell in row
        if cell is not None
    )
    assert "These are teachers' predictions" in said
    assert "fewer than 6 pupils" in said


def test_how_many_lack_a_prediction_is_not_reported(small: School) -> None:
    assert not [
        row for row in rows(small) if row[0] == "Pupils with a prediction missing"
    ]


@pytest.mark.parametrize("code", ["AUT", "KS3"])
def test_with_no_returns_governors_are_reported_so(
    school: School, empty_store: Store, code: str
) -> None:
    report = run(school, empty_store, code)
    assert report.files == (f"packs/{code}/governors.xlsx",)
    cells = [str(cell) for row in rows(school, code) for cell in row if cell]
    assert any("No returns yet" in cell for cell in cells)
    assert not any("#" in cell or "nan" in cell for cell in cells)


def test_no_governor_named_is_a_problem_and_no_reason_not_to_write(
    small: School, store: Store
) -> None:
    (problem,) = run(small, store).problems
    assert problem.code == "no-governor"
