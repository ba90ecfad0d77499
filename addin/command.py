"""The entry point of the `markbook` command."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

INTERRUPTED = 130  # the exit status of Typer after Ctrl-C

OPTIONS_WITH_VALUE = ("--school", "--as", "--today")
FLAGS = ("--json", "--quiet")


def options_last(words: Sequence[str]) -> list[str]:
    """The words, with leading common options moved behind the command's name.

    >>> options_last(["--school", "s", "--json", "chase", "AUT"])
    ['chase', 'AUT', '--school', 's', '--json']
    """
    first = 0
    leading = (*OPTIONS_WITH_VALUE, *FLAGS)
    while first < len(words) and words[first].split("=")[0] in leading:
        first += 2 if words[first] in OPTIONS_WITH_VALUE else 1
    return [*words[first:], *words[:first]]


def _status_words(words: list[str], school: Path | None) -> list[str]:
    """`status` where no command is named and there is a school, else the words.

    >>> _status_words([], Path()), _status_words([], None)
    (['status'], [])
    """
    return ["status", *words] if words or school is not None else words


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done; 1 done, and something needs a person; 2 wrong usage, or the
        command could not do its job and stored nothing.
    """
    # Imported here: a worker process that reads a return imports this module again,
    # and must not load pandas or the store.
    from addin.cli import app
    from generator.console import DONE, FAILED, find_school_folder, refuse
    from udfs.errors import MarkbookError

    # Started at logon there is no console, and nobody to read what is printed.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        # A Windows console may lack letters of a pupil's name.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    words = options_last(sys.argv[1:] if argv is None else argv)
    if not words or words[0].split("=")[0] in (*OPTIONS_WITH_VALUE, *FLAGS):
        words = _status_words(words, find_school_folder(Path()))
    try:
        app(args=words, prog_name="markbook")
    except MarkbookError as error:
        return refuse(error, as_json="--json" in words)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            print(
                "markbook: Stopped. Nothing half done was kept. "
                "Run the command again to complete it.",
                file=sys.stderr,
            )
            return FAILED
        # Typer has printed a usage error for a person; a program reads it as JSON.
        usage_error = getattr(stop.__context__, "format_message", None)
        if usage_error is not None and "--json" in words:
            message = {"what": usage_error(), "do": "See `markbook --help`."}
            print(json.dumps({"error": message}, ensure_ascii=False))
        return stop.code if isinstance(stop.code, int) else DONE
    return DONE


if __name__ == "__main__":
    raise SystemExit(main())
