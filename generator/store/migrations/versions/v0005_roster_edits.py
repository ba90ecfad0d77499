"""Earlier codes of classes, and how far corrections of the roster still hold.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    """Make the table of earlier codes; add the end of cover and what imports took."""
    op.create_table(
        "class_aliases",
        sa.Column("academic_year", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        _text("class"),
        sa.PrimaryKeyConstraint(
            "academic_year", "alias", name=op.f("pk_class_aliases")
        ),
    )
    op.add_column("corrections", _text("until"))
    op.add_column("corrections", _text("overtaken"))
