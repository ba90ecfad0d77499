"""Plan which classes go into which file, and whether the file needs writing."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from generator.files import publish
from generator.markbook.class_lists import ClassList
from generator.markbook.layout import ENTRY_SHEET, SCHEMA, EntrySheet
from generator.markbook.write_markbook import RESERVED_SHEETS
from generator.names import file_names, safe_name, sheet_names
from generator.school.school import Collection, School
from generator.store.issues import Issue
from generator.xlsx.theme import template
from udfs.errors import MarkbookError
from udfs.tables import Tables

NO_TEACHER = "no-teacher"
_CORE_PROPERTIES = "docProps/core.xml"
_TIMESTAMP = re.compile(rb"<dcterms:(created|modified)[^>]*>([^<]*)<")


@dataclass(frozen=True, slots=True)
class MarkbookFile:
    """One file to issue.

    Args:
        path: Its path.
        name: Its path below the school folder, with `/`.
        classes: Its classes, in order.
    """

    path: Path
    name: str
    classes: tuple[ClassList, ...]

    @property
    def class_codes(self) -> tuple[str, ...]:
        """The codes of its classes."""
        return tuple(class_list.code for class_list in self.classes)

    @property
    def teacher(self) -> str:
        """The code of the teacher who leads its first class, or `no-teacher`."""
        return lead_teacher(self.classes[0].teachers)


def select_classes(
    requested: Sequence[str],
    issuable: Mapping[str, object],
    taught: Sequence[str],
    collection: Collection,
) -> set[str]:
    """The codes of the classes to issue.

    Args:
        requested: The classes that the user names; empty for all.
        issuable: The codes of the classes that have pupils.
        taught: The codes of all classes of the year.
        collection: The collection.

    Raises:
        MarkbookError: If a requested class does not exist or has no pupils.
    """
    if not requested:
        return set(issuable)
    selected = set()
    for text in requested:
        alike = [code for code in taught if _match_key(code) == _match_key(text)]
        code = text if text in taught else alike[0] if len(alike) == 1 else None
        if code is None:
            near = get_close_matches(text, taught, n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else "Import it first."
            raise MarkbookError(f"There is no class {text!r}.", hint)
        if code not in issuable:
            years = ", ".join(str(year) for year in collection.years)
            raise MarkbookError(
                f"The class {code} has no pupil of {collection.title} (years {years}).",
                "Name another collection, or add the year to it in school.toml.",
            )
        selected.add(code)
    return selected


def _match_key(code: str) -> str:
    # A class's file name finds the class: `10x-Ma1` finds 10x/Ma1.
    return safe_name(code).casefold()


def plan_files(
    school: School,
    collection: Collection,
    classes: Sequence[ClassList],
    by: str,
    all_codes: Iterable[str],
) -> list[MarkbookFile]:
    """Group classes into files.

    Args:
        school: The school.
        collection: The collection.
        classes: The classes that get a markbook.
        by: `class` or `teacher`.
        all_codes: Every class code of the year: if two make the same file name, all
            codes decide which gets the `-2`.
    """
    folder = school.issued(collection.code)
    leads = {
        class_list.code: lead_teacher(class_list.teachers) for class_list in classes
    }
    teacher_names = file_names(set(leads.values()))
    class_names = file_names(set(all_codes) | set(leads))
    by_path: dict[Path, list[ClassList]] = {}
    for class_list in classes:
        teacher = teacher_names[leads[class_list.code]]
        path = (
            folder / f"{teacher}.xlsx"
            if by == "teacher"
            else folder / teacher / f"{class_names[class_list.code]}.xlsx"
        )
        by_path.setdefault(path, []).append(class_list)
    return [
        MarkbookFile(path, path.relative_to(school.folder).as_posix(), tuple(lists))
        for path, lists in sorted(by_path.items())
    ]


def lead_teacher(teachers: Sequence[str]) -> str:
    """The first of a class's teachers, or `no-teacher`."""
    return teachers[0] if teachers else NO_TEACHER


