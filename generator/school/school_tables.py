"""The tables of one school: ours, its settings' subjects, and its own tables."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from generator.school.school import School, SettingsError, SubjectSettings
from udfs.errors import BadTable
from udfs.scales.key_stage_4_figures import (
    KeyStage4Figures,
    read_estimates,
    read_minima,
    read_standard_deviations,
    read_thirds,
)
from udfs.scales.scale import Code, Scale
from udfs.scales.scale_files import read_codes, read_scales
from udfs.scales.slots import read_slots
from udfs.scales.subjects import Subject, subject_key
from udfs.scales.transition_files import read_substitutes, read_transitions
from udfs.tables import PUBLISHED_SCALES, TRANSITION_FILE, Tables, standard

# How its targets are set is the business of drafting; `code` is only a label.
NOT_OF_THE_SUBJECT = {
    "name",
    "code",
    "method",
    "floor",
    "cap",
    "indicator",
    "aspirational_indicator",
    "baseline_indicator",
    "ambition",
    "aspirational",
    "challenge",
}


def school_tables(school: School) -> Tables:
    """Everything this school looks up.

    A school's own tables lie in its folder `tables/`, in the layout of those that
    come with Markbooks: `scales.toml`, `codes.csv`, `ks2_substitutes.csv`,
    `transitions_gcse.csv` and `transitions_combined_science.csv`, and for the measures
    of Key Stage 4 `slots.toml`, `attainment8_estimates.csv`, `progress8_sds.csv`,
    `progress8_minima.csv` and `prior_thirds.csv`. Its rows go before ours; what it
    does not say stays as it is.

    Raises:
        SettingsError: If a subject of `school.toml` names a national table that
            there is not.
        BadTable: If one of the school's own tables cannot be used.
    """
    tables = with_own_tables(standard(), school.folder / "tables")
    return with_subjects(tables, school.settings.subjects)


def with_own_tables(tables: Tables, folder: Path) -> Tables:
    """The same tables with a school's own beside them, which go first.

    Raises:
        BadTable: If one of them cannot be used; the message names file and row.
    """
    scales = dict(tables.scales)
    if (text := read_own_table(folder / "scales.toml")) is not None:
        for scale in read_scales(text, "tables/scales.toml"):
            scales[scale.name] = scale
    codes = {code.name.casefold(): code for code in tables.codes}
    if (text := read_own_table(folder / "codes.csv")) is not None:
        for code in read_codes(text, "tables/codes.csv"):
            _not_a_grade(code, scales.values())
            codes[code.name.casefold()] = code
    substitutes = dict(tables.substitutes)
    if (text := read_own_table(folder / "ks2_substitutes.csv")) is not None:
        substitutes |= read_substitutes(text, "tables/ks2_substitutes.csv")
    nationals = dict(tables.national_counts)
    years = tuple(sorted({year for one in nationals.values() for year in one.years}))
    for name in PUBLISHED_SCALES:
        file = TRANSITION_FILE.format(scale=name)
        if (text := read_own_table(folder / file)) is None:
            continue
        for own in read_transitions(
            text, f"tables/{file}", scales[name], tables.bands, years=years
        ):
            ours = nationals.get(subject_key(own.subject))
            nationals[subject_key(own.subject)] = (
                own.combined_with(ours) if ours else own
            )
    return replace(
        tables,
        scales=scales,
        codes=tuple(codes.values()),
        substitutes=substitutes,
        national_counts=nationals,
        key_stage_4=_key_stage_4(tables.key_stage_4, folder),
    )


def _key_stage_4(figures: KeyStage4Figures, folder: Path) -> KeyStage4Figures:
    if (text := read_own_table(folder / "slots.toml")) is not None:
        own = read_slots(text, "tables/slots.toml")
        figures = replace(figures, slots={**figures.slots, **own})
    if (text := read_own_table(folder / "attainment8_estimates.csv")) is not None:
        estimates = read_estimates(text, "tables/attainment8_estimates.csv")
        figures = replace(figures, estimates={**figures.estimates, **estimates})
    if (text := read_own_table(folder / "progress8_sds.csv")) is not None:
        spreads = read_standard_deviations(text, "tables/progress8_sds.csv")
        figures = replace(
            figures, deviations={**figures.standard_deviations, **spreads}
        )
    if (text := read_own_table(folder / "progress8_minima.csv")) is not None:
        groups = len(figures.latest.lows)
        minima = read_minima(text, "tables/progress8_minima.csv", groups)
        figures = replace(figures, minima=minima)
    if (text := read_own_table(folder / "prior_thirds.csv")) is not None:
        thirds = read_thirds(text, "tables/prior_thirds.csv")
        figures = replace(figures, thirds=thirds)
    return figures


def _not_a_grade(code: Code, scales: Iterable[Scale]) -> None:
    for scale in scales:
        for spelling in (code.name, *code.spellings):
            if grade := scale.find(spelling):
                raise BadTable(
                    f"The code {spelling!r} in tables/codes.csv is the grade {grade} "
                    f"of {scale.title}.",
                    "Give it another spelling.",
                )


def with_subjects(tables: Tables, settings: Iterable[SubjectSettings]) -> Tables:
    """The same tables with what a school's settings say of its subjects.

    Raises:
        SettingsError: If a subject names a national table that there is not.
    """
    own = [_subject(said, tables) for said in settings]
    named = {subject_key(subject.name) for subject in own}
    kept = [
        subject for subject in tables.subjects if subject_key(subject.name) not in named
    ]
    return replace(tables, subjects=(*kept, *own))


def _subject(said: SubjectSettings, tables: Tables) -> Subject:
    ours = tables.subject(said.name)
    # A subject we know by a synonym leaves its other synonyms to our own entry.
    renamed = subject_key(said.name) not in {
        subject_key(subject.name) for subject in tables.subjects
    }
    given = said.model_dump(exclude=NOT_OF_THE_SUBJECT, exclude_none=True)
    if said.national:
        given["national"] = _national(said.name, said.national, tables)
    if renamed:
        given.setdefault("synonyms", ())
    given["own_department"] = said.department is not None
    return replace(ours, **given, recognised=True)


def _national(name: str, asked: str, tables: Tables) -> str:
    for tried in (asked, tables.subject(asked).national):
        if found := tables.national_counts.get(subject_key(tried)):
            return found.subject
    there = sorted(found.subject for found in tables.national_counts.values())
    near = difflib.get_close_matches(asked, there, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise SettingsError(
        f"school.toml: the subject {name!r} names the national table {asked!r}, "
        f"which there is not{hint}.",
        f'Use "" for none, or one of: {", ".join(there)}.',
    )


def read_own_table(path: Path) -> str | None:
    """One of the school's own tables as text; None where it has none.

    Raises:
        BadTable: If the file is there and cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BadTable(
            f"tables/{path.name} cannot be read ({error}).",
            "Save it as UTF-8 text (in Excel: CSV UTF-8).",
        ) from None
