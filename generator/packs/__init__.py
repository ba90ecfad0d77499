"""The leaders' workbooks: one module for each kind, all from one standing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from generator.files import publish
from generator.markbook.pen import strictly
from generator.names import file_names
from generator.packs import (
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
from generator.packs.chase import write_chase
from generator.packs.measured import measured
from generator.packs.phrases import many
from generator.packs.results_found import find
from generator.packs.standing import standing
from generator.problems import Problem
from generator.school import Collection, School
from generator.store.engine import Store
from udfs.errors import MarkbookError
from udfs.tables import Tables

__all__ = [
    "KINDS",
    "NoResults",
    "NoSuchKind",
    "PackReport",
    "packs",
    "write_chase",
]

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


class NoSuchKind(MarkbookError):
    """A kind of pack that there is not; the text lists those there are."""


class NoResults(MarkbookError):
    """The pack of results day was asked for, and there are no results."""


@dataclass(frozen=True, slots=True)
class PackReport:
    """The packs that were written.

    Args:
        collection: The collection's code.
        files: The files, relative to the school folder.
        problems: What somebody should put right: a department without a head, say.
        results: What became of the pack of results day, as a sentence; empty where
            it was not asked for.
    """

    collection: str
    files: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    results: str = ""

    @property
    def exit_status(self) -> int:
        """0, or 1 where a pack could not be written."""
        return int(any(p.severity == "error" for p in self.problems))

    def json(self) -> dict[str, Any]:
        """The report as one object."""
        return {
            "collection": self.collection,
            "files": list(self.files),
            "problems": [problem.row() for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """What was written, and what to look at."""
        where = f" under packs/{self.collection}/" if self.files else ""
        said = [f"Wrote {many(len(self.files), 'pack')} of {self.collection}{where}."]
        if not self.files:
            said.append("No class has pupils in the years of this collection.")
        if self.collection == results.KIND:
            said = []
        if self.results:
            said.append(self.results)
        return said + [str(problem) for problem in self.problems]


def packs(
    store: Store,
    school: School,
    tables: Tables,
    collection: Collection | None,
    kinds: Sequence[str] = (),
    *,
    now: datetime,
    who: str,
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
        progress: Told of each pack written: how many, of how many, which.

    Raises:
        NoSuchKind: If a kind is not known; the message lists those there are.
    """
    check_kinds(kinds)
    told = results_pack(
        store, school, tables, now=now, named=results.KIND in kinds,
        only=[*kinds] == [results.KIND],
        wanted=not kinds or results.KIND in kinds,
    )  # fmt: skip
    kinds = [kind for kind in (kinds or KINDS) if kind != results.KIND]
    if collection is None or not kinds:
        return told
    asked = set(kinds)
    with store.begin() as connection:
        stands = standing(connection, school, tables, collection, today=now.date())
        if asked & GROUPED:
            known = measured(
                connection, school, tables, collection, stands.pupils,
                academic_year=stands.academic_year, earlier=stands.earlier,
                today=now.date(), whole=bool(asked & MEASURED),
            )  # fmt: skip
            stands = replace(stands, measured=known)
    wanted = [
        (kind, scope)
        for kind in kinds
        for scope in (
            ladders.on_file(school)  # not of the marks, but of the school folder
            if kind == ladders.KIND
            else KINDS[kind].scopes(stands)
        )
    ]
    names = file_names(_named(kind, scope) for kind, scope in wanted)
    files: list[str] = []
    problems: list[Problem] = []
    for done, (kind, scope) in enumerate(wanted, 1):
        path = school.packs(collection.code) / f"{names[_named(kind, scope)]}.xlsx"
        shown = _shown(path, school)
        try:
            with strictly():
                data = KINDS[kind].write(stands, school, tables, scope, now=now)
            publish(path, data)
            files.append(shown)
        except MarkbookError as error:  # one pack never stops the others
            problems.append(
                Problem(file=shown, code="pack-refused", what=error.what, do=error.do)
            )
        if problem := KINDS[kind].without_holder(stands, scope):
            problems.append(problem)
        if progress:
            progress(done, len(wanted), shown)
    return PackReport(
        collection.code, tuple(files), (*problems, *told.problems), told.results
    )


def check_kinds(kinds: Sequence[str]) -> None:
    """Refuse a kind of pack that there is not.

    Raises:
        NoSuchKind: If there is one; the message lists those there are.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise NoSuchKind(
                f"There is no pack {kind!r}.", f"There are: {', '.join(KINDS)}."
            )


def results_pack(
    store: Store,
    school: School,
    tables: Tables,
    *,
    now: datetime,
    named: bool,
    only: bool,
    wanted: bool = True,
) -> PackReport:
    """Write the pack of results day, of the latest results there are.

    Where nobody has named it, it is written of results of this academic year only.

    Args:
        store: The school's store.
        school: The school.
        tables: Scales and subjects as this school has them.
        now: The moment written into it.
        named: Whether it was asked for by name.
        only: Whether nothing else was asked for.
        wanted: Whether it was asked for at all.

    Raises:
        NoResults: If nothing else was asked for and there are no results.
    """
    if not wanted:
        return PackReport(results.KIND, ())
    with store.begin() as connection:
        found = find(connection, school, tables)
    if found is None:
        if only:
            raise NoResults(
                "There are no results in the store.",
                "Read them in first: markbook results FILE.",
            )
        return PackReport(results.KIND, (), results="No results yet, so none of them.")
    year = found.outcome.academic_year
    if not named and year != school.academic_year:
        again = f"The last results are of {year}: markbook pack results writes them."
        return PackReport(results.KIND, (), results=again)
    path = school.packs(results.KIND) / f"{results.KIND}.xlsx"
    with strictly():
        data = results.write(found, school, tables, now=now)
    publish(path, data)
    shown = _shown(path, school)
    problems = () if found.holders else (results.no_holder(shown),)
    said = f"Wrote the pack of the results of {year}: {shown}."
    return PackReport(results.KIND, (shown,), problems, said)


def _named(kind: str, scope: str) -> str:
    return f"{kind}-{scope}" if scope else kind


def _shown(path: Path, school: School) -> str:
    return path.relative_to(school.folder).as_posix()
