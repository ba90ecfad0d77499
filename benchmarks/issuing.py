"""Five hundred classes written into their files, by all processes of this machine."""

from __future__ import annotations

import resource
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.sample import KEY, markbook
from generator.markbook.batch_writer import print_sheaf, sheaves
from generator.markbook.layout import Markbook
from generator.run import LOCAL, workers
from generator.run import run as spread
from udfs.tables import standard

CLASSES = 500
SIZES = (24, 26, 27, 28, 28, 29, 30, 30, 30, 32)  # pupils in a class


def run(rounds: int) -> None:
    """Write 500 markbooks of seven sizes, twice; once, whatever `rounds` says."""
    with TemporaryDirectory() as temporary:
        wanted = [
            (Path(temporary) / f"{number}.xlsx", one_class(number))
            for number in range(CLASSES)
        ]
        jobs = sheaves(wanted)
        print(f"\nWriting {CLASSES} markbooks in {workers()} processes")
        for name in ("first", "second"):
            work = partial(print_sheaf, run=name, tables=standard(), key=KEY)
            start = perf_counter()
            first = None
            for _ in spread(work, jobs, where=LOCAL, chunk=1, worth_a_pool=0):
                first = first or perf_counter()
            end = perf_counter()
            print(
                f"  {name + ' time':<46}{end - start:>9.2f} s, of which until the "
                f"first came {(first or end) - start:.2f} s"
            )
    each = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    what = "most memory: here, and the largest worker"
    print(f"  {what:<46}{here:>6.0f} MB, {each:.0f} MB")


def one_class(number: int) -> Markbook:
    """A class of its own, with its own pupils."""
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
