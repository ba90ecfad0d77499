"""The tables everything is read from: scales, codes, subjects, national figures."""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property
from importlib.resources import files
from io import StringIO
from typing import Any

from udfs.errors import BadTable, UnknownScale
from udfs.scales import POINT, Code, Grade, Scale, tidy
from udfs.subjects import Subject, key, tidy_name, unknown, without_level


@dataclass(frozen=True)
class Tables:
    """Everything a calculation looks up; a school's own stand beside ours.

    Args:
        scales: The scales by name.
        codes: What may stand in place of a grade, in the order of the lists.
        subjects: Our subjects; a school's own come later and go first.
    """

    scales: Mapping[str, Scale]
    codes: tuple[Code, ...]
    subjects: tuple[Subject, ...]
    _asked: dict[str, Subject] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def scale(self, name: str) -> Scale:
        """The scale of a name.

        Raises:
            UnknownScale: If there is none; the message lists those there are.
        """
        found = self.scales.get(name)
        if found is None:
            raise UnknownScale(
                f"There is no scale {name!r}.",
                f"Use one of: {', '.join(self.scales)}.",
            )
        return found

    def subject(self, name: str) -> Subject:
        """The subject of a name or synonym, under the name it was asked by.

        A subject that no table knows is graded 9–1, counts in the open slots and is
        `known=False`.
        """
        found = self._asked.get(name)
        if found is None:
            found = self._asked[name] = self._find(name)
        return found

    def _find(self, name: str) -> Subject:
        shown = tidy_name(name)
        for wanted in (key(shown), without_level(shown)):
            subject = self._by_name.get(wanted) or self._by_synonym.get(wanted)
            if subject is not None:
                return subject.called(shown)
        return unknown(shown)

    @cached_property
    def _by_name(self) -> dict[str, Subject]:
        return {key(subject.name): subject for subject in self.subjects}

    @cached_property
    def _by_synonym(self) -> dict[str, Subject]:
        return {
            key(synonym): subject
            for subject in self.subjects
            for synonym in subject.synonyms
        }


@cache
def standard() -> Tables:
    """The tables that come with Markbooks, read once.

    >>> standard().subject("Maths").national
    'Mathematics'
    """
    scales = read_scales(_text("scales.toml"), "scales.toml")
    return Tables(
        scales={scale.name: scale for scale in scales},
        codes=tuple(read_codes(_text("codes.csv"), "codes.csv")),
        subjects=tuple(_read_subjects(_text("subjects.toml"))),
    )


def read_scales(text: str, where: str) -> tuple[Scale, ...]:
    """The scales of a `scales.toml`.

    Args:
        text: The file's text.
        where: The file's name, for messages.

    Raises:
        BadTable: If an entry cannot be used; the message names it.
    """
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadTable(
            f"{where} is not valid TOML: {error}.",
            "Texts stand in quotes; compare with the scales that come with us.",
        ) from None
    return tuple(_scale(entry, where) for entry in _entries(raw, "scale", where))


def _scale(entry: Mapping[str, Any], where: str) -> Scale:
    _only(entry, ("name", "title", "judgement", "grades"), where)
    name = entry.get("name")
    rows = entry.get("grades")
    if not isinstance(name, str) or not name.strip():
        raise BadTable(f"A scale in {where} has no name.", 'Write name = "…".')
    if not isinstance(rows, list) or len(rows) < 2:
        raise BadTable(
            f"The scale {name!r} in {where} has fewer than two grades.",
            "List its grades from lowest to highest.",
        )
    steps = tuple(_grade(row, f"the scale {name!r} in {where}") for row in rows)
    named = [tidy(step.name).casefold() for step in steps]
    for step in steps:
        if named.count(tidy(step.name).casefold()) > 1:
            raise BadTable(
                f"The grade {step.name!r} is there twice in the scale {name!r} "
                f"in {where}.",
                "Name each grade once.",
            )
    order = [step.fine for step in steps]
    if order != sorted(order):
        raise BadTable(
            f"The levels of the scale {name!r} in {where} go down.",
            "List its grades from lowest to highest.",
        )
    title = entry.get("title", name)
    return Scale(name, str(title), steps, judgement=bool(entry.get("judgement")))


