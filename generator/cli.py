"""The `markbook` command: each job of the year as a word on the command line."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Literal

import typer

from generator import demo as demonstration
from generator import workflow
from generator.console import Report, Session
from generator.school import School
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

SchoolOption = Annotated[
    Path | None,
    typer.Option("--school", metavar="DIR", help="The school folder [default: here]."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output.")
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", help="Only what a person must put right.")
]
AsOption = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who is doing it [default: login]."),
]
TodayOption = Annotated[
    datetime | None,
    typer.Option(
        "--today",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help="Do it as if it were this day.",
    ),
]
CollectionArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[COLLECTION]", help="A collection's code [default: the one open]."
    ),
]


def _session(
    folder: Path | None,
    as_json: bool,
    quiet: bool,
    who: str | None,
    today: datetime | None,
) -> Session:
    now = datetime.now().replace(microsecond=0)
    if today is not None:
        now = datetime.combine(today.date(), time(now.hour, now.minute, now.second))
    return Session(
        folder=folder or Path(),
        now=now,
        who=who or _login(),
        as_json=as_json,
        quiet=quiet,
    )


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account on this machine
        return "unknown"


def _end(session: Session, report: Report) -> None:
    raise typer.Exit(session.say(report))


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


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]")] = Path("demo-school"),
    seed: Annotated[int, typer.Option(help="Another number, another school.")] = 2026,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Make a synthetic school and run the whole job on it, teachers included."""
    session = _session(school, as_json, quiet, who, today)
    with session.progress() as tick:
        report = demonstration.run(
            folder, now=session.now, who=session.who, seed=seed, progress=tick
        )
    _end(session, report)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Make a school folder with a commented school.toml."""
    session = _session(school, as_json, quiet, who, today)
    where = folder if school is None else school / folder
    _end(session, workflow.new(where, today=session.now.date()))


@app.command("import")
def import_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="[default: all in exports/]"),
    ] = None,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Read MIS exports into the store."""
    session = _session(school, as_json, quiet, who, today)
    here = session.school()
    with session.progress() as tick:
        report = workflow.import_exports(
            here,
            _paths(here, [str(file) for file in files or ()]),
            now=session.now,
            who=session.who,
            progress=tick,
        )
    _end(session, report)


