"""The `markbook` command: each job of the year as a word on the command line.

Only the command line library is imported before a command runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator import workflow
from generator.command import (
    CommandGroup,
    command,
    is_completion_asked,
    one_of,
    whole_number,
)
from generator.commands import corrections, documents, overview, recovery, sending
from generator.console import Session
from generator.report import Report
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.school.school import School

app = typer.Typer(
    name="markbook",
    cls=CommandGroup,
    no_args_is_help=True,
    add_completion=is_completion_asked(sys.argv, os.environ),
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Assessment tracking for secondary schools that lives in Excel.",
)
targets_app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="Targets: draft, moderate, apply, review, look back.",
)
app.add_typer(targets_app, name="targets")
app.add_typer(overview.app)
app.add_typer(sending.app)
app.add_typer(corrections.app)
app.add_typer(documents.app)
targets_app.add_typer(corrections.targets_app)
app.add_typer(recovery.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"markbook {version('markbook')}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """Assessment tracking for secondary schools that lives in Excel."""


CollectionArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="COLLECTION", help="A collection's code (default: the one open)."
    ),
]


def _split_collection(
    school: School, words: Sequence[str]
) -> tuple[str | None, list[str]]:
    """The collection's code that the words begin with, or None, and the other words."""
    if words and school.has_collection(words[0]):
        return school.collection(words[0]).code, list(words[1:])
    return None, list(words)


def _paths(school: School, words: Sequence[str]) -> list[Path]:
    """Words as paths: from the current folder, else from the school folder."""
    paths = []
    for word in words:
        path = Path(word)
        in_school = school.folder / path
        paths.append(in_school if not path.exists() and in_school.exists() else path)
    return paths


@command(app)
def demo(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path("demo-school"),
    seed: Annotated[
        int, typer.Option(parser=whole_number, metavar="N", help="Another school.")
    ] = 2026,
) -> Report:
    """Make a synthetic school and run the whole job on it, teachers included."""
    from generator.demo import run_demo

    with session.progress() as progress:
        return run_demo(
            folder, now=session.now, who=session.who, seed=seed, progress=progress
        )


@command(app)
def new(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
) -> Report:
    """Make a school folder with a commented school.toml."""
    where = (session.folder or Path()) / folder
    return workflow.new(where, today=session.now.date())


@command(app, "import")
def import_(
    session: Session,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="CSV or XLSX (default: all in exports/)."),
    ] = None,
    everybody: Annotated[
        bool,
        typer.Option(
            "--all-who-are-here",
            help="The lists are whole: who is not in them has left, classes end.",
        ),
    ] = False,
    some: Annotated[
        bool,
        typer.Option(
            "--only-these",
            help="The lists are of some only: nobody leaves and no class ends.",
        ),
    ] = False,
) -> Report:
    """Read MIS exports into the store."""
    if everybody and some:
        raise MarkbookError(
            "--all-who-are-here and --only-these say the opposite.", "Give one of them."
        )
    school = session.school()
    with session.progress() as progress:
        return workflow.import_exports(
            school,
            _paths(school, [str(file) for file in files or ()]),
            completeness="everybody" if everybody else "some" if some else "",
            now=session.now,
            who=session.who,
            progress=progress,
        )


@command(targets_app)
def draft(session: Session) -> Report:
    """Draft targets for every pupil and subject."""
    return workflow.draft_targets(session.school(), now=session.now, who=session.who)


@command(targets_app)
def moderate(session: Session) -> Report:
    """Write a moderation workbook for each department."""
    with session.progress() as progress:
        return workflow.moderate_targets(
            session.school(), now=session.now, who=session.who, progress=progress
        )


@command(targets_app, "apply")
def apply_(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A filled-in workbook.")],
) -> Report:
    """Apply a filled-in moderation workbook."""
    school = session.school()
    (path,) = _paths(school, [str(file)])
    return workflow.apply_targets(school, path, now=session.now, who=session.who)


@command(targets_app)
def review(
    session: Session,
    years: Annotated[
        list[int] | None,
        typer.Option("--year", parser=whole_number, metavar="N", help="Repeatable."),
    ] = None,
) -> Report:
    """Write what the evidence says of targets that should rise; change nothing."""
    with session.progress() as progress:
        return workflow.review_targets(
            session.school(),
            years=years or (),
            now=session.now,
            who=session.who,
            progress=progress,
        )


@command(targets_app)
def history(
    session: Session,
    adno: Annotated[str, typer.Argument(metavar="ADNO", help="Admission number.")],
) -> Report:
    """Show every version of a pupil's targets: who, when, why, from what."""
    return workflow.target_history(session.school(), adno, now=session.now)


