"""Reading and writing the roster: text stays text, rows are whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from generator.store import roster, schema
from generator.store.engine import Store

YEAR = "2026/27"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    store = Store.open(tmp_path, "sqlite:///markbooks.sqlite")
    with store.begin() as opened:
        yield opened
    store.close()


def pupil(adno: str, **values: object) -> dict[str, object]:
    blank: dict[str, object] = {
        column.name: None if column.name in ("year", "left") else ""
        for column in schema.pupils.columns
    }
    return {**blank, "academic_year": YEAR, "adno": adno, **values}


def member(code: str, adno: str, **values: object) -> dict[str, object]:
    row = {"academic_year": YEAR, "class": code, "adno": adno}
    return {**row, "since": "2026-09-01", "until": "", **values}


def test_an_empty_store_has_empty_tables_with_their_columns(
    connection: Connection,
) -> None:
    for table, frame in (
        (schema.pupils, roster.pupils(connection)),
        (schema.classes, roster.classes(connection, YEAR)),
        (schema.memberships, roster.memberships(connection, YEAR)),
        (schema.staff, roster.staff(connection, YEAR)),
        (schema.roles, roster.roles(connection, YEAR)),
        (schema.indicators, roster.indicators(connection, YEAR)),
        (schema.roster_changes, roster.changes(connection, YEAR)),
    ):
        assert list(frame.columns) == [column.name for column in table.columns]
        assert len(frame) == 0


def test_ids_and_names_stay_the_same_text(connection: Connection) -> None:
    rows = [
        pupil("004001", surname="NA", forename="1E5", year=7),
        pupil("1", surname="", left="2026-11-25"),
    ]
    roster.replace_rows(connection, schema.pupils, rows)
    pupils = roster.pupils(connection)
    assert pupils["adno"].tolist() == ["004001", "1"]
    assert pupils["surname"].tolist() == ["NA", ""]
    assert pupils["left"].tolist() == ["", "2026-11-25"]
    assert pupils["year"].isna().tolist() == [False, True]
    assert pupils["year"].iloc[0] == 7


def test_a_row_replaces_the_one_with_its_key(connection: Connection) -> None:
    roster.replace_rows(
        connection, schema.pupils, [pupil("1", surname="A"), pupil("2")]
    )
    roster.replace_rows(connection, schema.pupils, [pupil("1", surname="B")])
    assert roster.pupils(connection)["surname"].tolist() == ["B", ""]
    roster.replace_rows(connection, schema.pupils, [])


def test_pupils_of_a_year_are_those_of_its_imports(
    connection: Connection,
) -> None:
    rows = [pupil("1"), pupil("2", academic_year="2025/26")]
    roster.replace_rows(connection, schema.pupils, rows)
    assert roster.pupils(connection, YEAR)["adno"].tolist() == ["1"]
    assert len(roster.pupils(connection)) == 2


def test_ended_memberships_are_neither_listed_nor_counted(
    connection: Connection,
) -> None:
    rows = [
        member("B", "2"),
        member("A", "1", until="2026-10-01"),
        member("A", "2"),
        member("A", "1", academic_year="2025/26"),
    ]
    roster.replace_rows(connection, schema.memberships, rows)
    members = roster.memberships(connection, YEAR)
    assert list(zip(members["class"], members["adno"], strict=True)) == [
        ("A", "2"),
        ("B", "2"),
    ]
    assert roster.counts(connection, YEAR) == {
        "pupils": 0,
        "classes": 0,
        "memberships": 2,
        "staff": 0,
    }


def test_a_snapshot_has_the_whole_roster_of_the_year(
    connection: Connection,
) -> None:
    roster.replace_rows(
        connection, schema.memberships, [member("A", "1", until="2026-10-01")]
    )
    staff = {"code": "K", "name": "Ms K", "email": "k@x.example"}
    roster.replace_rows(
        connection, schema.staff, [{**staff, "academic_year": "2025/26"}]
    )
    snapshot = roster.roster_snapshot(connection, YEAR)
    assert snapshot.memberships == {("A", "1"): ("2026-09-01", "2026-10-01")}
    assert snapshot.staff == {}
    assert snapshot.earlier_names == {"K": ("Ms K", "k@x.example")}


def test_roles_are_replaced_as_a_whole_in_their_year(connection: Connection) -> None:
    roster.replace_roles(connection, "2025/26", [("K", "tutor", "7A")])
    roster.replace_roles(connection, YEAR, [("K", "tutor", "8A"), ("L", "tutor", "7A")])
    roster.replace_roles(connection, YEAR, {("L", "tutor", "8A")})
    assert roster.roles(connection, YEAR)["staff"].tolist() == ["L"]
    assert len(roster.roles(connection, "2025/26")) == 1
    roster.replace_roles(connection, YEAR, [])
    assert len(roster.roles(connection, YEAR)) == 0


def test_the_store_keeps_a_setting(connection: Connection) -> None:
    assert roster.read_setting(connection, "pupils_from") == ""
    roster.save_setting(connection, "pupils_from", "class list")
    roster.save_setting(connection, "pupils_from", "pupils")
    assert roster.read_setting(connection, "pupils_from") == "pupils"