@targets_app.command()
def draft(
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Draft targets for every pupil and subject."""
    session = _session(school, as_json, quiet, who, today)
    _end(
        session,
        workflow.draft_targets(session.school(), now=session.now, who=session.who),
    )


@targets_app.command()
def moderate(
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Write a moderation workbook for each department."""
    session = _session(school, as_json, quiet, who, today)
    with session.progress() as tick:
        report = workflow.moderate_targets(
            session.school(), now=session.now, who=session.who, progress=tick
        )
    _end(session, report)


@targets_app.command("apply")
def apply_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A filled-in workbook.")],
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Take what was agreed in a moderation workbook."""
    session = _session(school, as_json, quiet, who, today)
    here = session.school()
    (path,) = _paths(here, [str(file)])
    _end(
        session,
        workflow.apply_targets(here, path, now=session.now, who=session.who),
    )


@targets_app.command()
def review(
    years: Annotated[
        list[int] | None,
        typer.Option("--year", metavar="N", help="A year group; repeatable."),
    ] = None,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Write what the evidence says of targets that should rise; change nothing."""
    session = _session(school, as_json, quiet, who, today)
    with session.progress() as tick:
        report = workflow.review_targets(
            session.school(),
            years=years or (),
            now=session.now,
            who=session.who,
            progress=tick,
        )
    _end(session, report)


@targets_app.command()
def history(
    adno: Annotated[str, typer.Argument(metavar="ADNO", help="Admission number.")],
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Show every version of a pupil's targets: who, when, why, from what."""
    session = _session(school, as_json, quiet, who, today)
    _end(session, workflow.target_history(session.school(), adno))


@app.command()
def issue(
    collection: CollectionArgument = None,
    classes: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="CLASS", help="Only this class; repeatable."),
    ] = None,
    by: Annotated[
        Literal["class", "teacher"] | None,
        typer.Option(help="One workbook per class or teacher [default: school.toml]."),
    ] = None,
    encrypt: Annotated[
        bool,
        typer.Option("--encrypt", help="Encrypt with each teacher's password."),
    ] = False,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Write the markbooks of a collection and record what was issued."""
    session = _session(school, as_json, quiet, who, today)
    with session.progress() as tick:
        report = workflow.issue(
            session.school(),
            collection,
            classes=classes or (),
            by=by,
            encrypt=encrypt,
            now=session.now,
            who=session.who,
            progress=tick,
        )
    _end(session, report)


WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[COLLECTION] [PATH]...",
        help="A collection's code, then files or folders [default: returned/].",
    ),
]


@app.command()
def check(
    words: WordsArgument = None,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Say exactly what collect would do, storing nothing."""
    session = _session(school, as_json, quiet, who, today)
    _collect(session, words or (), take=None, dry=True)


@app.command()
def collect(
    words: WordsArgument = None,
    take: Annotated[
        Literal["returned", "stored"] | None,
        typer.Option(help="Settle the conflicts of the files named."),
    ] = None,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Read returned markbooks, merge them, and write what needs putting right."""
    session = _session(school, as_json, quiet, who, today)
    _collect(session, words or (), take=take, dry=False)


def _collect(
    session: Session, words: Sequence[str], *, take: str | None, dry: bool
) -> None:
    school = session.school()
    collection, rest = _words(school, words)
    if take is not None and not rest:
        raise MarkbookError(
            "--take settles the conflicts of files that are named, and none is.",
            f"Name them: markbook collect --take {take} FILE.",
        )
    with session.progress() as tick:
        report = workflow.collect(
            school,
            collection=collection,
            paths=_paths(school, rest),
            take=take,
            dry=dry,
            now=session.now,
            who=session.who,
            progress=tick,
        )
    _end(session, report)


@app.command()
def undo(
    returned: Annotated[
        str,
        typer.Argument(metavar="RETURN", help="A return's id, file name or path."),
    ],
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Take back what a return changed."""
    session = _session(school, as_json, quiet, who, today)
    _end(
        session,
        workflow.undo(session.school(), returned, now=session.now, who=session.who),
    )


@app.command()
def doctor(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any file.")],
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Say what a file is, what was done to it and what became of it."""
    session = _session(school, as_json, quiet, who, today)
    here = session.school()
    (path,) = _paths(here, [str(file)])
    _end(session, workflow.doctor(here, path, now=session.now))


@app.command()
def chase(
    collection: CollectionArgument = None,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """List who has not returned, or not finished, by teacher."""
    session = _session(school, as_json, quiet, who, today)
    _end(session, workflow.chase(session.school(), collection, now=session.now))


@app.command()
def pack(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COLLECTION] [KIND]...",
            help="A collection's code, then kinds of pack [default: all kinds].",
        ),
    ] = None,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Write the leaders' workbooks."""
    session = _session(school, as_json, quiet, who, today)
    here = session.school()
    collection, kinds = _words(here, words or ())
    with session.progress() as tick:
        report = workflow.pack(
            here,
            collection,
            kinds,
            now=session.now,
            who=session.who,
            progress=tick,
        )
    _end(session, report)


@app.command()
def export(
    table: Annotated[str, typer.Argument(metavar="TABLE")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.csv")],
    collection: Annotated[
        str | None, typer.Option("--collection", metavar="C", help="Only this one.")
    ] = None,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Write one table of the store as CSV."""
    session = _session(school, as_json, quiet, who, today)
    _end(
        session,
        workflow.export(
            session.school(), table, collection=collection, out=out, now=session.now
        ),
    )
