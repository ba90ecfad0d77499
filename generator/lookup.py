"""Match what a person types to the codes and names of a school."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from generator.names import name_sort_key, safe_name
from udfs.errors import MarkbookError

MOST_LISTED = 12  # choices in a message


class UnknownChoice(MarkbookError):
    """A word that names nothing, or more than one thing; the text lists what there is.

    Args:
        what: What is wrong.
        do: What to do.
    """


def find_code(
    word: str,
    codes: Collection[str],
    noun: str,
    *,
    names: Mapping[str, str] | None = None,
) -> str:
    """The code that a word means: exactly, without case, as a file's name, or by name.

    Args:
        word: What a person typed.
        codes: The codes there are.
        noun: What they are codes of, for messages (`class`).
        names: Code -> a name that may be typed instead, where it is unique.

    Raises:
        UnknownChoice: If no code matches, or more than one does.

    >>> find_code("10x-ma1", ["10x/Ma1", "10y/Ma2"], "class")
    '10x/Ma1'
    >>> find_code("10z/Ma1", ["10x/Ma1", "8a/Fr"], "class")
    Traceback (most recent call last):
    generator.lookup.UnknownChoice: There is no class '10z/Ma1'. Did you mean 10x/Ma1?
    """
    text = word.strip()
    if text in codes:
        return text
    spellings: tuple[Callable[[str], str], ...] = (
        str.casefold,
        lambda code: safe_name(code).casefold(),
    )
    for spelling in spellings:
        matches = [code for code in codes if spelling(code) == spelling(text)]
        if matches:
            return _only(text, matches, noun)
    key = name_sort_key(text)
    matches = [
        code for code, name in (names or {}).items() if key == name_sort_key(name)
    ]
    if key and matches:
        return _only(text, matches, noun)
    raise UnknownChoice(f"There is no {noun} {text!r}.", _suggest(text, codes))


def _only(text: str, matches: Sequence[str], noun: str) -> str:
    if len(matches) == 1:
        return matches[0]
    raise UnknownChoice(
        f"More than one {noun} may be meant by {text!r}.",
        f"Name one of: {listed(sorted(matches))}.",
    )


def _suggest(text: str, codes: Collection[str]) -> str:
    by_key = {code.casefold(): code for code in codes}
    close = get_close_matches(text.casefold(), by_key, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(by_key[key] for key in close)}?"
    return f"There are: {listed(sorted(codes))}."


def listed(words: Iterable[str], most: int = MOST_LISTED) -> str:
    """Words joined by commas, the rest counted where they are many.

    >>> listed(["a", "b", "c"], 2), listed([])
    ('a, b and 1 more', 'none yet')
    """
    every = list(words)
    if len(every) > most:
        return f"{', '.join(every[:most])} and {len(every) - most} more"
    return ", ".join(every) or "none yet"


@dataclass(frozen=True, slots=True)
class RosterPupil:
    """A pupil of the store.

    Args:
        adno: The admission number.
        surname: As in the MIS.
        forename: As in the MIS.
        reg: The tutor group.
        left: The first day no longer on roll, as ISO text, or empty.
    """

    adno: str
    surname: str
    forename: str
    reg: str
    left: str

    @property
    def name(self) -> str:
        """The name as it is read.

        >>> RosterPupil("1", "Khan", "Zara", "10A", "").name
        'Zara Khan'
        """
        return f"{self.forename} {self.surname}".strip()

    def has_left(self, today: str) -> bool:
        """Whether the pupil is not on roll on a day (ISO text)."""
        return bool(self.left) and self.left <= today


def find_pupil(word: str, pupils: Sequence[RosterPupil]) -> RosterPupil:
    """The pupil that a word means: by admission number, or by a name that is unique.

    Args:
        word: An admission number, with or without leading zeros, or a name.
        pupils: Every pupil there is.

    Raises:
        UnknownChoice: If nobody matches, or more than one does.

    >>> zara = RosterPupil("000104", "Khan", "Zara", "10A", "")
    >>> [find_pupil(word, [zara]).adno for word in ("104", "Khan, Zara", "zara khan")]
    ['000104', '000104', '000104']
    """
    text = word.strip()
    for pupil in pupils:
        if pupil.adno == text:
            return pupil
    bare = text.lstrip("0").casefold()
    matches = [p for p in pupils if bare and p.adno.lstrip("0").casefold() == bare]
    if not matches and (key := name_sort_key(text)):
        matches = [
            pupil
            for pupil in pupils
            if key
            in (
                name_sort_key(pupil.forename + pupil.surname),
                name_sort_key(pupil.surname + pupil.forename),
            )
        ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        people = (f"{p.adno} ({p.name}, {p.reg or 'no tutor group'})" for p in matches)
        raise UnknownChoice(
            f"More than one pupil may be meant by {text!r}.",
            f"Name one by the admission number: {listed(people)}.",
        )
    raise UnknownChoice(
        f"No pupil has the admission number {text!r}.",
        "Write it as in the pupils' list, or the whole name.",
    )
