from __future__ import annotations

from datetime import datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, select

from generator.store.engine import Store
from generator.store.schema import NEWEST, marks, metadata

URL = "sqlite:///markbooks.sqlite"


def alembic_config():
    config = Config()
    config.set_main_option("script_location", "generator:store/migrations")
    config.set_main_option("path_separator", "os")
    return config


SCRIPTS = ScriptDirectory.from_config(alembic_config())
REVISIONS = sorted(script.revision for script in SCRIPTS.walk_revisions())


def test_the_schema_names_the_newest_migration():
    assert SCRIPTS.get_heads() == [NEWEST]


def store_of(folder, revision):
    """Create a store of an older version with one mark; the names of its tables."""
    config = alembic_config()
    engine = create_engine(f"sqlite:///{folder / 'markbooks.sqlite'}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(
            marks.insert().values(
                collection="AUT",
                adno="001",
                subject="History",
                field="prediction",
                value="5",
                merged_at=datetime(2026, 10, 1).isoformat(),
            )
        )
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_store_of_any_version_is_migrated_and_keeps_its_marks(tmp_path, revision):
    store_of(tmp_path, revision)
    store = Store.open(tmp_path, URL)
    with store.begin() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert connection.execute(select(marks.c.value)).scalars().all() == ["5"]
    assert set(metadata.tables) <= set(store.table_names())
    store.close()


def test_the_first_version_has_no_results(tmp_path):
    assert "results" not in store_of(tmp_path, "0001")
