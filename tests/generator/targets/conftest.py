"""A school with nine pupils in the store, as an import would leave it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from generator.school.key_file import create_key
from generator.school.school import School, Settings
from generator.store import schema
from generator.store.engine import Store
from tests.generator.targets.moderation_office import ModerationOffice

YEAR = "2026/27"

PUPILS = [
    # adno, year, reading, maths, left
    ("000101", 11, "100", "102", None),
    ("000102", 11, "97", "", None),
    ("000103", 11, "N", "79", "2026-10-01"),
    ("000104", 11, "", "", None),
    ("000105", 11, "PK3", "110", None),
    ("000106", 7, "120", "118", None),
]
CLASSES = [
    # class, subject, year, members
    ("11/Ma1", "Maths", 11, ["000101", "000102", "000103", "000104", "000105"]),
    ("11/En1", "English (Language and Literature)", 11, ["000101", "000104"]),
    ("11/Hs1", "Health and Social Care", 11, ["000101"]),
    ("11/Wv1", "Weaving", 11, ["000102"]),
    ("7/Sc1", "Science", 7, ["000106"]),
    ("7/Mu1", "Music", 7, ["000106"]),
    ("7/Mu2", "Music", 7, ["000106"]),  # in two classes of one subject
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    create_key(tmp_path)
    made = Store.open(tmp_path, "sqlite:///markbooks.sqlite")
    with made.begin() as connection:
        fill(connection)
    yield made
    made.close()


def fill(connection: Connection) -> None:
    connection.execute(
        insert(schema.pupils),
        [
            {
                "adno": adno, "year": year, "ks2_reading": reading,
                "ks2_maths": maths, "left": left, "academic_year": YEAR,
                "surname": f"Pupil {adno}",
            }
            for adno, year, reading, maths, left in PUPILS
        ],
    )  # fmt: skip
    for name, subject, year, members in CLASSES:
        put_class(connection, name, subject, year, members)


def put_class(
    connection: Connection,
    name: str,
    subject: str,
    year: int,
    members: list[str],
    academic_year: str = YEAR,
) -> None:
    """Put a class with its pupils into the store."""
    connection.execute(
        insert(schema.classes),
        [{"academic_year": academic_year, "class": name, "subject": subject,
          "year": year}],
    )  # fmt: skip
    connection.execute(
        insert(schema.memberships),
        [{"academic_year": academic_year, "class": name, "adno": a} for a in members],
    )


@pytest.fixture
def enrol() -> Callable[..., None]:
    """Put a class with its pupils into the store."""
    return put_class


@pytest.fixture
def school(tmp_path: Path) -> Callable[..., School]:
    """A school with the `[targets]` given, and perhaps more settings."""

    def make(more: dict[str, Any] | None = None, **targets: Any) -> School:
        year = {"academic_year": YEAR}
        settings = {"school": year, "targets": targets, **(more or {})}
        return School(tmp_path, Settings.model_validate(settings))

    return make


@pytest.fixture
def office(
    store: Store, school: Callable[..., School], now: datetime
) -> Callable[..., ModerationOffice]:
    """The data office of the school, with the `[targets]` given, drafts made."""

    def open_(more: dict[str, Any] | None = None, **targets: Any) -> ModerationOffice:
        made = ModerationOffice(store, school(more, **targets), now)
        made.draft()
        return made

    return open_


@pytest.fixture(scope="session")
def _moderated(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Path:
    folder = tmp_path_factory.mktemp("moderated") / "school"
    folder.mkdir()
    create_key(folder)
    store = Store.open(folder, "sqlite:///markbooks.sqlite")
    with store.begin() as connection:
        fill(connection)
    here = ModerationOffice(store, _plain_school(folder), now)
    here.draft()
    here.issue()
    here.moderate()
    store.close()
    return folder


@pytest.fixture
def here(_moderated: Path, tmp_path: Path, now: datetime) -> Iterator[ModerationOffice]:
    """The office of a school whose targets are issued and ready to moderate."""
    folder = Path(shutil.copytree(_moderated, tmp_path / "school"))
    store = Store.open(folder, "sqlite:///markbooks.sqlite")
    yield ModerationOffice(store, _plain_school(folder), now + timedelta(minutes=3))
    store.close()


def _plain_school(folder: Path) -> School:
    return School(folder, Settings.model_validate({"school": {"academic_year": YEAR}}))
