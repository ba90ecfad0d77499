"""The report of `issue`, and the problems it may list."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator.files import PASSWORDS_FILE
from generator.issue.file_plan import MarkbookFile
from generator.markbook.class_lists import ClassList
from generator.markbook.sheet_content import sheet_scales
from generator.names import quoted, safe_name
from generator.problems import Problem
from generator.report import Report
from generator.school.school import Collection, School
from generator.store import roster
from generator.store.issues import Issue
from udfs.errors import MarkbookError, UnknownScale
from udfs.tables import Tables


@dataclass(frozen=True, slots=True)
class IssueReport(Report):
    """What was issued.

    Args:
        collection: The collection's code.
        folder: The folder of its markbooks, below the school folder.
        classes: The number of selected classes that have a markbook now.
        pupils: The number of pupil rows in those markbooks.
        written: The files written, below the school folder.
        unchanged: The number of files that stay as they are.
        removed: Files of an earlier issue that were deleted.
        refused: The classes that could not be issued.
        empty: The classes without pupils.
    """

    collection: str
    folder: str
    classes: int
    pupils: int
    written: tuple[str, ...] = ()
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "collection": self.collection,
            "classes": self.classes,
            "pupils": self.pupils,
            "files": {
                "written": len(self.written),
                "unchanged": self.unchanged,
                "removed": len(self.removed),
            },
            "written": list(self.written),
            "removed": list(self.removed),
            "refused": list(self.refused),
            "empty": list(self.empty),
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        classes = "class" if self.classes == 1 else "classes"
        lines = [
            f"{self.collection}: {_markbooks(len(self.written))} written, "
            f"{self.unchanged:,} unchanged, for {self.classes:,} {classes}, in "
            f"{self.folder}/."
        ]
        if self.written:
            lines.append(f"{self.folder}/send.csv lists who gets which.")
        if self.removed:
            lines.append(
                f"{_markbooks(len(self.removed))} of an earlier issue deleted: their "
                "classes are in other files now."
            )
        if self.refused:
            lines.append(f"Not issued: {', '.join(self.refused)}.")
        return lines


def _markbooks(number: int) -> str:
    return f"{number:,} markbook{'' if number == 1 else 's'}"


def unknown_scales(lists: Iterable[ClassList], tables: Tables) -> list[Problem]:
    """A problem for each class with a subject on an unknown scale."""
    problems = []
    for class_list in lists:
        for sheet in class_list.sheets:
            try:
                sheet_scales(sheet, tables)
            except UnknownScale as error:
                problems.append(
                    Problem(
                        file="school.toml",
                        code="scale-unknown",
                        value=class_list.code,
                        what=f"The class {class_list.code} was not issued: the scale "
                        f"of {sheet.subject} is unknown. {error.what}",
                        do=f"Correct its scale under [[subjects]]. {error.do}",
                    )
                )
                break
    return problems


def class_refused(file: MarkbookFile, reason: str) -> list[Problem]:
    """A problem for each class of a file that could not be written.

    Args:
        file: The file.
        reason: Why it could not be written; empty if it was.
    """
    return [
        Problem(
            file=file.name,
            code="class-refused",
            value=code,
            what=f"The class {code} was not issued: {reason}",
            do="The other classes are; issue this one again when it is corrected.",
        )
        for code in (file.class_codes if reason else ())
    ]


def filled_in(file: MarkbookFile, collection: Collection) -> Problem:
    """The problem of a file that is not overwritten because it has been filled in."""
    codes = ", ".join(file.class_codes)
    return Problem(
        file=file.name,
        code="filled-in",
        value=codes,
        what=f"{codes} changed since it was issued, but somebody has filled in the "
        "file in place, so it was not written again.",
        do=f"Collect it (markbook collect {collection.code} {quoted(file.name)}), then "
        "issue it again: the new file will hold its marks.",
    )


def copied_aside(file: MarkbookFile, copy: str) -> Problem:
    """The warning that a collected file was copied before it was overwritten."""
    return Problem(
        file=file.name,
        code="older-kept",
        severity="warning",
        value=", ".join(file.class_codes),
        what=f"The filled-in file that was here is now beside it as {copy}. Its marks "
        "are in the new file; its teacher's own notes are not.",
        do="Tell the teacher to copy the notes over, then delete the older file.",
    )


def stays_encrypted(names: Sequence[str], collection: Collection) -> Problem:
    """The warning that files are encrypted because their earlier issue was."""
    return Problem(
        file=names[0] if len(names) == 1 else "",
        code="stays-encrypted",
        severity="warning",
        value=", ".join(names),
        what=f"{len(names)} markbook{'' if len(names) == 1 else 's'} encrypted without "
        "--encrypt, because an earlier issue was. The passwords are the same: see "
        f"issued/{safe_name(collection.code)}/{PASSWORDS_FILE}.",
        do="To issue without encryption, delete the files and that list, then issue "
        "again.",
    )


def signed_anew(names: Sequence[str]) -> Problem:
    """The warning that files of an earlier issue were signed by another key."""
    return Problem(
        file=names[0] if len(names) == 1 else "",
        code="signed-anew",
        severity="warning",
        value=", ".join(names),
        what=f"{len(names)} markbook{'' if len(names) == 1 else 's'} written again, "
        "because the school has a new key.",
        do="Send them out again: copies that teachers have are no longer taken back.",
    )


def second_copy(
    name: str, current: Mapping[str, Issue], former: Mapping[str, Issue]
) -> Problem:
    """The warning that a filled-in file holds classes that are in another file now.

    Args:
        name: The file.
        current: Class -> its latest issue.
        former: Class -> its latest issue before this run.
    """
    codes = [code for code, issue in former.items() if issue.file == name]
    new_files = ", ".join(dict.fromkeys(current[code].file for code in codes))
    return Problem(
        file=name,
        code="second-copy",
        severity="warning",
        value=", ".join(codes),
        what=f"{', '.join(codes)} is now in {new_files}; this older file has been "
        "filled in and was not deleted.",
        do="Collect it, then delete it.",
    )


def empty_classes(
    classes: pd.DataFrame, issued: Container[str], collection: Collection
) -> list[Problem]:
    """A warning for each class of the collection's years that has no pupils.

    Args:
        classes: The classes of the academic year.
        issued: The codes of the classes that have pupils.
        collection: The collection.
    """
    in_years = classes["year"].isin(collection.years).to_numpy(dtype=bool)
    return [
        Problem(
            severity="warning",
            code="class-empty",
            value=code,
            what=f"The class {code} has no pupils on roll, so it has no markbook.",
            do="Import its class list, or leave it.",
        )
        for code in classes.loc[in_years, "class"].tolist()
        if code not in issued
    ]


def nobody_to_issue(
    connection: Connection, school: School, collection: Collection
) -> MarkbookError:
    """The error that no class of a collection has a pupil, with the likely reason."""
    year = school.academic_year
    has_pupils = bool(len(roster.pupils(connection, year)))
    if not (has_pupils or len(roster.classes(connection, year))):
        what = f"The store holds no pupils and no classes of {year}."
        do = "Put the exports of your MIS into exports/, then run markbook import."
    elif not roster.memberships(connection, year).empty:
        years = ", ".join(str(year_group) for year_group in collection.years)
        what = f"No class has a pupil of {collection.title} (years {years})."
        do = "Name another collection, or add their years to it in school.toml."
    else:
        what = f"No pupil is in a class of {year} yet."
        do = "Import class lists: a row for each pupil and class."
    return MarkbookError(what, do)
