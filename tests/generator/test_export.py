from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from generator.context import Context
from generator.export import export
from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from generator.store.tables import TABLES, UnknownTable
from tests.generator.packs import sample_school
from tests.generator.packs.sample_school import YEAR, adno
from udfs.tables import standard

Rows = list[dict[str, str]]
ExportRows = Callable[..., Rows]

# The contract's columns, in its order; more may follow.
COLUMNS = {
    "audit": "number, at, who, command, what, count, file, sha256, academic_year",
    "corrections": "id, at, who, kind, what, why, "
    "collection, class, adno, subject, undone_at, undone_by, until",
    "pupils": "adno, upn, surname, forename, sex, year, reg, pp, disadvantaged, fsm, "
    "sen, eal, ethnicity, lac, ks2_reading, ks2_maths, status, left",
    "classes": "class, subject, year, teacher, pupils",
    "memberships": "class, adno",
    "staff": "code, name, email, roles",
    "indicators": "adno, name, value",
    "targets": "adno, upn, subject, expected, aspirational, status, method, baseline, "
    "score, pupils_behind_it, reason, set_by, set_at, version",
    "marks": "collection, class, subject, year, teacher, adno, upn, target, "
    "aspirational, working_at, prediction, flag, reason, effort, praise, comment, "
    "target_query, source_file, source_cell, merged_at",
    "history": "collection, class, subject, year, teacher, adno, upn, target, "
    "aspirational, field, old, new",
    "issues": "collection, class, issue_id, file, pupils, issued_at, issued_by",
    "returns": "file, class, collection, returned_at, status, read, new, changed, "
    "same, rejected, conflict, blank",
    "problems": "file, sheet, cell, adno, severity, code, value, what, do",
    "interventions": "adno, subject, what, who, department_or_pastoral, from, until, "
    "pupil_view, parent_view, ended_because",
    "results": "adno, upn, subject, grade, points, predicted, collection",
    "result_history": "adno, subject, old, new",
    "actions": "collection, pack, line, issue, action, who, by_when, how_known",
}


@pytest.fixture
def school(tmp_path: Path) -> School:
    return sample_school.school(tmp_path)


@pytest.fixture
def store(school: School) -> Iterator[Store]:
    store = sample_school.empty_store(school)
    sample_school.fill(store)
    yield store
    store.close()


@pytest.fixture
def export_rows(school: School, store: Store) -> ExportRows:
    def run(table: str, collection: str | None = None) -> Rows:
        out = school.folder / "out" / f"{table}.csv"
        context = Context(school, standard(), store, sample_school.NOW, "TESTER")
        report = export(context, table, collection=collection, out=out)
        with out.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert report.rows == len(rows)
        return rows

    return run


def only_row(rows: Rows, **values: str) -> dict[str, str]:
    matching = [row for row in rows if all(row[k] == v for k, v in values.items())]
    assert len(matching) == 1, matching
    return matching[0]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_the_columns_of_the_contract_in_order(
    table: str, export_rows: ExportRows, school: School
) -> None:
    export_rows(table)
    first = (school.folder / "out" / f"{table}.csv").read_text("utf-8").split("\n")[0]
    names = COLUMNS[table].split(", ")
    assert first.split(",")[: len(names)] == names
    assert ("academic_year" in first.split(",")) == (table not in ("pupils", "staff"))


def test_the_same_store_exports_the_same_bytes(
    export_rows: ExportRows, school: School
) -> None:
    def all_bytes() -> list[bytes]:
        for table in TABLES:
            export_rows(table)
        return [(school.folder / f"out/{t}.csv").read_bytes() for t in TABLES]

    assert all_bytes() == all_bytes()


def test_leading_zeros_are_kept_and_years_are_whole(export_rows: ExportRows) -> None:
    pupil = export_rows("pupils")[0]
    assert (pupil["adno"], pupil["year"], pupil["left"]) == ("000001", "10", "")


