"""What people corrected by hand, and their reasons in the history.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    """Make the table of corrections, and add the reason to the history."""
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *map(_text, ("academic_year", "at", "who", "kind", "what", "why")),
        *map(_text, ("collection", "class", "adno", "subject", "changes")),
        *map(_text, ("undone_at", "undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.add_column("history", _text("reason"))
