"""Subjects: their names, scales, baselines and slots."""

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
    """A subject as this school teaches it.

    Args:
        name: The school's own name for it, used everywhere.
        national: The subject of the national tables, or empty where there is none.
        scale: The name of its grade scale.
        baseline: The prior attainment its targets start from.
        slot: Its place in Attainment 8.
        department: Its department, where neither the school's settings nor its roles
            name one.
        practical: Whether its targets need the department's own baseline.
        covers: The subjects taught in its classes, where there is more than one.
        follows: The Key Stage 3 subject that it continues, or empty.
        qualification_number: The qualification the school enters for, or empty.
        size: How many GCSEs it is worth.
        discount: The discount code, or empty; of one code, one result counts.
        recognised: Whether the standard tables or the school's settings name it.
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
        """Return the same subject under the school's own name for it."""
        return self if name == self.name else replace(self, name=name)


def unknown_subject(name: str) -> Subject:
    """Return a subject that no table names: GCSE 9–1, open slot, no drafts."""
    return Subject(name=name, department=name, recognised=False)


@lru_cache(maxsize=4096)
def subject_key(name: str) -> str:
    """Return a subject's name without case and punctuation, for comparison.

    >>> subject_key("Design & Technology") == subject_key("design and technology")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold().replace("&", " and ")
    return " ".join(re.sub(r"[^\w]+|_", " ", folded).split())


@lru_cache(maxsize=4096)
def key_without_level(name: str) -> str:
    """Return the compared name without words such as GCSE or KS3.

    >>> key_without_level("GCSE Maths (9-1)")
    'maths'
    """
    return " ".join(_LEVEL_WORDS.sub(" ", subject_key(name)).split())


@lru_cache(maxsize=4096)
def a_level_subject_key(name: str) -> str | None:
    """Return the compared name of an A level's subject; None for other names.

    >>> a_level_subject_key("A-level Mathematics"), a_level_subject_key("History (AS)")
    ('mathematics', None)
    >>> a_level_subject_key("History (A Level)")
    'history'
    """
    name_key, count = _A_LEVEL.subn(" ", subject_key(name))
    return " ".join(name_key.split()) if count else None


def as_a_level(subject: Subject, name: str) -> Subject:
    """Return a subject as an A level: own scale, GCSE baseline, no KS4 slot."""
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
    """Return a subject's name with single spaces, otherwise unchanged."""
    return " ".join(name.split())
