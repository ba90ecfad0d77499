from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from generator.store.engine import Store
from generator.store.interventions import (
    actions,
    interventions,
    is_running,
    replace_actions,
    store_interventions,
)

NOW = datetime(2026, 11, 22, 9, 30)
ROW = {"adno": "000001", "subject": "French", "what": "tutoring", "from": "2026-11-02"}


def store_rows(store: Store, *rows: dict[str, str]):
    with store.begin() as connection:
        return store_interventions(
            connection, rows, academic_year="2026/27", file="x.csv", now=NOW, who="HAR"
        )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path):
    opened = Store.open(tmp_path, "sqlite:///markbooks.sqlite")
    yield opened
    opened.close()


def test_the_same_pupil_subject_help_and_day_is_one_intervention(store: Store) -> None:
    assert store_rows(store, ROW).new == 1
    assert store_rows(store, ROW).same == 1
    assert store_rows(store, {**ROW, "until": "2026-12-18"}).changed == 1
    assert store_rows(store, {**ROW, "from": "2027-01-05"}).new == 1
    with store.begin() as connection:
        assert interventions(connection)["until"].tolist() == ["2026-12-18", ""]


def test_a_blank_never_erases_an_earlier_value(store: Store) -> None:
    store_rows(store, {**ROW, "pupil_view": "it helps"})
    assert store_rows(store, {**ROW, "pupil_view": ""}).same == 1
    with store.begin() as connection:
        assert interventions(connection)["pupil_view"].tolist() == ["it helps"]


@pytest.mark.parametrize(
    ("details", "runs"),
    [
        ({}, True),
        ({"from": ""}, True),
        ({"from": "2026-11-23"}, False),
        ({"until": "2026-11-22"}, True),
        ({"until": "2026-11-21"}, False),
        ({"ended_because": "moved set"}, False),
        ({"until": "2026-12-01", "ended_because": "planned"}, True),
    ],
)
def test_a_running_intervention_has_begun_and_not_ended(
    store: Store, details: dict[str, str], runs: bool
) -> None:
    store_rows(store, {**ROW, **details})
    with store.begin() as connection:
        frame = interventions(connection)
    assert is_running(frame, date(2026, 11, 22)).tolist() == [runs]


def test_actions_of_a_pack_replace_its_earlier_ones(store: Store) -> None:
    def replace(*issues: str) -> int:
        with store.begin() as connection:
            return replace_actions(
                connection, [{"issue": issue} for issue in issues], collection="AUT",
                pack="pastoral-7A", academic_year="2026/27", now=NOW, who="HAR",
            )  # fmt: skip

    assert replace("a", "b") == 2 and replace("c") == 1 and replace() == 0
    with store.begin() as connection:
        assert actions(connection)["issue"].tolist() == ["c"]
