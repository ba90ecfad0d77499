"""The first tables.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from alembic import op

from generator.store.schema import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table as it stands in the first release."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Take them away again."""
    metadata.drop_all(op.get_bind())
