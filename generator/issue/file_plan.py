"""Which classes go into which file, and whether that file has to be written."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

from generator.files import publish
from generator.markbook.class_lists import ClassList
from generator.markbook.layout import ENTRY_SHEET, SCHEMA, EntrySheet, PupilRow
from generator.markbook.write_markbook import RESERVED_SHEETS
from generator.names import file_names, sheet_names
from generator.school.school import Collection, School
from generator.store.issues import Issue
from generator.xlsx.theme import template
from udfs.tables import Tables

NO_TEACHER = "no-teacher"
_CORE = "docProps/core.xml"
_MOMENT = re.compile(rb"<dcterms:(created|modified)[^>]*>([^<]*)<")


@dataclass(frozen=True, slots=True)
class MarkbookFile:
    """One file to be issued.

    Args:
        path: Where it goes.
        name: The same below the school folder, with `/`.
        classes: Its classes, in order.
    """

    path: Path
    name: str
    classes: tuple[ClassList, ...]

    @property
    def teacher(self) -> str:
        """The code of the teacher who leads its first class, or `no-teacher`."""
        return lead_teacher(self.classes[0])


def plan_files(
    school: School,
    collection: Collection,
    classes: Sequence[ClassList],
    by: str,
    all_codes: Iterable[str],
) -> list[MarkbookFile]:
    """Cut the classes into files.

    Args:
        school: The school.
        collection: The collection.
        classes: Every class that is to have a markbook.
        by: `class` or `teacher`.
        all_codes: Every class code of the year: where two would be one file name,
            all of them decide which takes the `-2`.
    """
    folder = school.issued(collection.code)
    leads = {one.code: lead_teacher(one) for one in classes}
    teacher_names = file_names(set(leads.values()))
    class_names = file_names(set(all_codes) | set(leads))
    made: dict[Path, list[ClassList]] = {}
    for one in classes:
        teacher = teacher_names[leads[one.code]]
        path = (
            folder / f"{teacher}.xlsx"
            if by == "teacher"
            else folder / teacher / f"{class_names[one.code]}.xlsx"
        )
        made.setdefault(path, []).append(one)
    return [
        MarkbookFile(path, path.relative_to(school.folder).as_posix(), tuple(inside))
        for path, inside in sorted(made.items())
    ]


def lead_teacher(one: ClassList) -> str:
    """The code of the teacher who leads a class, or `no-teacher`."""
    return one.teachers[0] if one.teachers else NO_TEACHER


def entry_sheet_names(classes: Sequence[ClassList]) -> list[str]:
    """The name of every entry sheet of a file, in order.

    A file with one entry sheet calls it `Markbook`; one class with several subjects
    names them by subject; several classes are named by class, with the subject
    where a class has more than one.
    """
    wanted = [
        _called(one, sheet, several=len(classes) > 1)
        for one in classes
        for sheet in one.sheets
    ]
    if len(wanted) == 1:
        return [ENTRY_SHEET]
    names = sheet_names(set(wanted), taken=RESERVED_SHEETS)
    return [names[text] for text in wanted]


def _called(one: ClassList, sheet: EntrySheet, *, several: bool) -> str:
    if not several:
        return sheet.subject
    return one.code if len(one.sheets) == 1 else f"{one.code} {sheet.subject}"


def class_digest(
    one: ClassList, school: School, collection: Collection, tables: Tables
) -> str:
    """A hash of everything that a class's markbook says, the marks apart.

    Marks that have come in since change nothing: the teacher's file goes on. But
    whatever makes it be issued again, it then carries the marks already stored.
    """
    said = [
        SCHEMA,
        template("markbook"),
        template("theme"),
        school.settings.school.name,
        school.id,
        school.settings.school.contact,
        school.academic_year,
        collection.model_dump(mode="json"),
        school.settings.flags.model_dump(mode="json"),
        school.settings.issue.targets_on_board,
        school.settings.issue.print_groups,
        bool(school.settings.issue.password),
        one.code,
        one.teachers,
        [(code.name, code.meaning, code.spellings) for code in tables.codes],
        [_sheet(sheet, tables) for sheet in one.sheets],
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def needs_writing(
    folio: MarkbookFile, digests: Mapping[str, str], known: Mapping[str, Issue]
) -> bool:
    """Whether a file is missing or says something else than it would now.

    Args:
        folio: The file.
        digests: The digest of each class now.
        known: The latest issue of each class.
    """
    inside = {one.code for one in folio.classes}
    there = {code for code, issue in known.items() if issue.file == folio.name}
    return (
        there != inside
        or any(known[code].digest != digests[code] for code in inside)
        or not folio.path.is_file()
    )


def has_uncollected_work(
    path: Path, known: Iterable[Issue], merged: frozenset[str]
) -> bool:
    """Whether a file holds somebody's work that has not been collected.

    Args:
        path: A file where a markbook is to go, which may not be there.
        known: The issues that may have written it.
        merged: The SHA-256 of every file that was collected.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False
    found = hashlib.sha256(data).hexdigest()
    if found in merged or any(issue.sha256 == found for issue in known):
        return False
    return not _as_written(path)


def set_aside(
    path: Path, known: Iterable[Issue], merged: frozenset[str], today: date
) -> Path | None:
    """Put a collected file aside before its place is written again.

    Its marks are in the store; what stands under `Your notes` is nowhere else, for
    nobody reads it out of the file.

    Args:
        path: Where a markbook is to go.
        known: The issues that may have written what lies there.
        merged: The SHA-256 of every file that was collected.
        today: The day of issue, which the older file is named after.

    Returns:
        Where the older file is now; None where nobody had filled one in.

    Raises:
        CannotWrite: If it cannot be put aside.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    found = hashlib.sha256(data).hexdigest()
    if found not in merged or any(issue.sha256 == found for issue in known):
        return None
    kept = path.with_name(f"{path.stem} (before {today.isoformat()}){path.suffix}")
    number = 1
    while kept.exists() and kept.read_bytes() != data:
        number += 1
        name = f"{path.stem} (before {today.isoformat()}-{number}){path.suffix}"
        kept = path.with_name(name)
    publish(kept, data)
    return kept


def _as_written(path: Path) -> bool:
    # What an interrupted run left is in no ledger; it was never saved since it was
    # made, and says so.
    try:
        with zipfile.ZipFile(path) as package, package.open(_CORE) as part:
            moments = dict(_MOMENT.findall(part.read(65_536)))
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        # Damaged, without the part, out of reach, locked by a password, or packed in a
        # way that nobody's workbook is: somebody has been at it.
        return False
    return bool(moments) and moments.get(b"created") == moments.get(b"modified")


def _sheet(sheet: EntrySheet, tables: Tables) -> list[object]:
    scale = tables.scales.get(sheet.scale)
    return [
        sheet.subject,
        sheet.scale,
        [(s.name, s.level, s.fine, s.spellings) for s in scale.steps] if scale else [],
        sheet.year,
        sheet.teachers,
        sheet.style,
        astuple(sheet.ladder) if sheet.ladder else None,
        [(column.key, column.heading) for column in sheet.columns],
        [_row(row) for row in sheet.rows],
    ]


def _row(row: PupilRow) -> list[object]:
    return [
        row.adno,
        row.surname,
        row.forename,
        row.reg,
        row.groups,
        row.prior,
        row.earlier,
        row.target,
        row.aspirational,
        row.extras,
    ]
