"""Moderation workbooks, what was taken from them, and answers to queries.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

from generator.store import schema

revision = "0002"
down_revision = "0001"

TABLES = (schema.moderations, schema.moderated, schema.target_answers)


def upgrade() -> None:
    """Add the three tables to a store that does not have them yet."""
    for table in TABLES:
        table.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    """Take them away again."""
    for table in TABLES:
        table.drop(op.get_bind(), checkfirst=True)
