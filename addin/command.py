"""The `markbook` command, put together in the top layer."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

INTERRUPTED = 130  # what the command line library answers to Ctrl-C

WITH_A_VALUE = ("--school", "--as", "--today")
ALONE = ("--json", "--quiet")


def options_last(words: Sequence[str]) -> list[str]:
    """The words with options of every command moved behind the command's name.

    >>> options_last(["--school", "s", "--json", "chase", "AUT"])
    ['chase', 'AUT', '--school', 's', '--json']
    """
    at = 0
    while at < len(words) and words[at].split("=")[0] in (*WITH_A_VALUE, *ALONE):
        at += 2 if words[at] in WITH_A_VALUE else 1
    return [*words[at:], *words[:at]]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done; 1 done, and something needs a person; 2 wrong usage, or the
        command could not do its job and stored nothing.
    """
    # Imported here, not above: a worker process that reads a return imports this
    # module again, and must stay free of pandas and of the store.
    from addin.cli import app
    from generator.console import DONE, FAILED, refuse
    from udfs.errors import MarkbookError

    for stream in (sys.stdout, sys.stderr):
        # Windows consoles may not know every letter of a pupil's name.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    words = options_last(sys.argv[1:] if argv is None else argv)
    try:
        app(args=words, prog_name="markbook")
    except MarkbookError as error:
        return refuse(error, as_json="--json" in words)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            print(
                "markbook: Stopped. Nothing half done was kept. "
                "Run the command again to complete it.",
                file=sys.stderr,
            )
            return FAILED
        # The command line library has told the person; a program reads `--json`.
        wrong = getattr(ended.__context__, "format_message", None)
        if wrong is not None and "--json" in words:
            told = {"what": wrong(), "do": "See `markbook --help`."}
            print(json.dumps({"error": told}, ensure_ascii=False))
        return ended.code if isinstance(ended.code, int) else DONE
    return DONE


if __name__ == "__main__":
    raise SystemExit(main())
