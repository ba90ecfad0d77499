"""The made-up school, on roll and with two collections."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import packing
from generator.export import export
from generator.packs import packs
from generator.school import School
from generator.store.engine import Store
from tests.generator.packs import made
from udfs.tables import standard


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs-school")
    opened = made.empty_store(made.school(folder))
    made.fill(opened)
    opened.close()
    return folder


@pytest.fixture
def school(tmp_path: Path) -> School:
    return made.school(tmp_path)


@pytest.fixture
def empty_store(school: School) -> Iterator[Store]:
    """Everybody is on roll, and nothing has been issued."""
    opened = made.empty_store(school)
    yield opened
    opened.close()


@pytest.fixture
def store(school: School, _filled: Path) -> Iterator[Store]:
    """Two collections have been issued, and returned but for French."""
    shutil.copytree(_filled, school.folder, dirs_exist_ok=True)
    opened = made.open_store(school)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def packed(_filled: Path, tmp_path_factory: pytest.TempPathFactory) -> School:
    """The school of `store` with its packs of `AUT` written: for looking only."""
    folder = tmp_path_factory.mktemp("packed")
    shutil.copytree(_filled, folder, dirs_exist_ok=True)
    school = School.load(folder)
    opened = made.open_store(school)
    packs(opened, school, standard(), school.collection("AUT"), now=made.NOW, who="HAR")
    opened.close()
    return school


KINDS_COUNTED = ("department", "leadership", "target-groups", "journey",
                 "class-targets")  # fmt: skip


@pytest.fixture(scope="session")
def counted(tmp_path_factory: pytest.TempPathFactory) -> School:
    """A school of all years with five collections, its packs of the last, and tables.

    The tables stand as CSV beside the packs: `marks-C1.csv` …, `pupils.csv`,
    `memberships.csv`, `classes.csv`.
    """
    school = packing.made(tmp_path_factory.mktemp("counted"), pupils_per_year=30)
    opened = made.open_store(school)
    with opened.begin() as connection:
        made.unlike(connection, "C5")
        packed_of = school.collection("C5")
    packs(opened, school, standard(), packed_of, KINDS_COUNTED, now=packing.NOW,
          who="HAR")  # fmt: skip
    with opened.begin() as connection:
        for code in packing.COLLECTIONS:
            out = school.folder / f"marks-{code}.csv"
            export(connection, school, standard(), "marks", collection=code, out=out,
                   today=packing.NOW.date())  # fmt: skip
        for name in ("pupils", "memberships", "classes"):
            out = school.folder / f"{name}.csv"
            export(connection, school, standard(), name, out=out,
                   today=packing.NOW.date())  # fmt: skip
    opened.close()
    return school
