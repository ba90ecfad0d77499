"""What is done for pupils, and the actions of leaders.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

from generator.store import schema

revision = "0003"
down_revision = "0002"

TABLES = (schema.interventions, schema.actions)


def upgrade() -> None:
    """Add the two tables to a store that does not have them yet."""
    for table in TABLES:
        table.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    """Take them away again."""
    for table in TABLES:
        table.drop(op.get_bind(), checkfirst=True)
