"""Where work runs: here, in processes of this machine, or on a cluster.

The seam is `concurrent.futures.Executor`. A job must be a pure function of what it
is given that puts its files in place whole, because a job whose worker died is run
again, perhaps a second time to the end; and it never writes to the store.
"""

from __future__ import annotations

import os
from collections.abc import (
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeAlias, TypeVar

from udfs.errors import MarkbookError

Job = TypeVar("Job")
Result = TypeVar("Answer")
_Sent: TypeAlias = "dict[Future[list[Result]], list[int]]"

SERIAL = "serial"
LOCAL = "local"
CHUNK = 25  # jobs sent at once: below ten, a cluster is slower than one machine
ROUNDS = 2  # in chunks, before each job that is left is tried on its own
WORTH_A_POOL = 40  # jobs: fewer are done here before a second process has started
MOST_WORKERS = 61  # what Windows can wait for


# A process that died, or a cluster that was lost on the way: try again.
_DIED = (BrokenProcessPool, CancelledError, ConnectionError)


class UnfinishedWork(MarkbookError):
    """Work that was given up: the processes doing it died again and again."""


@contextmanager
def executor(where: str = LOCAL) -> Iterator[Executor]:
    """Processes to send work to.

    Args:
        where: `local` for processes of this machine, or the address of a Dask
            scheduler (`tls://…`, `tcp://…`).

    Raises:
        MarkbookError: If a cluster is named and its library is not installed, or it
            does not answer.
    """
    if where == LOCAL:
        # Not fork: it is unsafe with threads, and Windows and Mac have only this.
        with ProcessPoolExecutor(
            worker_count(),
            mp_context=get_context("spawn"),
            initializer=_leave_with_parent,
        ) as pool:
            yield pool
    else:
        with _cluster(where) as cluster:
            yield cluster


def _leave_with_parent() -> None:
    # A pool whose master is killed would otherwise wait for work for ever.
    parent = parent_process()

    def leave() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=leave, daemon=True).start()


def worker_count() -> int:
    """How many processes this machine can keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_WORKERS)
    return min(os.cpu_count() or 1, MOST_WORKERS)


@contextmanager
def started_pool(ready: Callable[[], object]) -> Iterator[Executor | None]:
    """Processes of this machine that come up while it is found out what to send them.

    None where this machine can keep one process busy only.

    Args:
        ready: What each does first: a function of the module that the work is in, so
            that the module has been loaded when the work comes.
    """
    if worker_count() == 1:
        yield None
        return
    with executor() as pool:
        for _ in range(worker_count()):
            pool.submit(ready)
        yield pool


def run(
    work: Callable[[Job], Result],
    jobs: Sequence[Job],
    *,
    where: str = LOCAL,
    chunk: int = CHUNK,
    worth_a_pool: int = WORTH_A_POOL,
    pool: Executor | None = None,
) -> Iterator[tuple[Job, Result]]:
    """Do every job, and answer each with its result as it comes, in any order.

    Jobs whose process died are tried again, in the end each on its own, so that
    one that kills its process takes no other with it.

    Args:
        work: What to do with a job; a function of a module, so that it can be sent.
        jobs: What to do it with.
        where: `serial`, or as for `executor`; `local` does a few jobs right here.
        chunk: How many jobs are sent at once.
        worth_a_pool: How many jobs `local` takes other processes for; fewer are
            done right here.
        pool: Processes that are there already (`started`): every job is sent to them
            before this answers, to be done while the caller does something else.

    Raises:
        Unfinished: If jobs remain whose process dies each time.
        Exception: Whatever `work` raised; from processes, after the other jobs.
    """
    left = dict(enumerate(jobs))
    if pool is not None:
        sent = _sent(pool, work, left, _batches(list(left), chunk))
        return _finished(work, left, where, chunk, sent)
    if where == LOCAL and (len(jobs) < worth_a_pool or worker_count() == 1):
        where = SERIAL
    if where == SERIAL:
        return ((job, work(job)) for job in jobs)
    return _finished(work, left, where, chunk)


def _finished(
    work: Callable[[Job], Result],
    left: dict[int, Job],
    where: str,
    chunk: int,
    sent: _Sent[Result] | None = None,
) -> Iterator[tuple[Job, Result]]:
    of = len(left)
    if sent is not None:
        yield from _answered(sent, left)
    for _ in range(ROUNDS if sent is None else ROUNDS - 1):
        if not left:
            return
        batches = _batches(list(left), chunk)
        yield from _round(work, left, batches, where)
    # What is still left kills its process, shares a chunk with what does, or has a
    # fault: now each on its own.
    failed: list[BaseException] = []
    for at in list(left):
        error = yield from _round(work, left, [[at]], where)
        if error is not None and not isinstance(error, _DIED):
            failed.append(error)
            del left[at]
    if failed:
        raise failed[0]
    if left:
        raise UnfinishedWork(
            f"{len(left)} of {of} pieces of work could not be finished: the "
            "processes doing them were stopped.",
            "Check that the machine has memory to spare, then run the command again: "
            "what is done is kept.",
        )


def _round(
    work: Callable[[Job], Result],
    left: dict[int, Job],
    batches: Iterable[list[int]],
    where: str,
) -> Generator[tuple[Job, Result], None, BaseException | None]:
    with executor(where) as pool:
        return (yield from _answered(_sent(pool, work, left, batches), left))


def _sent(
    pool: Executor,
    work: Callable[[Job], Result],
    left: Mapping[int, Job],
    batches: Iterable[list[int]],
) -> _Sent[Result]:
    sent: _Sent[Result] = {}
    # A process may have died before all is sent; the rest is for the next round.
    with suppress(*_DIED):
        for batch in batches:
            sent[pool.submit(_do, work, [left[at] for at in batch])] = batch
    return sent


def _answered(
    sent: _Sent[Result], left: dict[int, Job]
) -> Generator[tuple[Job, Result], None, BaseException | None]:
    # Takes what is done out of `left`; answers the last error there was.
    last = None
    for future in as_completed(sent):
        error = CancelledError() if future.cancelled() else future.exception()
        if error is not None:
            last = error
            continue
        for at, answer in zip(sent[future], future.result(), strict=True):
            yield left.pop(at), answer
    return last


def _do(work: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
    return [work(job) for job in jobs]


def _batches(items: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        distributed = import_module("distributed")
    except ModuleNotFoundError:
        raise MarkbookError(
            f"Work cannot be sent to {address}: the library for it is not installed.",
            "Install it with: pip install 'markbook[cluster]'.",
        ) from None
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise MarkbookError(
            f"The cluster at {address} does not answer ({error}).",
            "Check the address, and that its scheduler is running.",
        ) from None
    with client:
        # By default Dask takes two calls alike for one and does it once.
        yield client.get_executor(pure=False, retries=2)
