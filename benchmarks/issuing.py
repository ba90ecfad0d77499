"""Write the markbooks of 500 classes, in all processes of this machine."""

from __future__ import annotations

import resource
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.sample import KEY, markbook
from generator.markbook.batch_writer import make_batches, write_batch
from generator.markbook.layout import Markbook
from generator.run import LOCAL, worker_count
from generator.run import run as spread
from udfs.tables import standard

CLASSES = 500
SIZES = (24, 26, 27, 28, 28, 29, 30, 30, 30, 32)  # pupils in a class


def run(rounds: int) -> None:
    """Write 500 markbooks of seven sizes, twice; `rounds` is ignored."""
    with TemporaryDirectory() as temporary:
        markbooks = [
            (Path(temporary) / f"{number}.xlsx", class_markbook(number))
            for number in range(CLASSES)
        ]
        jobs = make_batches(markbooks)
        print(f"\nWriting {CLASSES} markbooks in {worker_count()} processes")
        for name in ("first", "second"):
            work = partial(write_batch, run=name, tables=standard(), key=KEY)
            start = perf_counter()
            first = None
            for _ in spread(work, jobs, where=LOCAL, chunk=1, min_pool_jobs=0):
                first = first or perf_counter()
            end = perf_counter()
            print(
                f"  {name + ' time':<46}{end - start:>9.2f} s, of which until the "
                f"first came {(first or end) - start:.2f} s"
            )
    worker_memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    own_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    label = "most memory: here, and the largest worker"
    print(f"  {label:<46}{own_memory:>6.0f} MB, {worker_memory:.0f} MB")


def class_markbook(number: int) -> Markbook:
    """The markbook of one class, with pupils of its own."""
    book = markbook()
    sheet = book.sheets[0]
    code = f"10/{number}"
    size = SIZES[number % len(SIZES)]
    model = (*sheet.rows, *sheet.rows)[:size]
    rows = tuple(
        replace(row, adno=f"{number * 40 + at:06d}", surname=f"Surname{number}-{at}")
        for at, row in enumerate(model)
    )
    return replace(
        book,
        sheets=(replace(sheet, class_code=code, rows=rows),),
        issue_ids={code: f"mb{number:016d}"},
    )
