"""What a run of `issue` has to tell a person, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from sqlalchemy import Connection

from generator.issue.filing import Folio
from generator.markbook.classlist import ClassList
from generator.markbook.page import scales_of
from generator.markbook.sealing import PASSWORDS_FILE
from generator.names import safe_name
from generator.problems import Problem
from generator.school import Collection, School
from generator.store import roster
from generator.store.ledger import Issue
from udfs.errors import MarkbookError, UnknownScale
from udfs.tables import Tables


def unsound(lists: Sequence[ClassList], tables: Tables) -> list[Problem]:
    """Classes on a scale that there is not, which cannot be issued."""
    problems = []
    for one in lists:
        for sheet in one.sheets:
            try:
                scales_of(sheet, tables)
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


def refusals(folio: Folio, why: str) -> list[Problem]:
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


def left_alone(name: str, folio: Folio, collection: Collection) -> Problem:
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


def kept_beside(folio: Folio, name: str) -> Problem:
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


def stay_encrypted(names: Sequence[str], collection: Collection) -> Problem:
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


def nobody(
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
