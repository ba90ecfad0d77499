"""The words of reports: the standard ones, and the school's own in their place."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from generator.xlsx.theme import template
from udfs.errors import BadTable

FILE = "tables/reports.toml"
# Tables that a school may add names to: its own codes, effort codes and grades.
OPEN_PARTS = frozenset({"codes", "effort", "grades"})

Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ReportWords:
    """Every sentence of reports by part and name."""

    parts: Words

    def __call__(self, part: str, name: str, /, **values: object) -> str:
        """A sentence, its braces filled in."""
        return self.parts[part][name].format_map(values)

    def known(self, part: str, code: str) -> str:
        """The words for a code; the code itself where there are none."""
        return self.parts[part].get(code, code)

    def ranks(self) -> dict[str, int]:
        """The place of each code of effort, from 0 for the best."""
        return {code: rank for rank, code in enumerate(self.parts["effort"])}


def read_words(folder: Path) -> ReportWords:
    """The words of a school.

    Args:
        folder: The school folder.

    Raises:
        BadTable: If `tables/reports.toml` cannot be used; the message names the
            sentence and what is allowed.
    """
    standard: Words = template("reports")
    path = folder / FILE
    if not path.exists():
        return ReportWords(standard)
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadTable(
            f"{FILE} cannot be read ({error}).", "Save it as TOML."
        ) from None
    return ReportWords(_with_own(standard, own))


def _with_own(standard: Words, own: Mapping[str, object]) -> Words:
    merged = {name: dict(part) for name, part in standard.items()}
    for part, sentences in own.items():
        if part not in merged or not isinstance(sentences, dict):
            raise BadTable(
                f"{FILE}: there is no table [{part}].",
                f"There are: {', '.join(merged)}.",
            )
        for name, text in sentences.items():
            _check_sentence(merged[part], part, name, text)
        if part == "effort":  # the school's own scale, best first, in its place
            merged[part] = dict(sentences)
        else:
            merged[part] |= sentences
    return merged


def _check_sentence(
    sentences: Mapping[str, str], part: str, name: str, text: object
) -> None:
    where = f"{FILE}: {name} of [{part}]"
    if not isinstance(text, str):
        raise BadTable(f"{where} is no text.", "Write a sentence in quotes.")
    if name not in sentences:
        if part in OPEN_PARTS:
            return
        raise BadTable(
            f"{where} is no sentence of reports.",
            f"There are: {', '.join(sentences)}.",
        )
    allowed = _braces(sentences[name])
    try:
        used = _braces(text)
    except ValueError:
        used = {"{"}
    if not used <= allowed:
        names = ", ".join(f"{{{name}}}" for name in sorted(allowed))
        raise BadTable(
            f"{where} has {text!r}, whose words in braces are not filled in.",
            f"Use: {names}." if names else "Leave the braces out.",
        )


def _braces(text: str) -> set[str]:
    """The words in the braces of a sentence.

    >>> sorted(_braces("{name} is in {total} subjects."))
    ['name', 'total']
    """
    return {
        field for _, field, _, _ in string.Formatter().parse(text) if field is not None
    }


def join_words(names: Sequence[str]) -> str:
    """Names as a list in a sentence.

    >>> join_words(["Art"]), join_words(["Art", "Music", "PE"])
    ('Art', 'Art, Music and PE')
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def long_date(day: date) -> str:
    """A date in full.

    >>> long_date(date(2026, 11, 30))
    '30 November 2026'
    """
    return f"{day.day} {day:%B %Y}"
