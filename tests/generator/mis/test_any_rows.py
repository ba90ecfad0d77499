"""Whatever rows come, nothing breaks and no good row is lost."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from generator.mis.read_exports import read_exports
from generator.tabular.rows import tidy_text
from tests.generator.mis.conftest import ImportOffice
from tests.generator.mis.sample_exports import upn
from udfs.errors import MarkbookError

GOOD = [(f"{n:03d}", upn(n), f"Sur{n}", f"Fore{n}", "7", "Y") for n in range(5)]
cells = st.one_of(
    st.sampled_from(
        ["", "000", "001", "1", "2.0", upn(0), upn(1), upn(9), "=1+1", "-", "Total"]
    ),
    st.sampled_from(["Null", "NA", "True", "Year 7", "Adno", "\n", "a,b;c\td", '"']),
    st.text(max_size=8),
)
bad_rows = st.lists(st.tuples(*[cells] * 6), max_size=12)
bad_members = st.lists(st.tuples(*[cells] * 4), max_size=12)


def csv_text(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    # Half of a surrogate pair cannot be written to a file at all.
    return text.getvalue().encode("utf-8", "replace").decode().replace("\x00", "")


@given(bad_rows, bad_members)
def test_every_row_is_stored_or_reported(
    rows: list[tuple[str, ...]], members: list[tuple[str, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        office = ImportOffice(Path(name))
        head = ("Adno", "UPN", "Surname", "Forename", "Year", "PP")
        good = [("7A/Ma", "Mathematics", "KAM", row[0]) for row in GOOD]
        pupils = office.text("pupils.csv", csv_text([head, *GOOD, *rows]))
        listed = office.text(
            "lists.csv",
            csv_text([("Class", "Subject", "Teacher", "Adno"), *good, *members]),
        )
        report = office.import_files(pupils, listed)
        stored = {row["adno"]: row for row in office.rows("pupils")}
        for adno, number, surname, forename, year, _ in GOOD:
            pupil = stored[adno]
            assert (pupil["surname"], pupil["forename"]) == (surname, forename)
            assert (pupil["upn"], pupil["year"]) == (number, int(year))
        inside = {row["adno"] for row in office.rows("memberships") if row["class"]}
        assert {row[0] for row in GOOD} <= inside
        assert report.exit_status == bool(report.refused)
        assert all(p.what and p.do and p.file for p in report.problems)
        before = office.content(("pupils", "classes", "memberships", "staff"))
        again = office.import_files(pupils, listed)
        assert office.content(("pupils", "classes", "memberships", "staff")) == before
        assert (again.refused, again.joiners, again.leavers) == (report.refused, 0, 0)
        office.store.close()


@given(st.lists(st.lists(cells, min_size=1, max_size=5), max_size=20))
def test_any_table_is_read_or_refused_in_words(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "any.csv"
        path.write_bytes(csv_text([tuple(row) for row in rows]).encode())
        try:
            read_exports([path])
        except MarkbookError as error:
            assert str(error).startswith("any.csv")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        for ending in ("csv", "xlsx"):
            path = Path(name) / f"any.{ending}"
            path.write_bytes(data)
            try:
                read_exports([path])
            except MarkbookError as error:
                assert str(error).startswith(f"any.{ending}")


@given(st.text())
def test_a_tidied_text_is_tidy(text: str) -> None:
    assert tidy_text(tidy_text(text)) == tidy_text(text)
    assert "\n" not in tidy_text(text)
