"""Any sequence of returns, corrections and undoing replays from the history."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import workflow
from generator.corrections import MarkEdit
from tests.generator.classroom import MATHS, Classroom
from tests.generator.returns.test_merge import A, B
from tests.generator.returns.test_undo_property import (
    fast_collect,
    send,
    sends,
    store_content,
)
from udfs.errors import MarkbookError

__all__ = ["fast_collect"]

EXAMPLES = int(os.environ.get("MARKBOOK_FUZZ", "50"))
edits = st.fixed_dictionaries(
    {
        "adno": st.sampled_from([A, B]),
        "value": st.sampled_from(["4", "5", "6", "7", "Clear"]),
    }
)
steps = st.one_of(
    sends.map(lambda how: ("send", how)),
    edits.map(lambda how: ("mark", how)),
    st.integers(0, 3).map(lambda number: ("undo", number)),
)


def set_mark(classroom: Classroom, how: dict[str, str]) -> None:
    edit = MarkEdit(MATHS, how["adno"], "prediction", how["value"], "by hand")
    workflow.set_mark(classroom.school, "AUT", edit, now=classroom.now, who="Dana")


def undo(classroom: Classroom, number: int) -> None:
    """Undo one of what there is to undo; what stands on it may refuse."""
    ids = [*classroom.frame("returns")["return_id"]]
    ids += [f"K{each}" for each in classroom.frame("corrections")["id"]]
    if ids:
        with suppress(MarkbookError):
            workflow.undo(
                classroom.school,
                sorted(ids)[number % len(ids)],
                now=classroom.now,
                who="Dana",
            )


def replay(classroom: Classroom) -> dict[tuple[str, str, str], str]:
    """The marks that follow from the history alone."""
    marks = {}
    for row in classroom.frame("history").itertuples():
        key = (row.adno, row.subject, row.field)
        assert marks.get(key, "") == row.old, "each row begins where the last ended"
        marks[key] = row.new
    return {key: value for key, value in marks.items() if value}


def check(classroom: Classroom) -> None:
    returns = classroom.frame("returns")
    parts = ["new", "changed", "same", "rejected", "conflict"]
    assert (returns["read"] == returns[parts].sum(axis=1)).all()
    assert replay(classroom) == classroom.marks()
    unsettled = classroom.frame("unsettled").groupby("return_id").size()
    for return_id, number in unsettled.items():
        row = returns.set_index("return_id").loc[return_id]
        assert number <= row["rejected"] + row["conflict"]


@settings(
    max_examples=max(EXAMPLES // 5, 10),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(sequence=st.lists(steps, max_size=7), last=edits)
def test_any_sequence_replays_and_its_last_correction_is_undone(
    fast_collect, issued_school, sequence, last
):
    with TemporaryDirectory() as folder:
        shutil.copytree(issued_school, Path(folder, "school"))
        classroom = Classroom(Path(folder, "school"))
        for number, (kind, how) in enumerate(sequence):
            if kind == "send":
                send(number, how, classroom)
            elif kind == "mark":
                set_mark(classroom, how)
            else:
                undo(classroom, how)
            check(classroom)
        before = store_content(classroom)
        number = len(classroom.frame("corrections"))
        set_mark(classroom, last)
        check(classroom)
        if len(classroom.frame("corrections")) > number:
            workflow.undo(
                classroom.school, f"K{number + 1}", now=classroom.now, who="Dana"
            )
        assert store_content(classroom) == before
        check(classroom)