def test_a_class_names_its_teachers_and_counts_its_pupils(
    export_rows: ExportRows,
) -> None:
    row = only_row(export_rows("classes"), **{"class": "10x/Ma2"})
    assert (row["teacher"], row["pupils"], row["year"]) == ("COH;ABA", "4", "10")


def test_an_ended_membership_is_not_exported(
    export_rows: ExportRows, store: Store
) -> None:
    before = len(export_rows("memberships"))
    m = schema.memberships
    with store.begin() as connection:
        connection.execute(
            update(m).where(m.c.adno == adno(13)).values(until="2026-10-01")
        )
    assert len(export_rows("memberships")) == before - 1
    assert only_row(export_rows("classes"), **{"class": "10x/Ma2"})["pupils"] == "3"


def test_roles_are_in_the_row_of_the_name(export_rows: ExportRows) -> None:
    rows = export_rows("staff")
    assert (
        only_row(rows, code="ABA")["roles"]
        == "head of department Mathematics; tutor 10A"
    )
    assert only_row(rows, code="COH")["roles"] == ""


@pytest.mark.parametrize(
    ("number", "prediction", "flag"),
    [(1, "5", "on"), (2, "4", "below"), (3, "3", "well below"), (4, "6", "above"),
     (5, "Abs", "no data")],
)  # fmt: skip
def test_a_mark_has_the_flag_of_its_prediction_in_small_letters(
    number: int, prediction: str, flag: str, export_rows: ExportRows
) -> None:
    row = only_row(
        export_rows("marks", "AUT"), adno=adno(number), subject="Mathematics"
    )
    assert (row["prediction"], row["flag"]) == (prediction, flag)
    assert (row["target"], row["aspirational"], row["year"]) == ("5", "7", "10")


def test_a_pupil_without_any_mark_has_no_row(export_rows: ExportRows) -> None:
    marks = export_rows("marks", "AUT")
    assert not [m for m in marks if m["adno"] == adno(10)]
    assert not [m for m in marks if m["subject"] == "French"]


def test_a_value_that_was_cleared_is_no_mark(
    export_rows: ExportRows, store: Store
) -> None:
    m = schema.marks
    with store.begin() as connection:
        connection.execute(
            update(m)
            .where(m.c.collection == "AUT", m.c.adno == adno(1))
            .values(value="")
        )
    assert not [row for row in export_rows("marks", "AUT") if row["adno"] == adno(1)]


def test_text_like_a_formula_is_exported_unchanged(
    export_rows: ExportRows, school: School
) -> None:
    row = only_row(export_rows("marks", "AUT"), adno=adno(2), subject="Mathematics")
    assert row["comment"] == "=1+1"
    assert b",=1+1," in (school.folder / "out/marks.csv").read_bytes()


def test_a_comment_of_several_lines_with_commas_comes_back(
    export_rows: ExportRows, store: Store
) -> None:
    text = 'Says "no",\nthen "yes", then ☺'
    with store.begin() as connection:
        sample_school.mark(connection, "AUT", adno(4), "Mathematics", "comment", text)
    row = only_row(export_rows("marks", "AUT"), adno=adno(4), subject="Mathematics")
    assert row["comment"] == text


def test_a_mark_of_a_pupil_who_was_not_issued_has_no_target(
    export_rows: ExportRows, store: Store
) -> None:
    rows = schema.issued_rows
    with store.begin() as connection:
        connection.execute(delete(rows).where(rows.c.adno == adno(2)))
    row = only_row(export_rows("marks", "AUT"), adno=adno(2), subject="Mathematics")
    assert (row["target"], row["flag"]) == ("", "no data")


def test_each_collection_keeps_the_targets_it_was_issued_with(
    export_rows: ExportRows, store: Store
) -> None:
    with store.begin() as connection:
        numbers = range(1, 13)
        sample_school.issue(
            connection, "AUT", "10x/Ma1", ["Mathematics"], numbers,
            at="2026-11-12", target="6",
        )  # fmt: skip
    marks = [m for m in export_rows("marks") if m["subject"] == "Mathematics"]
    assert only_row(marks, adno=adno(1), collection="AUT")["flag"] == "below"
    assert only_row(marks, adno=adno(1), collection="SUM")["flag"] == "on"


