"""One row for each pupil, class and subject; and whose department a subject is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection

from generator.school.school import SubjectSettings
from generator.school.school_tables import with_subjects
from generator.store import roster, schema
from generator.store.engine import Store
from generator.store.enrolments import COLUMNS, department_of, enrolments
from udfs.tables import standard

BOTH = "English (Language and Literature)"
YEAR = "2026/27"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    store = Store.open(tmp_path, "sqlite:///markbooks.sqlite")
    with store.begin() as opened:
        fill(opened)
        yield opened
    store.close()


def fill(connection: Connection) -> None:
    blank = {
        column.name: None if column.name in ("year", "left") else ""
        for column in schema.pupils.columns
    }
    roster.replace_rows(
        connection,
        schema.pupils,
        [
            {**blank, "adno": adno, "surname": surname, "year": 10, "left": left}
            for adno, surname, left in (
                ("002", "Brown", None),
                ("001", "NA", None),
                ("003", "True", "2026-11-20"),
                ("004", "Zed", "2027-01-01"),
                ("005", "Null", None),
            )
        ],
    )
    roster.replace_rows(
        connection,
        schema.classes,
        [
            {
                "academic_year": year,
                "class": code,
                "subject": subject,
                "year": 10,
                "teachers": "K;L",
            }
            for year, code, subject in (
                (YEAR, "10x/En1", BOTH),
                (YEAR, "10x/Kl1", "Klingon"),
                ("2025/26", "10x/Ma1", "Mathematics"),
            )
        ],
    )
    roster.replace_rows(
        connection,
        schema.memberships,
        [
            {
                "academic_year": year,
                "class": code,
                "adno": adno,
                "since": "",
                "until": until,
            }
            for year, code, adno, until in (
                *((YEAR, "10x/En1", f"00{n}", "") for n in range(1, 5)),
                (YEAR, "10x/En1", "005", "2026-10-01"),
                (YEAR, "10x/Kl1", "001", ""),
                ("2025/26", "10x/Ma1", "001", ""),
            )
        ],
    )


def test_a_class_that_covers_two_subjects_has_its_pupils_twice(
    connection: Connection,
) -> None:
    frame = enrolments(connection, YEAR, standard())
    assert tuple(frame.columns) == COLUMNS
    rows = list(zip(frame["class"], frame["subject"], frame["adno"], strict=True))
    by_surname = ("002", "001", "003", "004")
    assert rows == [
        *(("10x/En1", "English Language", adno) for adno in by_surname),
        *(("10x/En1", "English Literature", adno) for adno in by_surname),
        ("10x/Kl1", "Klingon", "001"),
    ]
    assert set(frame["class_subject"]) == {BOTH, "Klingon"}
    assert set(frame["teachers"]) == {"K;L"}
    assert frame["class_year"].tolist() == [10] * 9
    assert (frame["left"] == "").sum() == 5


def test_leavers_are_not_enrolled_after_their_last_day(
    connection: Connection,
) -> None:
    frame = enrolments(connection, YEAR, standard(), today=date(2026, 11, 22))
    assert sorted(set(frame["adno"])) == ["001", "002", "004"]
    frame = enrolments(connection, YEAR, standard(), today=date(2026, 11, 19))
    assert "003" in set(frame["adno"])
    frame = enrolments(connection, YEAR, standard(), today=date(2027, 1, 1))
    assert "004" not in set(frame["adno"])


def test_names_that_look_like_nothing_are_names(connection: Connection) -> None:
    frame = enrolments(connection, YEAR, standard())
    assert set(frame["surname"]) == {"Brown", "NA", "True", "Zed"}
    assert frame["surname"].isna().sum() == 0
    assert frame["adno"].str.len().eq(3).all()


def test_a_year_without_classes_has_no_enrolments(connection: Connection) -> None:
    frame = enrolments(connection, "2030/31", standard())
    assert len(frame) == 0
    assert tuple(frame.columns) == COLUMNS


def heads(*scopes: str) -> pd.DataFrame:
    rows = [("K", "head of department", scope) for scope in scopes]
    rows.append(("L", "head of year", "Biology"))
    return pd.DataFrame(rows, columns=pd.Index(["staff", "role", "scope"]))


@pytest.mark.parametrize(
    ("subject", "class_subject", "scopes", "department"),
    [
        ("Biology", "Biology", (), standard().subject("Biology").department),
        ("Biology", "Biology", ("Biology",), "Biology"),
        ("Biology", "Biology", ("biology",), "Biology"),
        ("English Language", BOTH, (BOTH, "English"), BOTH),
        ("English Language", BOTH, (BOTH, "English Language"), "English Language"),
        ("English Language", BOTH, ("English",), "English"),
        ("Klingon", "Klingon", ("English",), "Klingon"),
    ],
)
def test_a_department_is_the_subjects_own_if_somebody_leads_it(
    subject: str, class_subject: str, scopes: tuple[str, ...], department: str
) -> None:
    name = department_of(subject, class_subject, standard(), heads(*scopes))
    assert name == department


def test_the_schools_settings_of_departments_come_first() -> None:
    settings = [
        SubjectSettings(name="Biology", department="Science"),
        SubjectSettings(name=BOTH, department="English"),
    ]
    tables = with_subjects(standard(), settings)
    leads = heads("Biology", BOTH, "Chemistry")
    assert department_of("Biology", "Biology", tables, leads) == "Science"
    assert department_of("English Literature", BOTH, tables, leads) == "English"
    assert department_of("Chemistry", "Chemistry", tables, leads) == "Chemistry"
