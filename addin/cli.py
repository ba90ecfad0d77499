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
        """The paths of the files."""
        return {"files": [str(path) for path in self.files]}

    def lines(self) -> list[str]:
        """One line for each file, then what to do next."""
        return [*(f"Wrote {path}" for path in self.files), *self.next_steps]


@command(addin_app)
def build(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path("markbook-addin"),
) -> Report:
    """Make the add-in's files: Markbook.xlam, manifest.xml, Examples.xlsx, help."""
    from addin.build import build_files

    files = build_files(folder)
    next_steps = (
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
) -> Report:
    """Put Markbook.xlam where Excel looks, with this Python and the school set."""
    from addin.build import install_files

    files = install_files(
        Path.home(), to=to, school=session.folder, interpreter=Path(sys.executable)
    )
    next_steps = ("Restart Excel: it then has a tab called Markbook.",)
    if to is not None:
        next_steps = (
            "In Excel: File, Options, Add-ins, Go, Browse, and choose that file; "
            "it then has a tab called Markbook.",
        )
    return AddinReport(files, next_steps)


@command(addin_app)
def serve(
    session: Session,
    port: Annotated[
        int, typer.Option(help="The port on this machine.", min=1024, max=65535)
    ] = PORT,
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
