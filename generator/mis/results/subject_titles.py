"""Match the titles of qualifications to the school's subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from udfs.scales.subjects import Subject, a_level_subject_key, subject_key
from udfs.tables import Tables

# Decoration of a subject: boards, codes of papers and qualifications, levels, tiers.
_CODES = re.compile(
    r"\b(\d{3}/\d{4}/[\dX]|\d{7}[\dX]|[1-9][A-Z]{2}\d[A-Z]{0,2}|[JCH]\d{3}[A-Z]{0,3}"
    r"|\d{4}[A-Z]{0,3})\b", re.I,
)  # fmt: skip
_BOARDS = re.compile(
    r"\b(aqa|ocr|pearson|edexcel|wjec|eduqas|ccea|caie|cambridge nationals?|btec|ncfe"
    r"|rsl|vcert|jcq)\b", re.I,
)  # fmt: skip
_LEVELS = re.compile(
    r"\b(i?gcses?|level 1 ?(/|and|&|-)? ?(level )?2|l1 ?/ ?l?2|full course|linear"
    r"|reformed|tech(nical)? awards?|first awards?|extended certificate|certificate"
    r"|(higher|foundation) tier|tier [fh]|higher|foundation|single award|award"
    r"|qualification|examination|exam|subject|final|actual|result|grades?"
    r"|key stage [34]|ks ?[34])\b|\b9 ?[-–] ?1\b", re.I,
)  # fmt: skip
_A_LEVEL = re.compile(
    r"\b(gce )?advanced( gce| level| subsidiary)?\b|\bgce( a( |-)?level)?\b", re.I
)
_HALF = re.compile(r"\bshort course\b", re.I)
_LOOSE_ENDS = re.compile(r"^\s*(in|of|the|:|-|–|,)\s+|[\s:,;–-]+$|\(\s*\)")
_BRANCH = re.compile(r"\s*[:(–]\s*|\s+-\s+")
_OPTION = re.compile(r"\s+(option |paper |spec )?[A-D]$")


@dataclass(frozen=True, slots=True)
class TitleMatch:
    """The subject that a title means for one pupil.

    Args:
        subject: The school's name of the subject; empty where it is unclear.
        candidates: The subjects that an unclear title may mean.
        is_known: Whether the school or the standard tables have the subject.
        is_taught: Whether the pupil is taught it.
    """

    subject: str
    candidates: tuple[str, ...] = ()
    is_known: bool = True
    is_taught: bool = True


class SubjectTitles:
    """The subjects that a title may mean, under the school's names.

    Args:
        tables: The subjects and their names.
        taught: The subjects of the school's classes.
    """

    def __init__(self, tables: Tables, taught: Iterable[str]) -> None:
        self.tables = tables
        parts = (
            part for name in taught for part in tables.subject(name).covers or (name,)
        )
        self.taught = tuple(dict.fromkeys(parts))
        self._subjects: dict[str, str] = {}  # title -> subject

    @cached_property
    def _taught_names(self) -> dict[str, str]:
        return {subject_key(name): name for name in reversed(self.taught)}

    def has_subject(self, title: str) -> bool:
        """Whether a title means a subject of the school or of the standard tables."""
        return bool(self._find(title))

    def match(self, title: str, own: Iterable[str] = ()) -> TitleMatch:
        """Return the subject that a title means for a pupil.

        Args:
            title: The title in the list.
            own: The pupil's subjects.

        >>> from udfs.tables import standard
        >>> titles = SubjectTitles(standard(), ["Maths", "English Language"])
        >>> titles.match("AQA GCSE (9-1) Mathematics 8300", ["Maths"]).subject
        'Maths'
        >>> titles.match("Combined Science: Trilogy 8464").subject
        'Combined Science'
        """
        own = tuple(own)
        name = self._find(title)
        if not name:
            title = " ".join(title.split())
            return TitleMatch(title, is_known=False, is_taught=title in own)
        for subject in own:
            if self._is_same(name, subject):
                return TitleMatch(subject)
        if covers := self.tables.subject(name).covers:
            return TitleMatch("", candidates=covers)
        key = subject_key(name)
        successors = [
            subject
            for subject in own
            if subject_key(self.tables.subject(subject).follows) == key
        ]
        if len(successors) == 1:
            return TitleMatch(successors[0])
        if successors:
            return TitleMatch("", candidates=tuple(successors))
        for subject in self.taught:
            if self._is_same(name, subject):
                return TitleMatch(subject, is_taught=False)
        return TitleMatch(name, is_taught=False)

    def _is_same(self, name: str, other: str) -> bool:
        is_same = subject_key(name) == subject_key(other)
        return is_same or self.tables.is_same_subject(name, other)

    def _find(self, title: str) -> str:
        """The subject of a title, by its usual name or the school's; else empty."""
        if title not in self._subjects:
            names = map(self._subject_name, _undecorated(title))
            self._subjects[title] = next(filter(None, names), "")
        return self._subjects[title]

    def _subject_name(self, text: str) -> str:
        if name := self._taught_names.get(subject_key(text)):
            return name
        subject = self.tables.subject(text)
        if not subject.recognised:
            return ""
        usual = _usual_name(subject, self.tables)
        # A language that the standard tables have under "other" keeps its own name.
        if subject_key(usual).startswith("other "):
            return _trim(_LEVELS.sub(" ", text))
        return text if a_level_subject_key(text) else usual


def _usual_name(subject: Subject, tables: Tables) -> str:
    """The name of a subject in the standard tables or the school's settings."""
    for other in reversed(tables.subjects):
        if other.with_name("") == subject.with_name(""):
            return other.name
    return subject.name


def _undecorated(title: str) -> Iterator[str]:
    """Yield a title, then what remains as more and more decoration is removed."""
    text = " ".join(title.replace("_", " ").split())
    yield text
    if _HALF.search(text):  # half a qualification is not the subject's result
        return
    with_a_level = _A_LEVEL.sub(" A level ", text)
    without_codes = _trim(_BOARDS.sub(" ", _CODES.sub(" ", with_a_level)))
    yield without_codes
    without_levels = _trim(_LEVELS.sub(" ", without_codes))
    yield without_levels
    yield _OPTION.sub("", without_levels)
    first = _trim(_BRANCH.split(without_levels)[0])
    yield first
    yield _OPTION.sub("", first)


def _trim(text: str) -> str:
    before = ""
    while before != text:
        before, text = text, " ".join(_LOOSE_ENDS.sub(" ", text).split())
    return text
