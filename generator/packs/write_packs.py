"""Write the leaders' workbooks from what the store holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from generator.names import shown_path
from generator.packs.facts.completeness import Completeness
from generator.packs.facts.group_measures import measure_collection
from generator.packs.facts.read_snapshot import read_snapshot
from generator.packs.facts.results_day import ResultsDay, read_results_day
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.pack_jobs import (
    PACKS_PER_TASK,
    PackedFacts,
    PackJob,
    PackRefusal,
    add_passwords,
    plan_jobs,
    publish_passwords,
    write_in_worker,
    write_pack,
)
from generator.packs.pack_kind import PackContext, PackKind
from generator.packs.registry import PACK_KINDS
from generator.packs.wording import count_text
from generator.problems import Problem
from generator.report import Progress, Report
from generator.run import run, started_pool
from generator.store import schema
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from generator.context import Context
    from generator.school.school import Collection
    from generator.store.engine import Store

RESULTS = "results"
# A school of so many pupils that writes all of these kinds uses worker processes, which
# start while the snapshot is read.
MANY = frozenset({"department", "pastoral", "class-targets"})
LARGE = 400  # pupils
Outcomes = Iterator[tuple[PackJob, PackRefusal | None]]


class NobodyOnRoll(MarkbookError):
    """No pupil is on roll whom a pack could be about."""


class NoSuchKind(MarkbookError):
    """There is no such kind of pack; the message lists those there are."""


class NoResults(MarkbookError):
    """Only the results pack is wanted, and there are no results."""


@dataclass(frozen=True, slots=True)
class PackReport(Report):
    """The packs that were written.

    Args:
        collection: The collection's code.
        files: The files, relative to the school folder.
        results: What happened with the results pack, as a sentence; empty if it was
            not wanted.
        completeness: How much of the collection has come back; None for results.
    """

    collection: str
    files: tuple[str, ...]
    results: str = ""
    completeness: Completeness | None = None

    def json(self) -> dict[str, Any]:
        """The report as one object."""
        report: dict[str, Any] = {
            "collection": self.collection,
            "files": list(self.files),
            "problems": self.problem_rows(),
        }
        if self.completeness is not None:
            report["back"] = self.completeness.json()
        return report

    def lines(self) -> list[str]:
        """The report in sentences."""
        folder = f" under packs/{self.collection}/" if self.files else ""
        number = count_text(len(self.files), "pack")
        sentences = [f"Wrote {number} of {self.collection}{folder}."]
        if not self.files and not self.exit_status:
            sentences.append("No class has pupils in the years of this collection.")
        if self.files and self.completeness is not None and self.completeness.warning:
            sentences.append(self.completeness.warning)
        if self.collection == RESULTS:
            sentences = []
        if self.results:
            sentences.append(self.results)
        return sentences


def write_packs(
    context: Context,
    collection: Collection | None,
    kinds: Sequence[str] = (),
    *,
    encrypt: bool = False,
    progress: Progress | None = None,
) -> PackReport:
    """Write the leaders' workbooks of a collection.

    The same store and the same moment give the same bytes.

    Args:
        context: The school, its store, the moment and the user.
        collection: The collection; None to write the results pack only.
        kinds: Kinds of pack; none for every kind there is.
        encrypt: Whether to encrypt each pack with the password of its reader. A pack
            that exists and is encrypted stays encrypted in any case.
        progress: Called for each pack written.

    Raises:
        NoSuchKind: If a kind is not known; the message lists those there are.
        NobodyOnRoll: If the collection's years have no pupils.
        NoResults: If only the results pack is wanted, and there are no results.
    """
    check_kinds(kinds)
    results = _write_results(context, kinds, encrypt=encrypt)
    named = [PACK_KINDS[name] for name in kinds or PACK_KINDS]
    wanted = [kind for kind in named if kind.facts == "collection"]
    if collection is None or not wanted:
        return results
    packs = _CollectionPacks(context, collection, wanted, encrypt)
    packs.write(progress)
    return PackReport(
        collection.code, packs.files(), results.results,
        completeness=Completeness.of_snapshot(packs.snapshot),
        problems=(*packs.problems(), *results.problems),
    )  # fmt: skip


def check_kinds(kinds: Sequence[str], collections: Sequence[str] = ()) -> None:
    """Refuse a kind of pack that does not exist.

    Args:
        kinds: Names of kinds.
        collections: The codes that the first name may have been meant for; none if a
            collection was named.

    Raises:
        NoSuchKind: If a kind does not exist; the message lists those there are.
    """
    kind_names = ", ".join(PACK_KINDS)
    for kind in kinds:
        if kind in PACK_KINDS:
            continue
        if collections and kind == kinds[0]:
            raise NoSuchKind(
                f"There is no collection and no pack {kind!r}.",
                f"The collections are: {', '.join(collections)}. "
                f"The packs are: {kind_names}.",
            )
        raise NoSuchKind(f"There is no pack {kind!r}.", f"There are: {kind_names}.")


def load_worker() -> None:
    """Do nothing: unpickling this function loads every kind of pack in a worker."""


class _CollectionPacks:
    """The packs of a collection: what is written, and what became of it."""

    def __init__(
        self,
        context: Context,
        collection: Collection,
        kinds: Sequence[PackKind[Any]],
        encrypt: bool,
    ) -> None:
        self.context, self.collection, self.kinds = context, collection, kinds
        self.encrypt = encrypt
        self.snapshot: CollectionSnapshot
        self.jobs: list[PackJob] = []
        self.refusals: dict[Path, PackRefusal] = {}

    def write(self, progress: Progress | None) -> None:
        """Write every pack, and the passwords of those that are encrypted."""
        store = self.context.store
        names = [kind.name for kind in self.kinds]
        with ExitStack() as stack:
            pool = None
            if set(names) >= MANY and _is_large(store):
                pool = stack.enter_context(started_pool(load_worker))
            with store.begin() as connection:
                self.snapshot = read_snapshot(connection, self.context, self.collection)
            if self.snapshot.pupils.empty and any(kind.readers for kind in self.kinds):
                raise _nobody_on_roll(self.collection)
            outcomes = self._start_all(pool)
            self.jobs.sort(key=lambda job: names.index(job.kind))
            for number, (job, refusal) in enumerate(outcomes, 1):
                if refusal:
                    self.refusals[job.path] = refusal
                if progress:
                    progress(number, len(self.jobs), self._file_name(job))
        encrypted = [
            job for job in self.jobs if job.password and job.path not in self.refusals
        ]
        if encrypted:
            folder = self.context.school.packs(self.collection.code)
            publish_passwords(folder, encrypted, self.snapshot.names)

    def _start_all(self, pool: Executor | None) -> Outcomes:
        """Start writing all packs, those without groups while groups are measured."""
        outcomes = self._start([k for k in self.kinds if not k.measures], pool)
        with_groups = [kind for kind in self.kinds if kind.measures]
        if not with_groups:
            return outcomes
        groups_only = all(kind.measures == "groups" for kind in with_groups)
        with self.context.store.begin() as connection:
            measures = measure_collection(
                connection, self.context, self.snapshot, groups_only=groups_only
            )
        self.snapshot = replace(self.snapshot, measures=measures)
        return chain(outcomes, self._start(with_groups, pool))

    def _start(self, kinds: Sequence[PackKind[Any]], pool: Executor | None) -> Outcomes:
        """Start writing the packs of some kinds; yields each as it is written."""
        school = self.context.school
        jobs = plan_jobs(school, self.snapshot, kinds, self.collection.code)
        jobs = add_passwords(
            self.context, jobs, self.snapshot.academic_year, encrypt=self.encrypt
        )
        self.jobs += jobs
        pack_context = _pack_context(self.context)
        if pool is None:
            work = partial(write_pack, facts=self.snapshot, context=pack_context)
        else:
            packed = PackedFacts.pack(self.snapshot, pack_context)
            work = partial(write_in_worker, packed=packed)
        return run(work, jobs, chunk=PACKS_PER_TASK, pool=pool)

    def _file_name(self, job: PackJob) -> str:
        return shown_path(job.path, self.context.school.folder)

    def files(self) -> tuple[str, ...]:
        """The files that were written, relative to the school folder."""
        return tuple(
            self._file_name(job) for job in self.jobs if job.path not in self.refusals
        )

    def problems(self) -> Iterator[Problem]:
        """The packs that could not be written, and the roles that nobody has."""
        reported: set[str] = set()
        for job in self.jobs:
            if refusal := self.refusals.get(job.path):
                yield Problem(
                    file=self._file_name(job), code="pack-refused",
                    what=refusal.what, do=refusal.do,
                )  # fmt: skip
            stem = PACK_KINDS[job.kind].file_stem(job.scope)
            problem = job.readers.missing(stem) if job.readers else None
            if problem and problem.what not in reported:  # once for several packs
                reported.add(problem.what)
                yield problem


def _nobody_on_roll(collection: Collection) -> NobodyOnRoll:
    years = ", ".join(str(year) for year in collection.years)
    return NobodyOnRoll(
        f"Nobody is on roll in the years of {collection.title} ({years}).",
        "Put the exports of your MIS into exports/, then run markbook import; or "
        "name another collection.",
    )


def _is_large(store: Store) -> bool:
    """Whether the school has enough pupils to be worth worker processes."""
    with store.begin() as connection:
        count = connection.execute(select(func.count()).select_from(schema.pupils))
        return count.scalar_one() >= LARGE


def _pack_context(context: Context) -> PackContext:
    return PackContext(context.school, context.tables, context.now)


def _write_results(
    context: Context, kinds: Sequence[str], *, encrypt: bool
) -> PackReport:
    """Write the results pack, from the latest results there are.

    If no kind is named, it is written only for results of this academic year.

    Raises:
        NoResults: If it is the only kind named, and there are no results.
    """
    if kinds and RESULTS not in kinds:
        return PackReport(RESULTS, ())
    with context.store.begin() as connection:
        results_day = read_results_day(connection, context.school, context.tables)
    if results_day is None:
        if [*kinds] == [RESULTS]:
            raise NoResults(
                "There are no results in the store.",
                "Read them in first: markbook results FILE.",
            )
        none = "results: no results have been read yet (markbook results FILE)."
        return PackReport(RESULTS, (), none)
    year = results_day.outcome.academic_year
    if not kinds and year != context.school.academic_year:
        hint = f"The last results are of {year}: markbook pack results writes them."
        return PackReport(RESULTS, (), hint)
    job = _write_results_pack(context, results_day, encrypt=encrypt)
    file = shown_path(job.path, context.school.folder)
    problem = job.readers.missing(file) if job.readers else None
    return PackReport(
        RESULTS, (file,), f"Wrote the pack of the results of {year}: {file}.",
        problems=(problem,) if problem else (),
    )  # fmt: skip


def _write_results_pack(
    context: Context, results_day: ResultsDay, *, encrypt: bool
) -> PackJob:
    year = results_day.outcome.academic_year
    jobs = plan_jobs(context.school, results_day, [PACK_KINDS[RESULTS]], RESULTS)
    (job,) = add_passwords(context, jobs, year, encrypt=encrypt)
    refusal = write_pack(job, facts=results_day, context=_pack_context(context))
    if refusal:
        raise MarkbookError(refusal.what, refusal.do)
    if job.password:
        publish_passwords(job.path.parent, [job], results_day.names)
    return job
