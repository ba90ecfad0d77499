"""Which of the school's subjects an examination's title means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from udfs.scales.subjects import Subject, a_level_subject_key, subject_key
from udfs.tables import Tables

# What stands in a title and says nothing of the subject: boards, codes of papers and
# qualifications, levels, tiers.
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
_JOINED = re.compile(r"^\s*(in|of|the|:|-|–|,)\s+|[\s:,;–-]+$|\(\s*\)")
_BRANCH = re.compile(r"\s*[:(–]\s*|\s+-\s+")
_OPTION = re.compile(r"\s+(option |paper |spec )?[A-D]$")


@dataclass(frozen=True, slots=True)
class TitleMatch:
    """What a title means for one pupil.

    Args:
        subject: The subject's name, as the school has it; empty where it is unclear.
        several: The subjects it could be, where it is unclear.
        known: Whether anybody knows the subject.
        taught: Whether the pupil is taught it.
    """

    subject: str
    several: tuple[str, ...] = ()
    known: bool = True
    taught: bool = True


class SubjectTitles:
    """Every subject that a title may mean, under the names the school gives them."""

    def __init__(self, tables: Tables, taught: Iterable[str]) -> None:
        self.tables = tables
        covered = (
            part for name in taught for part in tables.subject(name).covers or (name,)
        )
        self.taught = tuple(dict.fromkeys(covered))
        self._found: dict[str, str] = {}

    @cached_property
    def _named(self) -> dict[str, str]:
        return {subject_key(name): name for name in reversed(self.taught)}

    def known(self, title: str) -> bool:
        """Whether a title is of a subject that the school or our tables know."""
        return bool(self._find(title))

    def match(self, title: str, own: Iterable[str] = ()) -> TitleMatch:
        """The subject that a title means for a pupil.

        Args:
            title: As the list of results has it.
            own: The subjects the pupil is taught.

        >>> from udfs.tables import standard
        >>> titles = Titles(standard(), ["Maths", "English Language"])
        >>> titles.read("AQA GCSE (9-1) Mathematics 8300", ["Maths"]).subject
        'Maths'
        >>> titles.read("Combined Science: Trilogy 8464").subject
        'Combined Science'
        """
        mine = tuple(own)
        name = self._find(title)
        if not name:
            shown = " ".join(title.split())
            return TitleMatch(shown, known=False, taught=shown in mine)
        for each in mine:
            if self._same(name, each):
                return TitleMatch(each)
        subject = self.tables.subject(name)
        if subject.covers:
            return TitleMatch("", several=subject.covers)
        later = [
            one for one in mine if subject_key(self._before(one)) == subject_key(name)
        ]
        if len(later) == 1:
            return TitleMatch(later[0])
        if later:
            return TitleMatch("", several=tuple(later))
        for each in self.taught:
            if self._same(name, each):
                return TitleMatch(each, taught=False)
        return TitleMatch(name, taught=False)

    def _same(self, name: str, other: str) -> bool:
        return subject_key(name) == subject_key(other) or self.tables.is_same_subject(
            name, other
        )

    def _before(self, name: str) -> str:
        return self.tables.subject(name).follows

    def _find(self, title: str) -> str:
        """A subject's usual name, or the school's own; empty where nobody knows it."""
        if title not in self._found:
            self._found[title] = next(filter(None, map(self._name, _ways(title))), "")
        return self._found[title]

    def _name(self, text: str) -> str:
        if subject_key(text) in self._named:
            return self._named[subject_key(text)]
        subject = self.tables.subject(text)
        if not subject.recognised:
            return ""
        usual = _usual(subject, self.tables)
        # Of the many languages our tables have as one, each is itself.
        if subject_key(usual).startswith("other "):
            return _tidied(_LEVELS.sub(" ", text))
        return text if a_level_subject_key(text) else usual


def _usual(subject: Subject, tables: Tables) -> str:
    """The name under which our tables, or the school's settings, have a subject."""
    for one in reversed(tables.subjects):
        if one.with_name("") == subject.with_name(""):
            return one.name
    return subject.name


def _ways(title: str) -> Iterator[str]:
    """A title, then what is left of it as more and more is taken for decoration."""
    text = " ".join(title.replace("_", " ").split())
    yield text
    if _HALF.search(text):  # half a qualification is not the subject's result
        return
    advanced = _A_LEVEL.sub(" A level ", text)
    plain = _tidied(_BOARDS.sub(" ", _CODES.sub(" ", advanced)))
    yield plain
    bare = _tidied(_LEVELS.sub(" ", plain))
    yield bare
    yield _OPTION.sub("", bare)
    first = _BRANCH.split(bare)[0]
    yield _tidied(first)
    yield _OPTION.sub("", _tidied(first))


def _tidied(text: str) -> str:
    before = ""
    while before != text:
        before, text = text, " ".join(_JOINED.sub(" ", text).split())
    return text
