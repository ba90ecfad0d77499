"""Commands that keep a school's store its own, and bring everything back."""

from __future__ import annotations

from typing import Annotated

import typer

from generator import workflow
from generator.command import CommandGroup, command
from generator.console import Session
from generator.report import Report

app = typer.Typer(cls=CommandGroup)


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
