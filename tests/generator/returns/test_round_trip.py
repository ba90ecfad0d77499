"""Valid marks are stored exactly as they were filled in."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.markbook.layout import COMMENT_LENGTH, REASONS
from generator.returns.check_cells import normalize_comment
from generator.store import schema
from tests.generator.classroom import MATHS, NOW, Classroom
from tests.generator.returns.test_merge import at
from udfs.tables import standard
from udfs.text import match_key, tidy

PUPILS = [f"0001{number:02}" for number in range(1, 10)]
GCSE = standard().scale("gcse")
CODES = [code.name for code in standard().codes]
# What a spreadsheet cell can hold: no halves of characters, no control characters.
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=COMMENT_LENGTH
)
NOT_CLEAR = TEXT.filter(lambda text: match_key(tidy(text)) not in ("", "clear"))
FIELDS = {
    "working_at": st.sampled_from([*GCSE.grades, *CODES]),
    "prediction": st.sampled_from([*GCSE.grades, *CODES]),
    "reason": st.sampled_from(REASONS),
    "effort": st.sampled_from(["1", "2", "3", "4"]),
    "praise": st.just("Yes"),
    "comment": NOT_CLEAR,
    "target_query": NOT_CLEAR,
}
HEADINGS = {
    "working_at": "Working at",
    "target_query": "Target query",
}
CELLS = [(adno, field) for adno in PUPILS for field in FIELDS]
FILLED = st.lists(st.sampled_from(CELLS), unique=True, min_size=1, max_size=40).flatmap(
    lambda cells: st.fixed_dictionaries({cell: FIELDS[cell[1]] for cell in cells})
)


def forget(classroom: Classroom) -> None:
    store = classroom.store()
    with store.begin() as connection:
        for table in ("marks", "history", "accepted", "returns", "unsettled"):
            connection.execute(schema.metadata.tables[table].delete())
    store.close()
    for path in classroom.returned.iterdir():
        path.unlink()


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(filled=FILLED)
def test_what_is_filled_in_is_what_is_stored(
    classroom: Classroom, filled: dict[tuple[str, str], str]
) -> None:
    forget(classroom)
    classroom.send("a.xlsx", filled=filled, at=at(1))
    report = classroom.collect()
    assert report.cells["new"] == report.cells["read"] == len(filled)
    assert report.exit_status == 0
    assert classroom.marks() == {
        (adno, "Mathematics", field): normalize_comment(value)
        for (adno, field), value in filled.items()
    }
    assert all(problem.severity == "warning" for problem in report.problems)
    second = classroom.collect()
    assert second.files["unchanged"] == 1


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(filled=FILLED)
def test_openpyxl_as_the_teacher(
    classroom: Classroom, filled: dict[tuple[str, str], str]
) -> None:
    forget(classroom)
    book = openpyxl.load_workbook(io.BytesIO(classroom.issued(MATHS)))
    sheet = book["Markbook"]
    columns = {cell.value: cell.column for cell in sheet[6]}
    rows = {row[0].value: row[0].row for row in sheet.iter_rows(min_row=7)}
    for (adno, field), value in filled.items():
        heading = HEADINGS.get(field, field.capitalize())
        cell = sheet.cell(rows[adno], columns[heading])
        cell.value = value
        cell.data_type = "s"  # a comment may begin with `=`
    book.save(classroom.returned / "a.xlsx")
    classroom.collect()
    assert classroom.marks() == {
        (adno, "Mathematics", field): normalize_comment(value)
        for (adno, field), value in filled.items()
    }


# One life of a class: each step is one return, of some pupils, in some order.
STEPS = st.lists(
    st.dictionaries(
        st.sampled_from(PUPILS[:3]), st.sampled_from(["5", "6", "Clear", "Z", "Abs"])
    ),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, late=st.booleans())
def test_a_class_ends_with_its_teachers_last_values(
    classroom: Classroom, steps: list[dict[str, str]], late: bool
) -> None:
    """In one run or in several: a blank says nothing, a wrong value neither."""
    forget(classroom)
    expected: dict[str, str] = {}
    rejected = 0
    for number, step in enumerate(steps, start=1):
        filled = {(adno, "prediction"): value for adno, value in step.items()}
        classroom.send(f"{number}.xlsx", filled=filled, at=at(number))
        if not late:
            classroom.collect(after=timedelta(minutes=1))
        for adno, value in step.items():
            rejected += value == "Z"
            if value == "Clear":
                expected.pop(adno, None)
            elif value != "Z":
                expected[adno] = value
    report = classroom.collect(after=timedelta(minutes=1))
    stored = {adno: value for (adno, _, _), value in classroom.marks().items()}
    assert stored == expected
    assert report.cells["conflict"] == 0
    if late:
        assert report.cells["rejected"] == rejected
    # The history tells the same story.
    latest: dict[str, str] = {}
    for adno, _, old, new in classroom.history():
        assert latest.get(adno, "") == old
        latest[adno] = new
    assert {adno: value for adno, value in latest.items() if value} == expected
    assert NOW < classroom.now
