"""A command of the command line: its own words, and the options of every command."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer
from typer.core import TyperCommand, TyperGroup

from generator.console import DONE, Session
from generator.names import without_steering
from generator.report import Report

P = ParamSpec("P")
Command = Callable[Concatenate[Session, P], Report | None]


class CommandGroup(TyperGroup):
    """A group of commands with quick usage errors that cannot steer a terminal."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; a usage error may quote the name of any file (`doctor *`)."""
        try:
            return super().invoke(ctx)
        except typer.TyperException as error:
            error.message = without_steering(error.message)
            raise

    def get_help_option(self, ctx: Any) -> Any:
        """The `--help` option, False where it is not used.

        By default it is None then, and to convert that the library loads pydantic,
        which takes longer than all the rest of a usage error.
        """
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option


_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


def parse_day(text: str) -> date:
    """A day of this century, written either way.

    >>> parse_day("2026-10-12"), parse_day("12/10/2026")
    (datetime.date(2026, 10, 12), datetime.date(2026, 10, 12))
    """
    match = _DAY_FIRST.fullmatch(text.strip())
    iso = f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}" if match else text.strip()
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        day = None
    if day is None or len(iso) != len("2026-10-12") or not 2000 <= day.year < 2100:
        raise typer.BadParameter(
            f"{text!r} is no day. Write it like 2026-10-12 or 12/10/2026."
        )
    return day


class HelpedCommand(TyperCommand):
    """A command whose help ends with an example and with what may be named."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write an example, and the kinds, tables or codes that there are."""
        from generator.help_texts import help_lines

        lines = help_lines(ctx.command_path.partition(" ")[2])
        if lines:
            formatter.write_paragraph()
        for line in lines:
            formatter.write_text(line)


def is_completion_asked(argv: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether a shell completes a command, or is to learn how.

    Only then does the library load what completion needs, which is slow.

    >>> is_completion_asked(["markbook", "--install-completion"], {})
    True
    """
    return "_MARKBOOK_COMPLETE" in environ or any(
        word.endswith("-completion") for word in argv
    )


def one_of(*words: str) -> Callable[[str], str]:
    """A parser of an option that takes one of a few words.

    >>> one_of("class", "teacher")("class")
    'class'
    """

    def parse(text: str) -> str:
        if text not in words:
            raise typer.BadParameter(f"{text!r} is not {' or '.join(words)}.")
        return text

    return parse


def whole_number(value: str | int) -> int:
    """Parse an option that is a whole number, as a year group is.

    Its default, which is one already, is parsed too.

    >>> whole_number("11"), whole_number(2026)
    (11, 2026)
    """
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise typer.BadParameter(f"{text!r} is no whole number, such as 7.")
    return int(text)


def _make_session(
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
            parser=parse_day,
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


COMMON_OPTIONS = signature(_make_session, eval_str=True).parameters


def command(
    app: typer.Typer, name: str | None = None
) -> Callable[[Command[P]], Command[P]]:
    """Make a function a command that prints the report it returns.

    A function that returns None has printed everything itself.

    Args:
        app: The application or group that gets the command.
        name: The command's name; None: the function's own.

    Returns:
        A decorator. The function's arguments after the session are the command's own
        words and options; `--school`, `--json`, `--quiet`, `--as` and `--today` are
        added, and make the session.
    """

    def register(function: Command[P]) -> Command[P]:
        _, *own = signature(function, eval_str=True).parameters.values()
        parameters = [*own, *COMMON_OPTIONS.values()]
        call: Callable[..., Report | None] = function

        def run(**values: Any) -> None:
            session = _make_session(**{n: values.pop(n) for n in COMMON_OPTIONS})
            report = call(session, **values)
            raise typer.Exit(session.print_report(report) if report else DONE)

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        # What the command line library reads a command's words and options from.
        run.__signature__ = Signature(  # type: ignore[attr-defined]  # functions have it, their type does not say so
            [p.replace(kind=Parameter.KEYWORD_ONLY) for p in parameters]
        )
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        app.command(name, cls=HelpedCommand)(run)
        return function

    return register


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account on this machine
        return "unknown"
