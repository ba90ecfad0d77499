"""Subjects: what each is called, measured on, and led by."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, get_args

Baseline = Literal["reading", "maths", "both", "department", "gcse", "none"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)
Slot = Literal[
    "english_language",
    "english_literature",
    "maths",
    "science",
    "combined_science",
    "humanities",
    "languages",
    "creative",
    "open",
    "none",
]
SLOTS: tuple[Slot, ...] = get_args(Slot)
# Words that say at which level a subject is taught, not which subject it is.
_LEVEL_WORDS = re.compile(r"\b(gcse|ks ?[34]|key stage [34]|igcse|9 1)\b")

_A_LEVEL = re.compile(r"\b(a|as) ?levels?\b|\bgce\b")


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject as this school teaches it.

    Args:
        name: As the school calls it; it keeps this name everywhere.
        national: The subject of the national tables, or empty where there is none.
        scale: The name of the scale it is graded on.
        baseline: Which prior attainment its targets start from.
        slot: Where its grade may stand in Attainment 8.
        department: Who leads it, where neither the school's settings nor its roles
            say otherwise.
        practical: Whether its targets wait for the department's own baseline.
        covers: The subjects that a class in it is taught, where it is more than one.
        follows: The Key Stage 3 subject it carries on from, or empty.
        qualification_number: The qualification the school enters for, or empty.
        size: How many GCSEs it is worth.
        discount: The discount code: of one code, one result counts. Empty: none.
        known: Whether our tables or the school's settings name it.
        synonyms: Other names for it.
        own_department: Whether the school's settings name its department: then no
            head of department's scope changes it.
    """

    name: str
    national: str = ""
    scale: str = "gcse"
    baseline: Baseline = "both"
    slot: str = "open"
    department: str = ""
    practical: bool = False
    covers: tuple[str, ...] = ()
    follows: str = ""
    qualification_number: str = ""
    size: float = 1.0
    discount: str = ""
    recognised: bool = True
    synonyms: tuple[str, ...] = ()
    own_department: bool = False

    def with_name(self, name: str) -> Subject:
        """The same subject under the name that a school gives it."""
        return self if name == self.name else replace(self, name=name)


def unknown_subject(name: str) -> Subject:
    """A subject that nobody has told us about: GCSE 9–1, open, no draft."""
    return Subject(name=name, department=name, recognised=False)


@lru_cache(maxsize=4096)
def subject_key(name: str) -> str:
    """A subject's name as names are compared: case and punctuation do not matter.

    >>> key("Design & Technology") == key("design and technology")
    True
    """
    plain = unicodedata.normalize("NFKC", name).casefold().replace("&", " and ")
    return " ".join(re.sub(r"[^\w]+|_", " ", plain).split())


@lru_cache(maxsize=4096)
def key_without_level(name: str) -> str:
    """The compared name without words such as GCSE or KS3.

    >>> without_level("GCSE Maths (9-1)")
    'maths'
    """
    return " ".join(_LEVEL_WORDS.sub(" ", subject_key(name)).split())


@lru_cache(maxsize=4096)
def a_level_subject_key(name: str) -> str | None:
    """The compared name of the subject that an A level is in, or None for another.

    >>> a_level_of("A-level Mathematics"), a_level_of("History (A Level)")
    ('mathematics', 'history')
    >>> a_level_of("Mathematics") is None
    True
    """
    name_key, count = _A_LEVEL.subn(" ", subject_key(name))
    return " ".join(name_key.split()) if count else None


def as_a_level(subject: Subject, name: str) -> Subject:
    """A subject as an A level: on its scale, from GCSE results, in no KS4 slot."""
    return replace(
        subject,
        name=name,
        national="",
        scale="alevel",
        baseline="gcse",
        slot="none",
        practical=False,
        covers=(),
        follows="",
        qualification_number="",
        size=1.0,
        discount="",
        synonyms=(),
    )


def tidy_name(name: str) -> str:
    """A subject's name with single spaces, otherwise as the school writes it."""
    return " ".join(name.split())
