"""The made-up school, on roll and with two collections."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.packs import packs
from generator.school.school import School
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