def test_a_choice_against_the_ladder_is_its_own_flag(
    export_rows: ExportRows, store: Store
) -> None:
    with store.begin() as connection:
        sample_school.mark(
            connection, "KS3", adno(41), "Art and Design", "prediction", "above"
        )
    assert export_rows("marks", "KS3")[0]["flag"] == "above"


def test_a_mark_of_last_year_shows_last_years_year_group(
    export_rows: ExportRows, store: Store
) -> None:
    with store.begin() as connection:
        connection.execute(
            update(schema.pupils)
            .where(schema.pupils.c.adno == adno(1))
            .values(year=11, academic_year="2027/28")
        )
    row = only_row(export_rows("marks", "AUT"), adno=adno(1), subject="Mathematics")
    assert row["year"] == "10"


def test_history_has_every_value_oldest_first(
    export_rows: ExportRows, store: Store
) -> None:
    with store.begin() as connection:
        sample_school.mark(
            connection, "AUT", adno(1), "Mathematics", "prediction", "3",
            old="5", at="2026-11-12T10:00:00",
        )  # fmt: skip
    rows = export_rows("history", "AUT")
    times = [row["merged_at"] for row in rows]
    assert times == sorted(times)
    last = rows[-1]
    assert (last["field"], last["old"], last["new"]) == ("prediction", "5", "3")
    assert (last["flag"], last["who"]) == ("well below", "dm")
    assert last["source_file"] == "returned/10x/Ma1.xlsx"
    assert export_rows("marks", "AUT")[0]["class"] == "10x/En1"


def test_a_target_is_exported_once_with_its_last_version(
    export_rows: ExportRows, store: Store
) -> None:
    def version(number: int, **more: object) -> dict[str, object]:
        key = {"adno": adno(1), "subject": "Mathematics", "version": number}
        return {**key, "academic_year": YEAR, **more}

    with store.begin() as connection:
        connection.execute(insert(schema.targets), version(1, expected="4"))
        connection.execute(
            insert(schema.targets), version(2, expected="5", pupils_behind_it=99)
        )
        connection.execute(
            insert(schema.targets),
            {"adno": adno(2), "subject": "Mathematics", "version": 1,
             "academic_year": YEAR, "reason": "no Key Stage 2 score"},
        )  # fmt: skip
    first, second = export_rows("targets")
    assert (first["expected"], first["version"]) == ("5", "2")
    assert (first["upn"], first["pupils_behind_it"]) == ("U000000000001", "99")
    assert (second["expected"], second["reason"]) == ("", "no Key Stage 2 score")


def test_a_collection_keeps_its_own_rows_only(export_rows: ExportRows) -> None:
    for table in ("marks", "history", "issues", "returns"):
        rows = export_rows(table, "SUM")
        assert rows and {row["collection"] for row in rows} == {"SUM"}
    assert len(export_rows("pupils", "SUM")) == len(export_rows("pupils"))


@pytest.mark.parametrize(
    ("table", "collection", "message"),
    [
        ("grades", None, "There is no table 'grades'. There are: pupils, classes,"),
        ("marks", "atu", "There is no collection 'atu'. There are: SUM, AUT, KS3."),
        ("pupils", "X", "There is no collection 'X'."),
    ],
)
def test_the_error_of_an_unknown_table_or_collection_lists_the_known_ones(
    table: str,
    collection: str | None,
    message: str,
    export_rows: ExportRows,
    school: School,
) -> None:
    with pytest.raises(UnknownTable) as caught:
        export_rows(table, collection)
    assert message in str(caught.value)
    assert not (school.folder / "out").exists()


def test_an_empty_store_exports_headings_alone(school: School, tmp_path: Path) -> None:
    store = Store.open(tmp_path, "sqlite:///other.sqlite")
    context = Context(school, standard(), store, sample_school.NOW, "TESTER")
    for table in TABLES:
        out = tmp_path / f"{table}.csv"
        export(context, table, out=out)
        assert out.read_text("utf-8").count("\n") == 1
    store.close()
