"""One job of the command line: its own words, and the five that every job takes."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import date, datetime, time
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from generator.console import DONE, Report, Session

P = ParamSpec("P")
Job = Callable[Concatenate[Session, P], Report | None]


def _day(text: str) -> date:
    """A day of this century, as `--today` is given it.

    >>> _day("2026-10-12")
    datetime.date(2026, 10, 12)
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or len(text) != len("2026-10-12") or not 2000 <= found.year < 2100:
        raise typer.BadParameter(
            f"{text!r} is no day. Write it like 2026-10-12: year, month, day."
        )
    return found


def one_of(*words: str) -> Callable[[str], str]:
    """Reads an option that is one of a few words.

    >>> one_of("class", "teacher")("class")
    'class'
    """

    def read(text: str) -> str:
        if text not in words:
            raise typer.BadParameter(f"{text!r} is not {' or '.join(words)}.")
        return text

    return read


def whole_number(said: str | int) -> int:
    """Reads an option that is a whole number, as a year group is.

    Its default, which is one already, is read too.

    >>> whole_number("11"), whole_number(2026)
    (11, 2026)
    """
    text = str(said)
    if not (text.isascii() and text.isdigit()):
        raise typer.BadParameter(f"{text!r} is no whole number, such as 7.")
    return int(text)


def _every_job(
    school: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The school folder (default: here)."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Only what a person must put right.")
    ] = False,
    who: Annotated[
        str,
        typer.Option(
            "--as", metavar="NAME", help="Who is doing it (default: your login)."
        ),
    ] = "",
    today: Annotated[
        date | None,
        typer.Option(
            parser=_day,
            metavar="YYYY-MM-DD",
            help="Do it as if it were this day.",
        ),
    ] = None,
) -> Session:
    now = datetime.now().replace(microsecond=0)
    if today is not None:
        now = datetime.combine(today, time(now.hour, now.minute, now.second))
    return Session(
        folder=school,
        now=now,
        who=who or _login(),
        as_json=as_json,
        quiet=quiet,
        today=today,
    )


EVERY_JOB = signature(_every_job, eval_str=True).parameters


def job(commands: typer.Typer, name: str | None = None) -> Callable[[Job[P]], Job[P]]:
    """Make a function a command, which ends by showing the report it answers with.

    One that answers with none has said all there is to say.

    Args:
        commands: Where the command stands.
        name: Its name; the function's own if none is given.

    Returns:
        A decorator. Behind the session, the function's arguments are the command's
        own words and options; `--school`, `--json`, `--quiet`, `--as` and `--today`
        are added, and make the session.
    """

    def enter(does: Job[P]) -> Job[P]:
        _, *own = signature(does, eval_str=True).parameters.values()
        words = [*own, *EVERY_JOB.values()]
        answers: Callable[..., Report | None] = does

        def run(**given: Any) -> None:
            session = _every_job(**{each: given.pop(each) for each in EVERY_JOB})
            report = answers(session, **given)
            raise typer.Exit(session.say(report) if report else DONE)

        run.__name__, run.__doc__ = does.__name__, does.__doc__
        # What the command line library reads a command's words and options from.
        run.__signature__ = Signature(  # type: ignore[attr-defined]  # functions have it, their type does not say so
            [one.replace(kind=Parameter.KEYWORD_ONLY) for one in words]
        )
        run.__annotations__ = {one.name: one.annotation for one in words}
        commands.command(name)(run)
        return does

    return enter


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account on this machine
        return "unknown"
