"""Match the titles of qualifications to the school's subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from generator.mis.results.title_words import (
    UNKNOWN_KIND,
    OtherKind,
    qualification_number,
    spans,
    title_words,
    tokens_of,
    without_codes,
)
from udfs.scales.subjects import Subject, subject_key
from udfs.tables import Tables

MAX_WORDS = 24  # of a title; a longer text is no title
_LETTERS: set[tuple[str, ...]] = {
    ("a",),
    ("b",),
    ("c",),
    ("d",),
    ("option",),
    ("spec",),
    ("and",),
}
# One name for several subjects that are results of their own.
_UMBRELLAS = re.compile(r"other |social studies$")


@dataclass(frozen=True, slots=True)
class TitleReading:
    """What a title says.

    Args:
        subject: The subject whose result it is, by its usual name or the school's;
            empty where it is no subject's result.
        other: What it is instead; None for a result, or for a title without any
            subject that we know.
        base: The subject named in it, whatever it says of it; empty if none.
        is_exact: Whether it is the subject's name and nothing else.
    """

    subject: str = ""
    other: OtherKind | None = None
    base: str = ""
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class TitleMatch:
    """The subject that a title means for one pupil.

    Args:
        subject: The school's name of the subject; empty where it is unclear.
        candidates: The subjects that an unclear title may mean.
        is_known: Whether the school or the standard tables have the subject.
        is_taught: Whether the pupil is taught it.
        reading: What the title says.
    """

    subject: str
    candidates: tuple[str, ...] = ()
    is_known: bool = True
    is_taught: bool = True
    reading: TitleReading = field(default=TitleReading())


class SubjectTitles:
    """The subjects that a title may mean, under the school's names.

    Args:
        tables: The subjects and their names.
        taught: The subjects of the school's classes.
        as_results: Whether words such as *mock* beside a subject leave it its result.
    """

    def __init__(
        self, tables: Tables, taught: Iterable[str], *, as_results: bool = False
    ) -> None:
        self.tables = tables
        self.as_results = as_results
        parts = (
            part for name in taught for part in tables.subject(name).covers or (name,)
        )
        self.taught = tuple(dict.fromkeys(parts))
        self._readings: dict[tuple[str, str], TitleReading] = {}

    def has_subject(self, title: str) -> bool:
        """Whether a title is that of a subject's result."""
        return bool(self.read(title).subject)

    def read(self, title: str, level: str = "") -> TitleReading:
        """Return what a title says.

        Args:
            title: The title in the list.
            level: The text of its column of levels or types; empty if there is none.

        >>> from udfs.tables import standard
        >>> titles = SubjectTitles(standard(), ["Maths"])
        >>> titles.read("Mathematics (Predicted)").other.kind
        'forecast'
        >>> titles.read("Biology", "GCE/AS").other.kind
        'as'
        """
        key = (title, level)
        if key not in self._readings:
            self._readings[key] = self._read(title, level)
        return self._readings[key]

    def match(self, title: str, own: Iterable[str] = (), level: str = "") -> TitleMatch:
        """Return the subject that a title means for a pupil.

        Args:
            title: The title in the list.
            own: The pupil's subjects.
            level: The text of its column of levels or types.

        >>> from udfs.tables import standard
        >>> titles = SubjectTitles(standard(), ["Maths", "English Language"])
        >>> titles.match("AQA GCSE (9-1) Mathematics 8300", ["Maths"]).subject
        'Maths'
        >>> titles.match("Combined Science: Trilogy 8464").subject
        'Combined Science'
        """
        own = tuple(own)
        reading = self.read(title, level)
        if not reading.subject:
            title = " ".join(title.split())
            return TitleMatch(
                title, is_known=False, is_taught=title in own, reading=reading
            )
        return replace(self._match_name(reading.subject, own), reading=reading)

    def _match_name(self, name: str, own: tuple[str, ...]) -> TitleMatch:
        key = subject_key(name)
        # Psychology and Sociology have one entry in the tables: the name goes first.
        for subject in sorted(own, key=lambda other: subject_key(other) != key):
            if self._is_same(name, subject):
                return TitleMatch(subject)
        if covers := self.tables.subject(name).covers:
            return TitleMatch("", candidates=covers)
        successors = [
            subject
            for subject in own
            if subject_key(self.tables.subject(subject).follows) == key
        ]
        if len(successors) == 1:
            return TitleMatch(successors[0])
        if successors:
            return TitleMatch("", candidates=tuple(successors))
        for subject in sorted(self.taught, key=lambda other: subject_key(other) != key):
            if self._is_same(name, subject):
                return TitleMatch(subject, is_taught=False)
        return TitleMatch(name, is_taught=False)

    def _is_same(self, name: str, other: str) -> bool:
        key, other_key = subject_key(name), subject_key(other)
        if key == other_key:
            return True
        usual = _usual_name(self.tables.subject(name), self.tables)
        if _UMBRELLAS.match(subject_key(usual)):  # only `Psych` is Psychology
            if not key.startswith(other_key) and not other_key.startswith(key):
                return False
        return self.tables.is_same_subject(name, other)

    def _read(self, title: str, level: str) -> TitleReading:
        number = qualification_number(title)
        if number or title.strip().upper() in self._numbers:
            name = self._numbers.get(number or title.strip().upper(), "")
            return TitleReading(name, base=name) if name else TitleReading()
        text, code = without_codes(title)
        tokens = tokens_of(text)[:MAX_WORDS]
        if code:
            tokens.append(code)
        level_tokens, words = tokens_of(level), title_words()
        base = ""
        beside: list[str] = []
        for start, end in spans(len(tokens)):
            name = self._names.get(" ".join(tokens[start:end]), "")
            if not name:
                continue
            around = (tokens[:start], tokens[end:])
            if reading := self._result(name, around, level_tokens):
                is_exact = len(tokens) == end - start and text == title
                return replace(reading, is_exact=is_exact)
            others = [*around[0], *around[1]]
            # A short synonym such as `It` or `Me` may be a word of another title.
            is_short = end - start == 1 and len(tokens[start]) < 3
            if not base and (not is_short or words.other_kind(others)):
                base, beside = name, others
        if base:
            beside += level_tokens
            return TitleReading("", words.other_kind(beside) or UNKNOWN_KIND, base)
        return TitleReading("", words.other_kind([*tokens, *level_tokens]))

    def _result(
        self, name: str, around: tuple[list[str], list[str]], level: list[str]
    ) -> TitleReading | None:
        """A title as the subject's result; None if other words stand beside it."""
        words = title_words()
        subject = self.tables.subject(name)
        usual = _usual_name(subject, self.tables)
        is_vocational = subject.scale not in ("gcse", "gcse_fine", "combined_science")
        general = words.vocational if is_vocational else words.gcse
        if self.as_results:
            general = general | words.list_words
        options: set[tuple[str, ...]] = words.options.get(usual, set())
        before = [general, options]
        after = [*before, _LETTERS]
        is_plain = words.is_covered(around[0], before) and words.is_covered(
            around[1], after
        )
        if is_plain and words.is_covered(level, (general, words.level_gcse)):
            return TitleReading(name, base=name)
        if subject.covers:
            return None
        levels = (general, words.a_level, words.level_a_level, words.level_gcse)
        if (
            words.is_covered(around[0], [*before, words.a_level])
            and words.is_covered(around[1], [*after, words.a_level])
            and words.is_covered(level, levels)
        ):
            is_own = self.tables.subject(name).scale == "alevel"
            name = name if is_own else f"{name} A level"
            return TitleReading(name, base=name)
        return None

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """A subject's name as words -> its usual name or the school's."""
        names: dict[str, str] = {}
        by_name: dict[str, str] = {}
        for subject in self.tables.subjects:
            for synonym in subject.synonyms:
                is_umbrella = _UMBRELLAS.match(subject_key(subject.name))
                names[subject_key(synonym)] = synonym if is_umbrella else subject.name
            by_name[subject_key(subject.name)] = subject.name
        names |= by_name
        names |= {subject_key(name): name for name in reversed(self.taught)}
        return names

    @cached_property
    def _numbers(self) -> Mapping[str, str]:
        """Qualification number, in one spelling -> subject."""
        numbers: dict[str, str] = {}
        for subject in self.tables.subjects:
            for text in re.split(r"[;, ]+", subject.qualification_number):
                if text:
                    numbers[qualification_number(text) or text.upper()] = subject.name
        return numbers


def _usual_name(subject: Subject, tables: Tables) -> str:
    """The name of a subject in the standard tables or the school's settings."""
    for other in reversed(tables.subjects):
        if other.with_name("") == subject.with_name(""):
            return other.name
    return subject.name
