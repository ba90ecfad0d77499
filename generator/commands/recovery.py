"""Commands that keep a school's store its own, and bring everything back."""

from __future__ import annotations

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
