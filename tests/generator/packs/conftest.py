"""The made-up school, on roll and with two collections."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.school.school import School
from generator.store.engine import Store
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import write_kinds


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs-school")
    opened = sample_school.empty_store(sample_school.school(folder))
    sample_school.fill(opened)
    opened.close()
    return folder


@pytest.fixture
def school(tmp_path: Path) -> School:
    return sample_school.school(tmp_path)


@pytest.fixture
def empty_store(school: School) -> Iterator[Store]:
    """Everybody is on roll, and nothing has been issued."""
    opened = sample_school.empty_store(school)
    yield opened
    opened.close()


@pytest.fixture
def store(school: School, _filled: Path) -> Iterator[Store]:
    """Two collections have been issued, and returned but for French."""
    shutil.copytree(_filled, school.folder, dirs_exist_ok=True)
    opened = sample_school.open_store(school)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def packed(_filled: Path, tmp_path_factory: pytest.TempPathFactory) -> School:
    """The school of `store` with its packs of `AUT` written: for looking only."""
    folder = tmp_path_factory.mktemp("packed")
    shutil.copytree(_filled, folder, dirs_exist_ok=True)
    school = School.load(folder)
    opened = sample_school.open_store(school)
    write_kinds(school, opened, ())
    opened.close()
    return school
