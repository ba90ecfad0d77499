"""The words beside a subject in a title: decoration, or what they say instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from generator.xlsx.theme import template

UNKNOWN = "unknown"
_TOKEN = re.compile(r"[^\W_]+|[%+#*£=<>!?@|~^]")
_QAN = re.compile(r"\b(?:\d{3}/\d{4}/[\dX]|\d{7}[\dX])\b", re.I)
# `8300`, `8300H`, `1MA1`, `J277`, `C100QS`; a year is no code.
_CODE_TEXT = (
    r"(?:(?!(?:19|20)\d\d\b)\d{4}[A-Z]{0,3}|[1-9][A-Z]{2}\d[A-Z]{0,2}"
    r"|[CHJK]\d{3}(?:[A-Z]{1,3})?)"
)
_CODE = re.compile(rf"\b({_CODE_TEXT})(?:/[FH])?\b(?![/-]\d)", re.I)
_PAPER = re.compile(rf"\b{_CODE_TEXT} ?[/-] ?\d{{1,2}}[A-Z]{{0,3}}\b", re.I)
_AS_CODE = re.compile(r"8[A-Z]{2}\d|H[01]\d\d", re.I)  # Edexcel and OCR
_ABOUT_LEVEL = re.compile(
    r"qual|level|type|award|cert|course|exam|size|entry|option|title", re.I
)
_DETAIL = re.compile(
    r"\d{1,4}|[a-e]|(year|y|yr|term|week) ?\d*|jan\w*|feb\w*|mar\w*|apr\w*|may|june?"
    r"|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|grades?|and|or|to|on"
)


@dataclass(frozen=True, slots=True)
class OtherKind:
    """What a title says that is not the result of its subject.

    Args:
        kind: Its name: `forecast`, `component`, `as` …
        what: What it is, in words, to follow "it is".
        refuses_list: Whether a list that says so in its headings is refused.
        quiet: Whether it is expected beside the result, and so needs no warning.
        is_qualification: Whether it is a result, of another qualification.
    """

    kind: str
    what: str
    refuses_list: bool = False
    quiet: bool = False
    is_qualification: bool = False


UNKNOWN_KIND = OtherKind(UNKNOWN, "something else")


class TitleWords:
    """The phrases of `result_titles.toml`, as tuples of words."""

    def __init__(self) -> None:
        words = template("result_titles")
        decoration = words["decoration"]
        general = [*decoration["words"], *decoration["boards"], *decoration["gcse"]]
        self.gcse = _phrases(general)
        self.vocational = self.gcse | _phrases(decoration["vocational"])
        self.a_level = _phrases(decoration["a_level"])
        level = words["level_column"]
        self.level_gcse = _phrases(level["gcse"])
        self.level_a_level = _phrases(level["a_level"])
        self.options = {
            subject: _phrases(options) for subject, options in words["options"].items()
        }
        self.others: dict[tuple[str, ...], OtherKind] = {}
        self.title_words: dict[tuple[str, ...], OtherKind] = {}
        self.value_words: dict[tuple[str, ...], OtherKind] = {}
        self.list_words: set[tuple[str, ...]] = set()
        self.codes: dict[str, OtherKind] = {}
        self.kinds: list[OtherKind] = []
        for entry in words["others"]:
            flags = ("refuses_list", "quiet", "is_qualification")
            kind = OtherKind(
                entry["kind"],
                entry["what"],
                *(entry.get(flag, False) for flag in flags),
            )
            self.kinds.append(kind)
            for phrase in _phrases(entry["words"]):
                self.others.setdefault(phrase, kind)
                if kind.refuses_list:
                    self.list_words.add(phrase)
            for phrase in _phrases(entry.get("titles", ())):
                self.title_words.setdefault(phrase, kind)
            for phrase in _phrases(entry.get("values", entry["words"])):
                if kind.kind not in ("figure", "other qualification"):
                    self.value_words.setdefault(phrase, kind)
            self.codes.update(dict.fromkeys(entry.get("codes", ()), kind))
        self.longest = max(map(len, [*self.others, *self.vocational]))

    def is_covered(
        self, tokens: Sequence[str], allowed: Iterable[set[tuple[str, ...]]]
    ) -> bool:
        """Whether words are phrases of decoration and nothing else."""
        phrases = tuple(allowed)
        reached = {0}
        for start in range(len(tokens)):
            if start in reached:
                for end in range(start + 1, min(start + self.longest, len(tokens)) + 1):
                    phrase = tuple(tokens[start:end])
                    if any(phrase in each for each in phrases):
                        reached.add(end)
        return len(tokens) in reached

    def other_kind(self, tokens: Sequence[str]) -> OtherKind | None:
        """The first kind, in the order of the file, that any words name, or None."""
        return self._first_kind(tokens, self.others)

    def kind_of_value(self, text: str, heading: str) -> OtherKind | None:
        """What a cell of another column says about its row, or None.

        Only a value that is nothing but such words counts: `Mock Exam 1`, `GCSE Short
        Course`; a remark does not.

        Args:
            text: The cell's text.
            heading: The heading of its column; what says the kind of a qualification
                counts only where the heading is about that.
        """
        tokens = tokens_of(text)
        kind = self._first_kind(tokens, self.value_words) if len(tokens) < 9 else None
        if kind is None or (kind.is_qualification and not _ABOUT_LEVEL.search(heading)):
            return None
        rest = [token for token in tokens if not _DETAIL.fullmatch(token)]
        allowed = (self.vocational, self.a_level, set(self.others))
        return kind if rest and self.is_covered(rest, allowed) else None

    def kind_of_title(self, text: str) -> OtherKind | None:
        """What the title of a list says it holds instead of results, or None."""
        return self._first_kind(tokens_of(text), self.title_words)

    def _first_kind(
        self, tokens: Sequence[str], phrases: Mapping[tuple[str, ...], OtherKind]
    ) -> OtherKind | None:
        named = {
            kind.kind
            for start in range(len(tokens))
            for end in range(start + 1, min(start + self.longest, len(tokens)) + 1)
            if (kind := phrases.get(tuple(tokens[start:end])))
        }
        return next((kind for kind in self.kinds if kind.kind in named), None)

    def is_only_words(self, text: str) -> bool:
        """Whether a cell holds nothing but words that stand beside subjects."""
        tokens = [t for t in tokens_of(text) if not _DETAIL.fullmatch(t)]
        allowed = (self.gcse, set(self.others))
        return bool(tokens) and self.is_covered(tokens, allowed)


@cache
def title_words() -> TitleWords:
    """The words of `result_titles.toml`, read once."""
    return TitleWords()


def _phrases(texts: Iterable[str]) -> set[tuple[str, ...]]:
    return {tuple(tokens_of(text)) for text in texts}


def tokens_of(text: str) -> list[str]:
    """The words and signs of a title, without case and punctuation.

    >>> tokens_of("GCSE (9-1) Maths: %")
    ['gcse', '9', '1', 'maths', '%']
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    return _TOKEN.findall(folded.replace("_", " "))