@command(app)
def issue(
    session: Session,
    collection: CollectionArgument = None,
    classes: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="CLASS", help="Only this class; repeatable."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            parser=one_of("class", "teacher"),
            metavar="class|teacher",
            help="One workbook per class or teacher (default: school.toml).",
        ),
    ] = None,
    encrypt: Annotated[
        bool,
        typer.Option("--encrypt", help="Encrypt with each teacher's password."),
    ] = False,
    without_targets: Annotated[
        bool,
        typer.Option("--without-targets", help="Although most pupils have no target."),
    ] = False,
) -> Report:
    """Write the markbooks of a collection and record what was issued."""
    with session.progress() as progress:
        return workflow.issue(
            session.school(),
            collection,
            classes=classes or (),
            by=by,
            encrypt=encrypt,
            without_targets=without_targets,
            now=session.now,
            who=session.who,
            progress=progress,
        )


WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="COLLECTION] [PATH",  # the library writes [ before and ]... after
        help="A collection's code, then files or folders (default: returned/).",
    ),
]


@command(app)
def check(
    session: Session,
    words: WordsArgument = None,
) -> Report:
    """Say exactly what collect would do, storing nothing."""
    return _collect(session, words or (), take=None, dry=True)


@command(app)
def collect(
    session: Session,
    words: WordsArgument = None,
    take: Annotated[
        str | None,
        typer.Option(
            parser=one_of("returned", "stored"),
            metavar="returned|stored",
            help="Settle the conflicts of the files named.",
        ),
    ] = None,
) -> Report:
    """Read returned markbooks, merge them, and write what needs putting right."""
    return _collect(session, words or (), take=take, dry=False)


def _collect(
    session: Session, words: Sequence[str], *, take: str | None, dry: bool
) -> Report:
    school = session.school()
    collection, rest = _split_collection(school, words)
    if take is not None and not rest:
        raise MarkbookError(
            "--take settles the conflicts of files that are named, and none is.",
            f"Name them: markbook collect --take {take} FILE.",
        )
    with session.progress() as progress:
        return workflow.collect(
            school,
            collection=collection,
            paths=_paths(school, rest),
            take=take,
            dry=dry,
            now=session.now,
            who=session.who,
            progress=progress,
        )


@command(app)
def undo(
    session: Session,
    returned: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A correction's id (K7), or a return's id, file name or path.",
        ),
    ],
) -> Report:
    """Take back a correction, or what a return changed."""
    return workflow.undo(session.school(), returned, now=session.now, who=session.who)


@command(app)
def doctor(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any file.")],
) -> Report:
    """Say what a file is, what was done to it and what became of it."""
    school = session.school()
    (path,) = _paths(school, [str(file)])
    return workflow.doctor(school, path, now=session.now)


@command(app)
def chase(
    session: Session,
    collection: CollectionArgument = None,
) -> Report:
    """List who has not returned, or not finished, by teacher."""
    return workflow.chase(session.school(), collection, now=session.now)


@command(app)
def pack(
    session: Session,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COLLECTION] [KIND",
            help="A collection's code, then kinds of pack (default: all kinds).",
        ),
    ] = None,
    encrypt: Annotated[
        bool,
        typer.Option("--encrypt", help="Encrypt with each reader's password."),
    ] = False,
) -> Report:
    """Write the leaders' workbooks."""
    school = session.school()
    collection, kinds = _split_collection(school, words or ())
    with session.progress() as progress:
        return workflow.pack(
            school,
            collection,
            kinds,
            encrypt=encrypt,
            now=session.now,
            who=session.who,
            progress=progress,
        )


@command(app)
def results(
    session: Session,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Lists of results, CSV or XLSX."),
    ],
    year: Annotated[
        str | None,
        typer.Option(
            "--year",
            metavar="2026/27",
            help="The academic year they are of (default: their pupils').",
        ),
    ] = None,
    as_results: Annotated[
        bool,
        typer.Option(
            "--as-results",
            help="Read lists that say forecast, mock, target or teacher-assessed too.",
        ),
    ] = False,
) -> Report:
    """Read exam results; then `markbook pack results` writes the pack."""
    school = session.school()
    return workflow.results(
        school,
        _paths(school, [str(file) for file in files]),
        academic_year=school.parse_academic_year(year) if year else None,
        as_results=as_results,
        now=session.now,
        who=session.who,
    )


@command(app)
def export(
    session: Session,
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="Its name, as in the README.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.csv")],
    collection: Annotated[
        str | None, typer.Option("--collection", metavar="C", help="Only this one.")
    ] = None,
    excel: Annotated[
        bool,
        typer.Option("--excel", help="For Excel: no text is taken for a formula."),
    ] = False,
) -> Report:
    """Write one table of the store as CSV."""
    return workflow.export(
        session.school(),
        table,
        collection=collection,
        out=out,
        excel=excel,
        now=session.now,
        who=session.who,
    )
