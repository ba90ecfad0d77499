"""Commands that keep a school's store its own, and bring everything back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from generator import workflow
from generator.command import CommandGroup, command
from generator.console import Session
from generator.report import Report

app = typer.Typer(cls=CommandGroup)
key_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="The school's key, by which it knows its own markbooks.",
)
app.add_typer(key_app, name="key")


audit_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="The audit: who did what (`markbook export audit`).",
)
app.add_typer(audit_app, name="audit")
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file", metavar="FILE", help="Its first line is the password."
    ),
]


@command(app)
def backup(
    session: Session,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="A folder for it (default: backups/)."),
    ] = None,
    password_file: PasswordFile = None,
) -> Report:
    """Write one archive of what cannot be made again, and check it."""
    return workflow.back_up(
        session.school(),
        folder,
        password_file=password_file,
        now=session.now,
        who=session.who,
    )


@command(app)
def restore(
    session: Session,
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="A backup.")],
    password_file: PasswordFile = None,
    database: Annotated[
        str,
        typer.Option(
            "--database",
            metavar="URL",
            help="An empty database for the store (default: a file in the folder).",
        ),
    ] = "",
) -> Report:
    """Restore a backup into the empty folder that --school names."""
    return workflow.restore(
        archive,
        session.folder or Path(),
        password_file=password_file,
        database=database,
        now=session.now,
        who=session.who,
    )


@command(app)
def adopt(
    session: Session,
    former: Annotated[
        str,
        typer.Option(
            "--from", metavar="NAME", help="The name or number that the store has."
        ),
    ],
) -> Report:
    """Keep the store of a school that has a new name or number."""
    return workflow.adopt(session.school(), former, now=session.now, who=session.who)


@command(key_app)
def renew(
    session: Session,
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="The reason, for the record.")
    ],
) -> Report:
    """Give the school a new key, where the one before is lost or was seen."""
    return workflow.renew_key(session.school(), why, now=session.now, who=session.who)


@command(audit_app)
def verify(session: Session) -> Report:
    """Check that no entry of the audit was changed or removed."""
    return workflow.verify_audit(session.school(), now=session.now)
