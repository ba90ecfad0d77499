"""The folder of a demonstration: its settings, and clearing it for the next."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from string import Template

from generator.demo.term_dates import Term, TermCalendar
from generator.files import publish
from generator.school.school import academic_year_of
from udfs.errors import MarkbookError

NAME = "Thornbeck Academy"
# Marks the folder of a demonstration, which another may replace.
MARKER = ".markbooks-demo"
DEMO_FILES = (
    "school.toml",
    "markbooks.sqlite-journal",  # of an interrupted demonstration
    "markbooks.sqlite",
    ".markbooks-key",
    "exports",
    "tables",
    "issued",
    "returned",
    "checked",
    "packs",
    "moderation",
    "kept",
    "results.csv",
    "pupil_measures.csv",
)
_SETTINGS = Template("""\
# Settings of a synthetic school: made by `markbook demo`.

[school]
name = "$name"
urn = 999999
academic_year = "$academic_year"

[targets]
method = "transition"
ambition = 0.60
aspirational = 0.80

$collections[[groups]]
name = "PP"
rule = 'pp == "Y"'

[[groups]]
name = "SEND"
rule = 'sen in ["K", "E"]'

[[groups]]
name = "EAL"
rule = 'eal == "Y"'

[[groups]]
name = "High prior attainment"
rule = 'prior == "high"'

[flags]
effort = ["1", "2", "3", "4"]      # 1 is best

[issue]
by = "class"
""")
_COLLECTION = Template("""\
[[collections]]
code = "$code"
name = "$name"
years = [$years]
opens = $opens
closes = $closes

""")
EXAM_YEARS = 2  # years


class NotADemo(MarkbookError):
    """The folder holds something else than a demonstration."""


def demo_settings(calendar: TermCalendar, years: Sequence[int]) -> str:
    """Return the text of `school.toml` with the two collections of the calendar."""
    year_groups = sorted(years)
    terms = (
        # The examination years have one more collection than the others.
        (calendar.previous, year_groups[-EXAM_YEARS:]),
        (calendar.current, year_groups),
    )
    return settings_text(academic_year_of(calendar.now.date()), terms)


def settings_text(
    academic_year: str, terms: Iterable[tuple[Term, Sequence[int]]]
) -> str:
    """Return the text of `school.toml` with collections and their years."""
    return _SETTINGS.substitute(
        name=NAME,
        academic_year=academic_year,
        collections="".join(
            _COLLECTION.substitute(
                code=term.code,
                name=term.name,
                years=", ".join(map(str, year_groups)),
                opens=term.opens,
                closes=term.closes,
            )
            for term, year_groups in terms
        ),
    )


def clear_folder(folder: Path) -> None:
    """Delete an earlier demonstration, and nothing else.

    Raises:
        NotADemo: If the folder holds something else or cannot be cleared.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADemo(f"{folder} is a file.", "Name a folder that is not there yet.")
    names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    if names and MARKER not in names:
        raise NotADemo(
            f"{folder} is not empty, and it is no demonstration.",
            "Name a folder that is not there yet: markbook demo DIR.",
        )
    try:
        for name in DEMO_FILES:
            path = folder / name
            if path.is_dir():
                shutil.rmtree(path, onerror=_delete_read_only)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise NotADemo(
            f"{error.filename or folder} cannot be cleared away ({error.strerror}).",
            "Close it if it is open, or name another folder.",
        ) from None
    # The marker comes first, so that an interrupted demonstration can run again.
    publish(folder / MARKER, b"Made by `markbook demo`, which may replace it.\n")


def _delete_read_only(remove: Callable[[str], object], path: str, _: object) -> None:
    # Files in `kept` are read-only, and Windows does not delete those.
    os.chmod(path, stat.S_IWRITE)
    remove(path)