def _grade(row: object, where: str) -> Grade:
    if not isinstance(row, dict):
        raise BadTable(
            f"A grade of {where} is not written as we need it.",
            'Write { grade = "4", points = 4, level = 4 }.',
        )
    _only(row, ("grade", "points", "level", "thirds", "spellings"), where)
    name = row.get("grade")
    if not isinstance(name, str) or not name.strip():
        raise BadTable(
            f"A grade of {where} has no name, or one without quotes.",
            'Write { grade = "4", points = 4, level = 4 }.',
        )
    level = _sixtieths(row.get("level"), f"The level of {name!r} in {where}")
    points = _sixtieths(row.get("points"), f"The points of {name!r} in {where}")
    thirds = row.get("thirds", 0)
    if thirds not in (-1, 0, 1):
        raise BadTable(
            f"The thirds of {name!r} in {where} are {thirds}.", "Use -1, 0 or 1."
        )
    spellings = tuple(str(way) for way in row.get("spellings", ()))
    return Grade(name, points, level, level + thirds * POINT // 3, spellings)


def _sixtieths(value: object, what: str) -> int:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        exact = Fraction(value) * POINT
        if exact.denominator == 1:
            return int(exact)
    raise BadTable(
        f"{what} cannot be used ({value}).",
        "Use a number in whole grades or points, in halves, quarters or twentieths.",
    )


def read_codes(text: str, where: str) -> Iterator[Code]:
    """The codes of a `codes.csv`: code, meaning, spellings parted by `|`.

    Args:
        text: The file's text.
        where: The file's name, for messages.

    Raises:
        BadTable: If a column or a code is missing.
    """
    for number, row in rows_of(text, where, ("code", "meaning")):
        if not row["code"]:
            raise BadTable(
                f"{where} row {number} has no code.", "Fill it in or take it out."
            )
        ways = row.get("spellings", "").split("|")
        spellings = tuple(way.strip() for way in ways if way.strip())
        yield Code(row["code"], row["meaning"], spellings)


def rows_of(
    text: str, where: str, needed: Iterable[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of one of our CSV tables, each with its row number in the file.

    Lines that begin with `#` say where figures come from and are passed over, and
    so are empty lines.

    Args:
        text: The file's text.
        where: The file's name, for messages.
        needed: The columns there must be.

    Raises:
        BadTable: If a column is missing.
    """
    headings: list[str] | None = None
    for number, cells in enumerate(csv.reader(StringIO(text.lstrip("\ufeff"))), 1):
        stripped = [cell.strip() for cell in cells]
        if not any(stripped) or stripped[0].startswith("#"):
            continue
        if headings is None:
            headings = stripped
            missing = [name for name in needed if name not in headings]
            if missing:
                raise BadTable(
                    f"{where} has no column {', '.join(missing)}.",
                    f"It needs the columns: {', '.join(needed)}.",
                )
            continue
        padded = stripped + [""] * (len(headings) - len(stripped))
        yield number, dict(zip(headings, padded, strict=False))


def _read_subjects(text: str) -> Iterator[Subject]:
    for entry in _entries(tomllib.loads(text), "subjects", "subjects.toml"):
        made = dict(entry)
        for several in ("covers", "synonyms"):
            made[several] = tuple(made.get(several, ()))
        made["size"] = float(made.get("size", 1))
        yield Subject(**made)


def _entries(
    raw: Mapping[str, Any], name: str, where: str
) -> Iterator[Mapping[str, Any]]:
    _only(raw, (name,), where)
    entries = raw.get(name, [])
    if not isinstance(entries, list):
        raise BadTable(f"{where} says {name} once.", f"Write [[{name}]] for each.")
    yield from entries


def _only(entry: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for name in entry:
        if name not in allowed:
            near = difflib.get_close_matches(name, allowed, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise BadTable(
                f"{name!r} has no meaning in {where}{hint}.",
                f"There are: {', '.join(allowed)}.",
            )


def _text(name: str) -> str:
    return (files("workbook_templates") / name).read_text(encoding="utf-8")
