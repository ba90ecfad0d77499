from __future__ import annotations

import dataclasses
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from generator.context import Context
from generator.packs.chase_workbook import write_chase
from generator.returns.chase import ChaseRow, chase
from generator.school.school import School
from generator.store.engine import Store
from tests.generator.packs import sample_school
from udfs.tables import standard

ROW = ChaseRow(
    code="EVE",
    name="Dr T Evesham",
    email="eve@school.example",
    stands_in=False,
    others=(),
    class_code="11x/Fr1",
    subject="French",
    state="not returned",
    pupils=4,
    of_pupils=4,
    blanks={},
    due=date(2026, 11, 13),
    days_over=9,
    heads=("Ms R Abara",),
    sentence="=Dear Dr T Evesham, please.",
)


def cells(school: School) -> list[tuple[object, ...]]:
    book = load_workbook(school.packs("AUT") / "chase.xlsx")
    return list(book["Chase"].iter_rows(values_only=True))


def test_each_teacher_has_a_row_with_head_of_department_and_words_to_send(
    school: School,
) -> None:
    write_chase(school, school.collection("AUT"), [ROW], now=sample_school.NOW)
    rows = cells(school)
    at = next(n for n, row in enumerate(rows) if row[0] == "Teacher")
    assert dict(zip(rows[at], rows[at + 1], strict=True)) == {
        "Teacher": "Dr T Evesham",
        "E-mail": "eve@school.example",
        "Class": "11x/Fr1",
        "Subject": "French",
        "What": "not returned",
        "Pupils": 4,
        "of": 4,
        "Due": "13 Nov 2026",
        "Days over": 9,
        "Head of department": "Ms R Abara",
        "Message": "=Dear Dr T Evesham, please.",
    }


def test_it_begins_with_how_many_are_outstanding(school: School) -> None:
    unfinished = dataclasses.replace(ROW, class_code="10x/Ma1", state="not finished")
    write_chase(
        school, school.collection("AUT"), [ROW, unfinished], now=sample_school.NOW
    )
    assert cells(school)[3][0] == (
        "2 classes to ask for: 1 not returned, 1 not finished. The collection closed "
        "on 13 Nov 2026."
    )


def test_a_head_who_stands_in_is_called_so(school: School) -> None:
    row = dataclasses.replace(ROW, stands_in=True)
    write_chase(school, school.collection("AUT"), [row], now=sample_school.NOW)
    assert cells(school)[-1][0] == "Dr T Evesham (head, no teacher)"


def test_a_list_with_nobody_on_it_says_so(school: School) -> None:
    when = datetime(2026, 11, 3, 8, 0)
    path = write_chase(school, school.collection("AUT"), [], now=when)
    assert path.exists()
    said = [row[0] for row in cells(school) if row[0]]
    assert said[-2:] == [
        "Nobody is outstanding.",
        "The collection closes on 13 Nov 2026.",
    ]


@pytest.mark.parametrize("rows", [[ROW], []])
def test_the_same_list_makes_the_same_bytes(school: School, rows: list) -> None:
    path = write_chase(school, school.collection("AUT"), rows, now=sample_school.NOW)
    first = path.read_bytes()
    write_chase(school, school.collection("AUT"), rows, now=sample_school.NOW)
    assert path.read_bytes() == first


def test_what_the_chase_finds_can_be_written(school: School, store: Store) -> None:
    context = Context(school, standard(), store, sample_school.NOW, "")
    report = chase(context, school.collection("AUT"))
    write_chase(school, report.collection, report.rows, now=sample_school.NOW)
    classes = [row[2] for row in cells(school) if len(row) > 2]
    assert "11x/Fr1" in classes and "10x/Ma1" in classes
