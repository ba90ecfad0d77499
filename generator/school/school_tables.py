"""The tables of one school: the standard ones, its own files, its subjects."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from generator.school.school import School, SettingsError, SubjectSettings
from generator.tabular.reader import read_as_csv
from generator.tabular.rows import Unreadable
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

# Settings for drafting targets, and a label: none of them is of a `Subject`.
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
    """The tables of a school.

    A school's own tables are in its folder `tables/`, in the layout of those that
    come with Markbooks: `scales.toml`, `codes.csv`, `ks2_substitutes.csv`,
    `transitions_gcse.csv` and `transitions_combined_science.csv`, and for the measures
    of Key Stage 4 `slots.toml`, `attainment8_estimates.csv`, `progress8_sds.csv`,
    `progress8_minima.csv` and `prior_thirds.csv`. Its rows go before the
    standard ones, which fill what it leaves out.

    Raises:
        SettingsError: If a subject of `school.toml` names a national table that
            there is not.
        BadTable: If one of the school's own tables cannot be used.
    """
    tables = with_own_tables(standard(), school.folder / "tables")
    return with_subjects(tables, school.settings.subjects)


def with_own_tables(tables: Tables, folder: Path) -> Tables:
    """The same tables with a school's own files, which take precedence.

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
    years = tuple(sorted({y for table in nationals.values() for y in table.years}))
    for name in PUBLISHED_SCALES:
        file = TRANSITION_FILE.format(scale=name)
        if (text := read_own_table(folder / file)) is None:
            continue
        for own in read_transitions(
            text, f"tables/{file}", scales[name], tables.bands, years=years
        ):
            standard_counts = nationals.get(subject_key(own.subject))
            nationals[subject_key(own.subject)] = (
                own.combined_with(standard_counts) if standard_counts else own
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
            figures, standard_deviations={**figures.standard_deviations, **spreads}
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
    """The same tables with the subjects of a school's settings.

    Raises:
        SettingsError: If a subject names a national table that does not exist.
    """
    own = [_subject(subject, tables) for subject in settings]
    own_keys = {subject_key(subject.name) for subject in own}
    others = [s for s in tables.subjects if subject_key(s.name) not in own_keys]
    return replace(tables, subjects=(*others, *own))


def _subject(settings: SubjectSettings, tables: Tables) -> Subject:
    standard = tables.subject(settings.name)
    changes = settings.model_dump(exclude=NOT_OF_THE_SUBJECT, exclude_none=True)
    if settings.national:
        changes["national"] = _national(settings.name, settings.national, tables)
    # A standard subject under a synonym leaves its other synonyms to the standard one.
    if subject_key(settings.name) not in {subject_key(s.name) for s in tables.subjects}:
        changes.setdefault("synonyms", ())
    changes["own_department"] = settings.department is not None
    return replace(standard, **changes, recognised=True)


def _national(subject: str, table: str, tables: Tables) -> str:
    for name in (table, tables.subject(table).national):
        if counts := tables.national_counts.get(subject_key(name)):
            return counts.subject
    names = sorted(counts.subject for counts in tables.national_counts.values())
    near = difflib.get_close_matches(table, names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise SettingsError(
        f"school.toml: the subject {subject!r} names the national table {table!r}, "
        f"which there is not{hint}.",
        f'Use "" for none, or one of: {", ".join(names)}.',
    )


def read_own_table(path: Path) -> str | None:
    """One of the school's own tables as text; None if it has none.

    A table may be CSV with any separator, or XLSX; its text is CSV with commas.

    Raises:
        BadTable: If the file exists and cannot be read.
    """
    if path.suffix == ".csv" and not path.exists():
        path = path.with_suffix(".xlsx")
    if not path.exists():
        return None
    try:
        if path.suffix in (".csv", ".xlsx"):
            return read_as_csv(path, f"tables/{path.name}")
        return path.read_text(encoding="utf-8-sig")
    except Unreadable as error:
        raise BadTable(error.what, error.do) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadTable(
            f"tables/{path.name} cannot be read ({error}).", "Save it as UTF-8 text."
        ) from None
