"""The words of corrections by hand."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from generator import workflow
from generator.command import CommandGroup, command, parse_day, whole_number
from generator.console import Session
from generator.report import Report

app = typer.Typer(cls=CommandGroup)
targets_app = typer.Typer(cls=CommandGroup)
pupil_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="One pupil without a list: add, left, back, remove.",
)
class_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="One class: another teacher, code or end; move a pupil.",
)
collection_app = typer.Typer(
    cls=CommandGroup, no_args_is_help=True, help="The dates of a collection."
)
app.add_typer(pupil_app, name="pupil")
app.add_typer(class_app, name="class")
app.add_typer(collection_app, name="collection")

AdnoArgument = Annotated[
    str, typer.Argument(metavar="ADNO", help="Admission number, or a unique name.")
]
ClassArgument = Annotated[str, typer.Argument(metavar="CLASS", help="A class's code.")]
OnOption = Annotated[
    date | None,
    typer.Option("--on", parser=parse_day, metavar="DAY", help="Default: today."),
]

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


@command(pupil_app, "add")
def add_pupil(
    session: Session,
    adno: Annotated[str, typer.Argument(metavar="ADNO", help="Admission number.")],
    surname: Annotated[str, typer.Option("--surname", metavar="NAME")],
    forename: Annotated[str, typer.Option("--forename", metavar="NAME")],
    year: Annotated[int, typer.Option("--year", parser=whole_number, metavar="N")],
    reg: Annotated[str, typer.Option("--reg", help="Tutor group.")] = "",
    upn: Annotated[str, typer.Option("--upn", help="Unique pupil number.")] = "",
    classes: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="CLASS", help="Repeatable."),
    ] = None,
) -> Report:
    """Add one pupil, in classes; the next list of pupils completes it."""
    from generator.corrections import NewPupil

    pupil = NewPupil(adno, surname, forename, year, reg, upn, tuple(classes or ()))
    return workflow.add_pupil(session.school(), pupil, now=session.now, who=session.who)


@command(pupil_app, "left")
def end_pupil(session: Session, adno: AdnoArgument, day: OnOption = None) -> Report:
    """Say that a pupil left; marks and targets stay."""
    first_day = day or session.now.date()
    return workflow.end_pupil(
        session.school(), adno, first_day, now=session.now, who=session.who
    )


@command(pupil_app, "back")
def return_pupil(session: Session, adno: AdnoArgument) -> Report:
    """Say that a pupil who left is back."""
    return workflow.return_pupil(
        session.school(), adno, now=session.now, who=session.who
    )


@command(pupil_app, "remove")
def remove_pupil(session: Session, adno: AdnoArgument) -> Report:
    """Remove a pupil for whom nothing was ever collected."""
    return workflow.remove_pupil(
        session.school(), adno, now=session.now, who=session.who
    )


@command(class_app, "move")
def move_pupil(
    session: Session,
    adno: AdnoArgument,
    old: Annotated[str, typer.Argument(metavar="FROM", help="The class now.")],
    new: Annotated[str, typer.Argument(metavar="TO", help="The class to be.")],
) -> Report:
    """Move a pupil from one class to another."""
    return workflow.move_pupil(
        session.school(), adno, old, new, now=session.now, who=session.who
    )


@command(class_app, "assign")
def assign_class(
    session: Session,
    code: ClassArgument,
    staff: Annotated[
        str, typer.Argument(metavar="STAFF", help="A member of staff's code or name.")
    ],
    until: Annotated[
        date | None,
        typer.Option(
            "--until", parser=parse_day, metavar="DAY", help="Last day of a cover."
        ),
    ] = None,
    beside: Annotated[
        bool, typer.Option("--with", help="Beside the teachers there are.")
    ] = False,
) -> Report:
    """Give a class another teacher, for good or as cover."""
    return workflow.assign_class(
        session.school(),
        code,
        staff,
        until=until,
        beside=beside,
        now=session.now,
        who=session.who,
    )


@command(class_app, "rename")
def rename_class(
    session: Session,
    old: Annotated[str, typer.Argument(metavar="OLD", help="Its code now.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new code.")],
) -> Report:
    """Give a class another code; lists and returns may go on naming the old one."""
    return workflow.rename_class(
        session.school(), old, new, now=session.now, who=session.who
    )


@command(class_app, "merge")
def merge_classes(
    session: Session,
    code: Annotated[str, typer.Argument(metavar="CLASS", help="The class to end.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The class to keep.")],
) -> Report:
    """Put the pupils of one class into another of the same subject."""
    return workflow.merge_classes(
        session.school(), code, into, now=session.now, who=session.who
    )


@command(class_app, "end")
def end_class(session: Session, code: ClassArgument, day: OnOption = None) -> Report:
    """End a class; its marks stay with its pupils."""
    last = day or session.now.date()
    return workflow.end_class(
        session.school(), code, last, now=session.now, who=session.who
    )


@command(collection_app, "reopen")
def reopen_collection(
    session: Session,
    collection: Annotated[
        str, typer.Argument(metavar="COLLECTION", help="A collection's code.")
    ],
    until: Annotated[
        date,
        typer.Option("--until", parser=parse_day, metavar="DAY", help="Its last day."),
    ],
) -> Report:
    """Let a collection close on another day."""
    return workflow.reopen_collection(
        session.school(), collection, until, now=session.now, who=session.who
    )
