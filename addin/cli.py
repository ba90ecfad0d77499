"""The commands `markbook addin …`: build, install and serve."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from generator.cli import app
from generator.command import command
from generator.console import Session
from generator.report import Report

__all__ = ["app"]

PORT = 8617

addin_app = typer.Typer(
    no_args_is_help=True, help="The add-in in Excel: build, install, serve."
)
app.add_typer(addin_app, name="addin")


@dataclass(frozen=True, slots=True)
class AddinReport(Report):
    """The files of a command, and what the user does next."""

    files: tuple[Path, ...]
    next_steps: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        """The paths of the files, and what could not be done."""
        return {
            "files": [str(path) for path in self.files],
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """What was done, then what to do next."""
        return [*self.next_steps]


Port = Annotated[int, typer.Option(help="The port of the server.", min=1024, max=65535)]


@command(addin_app)
def build(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path("markbook-addin"),
    port: Port = PORT,
) -> Report:
    """Make the add-in's files: Markbook.xlam, manifest.xml, Examples.xlsx, help."""
    from addin.build import build_files

    files = build_files(folder, f"https://localhost:{port}")
    next_steps = (
        *(f"Wrote {path}" for path in files),
        "Markbook.xlam is for Excel on Windows and Mac: `markbook addin install` puts "
        "it where Excel looks. manifest.xml is for `markbook addin serve`.",
    )
    return AddinReport(files, next_steps)


@command(addin_app)
def install(
    session: Session,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="DIR", help="Where to (default: where Excel looks)."
        ),
    ] = None,
    port: Port = PORT,
    catalogue: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="A shared folder of add-ins to trust."),
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take away what was installed.")
    ] = False,
) -> Report:
    """Set the add-ins up for this user and the school it is run in, or remove them."""
    from addin.install import Installation, install_steps, remove_steps

    installation = Installation(
        home=Path.home(),
        school=session.school().folder if not remove else Path(),
        interpreter=Path(sys.executable),
        now=session.now,
        port=port,
        to=to.resolve() if to is not None else None,
        catalogue=catalogue,
    )
    if remove:
        outcome = remove_steps(installation)
        return AddinReport((), outcome.lines, problems=outcome.problems)
    outcome = install_steps(installation)
    if to is None:
        last = "Restart Excel: it then has a tab called Markbook."
    else:
        last = (
            "In Excel: File, Options, Add-ins, Go, Browse, and choose Markbook.xlam; "
            "it then has a tab called Markbook."
        )
    return AddinReport(outcome.files, (*outcome.lines, last), problems=outcome.problems)


@command(addin_app)
def serve(
    session: Session,
    port: Port = PORT,
) -> None:
    """Run the add-in for Windows, Mac and the web, on this machine alone."""
    from addin.server import serve_school

    def notify(lines: Mapping[str, str]) -> None:
        session.print_report(
            AddinReport((), tuple(f"{k}: {v}" for k, v in lines.items()))
        )

    serve_school(
        session.school(),
        port=port,
        who=session.who,
        today=session.today,
        notify=notify,
    )
