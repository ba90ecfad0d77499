"""Returns are merged in the order in which they were saved, however they are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.returns import archive, prepare
from generator.xlsx.worker_pool import WorkerPool
from tests.generator.classroom import Classroom
from tests.generator.returns.test_collect import MA2
from tests.generator.returns.test_merge import A, B, at

CELLS = {(A, "prediction"): "5"}


def a_mixed_inbox(classroom: Classroom) -> None:
    """Two versions of one class, a third that fills less, another class, and junk."""
    classroom.send("c.xlsx", filled={**CELLS, (B, "prediction"): "4"}, at=at(1))
    classroom.send("b.xlsx", filled={**CELLS, (B, "prediction"): "Z"}, at=at(2))
    classroom.send("a.xlsx", filled={(A, "prediction"): "7"}, at=at(3))
    classroom.send("d.xlsx", MA2, {("000110", "prediction"): "6"}, at=at(1))
    for name in ("e.xlsx", "f.csv"):
        (classroom.returned / name).write_bytes(b"a,b,c")


def statuses(classroom: Classroom) -> list[tuple[str, str]]:
    report = classroom.collect()
    return sorted((each.file, each.status) for each in report.reports)


def test_reading_times_first_or_files_at_once_has_the_same_outcome(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_mixed_inbox(classroom)
    report = classroom.collect(dry=True)
    monkeypatch.setattr(prepare, "FEW", 0)
    monkeypatch.setattr(prepare, "BATCH", 1)
    second = classroom.collect(dry=True)
    assert (second.json(), second.changes) == (report.json(), report.changes)
    assert statuses(classroom) == [
        ("returned/a.xlsx", "merged"),
        ("returned/b.xlsx", "merged"),
        ("returned/c.xlsx", "superseded"),
        ("returned/d.xlsx", "merged"),
        ("returned/e.xlsx", "rejected"),
        ("returned/f.csv", "rejected"),
    ]
    assert classroom.maths(A) == "7"
    stored = classroom.frame("returns").set_index("file")["status"]
    assert stored["returned/c.xlsx"] == "superseded"
    assert statuses(classroom)[2] == ("returned/c.xlsx", "unchanged")


def test_the_first_is_merged_while_the_last_is_still_to_be_read(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_mixed_inbox(classroom)
    monkeypatch.setattr(prepare, "FEW", 0)
    monkeypatch.setattr(prepare, "BATCH", 1)
    monkeypatch.setattr(archive, "AHEAD", 1)
    seen: list[str] = []
    classroom.collect(progress=lambda _done, _total, what: seen.append(what))
    name = "returned/c.xlsx"
    assert seen.index(name, seen.index(name) + 1) < seen.index("returned/a.xlsx")


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    places=st.lists(
        st.tuples(st.sampled_from(["", "early", "late"]), st.integers(0, 2)),
        min_size=1,
        max_size=12,
    )
)
def test_files_whose_time_is_not_known_are_read_first(
    tmp_path: Path, places: list[tuple[str, int]]
) -> None:
    times = {
        "": "",
        "early": "2026-10-14T09:00:00Z",
        "late": "2026-10-14T10:00:00+00:00",
    }
    files = [tmp_path / f"{number}.xlsx" for number in range(len(places))]

    class Pool:
        def read_save_times(self, paths: list[Path]) -> list[tuple[str, int]]:
            return [(times[word], mtime_ns) for word, mtime_ns in places]

    class Preparer:
        class school:
            folder = tmp_path

    order = prepare.MergeOrder(Preparer(), {}, None, Pool(), print)  # type: ignore[arg-type]  # as far as it uses them
    few, prepare.FEW = prepare.FEW, 0
    try:
        first, rest = order._arrange(files)
    finally:
        prepare.FEW = few
    assert [path for path in files if path in first] == first
    assert {places[files.index(path)][0] for path in first} <= {""}
    assert sorted([*first, *(path for _, path in rest)]) == sorted(files)
    assert [place for place, _ in rest] == sorted(place for place, _ in rest)


def test_a_pool_reads_when_files_were_saved(classroom: Classroom) -> None:
    good = classroom.send("a.xlsx", filled=CELLS, at=at(1))
    junk = classroom.returned / "b.xlsx"
    junk.write_bytes(b"junk")
    with WorkerPool(2, workers=1) as pool:
        (saved, mtime_ns), nothing = pool.read_save_times([good, junk])
        (file,) = pool.read([good])
    assert file.book is not None
    assert (saved, mtime_ns) == (file.book.modified, file.mtime_ns)
    assert nothing == ("", 0)
