"""A document to write: its place, its template and its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from generator.names import safe_name
from generator.reports.pupil_facts import PupilFacts
from generator.reports.words import ReportWords, long_date
from generator.school.report_settings import ReportSettings
from generator.school.school import Collection

DATED = ("date", "day")  # what of a content the digest leaves out

NO_GROUP = "no-group"  # the folder of pupils without a tutor group

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What every document of one run shares.

    Args:
        school: The school's name.
        collection: The collection.
        academic_year: Its academic year.
        today: The day of the run.
        settings: `[reports]`.
        words: The sentences.
        letterhead: The letterhead as SVG; empty for none.
        next_days: Year group and last day of each later collection, the next first.
        folders: Tutor group -> the name of its folder and file.
        pairs: Subjects that are graded by two numbers.
    """

    school: str
    collection: Collection
    today: date
    settings: ReportSettings
    words: ReportWords
    letterhead: str = ""
    academic_year: str = ""
    next_days: tuple[tuple[int, date], ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    pairs: frozenset[str] = frozenset()

    def shared(self, title: str) -> Content:
        """What the content of every document has."""
        language, region = self.settings.language.split("-")
        return {
            "title": title,
            "school": self.school,
            "collection": self.collection.title,
            "date": long_date(self.today),
            "day": [self.today.year, self.today.month, self.today.day],
            "lang": language,
            "region": region,
            "logo": self.letterhead,
            "page": self.words("page", "page"),
        }


@dataclass(frozen=True, slots=True)
class Document:
    """A document to write.

    Args:
        kind: Its kind.
        template: The name of its template.
        file: Its path below the collection's folder of reports, with `/`.
        pupils: The pupils it is about.
        content: What the template prints.
        personal: Whether it is for one pupil.
    """

    kind: str
    template: str
    file: str
    pupils: tuple[PupilFacts, ...]
    content: Content
    personal: bool = True

    def without(self, adnos: Container[str]) -> Document:
        """The document without the parts of some pupils.

        The content of a document for several has one part for each pupil, in order.
        """
        kept = [n for n, pupil in enumerate(self.pupils) if pupil.adno not in adnos]
        parts = self.content["reports"]
        return replace(
            self,
            pupils=tuple(self.pupils[n] for n in kept),
            content=self.content | {"reports": [parts[n] for n in kept]},
        )

    def digest(self, edition: str) -> str:
        """The digest of the content without the date.

        Args:
            edition: What else decides the bytes: templates, fonts, engine.
        """
        undated = {k: v for k, v in self.content.items() if k not in DATED}
        text = json.dumps([edition, self.template, undated], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def personal_file(kind: str, pupil: PupilFacts, context: ReportContext) -> str:
    """The path of a pupil's file: by admission number, never by name."""
    folder = context.folders.get(pupil.reg, NO_GROUP)
    return f"{kind}/{folder}/{safe_name(pupil.adno)}.pdf"


def group_file(kind: str, reg: str, context: ReportContext) -> str:
    """The path of a tutor group's file."""
    return f"{kind}/{context.folders.get(reg, NO_GROUP)}.pdf"


def tutor_groups(pupils: Sequence[PupilFacts]) -> dict[str, list[PupilFacts]]:
    """The pupils of each tutor group, in their order."""
    groups: dict[str, list[PupilFacts]] = {}
    for pupil in pupils:
        groups.setdefault(pupil.reg, []).append(pupil)
    return groups
