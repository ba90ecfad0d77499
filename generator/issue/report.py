"""What a run of `issue` answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from generator.issue.file_plan import MarkbookFile
from generator.markbook.class_lists import ClassList
from generator.markbook.sheet_content import sheet_scales
from generator.names import safe_name
from generator.problems import Problem
from generator.school.school import Collection, School
from generator.store import roster
from generator.store.issues import Issue
from generator.xlsx.encryption import PASSWORDS_FILE
from udfs.errors import MarkbookError, UnknownScale
from udfs.tables import Tables


@dataclass(frozen=True, slots=True)
class IssueReport:
    """What was issued.

    Args:
        collection: The collection's code.
        folder: Where its markbooks lie, below the school folder.
        classes: How many classes have a markbook now, of those asked about.
        pupils: How many rows of pupils those have.
        written: The files written now, below the school folder.
        unchanged: How many files were there already and stay as they are.
        removed: Files of an earlier issue that were taken away.
        refused: The classes that could not be issued.
        empty: The classes without a pupil to ask about.
        problems: What to look at.
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
    problems: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 where something needs a person, else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    def json(self) -> dict[str, Any]:
        """For other programs."""
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
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """For the person who asked."""
        classes = "class" if self.classes == 1 else "classes"
        told = [
            f"{self.collection}: {_files(len(self.written))} written, "
            f"{self.unchanged:,} unchanged, for {self.classes:,} {classes}, in "
            f"{self.folder}/."
        ]
        if self.written:
            told.append(f"{self.folder}/send.csv says who gets which.")
        if self.removed:
            told.append(
                f"{_files(len(self.removed))} of an earlier issue taken away, whose "
                "classes are in other files now."
            )
        if self.refused:
            told.append(f"Not issued: {', '.join(self.refused)}.")
        return told


def _files(number: int) -> str:
    return f"{number:,} markbook{'' if number == 1 else 's'}"


def unknown_scales(lists: Sequence[ClassList], tables: Tables) -> list[Problem]:
    """Classes on a scale that there is not, which cannot be issued."""
    problems = []
    for one in lists:
        for sheet in one.sheets:
            try:
                sheet_scales(sheet, tables)
            except UnknownScale as error:
                problems.append(
                    Problem(
                        file="school.toml",
                        code="scale-unknown",
                        value=one.code,
                        what=f"The class {one.code} was not issued: {sheet.subject} "
                        f"is on a scale that there is not. {error.what}",
                        do=f"Put its scale right under [[subjects]]. {error.do}",
                    )
                )
                break
    return problems


def class_refused(folio: MarkbookFile, why: str) -> list[Problem]:
    """What to say of a file that could not be written; nothing where it could."""
    return [
        Problem(
            file=folio.name,
            code="class-refused",
            value=one.code,
            what=f"The class {one.code} was not issued: {why}",
            do="The other classes are; issue this one again when it is put right.",
        )
        for one in (folio.classes if why else ())
    ]


def filled_in(name: str, folio: MarkbookFile, collection: Collection) -> Problem:
    """A file with somebody's work in it, which was not written over."""
    codes = ", ".join(one.code for one in folio.classes)
    return Problem(
        file=name,
        code="filled-in",
        value=codes,
        what=f"{codes} changed since it was issued, but somebody has filled in the "
        "file where it lies, so it was not written again.",
        do=f"Collect it (markbook collect {collection.code} {name}), then issue it "
        "again: the marks will be in it.",
    )


def older_kept(folio: MarkbookFile, name: str) -> Problem:
    """A file that was collected, put aside under another name."""
    return Problem(
        file=folio.name,
        code="older-kept",
        severity="warning",
        value=", ".join(one.code for one in folio.classes),
        what=f"The filled-in file that lay here is now beside it as {name}: its marks "
        "are in the new one, its teacher's own notes are not.",
        do="Tell the teacher to copy the notes over, then delete the older file.",
    )


def stays_encrypted(names: Sequence[str], collection: Collection) -> Problem:
    """Files that are encrypted because they were, though it was not asked for."""
    return Problem(
        file=names[0] if len(names) == 1 else "",
        code="stays-encrypted",
        severity="warning",
        value=", ".join(names),
        what=f"{len(names)} markbook{'' if len(names) == 1 else 's'} issued encrypted "
        "before, and so again, though it was not asked for: with the same passwords, "
        f"in issued/{safe_name(collection.code)}/{PASSWORDS_FILE}.",
        do="To have them without encryption, delete the files and that list, then "
        "issue again.",
    )


def second_copy(
    name: str, current: Mapping[str, Issue], known: Mapping[str, Issue]
) -> Problem:
    """A filled-in file of classes that are in another file now."""
    codes = [code for code, one in known.items() if one.file == name]
    now_in = ", ".join(dict.fromkeys(current[code].file for code in codes))
    return Problem(
        file=name,
        code="second-copy",
        severity="warning",
        value=", ".join(codes),
        what=f"{', '.join(codes)} is now in {now_in}; this older file has been filled "
        "in and was left where it is.",
        do="Collect it, then delete it.",
    )


def empty_classes(
    taught: pd.DataFrame, listed: Mapping[str, ClassList], collection: Collection
) -> list[Problem]:
    """Classes of the collection's years that have nobody on roll."""
    of_years = taught["year"].isin(collection.years).to_numpy(dtype=bool)
    return [
        Problem(
            severity="warning",
            code="class-empty",
            value=code,
            what=f"The class {code} has nobody on roll, so it has no markbook.",
            do="Import its class list, or leave it.",
        )
        for code in taught.loc[of_years, "class"].tolist()
        if code not in listed
    ]


def nobody_to_issue(
    connection: Connection, school: School, collection: Collection
) -> MarkbookError:
    """Why there is nobody at all to issue markbooks for."""
    pupils = len(roster.pupils(connection, school.academic_year))
    years = ", ".join(str(year) for year in collection.years)
    if not (pupils or len(roster.classes(connection, school.academic_year))):
        what = f"The store holds no pupils and no classes of {school.academic_year}."
        do = "Put the exports of your MIS into exports/, then run markbook import."
    elif not roster.memberships(connection, school.academic_year).empty:
        what = f"No class has a pupil of {collection.title} (years {years})."
        do = "Name another collection, or add their years to it in school.toml."
    else:
        what = f"Nobody is in a class of {school.academic_year} yet."
        do = "Import class lists: a row for each pupil and class."
    return MarkbookError(what, do)
