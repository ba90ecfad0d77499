"""Run the migrations that create and change the tables of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from generator.store.schema import NEWEST

if TYPE_CHECKING:
    from alembic.config import Config


def migrate(connection: Connection, revision: str = NEWEST) -> None:
    """Bring the tables of a database to a version.

    Args:
        connection: A transaction.
        revision: The migration to end with.
    """
    # Imported here: nearly always a store has the newest version.
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revisions() -> set[str]:
    """The migrations that this program knows."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config())
    return {script.revision for script in scripts.walk_revisions()}


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "generator:store/migrations")
    config.set_main_option("path_separator", "os")
    return config
