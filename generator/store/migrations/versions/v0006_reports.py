"""Attendance in half days, and the reports that were written.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=True)


def upgrade() -> None:
    """Make the tables of attendance and of report files."""
    totals = ("possible", "attended", "authorised", "unauthorised", "late")
    op.create_table(
        "attendance",
        *map(_key, ("adno", "from", "to")),
        _text("academic_year"),
        *map(_count, totals),
        *map(_text, ("source_file", "entered_at", "entered_by")),
        sa.PrimaryKeyConstraint("adno", "from", "to", name=op.f("pk_attendance")),
    )
    op.create_table(
        "report_files",
        *map(_key, ("collection", "file")),
        *map(_text, ("academic_year", "kind", "adno", "reg", "digest", "sha256")),
        *map(_text, ("written_at", "written_by")),
        sa.PrimaryKeyConstraint("collection", "file", name=op.f("pk_report_files")),
    )
