"""The made-up school, on roll and with two collections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.school import School
from generator.store.engine import Store
from tests.generator.packs import made


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
def store(school: School, empty_store: Store) -> Store:
    """Two collections have been issued, and returned but for French."""
    made.fill(empty_store)
    return empty_store
