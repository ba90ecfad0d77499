"""Run jobs in this process, in processes of this machine, or on a cluster.

The interface is `concurrent.futures.Executor`. A job must be a pure function of its
arguments that writes its files whole, because a job whose worker died runs again,
perhaps a second time to the end; and it never writes to the store.
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
Result = TypeVar("Result")
_Futures: TypeAlias = "dict[Future[list[Result]], list[int]]"

SERIAL = "serial"
LOCAL = "local"
CHUNK = 25  # jobs per message: below ten, a cluster is slower than one machine
ROUNDS = 2  # in chunks, before each remaining job runs on its own
MIN_POOL_JOBS = 40  # fewer are done here before a second process has started
MAX_WORKERS = 61  # on Windows


# A process died or the connection to a cluster was lost: try again.
_DIED = (BrokenProcessPool, CancelledError, ConnectionError)


class UnfinishedWork(MarkbookError):
    """Jobs remain whose processes died again and again."""


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
    # Without this, a pool whose parent is killed would wait for work for ever.
    parent = parent_process()

    def leave() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=leave, daemon=True).start()


def worker_count() -> int:
    """The number of processes that this machine can keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MAX_WORKERS)
    return min(os.cpu_count() or 1, MAX_WORKERS)


@contextmanager
def started_pool(ready: Callable[[], object]) -> Iterator[Executor | None]:
    """Processes of this machine that start while the caller prepares their jobs.

    None if this machine can keep only one process busy.

    Args:
        ready: What each does first: a function of the module with the work, so that
            the module is loaded when the work comes.
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
    min_pool_jobs: int = MIN_POOL_JOBS,
    pool: Executor | None = None,
) -> Iterator[tuple[Job, Result]]:
    """Run every job, and yield each with its result as it comes, in any order.

    Jobs whose process died run again, in the end each on its own, so that a job that
    kills its process fails alone.

    Args:
        work: The function of a job; a function of a module, so that it can be sent.
        jobs: Its arguments.
        where: `serial`, or as for `executor`; `local` runs a few jobs in this process.
        chunk: How many jobs are sent at once.
        min_pool_jobs: The number of jobs from which `local` starts processes.
        pool: Running processes (`started_pool`): every job is sent to them before this
            function returns, and runs while the caller does something else.

    Raises:
        UnfinishedWork: If jobs remain whose process dies each time.
        Exception: Whatever `work` raised; from processes, after the other jobs.
    """
    remaining = dict(enumerate(jobs))
    if pool is not None:
        futures = _send(pool, work, remaining, _batches(list(remaining), chunk))
        return _run_rounds(work, remaining, where, chunk, futures)
    if where == LOCAL and (len(jobs) < min_pool_jobs or worker_count() == 1):
        where = SERIAL
    if where == SERIAL:
        return ((job, work(job)) for job in jobs)
    return _run_rounds(work, remaining, where, chunk)


def _run_rounds(
    work: Callable[[Job], Result],
    remaining: dict[int, Job],
    where: str,
    chunk: int,
    futures: _Futures[Result] | None = None,
) -> Iterator[tuple[Job, Result]]:
    total = len(remaining)
    if futures is not None:
        yield from _results(futures, remaining)
    for _ in range(ROUNDS if futures is None else ROUNDS - 1):
        if not remaining:
            return
        batches = _batches(list(remaining), chunk)
        yield from _run_round(work, remaining, batches, where)
    # The remaining jobs kill their process, share a chunk with one that does, or fail:
    # now each runs on its own.
    failed: list[BaseException] = []
    for index in list(remaining):
        error = yield from _run_round(work, remaining, [[index]], where)
        if error is not None and not isinstance(error, _DIED):
            failed.append(error)
            del remaining[index]
    if failed:
        raise failed[0]
    if remaining:
        raise UnfinishedWork(
            f"{len(remaining)} of {total} pieces of work could not be finished: the "
            "processes doing them were stopped.",
            "Check that the machine has memory to spare, then run the command again: "
            "what is done is kept.",
        )


def _run_round(
    work: Callable[[Job], Result],
    remaining: dict[int, Job],
    batches: Iterable[list[int]],
    where: str,
) -> Generator[tuple[Job, Result], None, BaseException | None]:
    with executor(where) as pool:
        return (yield from _results(_send(pool, work, remaining, batches), remaining))


def _send(
    pool: Executor,
    work: Callable[[Job], Result],
    remaining: Mapping[int, Job],
    batches: Iterable[list[int]],
) -> _Futures[Result]:
    futures: _Futures[Result] = {}
    # If a process dies before all jobs are sent, the next round sends the rest.
    with suppress(*_DIED):
        for batch in batches:
            batch_jobs = [remaining[index] for index in batch]
            futures[pool.submit(_run_batch, work, batch_jobs)] = batch
    return futures


def _results(
    futures: _Futures[Result], remaining: dict[int, Job]
) -> Generator[tuple[Job, Result], None, BaseException | None]:
    # Removes finished jobs from `remaining`; returns the last error.
    last = None
    for future in as_completed(futures):
        error = CancelledError() if future.cancelled() else future.exception()
        if error is not None:
            last = error
            continue
        for index, result in zip(futures[future], future.result(), strict=True):
            yield remaining.pop(index), result
    return last


def _run_batch(work: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
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
            'In the folder of Markbooks run: pip install ".[cluster]"',
        ) from None
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise MarkbookError(
            f"The cluster at {address} does not answer ({error}).",
            "Check the address, and that its scheduler is running.",
        ) from None
    with client:
        # By default Dask runs two equal calls once.
        yield client.get_executor(pure=False, retries=2)
