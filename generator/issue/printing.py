"""Writing the files that were ordered, and putting them down in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from generator.issue.orders import Order
from generator.markbook.press import Printed, print_sheaf, seconds, sheaves
from generator.run import run
from generator.school import School
from generator.store import ledger, targets
from generator.store.engine import Store
from generator.store.ledger import Issue
from udfs.tables import Tables

Tick = Callable[[int, int, str], None]
LONG = 1.0  # seconds: what is done sooner is done here before a process has started
ISSUES_AT_ONCE = 500  # classes put down in the ledger together


def print_all(
    store: Store,
    school: School,
    tables: Tables,
    orders: Sequence[Order],
    *,
    now: datetime,
    who: str,
    where: str,
    passwords: Mapping[Path, str] | None = None,
    progress: Tick | None = None,
) -> list[tuple[Order, Printed]]:
    """Write every file; each is put down in the ledger once it is in place.

    Args:
        store: The school's store.
        school: The school.
        tables: Scales and codes as this school has them.
        orders: What to write.
        now: The moment of issue.
        who: Who issues.
        where: Where the work runs, as `generator.run` has it.
        passwords: What to encrypt each file with; None for no encryption.
        progress: Told of every file.
    """
    work = partial(print_sheaf, run=uuid4().hex, tables=tables, key=school.key())
    of = {order.folio.path: order for order in orders}
    jobs = sheaves(((order.folio.path, order.markbook) for order in orders), passwords)
    long = sum(seconds(sheaf) for sheaf in jobs) > LONG
    answers: list[tuple[Order, Printed]] = []
    waiting: list[Issue] = []
    try:
        for sheaf, many in run(
            work, jobs, where=where, chunk=1, worth_a_pool=0 if long else len(jobs) + 1
        ):
            for copy, printed in zip(sheaf, many, strict=True):
                order = of[copy.path]
                answers.append((order, printed))
                if progress:
                    progress(len(answers), len(orders), order.folio.name)
                if printed.refused:
                    continue
                waiting += [replace(one, sha256=printed.sha256) for one in order.issues]
            if len(waiting) >= ISSUES_AT_ONCE:
                _put_down(store, school, waiting, now, who)
                waiting = []
    finally:
        # What is in place is put down even where the rest could not be finished.
        _put_down(store, school, waiting, now, who)
    return answers


def _put_down(
    store: Store, school: School, issued: Sequence[Issue], now: datetime, who: str
) -> None:
    if not issued:
        return
    pairs = [
        (row.adno, row.subject) for one in issued for row in one.rows if row.target
    ]
    with store.begin() as connection:
        ledger.record(connection, issued)
        targets.mark_issued(
            connection, pairs, now, who, academic_year=school.academic_year
        )
