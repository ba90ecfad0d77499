"""Issuing a collection: what changed is written again, the rest stays as it is.

A file goes into place before its line goes into the ledger, so that the ledger never
names a file that is not there; what an interrupted run wrote and did not put down is
written again by the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, select

from generator.files import publish
from generator.issue.file_plan import (
    class_digest,
    has_uncollected_work,
    needs_writing,
    plan_files,
    set_aside,
)
from generator.issue.report import (
    IssueReport,
    class_refused,
    empty_classes,
    filled_in,
    nobody_to_issue,
    older_kept,
    second_copy,
    stays_encrypted,
    unknown_scales,
)
from generator.issue.send_lists import (
    SEND_FILE,
    encrypted_files,
    publish_passwords,
    send_list,
)
from generator.issue.write import Tick, write_files, write_job
from generator.markbook.class_lists import ClassList, class_lists
from generator.markbook.ladders import Ladders, read_ladders
from generator.names import safe_name
from generator.run import LOCAL
from generator.school.school import Collection, School
from generator.store import issues, roster, schema
from generator.store.engine import Store
from generator.store.issues import Issue
from generator.store.passwords import ensure
from generator.xlsx.encryption import is_encrypted
from generator.xlsx.sheet_password import Lock
from udfs.errors import MarkbookError
from udfs.tables import Tables

# Returns of these statuses have had their cells taken into the store.
_TAKEN = ("merged", "unchanged", "superseded")


def issue(
    store: Store,
    school: School,
    tables: Tables,
    collection: Collection,
    *,
    classes: Sequence[str] = (),
    by: str | None = None,
    encrypt: bool = False,
    now: datetime,
    who: str,
    where: str = LOCAL,
    progress: Tick | None = None,
) -> IssueReport:
    """Write a collection's markbooks and record what was issued.

    Every class that has a pupil of the collection's years is issued, with those
    pupils. A file is written where it is missing or where what it says has changed
    since; the others stay as they are.

    Args:
        store: The school's store.
        school: The school.
        tables: Scales, codes and subjects as this school has them.
        collection: The collection.
        classes: Only these classes; none means all.
        by: `class` or `teacher`: a file each. None: as `school.toml` says.
        encrypt: Whether to encrypt each file with the password of the teacher who
            leads it; a file that is there and is not encrypted is written again.
        now: The moment of issue; who has left by its day is not listed.
        who: Who issues.
        where: Where the work runs, as `generator.run` has it.
        progress: Told of every file written.

    Raises:
        MarkbookError: If one of `classes` is not a class of this collection, or
            there is nobody at all to issue markbooks for.
    """
    judged = collection.style == "judgement"
    climbed = read_ladders(school.folder) if judged else Ladders()
    with store.begin() as connection:
        lists = class_lists(
            connection,
            school,
            tables,
            collection,
            today=now.date().isoformat(),
            ladders=climbed,
        )
        known = issues.latest(connection, collection.code)
        taught = roster.classes(connection, school.academic_year)
        staff = roster.staff(connection, school.academic_year)
        taken = _taken(connection)
        if not (lists or known or classes):
            raise nobody_to_issue(connection, school, collection)
    listed = {one.code: one for one in lists}
    chosen = _chosen(classes, listed, taught, collection)
    problems = [p for p in unknown_scales(lists, tables) if p.value in chosen]
    faulty = {problem.value for problem in problems}
    problems += climbed.problems
    wanted = [
        folio
        for folio in plan_files(
            school,
            collection,
            [one for one in lists if one.code not in faulty],
            by or school.settings.issue.by,
            taught["class"].tolist(),
        )
        if any(one.code in chosen for one in folio.classes)
    ]
    digests = {
        one.code: class_digest(one, school, collection, tables)
        for folio in wanted
        for one in folio.classes
    }
    orders = []
    sealing: dict[Path, str] = {}  # file -> whose password it is encrypted with
    stay = []  # what is encrypted because it was
    before = encrypted_files(school, collection)
    lock = Lock.of(school.settings.issue.password, school.key())
    for folio in wanted:
        closed = is_encrypted(folio.path)
        bare = encrypt and not closed
        if not (bare or needs_writing(folio, digests, known)):
            continue
        if has_uncollected_work(folio.path, known.values(), taken):
            problems.append(filled_in(folio.name, folio, collection))
            continue
        kept = set_aside(folio.path, known.values(), taken, now.date())
        if kept is not None:
            problems.append(older_kept(folio, kept.name))
        was = {
            folio.name,
            *(known[c.code].file for c in folio.classes if c.code in known),
        }
        if encrypt or closed or was & before:
            sealing[folio.path] = folio.teacher
            stay += [] if encrypt else [folio.name]
        orders.append(
            write_job(
                folio,
                school,
                collection,
                digests=digests,
                known=known,
                now=now,
                who=who,
                lock=lock,
            )
        )
    if stay:
        problems.append(stays_encrypted(stay, collection))
    passwords: Mapping[str, str] = {}
    if encrypt or sealing:
        with store.begin() as connection:
            passwords = ensure(
                connection,
                school.academic_year,
                [folio.teacher for folio in wanted],
                school.key(),
            )
    answers = write_files(
        store,
        school,
        tables,
        orders,
        now=now,
        who=who,
        where=where,
        passwords={path: passwords[teacher] for path, teacher in sealing.items()},
        progress=progress,
    )
    written = [order.file.name for order, answer in answers if answer.sha256]
    for order, answer in answers:
        problems += class_refused(order.file, answer.refused)
    with store.begin() as connection:
        current = issues.latest(connection, collection.code)
    removed = []
    for name in _outdated(known, current):
        if has_uncollected_work(school.folder / name, known.values(), frozenset()):
            problems.append(second_copy(name, current, known))
        elif (school.folder / name).is_file():
            (school.folder / name).unlink()
            removed.append(name)
    there = {
        code: one
        for code, one in current.items()
        if code in listed and (school.folder / one.file).is_file()
    }
    if there:
        teachers = {one.code: one.teachers for one in lists}
        publish(
            school.issued(collection.code) / SEND_FILE,
            send_list(there, teachers, staff),
        )
    if passwords and there:
        publish_passwords(school, collection, there, lists, passwords, staff)
    empty = [] if classes else empty_classes(taught, listed, collection)
    return IssueReport(
        collection=collection.code,
        folder=school.issued(collection.code).relative_to(school.folder).as_posix(),
        classes=sum(code in chosen for code in there),
        pupils=sum(one.pupils for code, one in there.items() if code in chosen),
        written=tuple(sorted(written)),
        unchanged=len(wanted) - len(orders),
        removed=tuple(removed),
        refused=tuple(sorted(p.value for p in problems if p.code in _REFUSED)),
        empty=tuple(problem.value for problem in empty),
        problems=(*problems, *empty),
    )


_REFUSED = ("scale-unknown", "class-refused")


def _taken(connection: Connection) -> frozenset[str]:
    returns = schema.returns.c
    query = select(returns.sha256).where(returns.status.in_(_TAKEN))
    return frozenset(connection.execute(query).scalars())


def _chosen(
    asked: Sequence[str],
    listed: Mapping[str, ClassList],
    taught: pd.DataFrame,
    collection: Collection,
) -> set[str]:
    if not asked:
        return set(listed)
    codes = taught["class"].tolist()
    chosen = set()
    for text in asked:
        alike = [code for code in codes if _plain(code) == _plain(text)]
        code = text if text in codes else alike[0] if len(alike) == 1 else None
        if code is None:
            near = get_close_matches(text, codes, n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else "Import it first."
            raise MarkbookError(f"There is no class {text!r}.", hint)
        if code not in listed:
            years = ", ".join(str(year) for year in collection.years)
            raise MarkbookError(
                f"The class {code} has no pupil of {collection.title} (years {years}).",
                "Name another collection, or add the year to it in school.toml.",
            )
        chosen.add(code)
    return chosen


def _plain(code: str) -> str:
    # As its file is called, so that `10x-Ma1` finds 10x/Ma1.
    return safe_name(code).casefold()


def _outdated(known: Mapping[str, Issue], current: Mapping[str, Issue]) -> list[str]:
    # Files that held a class until now and hold none any more.
    used = {one.file for one in current.values()}
    return sorted({one.file for one in known.values()} - used)
