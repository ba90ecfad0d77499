"""The leaders' workbooks: one module for each kind, all from one standing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from types import ModuleType

from sqlalchemy import func, select

from generator.names import file_names
from generator.packs import pack_jobs, readers
from generator.packs.chase_workbook import write_chase
from generator.packs.facts.completeness import Back
from generator.packs.facts.group_measures import measured
from generator.packs.facts.read_snapshot import read_snapshot
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.kinds import (
    class_targets,
    department,
    governors,
    group,
    journey,
    ladders,
    leadership,
    pastoral,
    praise,
    results,
    target_groups,
)
from generator.packs.report import PackReport, shown
from generator.packs.results_pack import NoResults, results_pack
from generator.problems import Problem
from generator.run import run, started
from generator.school.school import Collection, School
from generator.store import schema
from generator.store.engine import Store
from generator.store.passwords import ensure
from generator.xlsx.encryption import is_encrypted
from udfs.errors import MarkbookError
from udfs.tables import Tables

__all__ = [
    "KINDS", "NoResults", "NoSuchKind", "NobodyOnRoll", "PackReport", "packs",
    "write_chase",
]  # fmt: skip

# Each kind is a module with `scopes`, `without_holder` and `write`.
KINDS: Mapping[str, ModuleType] = {
    "department": department,
    "pastoral": pastoral,
    "class-targets": class_targets,
    "praise": praise,
    "journey": journey,
    "group": group,
    "leadership": leadership,
    "governors": governors,
    "target-groups": target_groups,
    "ladders": ladders,
    "results": results,  # of no collection: see `results_pack`
}
# Kinds that tell of groups by rule, and of those the ones with measures too.
GROUPED = frozenset({"group", "leadership", "governors", "target-groups"})
MEASURED = GROUPED - {"group"}
# Asked for together by a school of so many pupils, they are worth more processes, which
# come up while the standing is worked out.
MANY = frozenset({"department", "pastoral", "class-targets"})
LARGE = 400  # pupils
Done = Iterator[tuple[pack_jobs.Order, pack_jobs.Refused | None]]


class NobodyOnRoll(MarkbookError):
    """There is no pupil of whom a pack could tell."""


class NoSuchKind(MarkbookError):
    """A kind of pack that there is not; the text lists those there are."""


def packs(
    store: Store,
    school: School,
    tables: Tables,
    collection: Collection | None,
    kinds: Sequence[str] = (),
    *,
    now: datetime,
    who: str,
    encrypt: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
) -> PackReport:
    """Write the leaders' workbooks of a collection, worked out from the store now.

    Args:
        store: The school's store.
        school: The school.
        tables: Scales and subjects as this school has them.
        collection: The collection; None where only the pack of results day is asked.
        kinds: Kinds of pack; none means every kind there is.
        now: The moment written into them; same store and moment, same bytes.
        who: Who asked for them.
        encrypt: Whether to encrypt each with the password of its reader; one that
            lies there encrypted stays so in any case.
        progress: Told of each pack written: how many, of how many, which.

    Raises:
        NoSuchKind: If a kind is not known; the message lists those there are.
        NobodyOnRoll: If the collection's years have no pupils.
    """
    check_kinds(kinds)
    told = results_pack(
        store, school, tables, now=now, named=results.KIND in kinds,
        only=[*kinds] == [results.KIND],
        wanted=not kinds or results.KIND in kinds, encrypt=encrypt,
    )  # fmt: skip
    kinds = [kind for kind in (kinds or KINDS) if kind != results.KIND]
    if collection is None or not kinds:
        return told
    folder = school.packs(collection.code)
    with ExitStack() as open_:
        pool = None
        if set(kinds) >= MANY and _is_large(store):
            pool = open_.enter_context(started(pack_jobs.ready))
        with store.begin() as connection:
            stands = read_snapshot(
                connection, school, tables, collection, today=now.date()
            )
        if stands.pupils.empty and [*kinds] != [ladders.KIND]:
            raise _nobody(collection)

        def sent(some: Iterable[str]) -> tuple[list[pack_jobs.Order], Done]:
            wanted = _wanted(some, stands, school)
            made = _orders(store, school, stands, wanted, folder, encrypt=encrypt)
            if pool is None:
                work = partial(
                    pack_jobs.write_pack,
                    standing=stands, school=school, tables=tables, now=now,
                )  # fmt: skip
            else:
                material = pack_jobs.Material.of(stands, school, tables)
                work = partial(pack_jobs.write_from, material=material, now=now)
            return made, run(work, made, chunk=pack_jobs.AT_ONCE, pool=pool)

        # Those that tell of no groups are on their way while the groups are measured.
        orders, jobs = sent(kind for kind in kinds if kind not in GROUPED)
        if grouped := [kind for kind in kinds if kind in GROUPED]:
            with store.begin() as connection:
                known = measured(
                    connection, school, tables, collection, stands.pupils,
                    academic_year=stands.academic_year, earlier=stands.earlier,
                    today=now.date(), whole=bool(MEASURED.intersection(grouped)),
                )  # fmt: skip
            stands = replace(stands, measured=known)
            more, jobs_of_groups = sent(grouped)
            orders, jobs = orders + more, chain(jobs, jobs_of_groups)
        orders.sort(key=lambda order: kinds.index(order.kind))
        refused: dict[Path, pack_jobs.Refused] = {}
        for done, (order, fault) in enumerate(jobs, 1):
            if fault:
                refused[order.path] = fault
            if progress:
                progress(done, len(orders), shown(order.path, school))
    closed = [one for one in orders if one.password and one.path not in refused]
    if closed:
        pack_jobs.publish_passwords(folder, closed, stands.names, readers.NOBODY)
    files: list[str] = []
    problems: list[Problem] = []
    lacking: set[str] = set()
    for order in orders:
        file = shown(order.path, school)
        if fault := refused.get(order.path):
            problems.append(
                Problem(file=file, code="pack-refused", what=fault.what, do=fault.do)
            )
        else:
            files.append(file)
        problem = KINDS[order.kind].without_holder(stands, order.scope)
        if problem and problem.what not in lacking:  # for several packs it is one gap
            lacking.add(problem.what)
            problems.append(problem)
    return PackReport(
        collection.code, tuple(files), (*problems, *told.problems), told.results,
        back=Back.of(stands),
    )  # fmt: skip


def _nobody(collection: Collection) -> NobodyOnRoll:
    years = ", ".join(str(year) for year in collection.years)
    return NobodyOnRoll(
        f"Nobody is on roll in the years of {collection.title} ({years}).",
        "Put the exports of your MIS into exports/, then run markbook import; or "
        "name another collection.",
    )


def _is_large(store: Store) -> bool:
    """Whether a school has so many pupils that its packs are worth more processes."""
    with store.begin() as connection:
        count = connection.execute(select(func.count()).select_from(schema.pupils))
        return count.scalar_one() >= LARGE


def _wanted(
    kinds: Iterable[str], stands: CollectionSnapshot, school: School
) -> list[tuple[str, str]]:
    """Each pack of these kinds: its kind and of what it is."""
    return [
        (kind, scope)
        for kind in kinds
        for scope in (
            ladders.on_file(school)  # not of the marks, but of the school folder
            if kind == ladders.KIND
            else KINDS[kind].scopes(stands)
        )
    ]


def _orders(
    store: Store,
    school: School,
    stands: CollectionSnapshot,
    wanted: Sequence[tuple[str, str]],
    folder: Path,
    *,
    encrypt: bool,
) -> list[pack_jobs.Order]:
    """What is to be written, with whose password where it is to be encrypted."""
    names = file_names(_named(kind, scope) for kind, scope in wanted)
    made = []
    for kind, scope in wanted:
        path = folder / f"{names[_named(kind, scope)]}.xlsx"
        codes = () if kind in readers.OPEN else readers.readers(stands, kind, scope)
        made.append(pack_jobs.Order(KINDS[kind].write, kind, scope, path, codes))
    owners = {
        order.path: (order.readers or (readers.NOBODY,))[0]
        for order in made
        if order.kind not in readers.OPEN and (encrypt or is_encrypted(order.path))
    }
    if not owners:
        return made
    with store.begin() as connection:
        known = ensure(connection, stands.academic_year, owners.values(), school.key())
    return [
        replace(order, password=known[owners[order.path]])
        if order.path in owners
        else order
        for order in made
    ]


def check_kinds(kinds: Sequence[str], collections: Sequence[str] = ()) -> None:
    """Refuse a kind of pack that there is not.

    Args:
        kinds: The kinds asked for.
        collections: The codes that the first of them may have been meant for; none
            where a collection was named.

    Raises:
        NoSuchKind: If there is one; the message lists those there are.
    """
    for kind in kinds:
        if kind not in KINDS:
            if collections and kind == kinds[0]:
                raise NoSuchKind(
                    f"There is no collection and no pack {kind!r}.",
                    f"The collections are: {', '.join(collections)}. "
                    f"The packs are: {', '.join(KINDS)}.",
                )
            raise NoSuchKind(
                f"There is no pack {kind!r}.", f"There are: {', '.join(KINDS)}."
            )


def _named(kind: str, scope: str) -> str:
    return f"{kind}-{scope}" if scope else kind
