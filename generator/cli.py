"""The `markbook` command: each job of the year as a word on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from generator import demo as demonstration
from generator import workflow
from generator.command import job, one_of, whole_number
from generator.console import Report, Session
from generator.school.school import School
from udfs.errors import MarkbookError

app = typer.Typer(
    name="markbook",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Assessment tracking for secondary schools that lives in Excel.",
)
targets_app = typer.Typer(
    no_args_is_help=True, help="Targets: draft, moderate, apply, review, look back."
)
app.add_typer(targets_app, name="targets")

CollectionArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="COLLECTION", help="A collection's code (default: the one open)."
    ),
]


def _words(school: School, words: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take a collection's code off the front of the words, if one stands there."""
    if words and school.has_collection(words[0]):
        return words[0], list(words[1:])
    return None, list(words)


def _paths(school: School, words: Sequence[str]) -> list[Path]:
    """Words as paths: from here, else from the school folder."""
    found = []
    for word in words:
        path = Path(word)
        in_school = school.folder / path
        found.append(in_school if not path.exists() and in_school.exists() else path)
    return found


@job(app)
def demo(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path("demo-school"),
    seed: Annotated[
        int, typer.Option(parser=whole_number, metavar="N", help="Another school.")
    ] = 2026,
) -> Report:
    """Make a synthetic school and run the whole job on it, teachers included."""
    with session.progress() as tick:
        return demonstration.run_demo(
            folder, now=session.now, who=session.who, seed=seed, progress=tick
        )


@job(app)
def new(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
) -> Report:
    """Make a school folder with a commented school.toml."""
    where = (session.folder or Path()) / folder
    return workflow.new(where, today=session.now.date())


@job(app, "import")
def import_(
    session: Session,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="CSV or XLSX (default: all in exports/)."),
    ] = None,
) -> Report:
    """Read MIS exports into the store."""
    here = session.school()
    with session.progress() as tick:
        return workflow.import_exports(
            here,
            _paths(here, [str(file) for file in files or ()]),
            now=session.now,
            who=session.who,
            progress=tick,
        )


@job(targets_app)
def draft(session: Session) -> Report:
    """Draft targets for every pupil and subject."""
    return workflow.draft_targets(session.school(), now=session.now, who=session.who)


@job(targets_app)
def moderate(session: Session) -> Report:
    """Write a moderation workbook for each department."""
    with session.progress() as tick:
        return workflow.moderate_targets(
            session.school(), now=session.now, who=session.who, progress=tick
        )


@job(targets_app, "apply")
def apply_(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A filled-in workbook.")],
) -> Report:
    """Take what was agreed in a moderation workbook."""
    here = session.school()
    (path,) = _paths(here, [str(file)])
    return workflow.apply_targets(here, path, now=session.now, who=session.who)


@job(targets_app)
def review(
    session: Session,
    years: Annotated[
        list[int] | None,
        typer.Option("--year", parser=whole_number, metavar="N", help="Repeatable."),
    ] = None,
) -> Report:
    """Write what the evidence says of targets that should rise; change nothing."""
    with session.progress() as tick:
        return workflow.review_targets(
            session.school(),
            years=years or (),
            now=session.now,
            who=session.who,
            progress=tick,
        )


@job(targets_app)
def history(
    session: Session,
    adno: Annotated[str, typer.Argument(metavar="ADNO", help="Admission number.")],
) -> Report:
    """Show every version of a pupil's targets: who, when, why, from what."""
    return workflow.target_history(session.school(), adno)


@job(app)
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
) -> Report:
    """Write the markbooks of a collection and record what was issued."""
    with session.progress() as tick:
        return workflow.issue(
            session.school(),
            collection,
            classes=classes or (),
            by=by,
            encrypt=encrypt,
            now=session.now,
            who=session.who,
            progress=tick,
        )


WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="COLLECTION] [PATH",  # the library writes [ before and ]... after
        help="A collection's code, then files or folders (default: returned/).",
    ),
]


@job(app)
def check(
    session: Session,
    words: WordsArgument = None,
) -> Report:
    """Say exactly what collect would do, storing nothing."""
    return _collect(session, words or (), take=None, dry=True)


@job(app)
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
    collection, rest = _words(school, words)
    if take is not None and not rest:
        raise MarkbookError(
            "--take settles the conflicts of files that are named, and none is.",
            f"Name them: markbook collect --take {take} FILE.",
        )
    with session.progress() as tick:
        return workflow.collect(
            school,
            collection=collection,
            paths=_paths(school, rest),
            take=take,
            dry=dry,
            now=session.now,
            who=session.who,
            progress=tick,
        )


@job(app)
def undo(
    session: Session,
    returned: Annotated[
        str,
        typer.Argument(metavar="RETURN", help="A return's id, file name or path."),
    ],
) -> Report:
    """Take back what a return changed."""
    return workflow.undo(session.school(), returned, now=session.now, who=session.who)


@job(app)
def doctor(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any file.")],
) -> Report:
    """Say what a file is, what was done to it and what became of it."""
    here = session.school()
    (path,) = _paths(here, [str(file)])
    return workflow.doctor(here, path, now=session.now)


@job(app)
def chase(
    session: Session,
    collection: CollectionArgument = None,
) -> Report:
    """List who has not returned, or not finished, by teacher."""
    return workflow.chase(session.school(), collection, now=session.now)


@job(app)
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
    here = session.school()
    collection, kinds = _words(here, words or ())
    with session.progress() as tick:
        return workflow.pack(
            here,
            collection,
            kinds,
            encrypt=encrypt,
            now=session.now,
            who=session.who,
            progress=tick,
        )


@job(app)
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
) -> Report:
    """Read exam results; then `markbook pack results` writes the pack."""
    here = session.school()
    return workflow.results(
        here,
        _paths(here, [str(file) for file in files]),
        academic_year=here.year_named(year) if year else None,
        now=session.now,
        who=session.who,
    )


@job(app)
def export(
    session: Session,
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="Its name, as in the README.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.csv")],
    collection: Annotated[
        str | None, typer.Option("--collection", metavar="C", help="Only this one.")
    ] = None,
) -> Report:
    """Write one table of the store as CSV."""
    return workflow.export(
        session.school(), table, collection=collection, out=out, now=session.now
    )
