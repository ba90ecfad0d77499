"""The words of documents for parents and pupils."""

from __future__ import annotations

from typing import Annotated

import typer

from generator import workflow
from generator.command import CommandGroup, command, whole_number
from generator.console import Session
from generator.report import Report

app = typer.Typer(cls=CommandGroup)


@command(app)
def reports(
    session: Session,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COLLECTION] [KIND",
            help="A collection's code, then kinds of document (default: parent).",
        ),
    ] = None,
    years: Annotated[
        list[int] | None,
        typer.Option("--year", parser=whole_number, metavar="N", help="Repeatable."),
    ] = None,
    regs: Annotated[
        list[str] | None,
        typer.Option("--reg", metavar="7A", help="A tutor group; repeatable."),
    ] = None,
    pupils: Annotated[
        list[str] | None,
        typer.Option("--pupil", metavar="ADNO", help="Repeatable."),
    ] = None,
    encrypt: Annotated[
        bool,
        typer.Option("--encrypt", help="Encrypt with a password for each pupil."),
    ] = False,
) -> Report:
    """Write reports, plans and slips for parents and pupils as PDF."""
    from generator.reports.request import ReportRequest

    school = session.school()
    named = list(words or ())
    collection = named.pop(0) if named and school.has_collection(named[0]) else None
    with session.progress() as progress:
        return workflow.reports(
            school,
            collection,
            ReportRequest(named, years or (), regs or (), pupils or (), encrypt),
            now=session.now,
            who=session.who,
            progress=progress,
        )
