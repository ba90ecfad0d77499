"""The commands `markbook addin …`: build, install and serve."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from generator.cli import (
    AsOption,
    JsonOption,
    QuietOption,
    SchoolOption,
    TodayOption,
    _end,
    _session,
    app,
)
from generator.problems import Problem

__all__ = ["app"]

PORT = 8617

addin_app = typer.Typer(
    no_args_is_help=True, help="The add-in in Excel: build, install, serve."
)
app.add_typer(addin_app, name="addin")


@dataclass(frozen=True, slots=True)
class AddinReport:
    """What was built or installed, and what to do next."""

    files: tuple[Path, ...]
    told: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    exit_status: int = 0

    def json(self) -> dict[str, Any]:
        """The files, by name."""
        return {"files": [str(path) for path in self.files]}

    def lines(self) -> list[str]:
        """The files, and what to do next."""
        return [*(f"Wrote {path}" for path in self.files), *self.told]


@addin_app.command()
def build(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]")] = Path("markbook-addin"),
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Make the add-in's files: Markbook.xlam, manifest.xml, Examples.xlsx, help."""
    from addin.building import build_files

    session = _session(school, as_json, quiet, who, today)
    files = build_files(folder)
    told = (
        "Markbook.xlam is for Excel on Windows and Mac: `markbook addin install` puts "
        "it where Excel looks. manifest.xml is for `markbook addin serve`.",
    )
    _end(session, AddinReport(files, told))


@addin_app.command()
def install(
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="DIR", help="Where to [default: where Excel looks]."
        ),
    ] = None,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Put Markbook.xlam where Excel looks, with this Python and the school set."""
    from addin.building import install_files

    session = _session(school, as_json, quiet, who, today)
    written = install_files(
        Path.home(), to=to, school=school, interpreter=Path(sys.executable)
    )
    told = ("Restart Excel: it then has a tab called Markbook.",)
    _end(session, AddinReport(written, told))


@addin_app.command()
def serve(
    port: Annotated[
        int, typer.Option(help="The port on this machine.", min=1024, max=65535)
    ] = PORT,
    school: SchoolOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    who: AsOption = None,
    today: TodayOption = None,
) -> None:
    """Run the add-in for Windows, Mac and the web, on this machine alone."""
    from addin.serving import serve_school

    session = _session(school, as_json, quiet, who, today)
    here = session.school()

    def tell(lines: Mapping[str, str]) -> None:
        session.say(AddinReport((), tuple(f"{k}: {v}" for k, v in lines.items())))

    serve_school(
        here,
        port=port,
        who=session.who,
        today=today.date() if today else None,
        tell=tell,
    )
