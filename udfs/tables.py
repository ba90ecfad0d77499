"""The tables behind every calculation, read from `workbook_templates`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import TypeVar

from udfs.errors import UnknownScale
from udfs.scales.key_stage_4_figures import (
    KeyStage4Figures,
    read_averages,
    read_estimates,
    read_standard_deviations,
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
from udfs.scales.table_files import toml_entries
from udfs.scales.transition_files import read_bands, read_substitutes, read_transitions
from udfs.scales.transition_matrix import (
    NationalCounts,
    ScoreBands,
    TransitionMatrix,
    transition_matrix,
)

T = TypeVar("T")
# National counts are in one file for each scale with published figures.
TRANSITION_FILE = "transitions_{scale}.csv"
PUBLISHED_SCALES = ("gcse", "combined_science")


@dataclass(frozen=True)
class Tables:
    """Scales, codes, subjects and national figures, including a school's own.

    Args:
        scales: The scales by name.
        codes: The codes that may replace a grade, in the order of the lists.
        subjects: The standard subjects, then a school's own, which take precedence.
        bands: The bands of Key Stage 2 scores in the national tables.
        substitutes: The scores of Key Stage 2 codes.
        national_counts: The published counts by subject, as `subject_key` returns it.
        key_stage_4: National figures for the Key Stage 4 measures.
        result_codes: The codes that may replace a grade in a list of results.
    """

    scales: Mapping[str, Scale]
    codes: tuple[Code, ...]
    subjects: tuple[Subject, ...]
    bands: ScoreBands
    substitutes: Substitutes
    national_counts: Mapping[str, NationalCounts]
    key_stage_4: KeyStage4Figures
    result_codes: tuple[Code, ...] = ()
    _subject_cache: dict[str, Subject] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _matrix_cache: dict[tuple[str, tuple[str, ...] | None], TransitionMatrix | None] = (
        field(default_factory=dict, init=False, repr=False, compare=False)
    )

    def scale(self, name: str) -> Scale:
        """Return the scale with this name.

        Raises:
            UnknownScale: If there is none; the message lists the scales.
        """
        scale = self.scales.get(name)
        if scale is None:
            raise UnknownScale(
                f"There is no scale {name!r}.",
                f"Use one of: {', '.join(self.scales)}.",
            )
        return scale

    def subject(self, name: str) -> Subject:
        """Return the subject with this name or synonym, under that name.

        An unknown subject is graded 9–1, counts in the open slots and is not
        `recognised`.
        """
        subject = self._subject_cache.get(name)
        if subject is None:
            subject = self._subject_cache[name] = self._look_up_subject(name)
        return subject

    def is_same_subject(self, name: str, other: str) -> bool:
        """Whether two names mean the same subject."""
        first, second = self.subject(name), self.subject(other)
        return subject_key(name) == subject_key(other) or (
            first.recognised and first.with_name("") == second.with_name("")
        )

    def transition_matrix(
        self, national: str, years: tuple[str, ...] | None = None
    ) -> TransitionMatrix | None:
        """Return a subject's pooled national figures.

        Args:
            national: A subject of the national tables, as `Subject.national`.
            years: The academic years to pool; None pools all.

        Returns:
            None where there is no table, or none in those years.
        """
        key = (subject_key(national), years)
        if key not in self._matrix_cache:
            counts = self.national_counts.get(key[0])
            matrix = counts and transition_matrix(counts, self.bands, years)
            self._matrix_cache[key] = matrix or None
        return self._matrix_cache[key]

    def _look_up_subject(self, name: str) -> Subject:
        title = tidy_name(name)
        for key in (subject_key(title), key_without_level(title)):
            subject = self._by_name.get(key) or self._by_synonym.get(key)
            if subject is not None:
                return subject.with_name(title)
        if a_level_key := a_level_subject_key(title):
            subject = self._by_name.get(a_level_key) or self._by_synonym.get(
                a_level_key
            )
            if subject is not None and not subject.covers:
                return as_a_level(subject, title)
        return unknown_subject(title)

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
    """Return the tables that come with the product, read once.

    >>> standard().subject("Maths").national
    'Mathematics'
    """
    scales = _read("scales.toml", read_scales)
    bands = _read("ks2_bands.csv", read_bands)
    national_counts = {
        subject_key(counts.subject): counts
        for scale in scales
        if scale.name in PUBLISHED_SCALES
        for counts in _read(
            TRANSITION_FILE.format(scale=scale.name), read_transitions, scale, bands
        )
    }
    return Tables(
        scales={scale.name: scale for scale in scales},
        codes=tuple(_read("codes.csv", read_codes)),
        subjects=tuple(_read("subjects.toml", _read_subjects)),
        bands=bands,
        substitutes=_read("ks2_substitutes.csv", read_substitutes),
        national_counts=national_counts,
        key_stage_4=KeyStage4Figures(
            slots=_read("slots.toml", read_slots),
            estimates=_read("attainment8_estimates.csv", read_estimates),
            standard_deviations=_read("progress8_sds.csv", read_standard_deviations),
            minima={},
            thirds=_read("prior_thirds.csv", read_thirds),
            averages=tuple(_read("national_averages.csv", read_averages)),
        ),
        result_codes=tuple(_read("result_codes.csv", read_codes)),
    )


def _read(name: str, read: Callable[..., T], *arguments: object) -> T:
    text = (files("workbook_templates") / name).read_text(encoding="utf-8")
    return read(text, name, *arguments)


def _read_subjects(text: str, where: str) -> Iterator[Subject]:
    for entry in toml_entries(text, where, "subjects"):
        fields = dict(entry)
        for name in ("covers", "synonyms"):
            fields[name] = tuple(fields.get(name, ()))
        fields["size"] = float(fields.get("size", 1))
        yield Subject(**fields)
