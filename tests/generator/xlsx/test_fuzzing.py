"""Returned files with bytes changed at random: no crash and no invented value."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.xlsx.reader import Workbook, read_workbook
from generator.xlsx.refusals import REFUSALS, FileRefused
from generator.xlsx.worker import entry_sheet_names
from tests.generator.classroom import MATHS, Classroom, fill, packed, unpacked
from tests.generator.returns.test_merge import A, B, at
from udfs.text import tidy

EXAMPLES = int(os.environ.get("MARKBOOK_FUZZ", "50"))
SECONDS = os.environ.get("MARKBOOK_FUZZ_SECONDS", "4")
PARTS = (
    "[Content_Types].xml",
    "_rels/.rels",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/sheet2.xml",
    "docProps/core.xml",
    "docProps/custom.xml",
)
BITS = [
    b"<", b">", b"/", b'"', b"&", b"&#x0;", b"&amp;", b"\xff", b"\x00", b" ", b"r=",
    b't="s"', b't="str"', b"<f>1+1</f>", b"<v>9</v>", b"<v>-1</v>", b"999999999",
    b"<!DOCTYPE a>", b"<?xml?>", b"]]>", b"</row>", b"</sheetData>", b'ref="A1:ZZ9"',
]  # fmt: skip
changes = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.integers(0, 40), st.sampled_from(BITS)),
    min_size=1,
    max_size=4,
)
relaxed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_a_coverage_guided_fuzzer_finds_no_fault(classroom: Classroom) -> None:
    pytest.importorskip("atheris", reason="atheris does not run on this machine")
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, at=at(1))
    process = subprocess.run(
        [sys.executable, "-m", "tests.generator.xlsx.fuzz_reader", path, SECONDS],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    assert int(re.findall(r"Done (\d+) runs", process.stderr)[0]) > 10


@cache
def _good(data: bytes) -> bytes:
    filled = {(A, "prediction"): "6", (B, "working_at"): "5", (A, "comment"): "Well."}
    return fill(data, filled, at=at(1))


def with_edits(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for position, deleted, inserted in edits:
        start = position % (len(data) + 1)
        data = data[:start] + inserted + data[start + deleted :]
    return data


def read_or_refuse(data: bytes) -> Workbook | None:
    """The file as read, or None where it is refused with a known code."""
    try:
        return read_workbook(data, entry_sheet_names)
    except FileRefused as refused:
        assert refused.code in REFUSALS
        return None


@relaxed
@given(edits=changes)
def test_a_package_with_changed_bytes_is_read_or_refused(
    issued_school: object, edits: list[tuple[int, int, bytes]]
) -> None:
    path = next(issued_school.glob("issued/AUT/*/10x-Ma1.xlsx"))  # type: ignore[attr-defined]  # a Path
    read_or_refuse(with_edits(path.read_bytes(), edits))


@relaxed
@given(part=st.sampled_from(PARTS), edits=changes)
def test_a_part_with_changed_bytes_is_read_or_refused(
    issued_school: object, part: str, edits: list[tuple[int, int, bytes]]
) -> None:
    path = next(issued_school.glob("issued/AUT/*/10x-Ma1.xlsx"))  # type: ignore[attr-defined]  # a Path
    parts = unpacked(_good(path.read_bytes()))
    parts[part] = with_edits(parts.get(part, b""), edits)
    read_or_refuse(packed(parts))


@settings(relaxed, max_examples=max(EXAMPLES // 6, 4))
@given(
    part=st.sampled_from(PARTS[4:8]), seeds=st.lists(changes, min_size=6, max_size=6)
)
def test_no_value_is_merged_that_is_not_in_the_file(
    classroom: Classroom, part: str, seeds: list[list[tuple[int, int, bytes]]]
) -> None:
    good = unpacked(_good(classroom.issued(MATHS)))
    for old in classroom.returned.iterdir():
        old.unlink()
    texts: dict[str, set[str]] = {}
    for number, edits in enumerate(seeds):
        data = packed({**good, part: with_edits(good.get(part, b""), edits)})
        name = f"{number}.xlsx"
        (classroom.returned / name).write_bytes(data)
        book = read_or_refuse(data)
        texts[f"returned/{name}"] = {
            tidy(cell.text)
            for sheet in (book.sheets.values() if book else ())
            for cell in sheet.cells.values()
        }
    before = len(classroom.history())
    classroom.collect()
    history = classroom.frame("history")[before:]
    for file, new in zip(history["source_file"], history["new"], strict=True):
        if new:
            assert tidy(new) in texts[file] or new == "Yes", (file, new)
