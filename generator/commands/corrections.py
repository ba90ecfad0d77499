"""The words of corrections by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from generator import workflow
from generator.command import CommandGroup, command
from generator.console import Session
from generator.report import Report

app = typer.Typer(cls=CommandGroup)
targets_app = typer.Typer(cls=CommandGroup)

WhyOption = Annotated[
    str, typer.Option("--why", metavar="TEXT", help="The reason, for the record.")
]


@command(targets_app, "set")
def set_target(
    session: Session,
    adno: Annotated[str, typer.Argument(metavar="ADNO", help="Admission number.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Its name.")],
    why: WhyOption,
    expected: Annotated[
        str | None, typer.Option("--expected", metavar="GRADE", help="A grade.")
    ] = None,
    aspirational: Annotated[
        str | None, typer.Option("--aspirational", metavar="GRADE", help="A grade.")
    ] = None,
) -> Report:
    """Set one pupil's target by hand."""
    from generator.corrections import TargetEdit

    edit = TargetEdit(adno, subject, expected, aspirational, why)
    return workflow.set_target(session.school(), edit, now=session.now, who=session.who)


@command(app)
def mark(
    session: Session,
    collection: Annotated[
        str, typer.Argument(metavar="COLLECTION", help="A collection's code.")
    ],
    class_code: Annotated[str, typer.Argument(metavar="CLASS", help="A class's code.")],
    adno: Annotated[str, typer.Argument(metavar="ADNO", help="Admission number.")],
    field: Annotated[
        str, typer.Argument(metavar="FIELD", help="As prediction, effort, comment.")
    ],
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="The mark; Clear removes it.")
    ],
    why: WhyOption,
    subject: Annotated[
        str | None,
        typer.Option("--subject", metavar="S", help="Where the class covers several."),
    ] = None,
) -> Report:
    """Set one mark by hand."""
    from generator.corrections import MarkEdit

    edit = MarkEdit(class_code, adno, field, value, why, subject)
    return workflow.set_mark(
        session.school(), collection, edit, now=session.now, who=session.who
    )
