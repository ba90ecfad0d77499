"""The words of `status` and `imports`."""

from __future__ import annotations

import typer

from generator import workflow
from generator.command import CommandGroup, command
from generator.console import Session
from generator.report import Report

app = typer.Typer(cls=CommandGroup)


@command(app)
def status(session: Session) -> Report:
    """Show what is done, what waits, and what to do next."""
    return workflow.status(session.school(), now=session.now)


@command(app)
def imports(session: Session) -> Report:
    """List the imports with their ids, for undo."""
    return workflow.imports(session.school(), now=session.now)
