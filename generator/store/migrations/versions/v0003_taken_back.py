"""What undo needs: what classes had answered before, and what a return settled.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Of returns merged before there was this table, as far as the history tells.
_FROM_HISTORY = """
    INSERT INTO accepted_before (
        academic_year, collection, class, adno, subject, field,
        value, accepted_at, return_id
    )
    SELECT
        h.academic_year, h.collection, h.class, h.adno, h.subject, h.field,
        h.new, h.merged_at, h.return_id
    FROM history AS h
    JOIN returns AS r
        ON r.return_id = h.return_id AND r.status IN ('merged', 'superseded')
    JOIN accepted AS a
        ON a.collection = h.collection AND a.class = h.class AND a.adno = h.adno
        AND a.subject = h.subject AND a.field = h.field
        AND a.return_id <> h.return_id
    WHERE h.why IN ('merged', 'taken')
    ORDER BY h.id
"""


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    """Make the two tables, and fill the first with what is known."""
    op.create_table(
        "accepted_before",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *map(_text, ("academic_year", "collection", "class", "adno", "subject")),
        *map(_text, ("field", "value", "accepted_at", "return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accepted_before")),
    )
    op.create_index("ix_accepted_before_return", "accepted_before", ["return_id"])
    op.create_index(
        "ix_accepted_before_class", "accepted_before", ["collection", "class"]
    )
    op.create_table(
        "settled",
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        *map(_text, ("academic_year", "class", "subject", "adno", "field")),
        *map(_text, ("kind", "returned", "stored")),
        sa.PrimaryKeyConstraint(
            "settled_by", "return_id", "sheet", "cell", name=op.f("pk_settled")
        ),
    )
    op.create_index("ix_returns_collection", "returns", ["collection", "class"])
    op.execute(_FROM_HISTORY)