def entry_sheet_names(classes: Sequence[ClassList]) -> list[str]:
    """The name of every entry sheet of a file, in order.

    A single entry sheet is called `Markbook`. The sheets of one class are named
    after their subjects. The sheets of several classes are named after the class,
    with the subject if a class has more than one.
    """
    titles = [
        _sheet_title(class_list, sheet, has_several=len(classes) > 1)
        for class_list in classes
        for sheet in class_list.sheets
    ]
    if len(titles) == 1:
        return [ENTRY_SHEET]
    names = sheet_names(set(titles), in_use=RESERVED_SHEETS)
    return [names[title] for title in titles]


def _sheet_title(class_list: ClassList, sheet: EntrySheet, *, has_several: bool) -> str:
    if not has_several:
        return sheet.subject
    if len(class_list.sheets) == 1:
        return class_list.code
    return f"{class_list.code} {sheet.subject}"


def class_digest(
    class_list: ClassList, school: School, collection: Collection, tables: Tables
) -> str:
    """A hash of everything in a class's markbook except its marks.

    Marks collected since the last issue do not change it, so the teacher's file
    stays in use. A file that is written again for another reason holds the marks
    stored by then.
    """
    content = [
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
        class_list.code,
        class_list.teachers,
        [(code.name, code.meaning, code.spellings) for code in tables.codes],
        [_sheet_content(sheet, tables) for sheet in class_list.sheets],
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _sheet_content(sheet: EntrySheet, tables: Tables) -> list[object]:
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
        [
            [
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
            for row in sheet.rows
        ],
    ]


def needs_writing(
    file: MarkbookFile, digests: Mapping[str, str], latest: Mapping[str, Issue]
) -> bool:
    """Whether a file is missing, or its classes or their content have changed.

    Args:
        file: The file.
        digests: Class -> its digest now.
        latest: Class -> its latest issue.
    """
    codes = set(file.class_codes)
    issued_codes = {code for code, issue in latest.items() if issue.file == file.name}
    return (
        issued_codes != codes
        or any(latest[code].digest != digests[code] for code in codes)
        or not file.path.is_file()
    )


def has_uncollected_work(
    path: Path, issues: Iterable[Issue], collected: frozenset[str]
) -> bool:
    """Whether somebody has filled in a file that has not been collected.

    Args:
        path: The path of a markbook, which may not exist.
        issues: The issues that may have written it.
        collected: The SHA-256 of every file that was collected.
    """
    content = _changed_content(path, issues)
    is_new = content is not None and content[1] not in collected
    return is_new and not _was_never_saved(path)


def set_aside(
    path: Path, issues: Iterable[Issue], collected: frozenset[str], today: date
) -> Path | None:
    """Copy a collected file to a name of its own before it is written again.

    Its marks are in the store, but its `Your notes` exist nowhere else.

    Args:
        path: The path of the markbook to write.
        issues: The issues that may have written the file there.
        collected: The SHA-256 of every file that was collected.
        today: The day of issue, which goes into the copy's name.

    Returns:
        The copy's path; None if nobody filled in the file.

    Raises:
        CannotWrite: If it cannot be copied.
    """
    content = _changed_content(path, issues)
    if content is None or content[1] not in collected:
        return None
    data = content[0]
    day, number = f"before {today.isoformat()}", 1
    copy = path.with_name(f"{path.stem} ({day}){path.suffix}")
    while copy.exists() and copy.read_bytes() != data:
        number += 1
        copy = path.with_name(f"{path.stem} ({day}-{number}){path.suffix}")
    publish(copy, data)
    return copy


def _changed_content(path: Path, issues: Iterable[Issue]) -> tuple[bytes, str] | None:
    """The content of a file and its SHA-256; None if it is missing or as issued."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    sha256 = hashlib.sha256(data).hexdigest()
    is_as_issued = any(issue.sha256 == sha256 for issue in issues)
    return None if is_as_issued else (data, sha256)


def _was_never_saved(path: Path) -> bool:
    # No issue records the files of an interrupted run. Their properties show that
    # no program has saved them since.
    try:
        with zipfile.ZipFile(path) as package, package.open(_CORE_PROPERTIES) as part:
            timestamps = dict(_TIMESTAMP.findall(part.read(65_536)))
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        # Damaged, encrypted, unreadable or packed unlike our own files: somebody
        # has changed it.
        return False
    return bool(timestamps) and timestamps.get(b"created") == timestamps.get(
        b"modified"
    )
