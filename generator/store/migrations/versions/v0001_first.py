"""The first tables.

They are spelled out here, not taken from the schema as it is today, so that a store
made by this version is the same whichever later version makes it.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release."""
    op.create_table(
        "accepted",
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("accepted_at", sa.Text(), server_default="", nullable=False),
        sa.Column("return_id", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint(
            "collection", "class", "adno", "subject", "field", name=op.f("pk_accepted")
        ),
    )
    op.create_table(
        "actions",
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("issue", sa.Text(), server_default="", nullable=False),
        sa.Column("action", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("by_when", sa.Text(), server_default="", nullable=False),
        sa.Column("how_known", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_at", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("collection", "pack", "line", name=op.f("pk_actions")),
    )
    op.create_table(
        "classes",
        sa.Column("academic_year", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("teachers", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("academic_year", "class", name=op.f("pk_classes")),
    )
    op.create_table(
        "collections",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("opens", sa.Text(), server_default="", nullable=False),
        sa.Column("closes", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_collections")),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("collection", sa.Text(), server_default="", nullable=False),
        sa.Column("class", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("adno", sa.Text(), server_default="", nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("old", sa.Text(), server_default="", nullable=False),
        sa.Column("new", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("return_id", sa.Text(), server_default="", nullable=False),
        sa.Column("source_file", sa.Text(), server_default="", nullable=False),
        sa.Column("source_cell", sa.Text(), server_default="", nullable=False),
        sa.Column("merged_at", sa.Text(), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_return", "history", ["return_id"], unique=False)
    op.create_table(
        "indicators",
        sa.Column("academic_year", sa.Text(), nullable=False),
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint(
            "academic_year", "adno", "name", name=op.f("pk_indicators")
        ),
    )
    op.create_table(
        "interventions",
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("from", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "department_or_pastoral", sa.Text(), server_default="", nullable=False
        ),
        sa.Column("until", sa.Text(), server_default="", nullable=False),
        sa.Column("pupil_view", sa.Text(), server_default="", nullable=False),
        sa.Column("parent_view", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_because", sa.Text(), server_default="", nullable=False),
        sa.Column("source_file", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_at", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint(
            "adno", "subject", "what", "from", name=op.f("pk_interventions")
        ),
    )
    op.create_table(
        "issues",
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("collection", sa.Text(), server_default="", nullable=False),
        sa.Column("class", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("pupils", sa.Integer(), server_default="0", nullable=False),
        sa.Column("issued_at", sa.Text(), server_default="", nullable=False),
        sa.Column("issued_by", sa.Text(), server_default="", nullable=False),
        sa.Column("layout", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_issues")),
    )
    op.create_index(
        "ix_issues_collection", "issues", ["collection", "class"], unique=False
    )
    op.create_table(
        "marks",
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("class", sa.Text(), server_default="", nullable=False),
        sa.Column("return_id", sa.Text(), server_default="", nullable=False),
        sa.Column("source_file", sa.Text(), server_default="", nullable=False),
        sa.Column("source_cell", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("merged_at", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint(
            "collection", "adno", "subject", "field", name=op.f("pk_marks")
        ),
    )
    op.create_table(
        "memberships",
        sa.Column("academic_year", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), server_default="", nullable=False),
        sa.Column("until", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint(
            "academic_year", "class", "adno", name=op.f("pk_memberships")
        ),
    )
    op.create_table(
        "moderated",
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answer", sa.Integer(), server_default="0", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("applied_at", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint(
            "issue_id", "adno", "subject", name=op.f("pk_moderated")
        ),
    )
    op.create_table(
        "moderations",
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("department", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("written_at", sa.Text(), server_default="", nullable=False),
        sa.Column("written_by", sa.Text(), server_default="", nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_sha256", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_moderations")),
    )
    op.create_index("ix_moderations_file", "moderations", ["file"], unique=False)
    op.create_table(
        "problems",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("collection", sa.Text(), server_default="", nullable=False),
        sa.Column("found_at", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("sheet", sa.Text(), server_default="", nullable=False),
        sa.Column("cell", sa.Text(), server_default="", nullable=False),
        sa.Column("adno", sa.Text(), server_default="", nullable=False),
        sa.Column("severity", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("do", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
    )
    op.create_index("ix_problems_file", "problems", ["file"], unique=False)
    op.create_table(
        "pupils",
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("upn", sa.Text(), server_default="", nullable=False),
        sa.Column("surname", sa.Text(), server_default="", nullable=False),
        sa.Column("forename", sa.Text(), server_default="", nullable=False),
        sa.Column("sex", sa.Text(), server_default="", nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("reg", sa.Text(), server_default="", nullable=False),
        sa.Column("pp", sa.Text(), server_default="", nullable=False),
        sa.Column("disadvantaged", sa.Text(), server_default="", nullable=False),
        sa.Column("fsm", sa.Text(), server_default="", nullable=False),
        sa.Column("sen", sa.Text(), server_default="", nullable=False),
        sa.Column("eal", sa.Text(), server_default="", nullable=False),
        sa.Column("ethnicity", sa.Text(), server_default="", nullable=False),
        sa.Column("lac", sa.Text(), server_default="", nullable=False),
        sa.Column("ks2_reading", sa.Text(), server_default="", nullable=False),
        sa.Column("ks2_maths", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("left", sa.Text(), nullable=True),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("adno", name=op.f("pk_pupils")),
    )
    op.create_index("ix_pupils_upn", "pupils", ["upn"], unique=False)
    op.create_table(
        "returns",
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("class", sa.Text(), server_default="", nullable=False),
        sa.Column("collection", sa.Text(), server_default="", nullable=False),
        sa.Column("issue_id", sa.Text(), server_default="", nullable=False),
        sa.Column("modified", sa.Text(), server_default="", nullable=False),
        sa.Column("returned_at", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("same", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("conflict", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blank", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_returns")),
    )
    op.create_index("ix_returns_sha256", "returns", ["sha256"], unique=False)
    op.create_table(
        "roles",
        sa.Column("academic_year", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "academic_year", "staff", "role", "scope", name=op.f("pk_roles")
        ),
    )
    op.create_table(
        "roster_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("adno", sa.Text(), server_default="", nullable=False),
        sa.Column("class", sa.Text(), server_default="", nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("old", sa.Text(), server_default="", nullable=False),
        sa.Column("new", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_changes")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "staff",
        sa.Column("academic_year", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("academic_year", "code", name=op.f("pk_staff")),
    )
    op.create_table(
        "target_answers",
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("query", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("cell", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint(
            "adno", "subject", "collection", "version", name=op.f("pk_target_answers")
        ),
    )
    op.create_table(
        "targets",
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("expected", sa.Text(), nullable=True),
        sa.Column("aspirational", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("method", sa.Text(), server_default="", nullable=False),
        sa.Column("baseline", sa.Text(), server_default="", nullable=False),
        sa.Column("score", sa.Text(), server_default="", nullable=False),
        sa.Column("pupils_behind_it", sa.Integer(), nullable=True),
        sa.Column("provenance", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("set_by", sa.Text(), server_default="", nullable=False),
        sa.Column("set_at", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("adno", "subject", "version", name=op.f("pk_targets")),
    )
    op.create_table(
        "unsettled",
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("class", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("adno", sa.Text(), server_default="", nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("returned", sa.Text(), server_default="", nullable=False),
        sa.Column("stored", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint(
            "return_id", "sheet", "cell", name=op.f("pk_unsettled")
        ),
    )
    op.create_table(
        "issued_rows",
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("adno", sa.Text(), nullable=False),
        sa.Column("academic_year", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("aspirational", sa.Text(), nullable=True),
        sa.Column("locked", sa.Text(), server_default="", nullable=False),
        sa.Column("stamped", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.issue_id"],
            name=op.f("fk_issued_rows_issue_id_issues"),
        ),
        sa.PrimaryKeyConstraint(
            "issue_id", "subject", "adno", name=op.f("pk_issued_rows")
        ),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("issued_rows")
    op.drop_table("unsettled")
    op.drop_table("targets")
    op.drop_table("target_answers")
    op.drop_table("staff")
    op.drop_table("settings")
    op.drop_table("roster_changes")
    op.drop_table("roles")
    op.drop_index("ix_returns_sha256", table_name="returns")
    op.drop_table("returns")
    op.drop_index("ix_pupils_upn", table_name="pupils")
    op.drop_table("pupils")
    op.drop_index("ix_problems_file", table_name="problems")
    op.drop_table("problems")
    op.drop_index("ix_moderations_file", table_name="moderations")
    op.drop_table("moderations")
    op.drop_table("moderated")
    op.drop_table("memberships")
    op.drop_table("marks")
    op.drop_index("ix_issues_collection", table_name="issues")
    op.drop_table("issues")
    op.drop_table("interventions")
    op.drop_table("indicators")
    op.drop_index("ix_history_return", table_name="history")
    op.drop_table("history")
    op.drop_table("collections")
    op.drop_table("classes")
    op.drop_table("actions")
    op.drop_table("accepted")
