"""The tables of one school: ours, its settings' subjects, and its own tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from generator.school import School, SubjectSettings
from udfs.errors import BadTable
from udfs.subjects import Baseline, Subject, key
from udfs.tables import Tables, read_codes, read_scales, standard


def reference(school: School) -> Tables:
    """Everything this school looks up.

    A school's own tables lie in its folder `tables/`, in the layout of those that
    come with Markbooks: `scales.toml`, `codes.csv`.

    Raises:
        SettingsError: If a subject of `school.toml` names a table or a scale that
            there is not.
        BadTable: If one of the school's own tables cannot be used.
    """
    tables = with_own_tables(standard(), school.folder / "tables")
    return with_subjects(tables, school.settings.subjects)


def with_own_tables(tables: Tables, folder: Path) -> Tables:
    """The same tables with a school's own beside them, which go first."""
    scales = dict(tables.scales)
    if (text := _own(folder / "scales.toml")) is not None:
        for scale in read_scales(text, "tables/scales.toml"):
            scales[scale.name] = scale
    codes = {code.name.casefold(): code for code in tables.codes}
    if (text := _own(folder / "codes.csv")) is not None:
        for code in read_codes(text, "tables/codes.csv"):
            codes[code.name.casefold()] = code
    return replace(tables, scales=scales, codes=tuple(codes.values()))


def with_subjects(tables: Tables, settings: Iterable[SubjectSettings]) -> Tables:
    """The same tables with what a school's settings say of its subjects."""
    own = [_subject(said, tables) for said in settings]
    named = {key(subject.name) for subject in own}
    kept = [subject for subject in tables.subjects if key(subject.name) not in named]
    return replace(tables, subjects=(*kept, *own))


def _subject(said: SubjectSettings, tables: Tables) -> Subject:
    ours = tables.subject(said.name)
    # A synonym of ours stays with ours: only what the school says is the school's.
    own_synonyms = ours.synonyms if key(ours.name) in _names(tables) else ()
    baseline: Baseline = said.baseline or ours.baseline
    return replace(
        ours,
        national=_either(said.national, ours.national),
        scale=_either(said.scale, ours.scale),
        baseline=baseline,
        slot=_either(said.slot, ours.slot),
        department=_either(said.department, ours.department),
        practical=ours.practical if said.practical is None else said.practical,
        covers=ours.covers if said.covers is None else said.covers,
        follows=_either(said.follows, ours.follows),
        qualification_number=_either(
            said.qualification_number, ours.qualification_number
        ),
        size=ours.size if said.size is None else said.size,
        discount=_either(said.discount, ours.discount),
        synonyms=own_synonyms if said.synonyms is None else said.synonyms,
        known=True,
    )


def _names(tables: Tables) -> set[str]:
    return {key(subject.name) for subject in tables.subjects}


def _either(said: str | None, ours: str) -> str:
    return ours if said is None else said


def _own(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BadTable(
            f"tables/{path.name} cannot be read ({error}).",
            "Save it as UTF-8 text (in Excel: CSV UTF-8).",
        ) from None