def without_codes(text: str) -> tuple[str, str]:
    """A title without the codes of specifications, and what those say.

    Returns:
        The title, and a word of `others` for a code of another qualification or of a
        paper; empty for a code of the whole.

    >>> without_codes("Mathematics 8300H"), without_codes("Maths 8300/1H")
    (('Mathematics  ', ''), ('Maths  ', 'paper'))
    >>> without_codes("Biology 7401")[1], without_codes("Maths 2026")
    ('as', ('Maths 2026', ''))
    """
    words = title_words()
    text = _QAN.sub(" ", text)
    says = "paper" if _PAPER.search(text) else ""
    text = _PAPER.sub(" ", text)
    for code in _CODE.findall(text):
        if code[:4].upper() in words.codes or _AS_CODE.fullmatch(code):
            says = says or "as"
    return _CODE.sub(" ", text), says


def qualification_number(text: str) -> str:
    """A qualification number in one spelling; empty where a text is none.

    >>> qualification_number("601/8157/3"), qualification_number("60181573")
    ('60181573', '60181573')
    >>> qualification_number("Mathematics")
    ''
    """
    text = text.strip()
    return text.replace("/", "").upper() if _QAN.fullmatch(text) else ""


def spans(count: int) -> Iterator[tuple[int, int]]:
    """Yield every part of a sequence as (start, end), the longest first."""
    for length in range(count, 0, -1):
        for start in range(count - length + 1):
            yield start, start + length
