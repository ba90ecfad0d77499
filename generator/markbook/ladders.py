"""Progress ladders: the school's statements of what pupils can do during a year.

A ladder is a file `ladders/SUBJECT-YEAR.toml`, such as `ladders/Mathematics-8.toml`:

    note = "What we look for in Year 8."        # optional
    [[bands]]                                    # lowest first
    name = "Developing"
    targets = ["1", "2", "3"]                    # expected of them by now
    statements = ["I can add fractions.", "I can plot a straight line."]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.markbook.layout import Ladder, LadderBand
from generator.problems import Problem
from udfs.errors import MarkbookError

FOLDER = "ladders"
LARGEST = 200_000  # bytes of one file
_NAME = re.compile(r"(?P<subject>.+)-(?P<year>\d{1,2})")
_KEYS = {"name", "targets", "statements"}


@dataclass(frozen=True, slots=True)
class Ladders:
    """The ladders of a school folder, by subject and year.

    Args:
        by_subject_year: (normalised subject, year group) -> ladder.
        problems: Problems with files; such a file is left out, no class is.
    """

    by_subject_year: Mapping[tuple[str, int], Ladder] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def of(self, subject: str, year: int | None) -> Ladder | None:
        """The ladder of a subject in a year, or None."""
        if year is None:
            return None
        return self.by_subject_year.get((_normalise(subject), year))


def read_ladders(folder: Path) -> Ladders:
    """Read every ladder in a school folder.

    Args:
        folder: School folder; without `ladders/` in it there are none.
    """
    ladders: dict[tuple[str, int], Ladder] = {}
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).glob("*.toml")):
        file = f"{FOLDER}/{path.name}"
        match = _NAME.fullmatch(path.stem)
        if match is None:
            problems.append(
                _problem(
                    file,
                    "its name does not say which subject and year it is of",
                    "Call it after both, as in Mathematics-8.toml.",
                )
            )
            continue
        subject, year = match["subject"].strip(), int(match["year"])
        try:
            ladders[_normalise(subject), year] = _read(path, subject, year)
        except _LadderError as error:
            problems.append(_problem(file, error.what, error.do))
    return Ladders(ladders, tuple(problems))


class _LadderError(MarkbookError):
    pass


def _read(path: Path, subject: str, year: int) -> Ladder:
    try:
        if path.stat().st_size > LARGEST:
            raise _LadderError("it is far too long", "Keep it below 200 KB.")
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise _LadderError(
            f"it cannot be read ({error})", "Save it as UTF-8."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise _LadderError(
            f"it is not valid TOML ({error})", "Texts stand in quotes, lists in []."
        ) from None
    unknown = set(raw) - {"note", "bands"}
    bands = raw.get("bands")
    if unknown or not isinstance(bands, list) or not bands:
        raise _LadderError(
            f"{', '.join(sorted(unknown))} is not known"
            if unknown
            else "it has no [[bands]]",
            "It may have a note, and has a [[bands]] for each band, lowest first.",
        )
    return Ladder(
        subject=subject,
        year=year,
        note=str(raw.get("note", "")),
        bands=tuple(_band(band, number) for number, band in enumerate(bands, start=1)),
    )


def _band(raw: object, number: int) -> LadderBand:
    where = f"band {number}"
    do = "A band has a name, targets and statements; the last two are lists of texts."
    if not isinstance(raw, dict) or not set(raw) <= _KEYS or not raw.get("name"):
        raise _LadderError(f"{where} has no name, or keys that are not known", do)
    lists = {}
    for key in ("targets", "statements"):
        value = raw.get(key, [])
        if not isinstance(value, list) or not all(
            isinstance(item, str | int | float) for item in value
        ):
            raise _LadderError(f"{key} of {where} is not a list of texts", do)
        lists[key] = tuple(str(item).strip() for item in value)
    return LadderBand(str(raw["name"]).strip(), lists["targets"], lists["statements"])


def _normalise(subject: str) -> str:
    # As in file names: `Design - Technology` is Design & Technology.
    return re.sub(r"[^\w]+", "-", subject).strip("-").casefold()


def _problem(file: str, what: str, do: str) -> Problem:
    return Problem(
        file=file,
        code="ladder-unread",
        what=f"The ladder was left out: {what}.",
        do=f"{do} Then issue again.",
    )
