"""Writing the files that were ordered, and putting them down in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from generator.files import publish
from generator.issue.orders import Order
from generator.markbook.author import author
from generator.run import run
from generator.school import School
from generator.store import ledger, targets
from generator.store.engine import Store
from generator.store.ledger import Issue
from udfs.errors import MarkbookError
from udfs.tables import Tables

Tick = Callable[[int, int, str], None]
ISSUES_AT_ONCE = 100  # classes put down in the ledger together


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of one order: the file's SHA-256, or why there is none."""

    sha256: str = ""
    refused: str = ""


def print_one(order: Order, *, tables: Tables, key: bytes) -> Printed:
    """Write one file and put it in place, in whatever process the work runs in."""
    try:
        data = author(order.markbook, tables, key)
        publish(order.folio.path, data)
    except MarkbookError as error:
        return Printed(refused=str(error))
    return Printed(sha256=hashlib.sha256(data).hexdigest())


def print_all(
    store: Store,
    school: School,
    tables: Tables,
    orders: Sequence[Order],
    *,
    now: datetime,
    who: str,
    where: str,
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
        progress: Told of every file.
    """
    work = partial(print_one, tables=tables, key=school.key())
    answers: list[tuple[Order, Printed]] = []
    waiting: list[Issue] = []
    try:
        for order, printed in run(work, orders, where=where):
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
