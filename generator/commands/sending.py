"""The words of `send`."""

from __future__ import annotations

from typing import Annotated

import typer

from generator import workflow
from generator.command import CommandGroup, command, one_of
from generator.console import Session
from generator.report import Report

app = typer.Typer(cls=CommandGroup)


@command(app)
def send(
    session: Session,
    kind: Annotated[
        str,
        typer.Argument(
            parser=one_of("markbooks", "chase"),
            metavar="markbooks|chase",
            help="What to send.",
        ),
    ],
    collection: Annotated[
        str | None,
        typer.Argument(
            metavar="COLLECTION", help="A collection's code (default: the one open)."
        ),
    ] = None,
    people: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="STAFF", help="Only this person; repeatable."),
    ] = None,
    links: Annotated[
        bool, typer.Option("--links", help="Name paths, attach nothing.")
    ] = False,
) -> Report:
    """Write a draft for each person, for your mail program, and a merge list."""
    return workflow.send(
        session.school(),
        kind,
        collection,
        people=people or (),
        links=links,
        now=session.now,
    )
