"""Runs the migrations on the connection that the store hands over."""

from __future__ import annotations

from alembic import context

from generator.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
    transactional_ddl=False,  # the store's own transaction is around this
)
context.run_migrations()
