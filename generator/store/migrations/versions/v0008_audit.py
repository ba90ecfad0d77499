"""The audit: who did what and when, each entry chained to the one before.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    """Make the table; what was done before is in no record."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *map(_text, ("academic_year", "at", "who", "command", "what")),
        sa.Column("count", sa.Integer(), nullable=True),
        *map(_text, ("file", "sha256", "key_id", "chain")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
