"""The tables everything is read from: scales, codes, subjects, national figures."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files

from udfs.errors import UnknownScale
from udfs.scales.key_stage_4_figures import (
    KeyStage4,
    read_averages,
    read_deviations,
    read_estimates,
    read_thirds,
)
from udfs.scales.prior_attainment import Substitutes
from udfs.scales.scale import Code, Scale
from udfs.scales.scale_files import read_codes, read_scales
from udfs.scales.slots import read_slots
from udfs.scales.subjects import (
    Subject,
    a_level_subject_key,
    as_a_level,
    key_without_level,
    subject_key,
    tidy_name,
    unknown_subject,
)
from udfs.scales.table_files import entries_of
from udfs.scales.transition_files import read_bands, read_nationals, read_substitutes
from udfs.scales.transition_matrix import Bands, National, Transition, transition

# National counts lie in one file for each scale that they are published on.
TRANSITIONS = "transitions_{scale}.csv"
PUBLISHED_ON = ("gcse", "combined_science")


@dataclass(frozen=True)
class Tables:
    """Everything a calculation looks up; a school's own stand beside ours.

    Args:
        scales: The scales by name.
        codes: What may stand in place of a grade, in the order of the lists.
        subjects: Our subjects; a school's own come later and go first.
        bands: The bands of Key Stage 2 scores in the national tables.
        substitutes: Scores that stand in for Key Stage 2 codes.
        nationals: The published counts by subject, as subjects' names are compared.
        key_stage_4: What the measures of Key Stage 4 look up.
        result_codes: What may stand in place of a grade in a list of results.
    """

    scales: Mapping[str, Scale]
    codes: tuple[Code, ...]
    subjects: tuple[Subject, ...]
    bands: Bands
    substitutes: Substitutes
    nationals: Mapping[str, National]
    key_stage_4: KeyStage4
    result_codes: tuple[Code, ...] = ()
    _asked: dict[str, Subject] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _drawn: dict[tuple[str, tuple[str, ...] | None], Transition | None] = field(
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

    def same(self, name: str, other: str) -> bool:
        """Whether two names are of one subject."""
        here, there = self.subject(name), self.subject(other)
        return subject_key(name) == subject_key(other) or (
            here.recognised and here.with_name("") == there.with_name("")
        )

    def transition(
        self, national: str, years: tuple[str, ...] | None = None
    ) -> Transition | None:
        """The national figures of a subject, ready to draw targets from.

        Args:
            national: A subject of the national tables, as `Subject.national`.
            years: The academic years counted together; None counts all there are.

        Returns:
            None where there is no table, or none in those years.
        """
        asked = (subject_key(national), years)
        if asked not in self._drawn:
            counts = self.nationals.get(asked[0])
            made = counts and transition(counts, self.bands, years)
            self._drawn[asked] = made or None
        return self._drawn[asked]

    def _find(self, name: str) -> Subject:
        shown = tidy_name(name)
        for wanted in (subject_key(shown), key_without_level(shown)):
            subject = self._by_name.get(wanted) or self._by_synonym.get(wanted)
            if subject is not None:
                return subject.with_name(shown)
        if taught := a_level_subject_key(shown):
            subject = self._by_name.get(taught) or self._by_synonym.get(taught)
            if subject is not None and not subject.covers:
                return as_a_level(subject, shown)
        return unknown_subject(shown)

    @cached_property
    def _by_name(self) -> dict[str, Subject]:
        return {subject_key(subject.name): subject for subject in self.subjects}

    @cached_property
    def _by_synonym(self) -> dict[str, Subject]:
        return {
            subject_key(synonym): subject
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
    bands = read_bands(_text("ks2_bands.csv"), "ks2_bands.csv")
    nationals = {}
    for scale in scales:
        name = TRANSITIONS.format(scale=scale.name)
        if scale.name in PUBLISHED_ON:
            found = read_nationals(_text(name), name, scale, bands)
            nationals.update({subject_key(one.subject): one for one in found})
    return Tables(
        scales={scale.name: scale for scale in scales},
        codes=tuple(read_codes(_text("codes.csv"), "codes.csv")),
        subjects=tuple(_read_subjects(_text("subjects.toml"))),
        bands=bands,
        substitutes=read_substitutes(
            _text("ks2_substitutes.csv"), "ks2_substitutes.csv"
        ),
        nationals=nationals,
        key_stage_4=_key_stage_4(),
        result_codes=tuple(read_codes(_text("result_codes.csv"), "result_codes.csv")),
    )


def _key_stage_4() -> KeyStage4:
    estimates, deviations = "attainment8_estimates.csv", "progress8_sds.csv"
    thirds, averages = "prior_thirds.csv", "national_averages.csv"
    return KeyStage4(
        slots=read_slots(_text("slots.toml"), "slots.toml"),
        estimates=read_estimates(_text(estimates), estimates),
        deviations=read_deviations(_text(deviations), deviations),
        minima={},
        thirds=read_thirds(_text(thirds), thirds),
        averages=tuple(read_averages(_text(averages), averages)),
    )


def _read_subjects(text: str) -> Iterator[Subject]:
    for entry in entries_of(tomllib.loads(text), "subjects", "subjects.toml"):
        made = dict(entry)
        for several in ("covers", "synonyms"):
            made[several] = tuple(made.get(several, ()))
        made["size"] = float(made.get("size", 1))
        yield Subject(**made)


def _text(name: str) -> str:
    return (files("workbook_templates") / name).read_text(encoding="utf-8")
