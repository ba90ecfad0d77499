"""A return merged and undone leaves the store as if it had never been merged."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import workflow
from generator.returns import collect
from generator.returns.collect_report import CollectReport
from generator.xlsx import worker, worker_pool
from generator.xlsx.worker_pool import ReadFile, WorkerPool
from tests.generator.classroom import MATHS, Classroom
from tests.generator.returns.test_collect import MA2
from tests.generator.returns.test_merge import A, B, at

EXAMPLES = int(os.environ.get("MARKBOOK_FUZZ", "50"))
OF_A_SEQUENCE = ("marks", "accepted", "unsettled", "accepted_before", "settled")
# Alice is in one class, and is write_markbook into a spare row of the other.
ROWS = {MATHS: (A, B), MA2: ("000110", "joiner")}
sends = st.fixed_dictionaries(
    {
        "code": st.sampled_from([MATHS, MATHS, MA2]),
        "saved": st.integers(1, 9),
        "take": st.sampled_from([None, None, None, "returned", "stored"]),
        "cells": st.dictionaries(
            st.tuples(st.sampled_from([0, 1]), st.just("prediction")),
            st.sampled_from(["4", "5", "6", "Z", "Clear"]),
            min_size=1,
        ),
    }
)


def read_in_process(_: WorkerPool, paths: Iterable[Path]) -> Iterator[ReadFile]:
    """Files read right here: starting a process takes longer than all the rest."""
    for path in paths:
        answer = json.loads(worker.read_file(str(path)))
        book = answer.get("book")
        yield ReadFile(
            path,
            answer["size"],
            answer["mtime_ns"],
            answer["sha256"],
            worker_pool._workbook_from_json(book) if book else None,
        )


def write_markbook(classroom: Classroom, number: int, how: dict[str, object]) -> Path:
    """The markbook that a teacher sends."""
    code = str(how["code"])
    filled: dict[tuple[object, str], object] = {}
    for (row, field), value in how["cells"].items():  # type: ignore[attr-defined]  # a dict
        who = ROWS[code][row]
        if who == "joiner":
            last = 7 + len(ROWS[code]) + 2
            filled[last, "adno"] = A
            filled[last, field] = value
        else:
            filled[who, field] = value
    moment = at(int(str(how["saved"]))) + timedelta(seconds=number)
    return classroom.send(f"{number}.xlsx", code, filled, at=moment)  # type: ignore[arg-type]  # rows or pupils


def send(
    number: int, how: dict[str, object], classroom: Classroom, *others: Classroom
) -> list[CollectReport]:
    """Collect what a teacher sends, the same bytes in each school."""
    path = write_markbook(classroom, number, how)
    data, stamp = path.read_bytes(), path.stat().st_mtime
    take = str(how["take"]) if how["take"] else None
    reports = []
    for each in (classroom, *others):
        here = each.returned / path.name
        here.write_bytes(data)
        os.utime(here, (stamp, stamp))
        reports.append(each.collect(here, take=take))
        here.unlink()
    return reports


def store_content(classroom: Classroom) -> dict[str, list[tuple[object, ...]]]:
    """The store without its record of past merges."""
    dump = classroom.dump()
    content = {name: dump[name] for name in OF_A_SEQUENCE}
    content["accepted_before"] = [row[1:] for row in content["accepted_before"]]
    return content


@pytest.fixture
def fast_collect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkerPool, "read", read_in_process)
    monkeypatch.setattr(collect, "write_feedback", lambda *a, **k: ((), ()))


@settings(
    max_examples=max(EXAMPLES // 10, 5),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    before=st.lists(sends, max_size=4), undone=sends, after=st.lists(sends, max_size=2)
)
def test_an_undone_return_is_as_if_it_had_never_been_merged(
    fast_collect: None,
    issued_school: Path,
    before: list[dict[str, object]],
    undone: dict[str, object],
    after: list[dict[str, object]],
) -> None:
    with TemporaryDirectory() as folder:
        shutil.copytree(issued_school, Path(folder, "with"))
        classroom = Classroom(Path(folder, "with"))
        for number, how in enumerate(before):
            send(number, how, classroom)
        shutil.copytree(classroom.folder, Path(folder, "without"))
        other = Classroom(Path(folder, "without"))
        was = store_content(classroom)
        send(90, undone, classroom)
        workflow.undo(classroom.school, "90.xlsx", now=classroom.now, who="office")
        assert store_content(classroom) == was
        other.now = classroom.now
        for number, how in enumerate(after, start=50):
            here, elsewhere = send(number, how, classroom, other)
            assert here.cells == elsewhere.cells
            assert here.problems == elsewhere.problems
            assert store_content(classroom) == store_content(other)
