"""A moderation workbook applied: nothing lost, every fault named by sheet and cell."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import delete, select, update

from generator import workflow
from generator.school.school import School
from generator.store import schema, targets
from generator.store import targets as stored
from generator.targets.read_form import FormRefused
from tests.generator.targets import moderation_office
from udfs.errors import MarkbookError

MATHS = ("000101", "Maths")
SHEET = "Y11 Maths"


@pytest.fixture
def path(here):
    return here.workbook("Mathematics")


def agreed(path, adno="000101", sheet=SHEET, **cells):
    moderation_office.fill(
        path, sheet, {adno: {k.replace("_", " "): v for k, v in cells.items()}}
    )


def edit(path, sheet, change):
    book = load_workbook(path)
    change(book[sheet] if sheet else book)
    book.save(path)


def codes(report):
    return [problem.code for problem in report.problems]


def test_an_empty_workbook_changes_nothing(here, path):
    before = here.versions()
    report = here.apply(path)
    assert (report.rows, report.exit_status, report.problems) == (0, 0, ())
    assert report.lines()[-1] == "Nothing has changed."
    assert here.versions().equals(before)


def test_what_is_agreed_becomes_the_target_and_the_rest_stands(here, path):
    before = here.current()
    agreed(path, Agreed_expected="6", Agreed_aspirational="8", Reason="tests", By="ION")
    report = here.apply(path)
    assert (report.rows, report.counts, report.exit_status) == (1, {"raised": 1}, 0)
    row = here.current().loc[MATHS]
    kept = ["expected", "aspirational", "status", "method", "set_by", "version"]
    assert row[kept].tolist() == ["6", "8", "issued", "moderation", "ION", 3]
    assert row["reason"] == "tests; raised from 4 and 5"
    assert row["score"] == "102"
    assert here.current().drop(MATHS).equals(before.drop(MATHS))


def test_a_blank_aspirational_target_keeps_up_with_the_expected_one(here, path):
    agreed(path, Agreed_expected="7")
    here.apply(path)
    assert here.target(*MATHS) == ("7", "7", "issued")


def test_the_aspirational_target_may_be_agreed_alone(here, path):
    agreed(path, Agreed_aspirational="9")
    here.apply(path)
    assert here.target(*MATHS) == ("4", "9", "issued")


def test_a_pupil_without_a_target_gets_one(here, path):
    agreed(path, "000104", Agreed_expected="5")
    assert here.apply(path).counts == {"raised": 1}
    assert here.target("000104", "Maths") == ("5", "6", "issued")
    row = here.current().loc[("000104", "Maths")]
    assert (row["method"], row["baseline"], row["score"]) == ("moderation", "", "")


def test_applying_the_same_file_twice_changes_nothing(here, path):
    agreed(path, Agreed_expected="6", By="ION")
    agreed(path, "000102", Agreed_expected="2", Reason="clearly wrong", By="ION")
    agreed(path, "000105", Agreed_expected="no")
    first = here.apply(path)
    versions = here.versions()
    again = here.apply(path)
    assert again.counts == {"same": 2}
    assert again.problems == first.problems
    assert here.versions().equals(versions)


def test_a_workbook_may_be_corrected_and_applied_again(here, path):
    agreed(path, Agreed_expected="6")
    here.apply(path)
    agreed(path, Agreed_expected="7")
    assert here.apply(path).counts == {"raised": 1}
    assert here.target(*MATHS)[0] == "7"


def test_a_target_that_was_changed_since_is_a_conflict_and_stays(here, path):
    agreed(path, Agreed_expected="6", By="ION")
    copy = path.with_name("copy.xlsx")
    copy.write_bytes(path.read_bytes())
    path.unlink()
    here.moderate()
    agreed(path, Agreed_expected="8", By="EVA")
    here.apply(path)
    report = here.apply(copy)
    assert (codes(report), report.exit_status) == (["target-changed"], 1)
    (problem,) = report.problems
    assert (problem.sheet, problem.cell, problem.adno) == (SHEET, "X7", "000101")
    assert problem.what == (
        "The target has changed since this workbook was written: it was 4 and 5 and "
        "is 8 and 8 now by EVA on 2026-10-14."
    )
    assert here.target(*MATHS) == ("8", "8", "issued")


def test_a_change_elsewhere_to_the_same_grade_is_no_conflict(here, path):
    agreed(path, Agreed_expected="6")
    copy = path.with_name("copy.xlsx")
    copy.write_bytes(path.read_bytes())
    here.apply(path)
    path.unlink()
    here.moderate()
    assert here.apply(copy).counts == {"same": 1}


def test_being_issued_meanwhile_is_no_change(office):
    here = office()
    here.moderate()
    agreed(here.workbook("Mathematics"), Agreed_expected="6")
    here.issue()
    assert here.apply(here.workbook("Mathematics")).exit_status == 0
    assert here.target(*MATHS) == ("6", "6", "issued")


@pytest.mark.parametrize(
    ("cells", "cell", "code", "words"),
    [
        ({"Agreed expected": "10"}, "X7", "grade-not-listed", "'10' is not a grade"),
        ({"Agreed expected": "Abs"}, "X7", "grade-not-listed", "'Abs' is not a target"),
        ({"Agreed expected": "Clear"}, "X7", "grade-not-listed", "is not a target"),
        ({"Agreed expected": "=5+1"}, "X7", "not-typed", "The cell holds a formula"),
        ({"Agreed expected": True}, "X7", "grade-not-listed", "is not a grade"),
        ({"Agreed expected": datetime(2026, 4, 5)}, "X7", "grade-not-listed", "date"),
        ({"Agreed aspirational": "3"}, "Y7", "aspirational-below-expected",
         "3 is below"),
        ({"Agreed expected": "7", "Agreed aspirational": "6"}, "Y7",
         "aspirational-below-expected", "6 is below"),
        ({"Agreed expected": "7", "Reason": "x" * 501}, "Z7", "too-long", "501 let"),
        ({"Agreed expected": "7", "By": "y" * 81}, "AA7", "too-long", "81 letters"),
        ({"Answer to query": "no"}, "AB7", "no-query", "no query of a teacher"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_cell_and_nothing_of_the_row_is_taken(
    here, path, cells, cell, code, words
):
    moderation_office.fill(
        path, SHEET, {"000101": cells, "000102": {"Agreed expected": "8"}}
    )
    report = here.apply(path)
    (problem,) = report.problems
    assert (problem.sheet, problem.cell, problem.code) == (SHEET, cell, code)
    assert words in problem.what
    assert report.exit_status == 1
    assert here.target(*MATHS) == ("4", "5", "issued")
    assert here.target("000102", "Maths")[0] == "8"  # the rest is taken


def test_every_fault_is_reported_at_once_and_equal_ones_together(here, path):
    for adno in ("000101", "000102", "000105"):
        agreed(path, adno, Agreed_expected="12")
    report = here.apply(path)
    (problem,) = report.problems
    assert problem.cell == "X7, X8, X10"
    assert report.refused == 3
    with here.store.begin() as connection:
        kept = connection.execute(select(schema.problems.c.cell)).scalars().all()
    assert kept == ["X7, X8, X10"]


@pytest.mark.parametrize("typed", [6, 6.0, " 6 ", "６"])
def test_a_grade_may_be_spelled_as_programs_spell_it(here, path, typed):
    agreed(path, Agreed_expected=typed)
    here.apply(path)
    assert here.target(*MATHS)[0] == "6"


def test_a_date_that_a_spreadsheet_made_of_a_pair_is_explained(here):
    path = here.workbook("Science")
    moderation_office.fill(
        path, "Y7 Science", {"000106": {"Agreed expected": datetime(2026, 7, 6)}}
    )
    (problem,) = here.apply(path).problems
    assert "probably" in problem.what or "7-6" in problem.do


def test_rows_may_be_sorted_and_columns_moved(here, path):
    agreed(path, Agreed_expected="6")

    def sort(sheet):
        lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=7)]
        for at, line in enumerate(reversed(lines), start=7):
            for column, value in enumerate(line, start=1):
                formula = isinstance(value, str) and value.startswith("=")
                sheet.cell(at, column).value = None if formula else value

    edit(path, SHEET, sort)
    edit(path, SHEET, lambda sheet: sheet.insert_cols(3))
    assert here.apply(path).counts == {"raised": 1}
    assert here.target(*MATHS)[0] == "6"


def test_a_renamed_sheet_is_found_by_its_pupils(here, path):
    agreed(path, Agreed_expected="6")
    edit(path, SHEET, lambda sheet: setattr(sheet, "title", "mine"))
    assert here.apply(path).counts == {"raised": 1}


def test_half_a_sheet_sorted_is_refused_row_by_row(here, path):
    with here.store.begin() as connection:
        for adno in ("000101", "000102", "000104", "000105"):
            connection.execute(
                update(schema.pupils)
                .where(schema.pupils.c.adno == adno)
                .values(surname=f"S{adno}", forename=f"F{adno}")
            )
    path.unlink()
    here.moderate()
    agreed(path, Agreed_expected="6")
    edit(path, SHEET, lambda sheet: swap(sheet, "Surname", "Forename", lines=(7, 8)))
    report = here.apply(path)
    assert codes(report) == ["row-mixed-up"]
    assert here.target(*MATHS)[0] == "4"


def swap(sheet, *headings, lines):
    at = moderation_office.columns(sheet)
    for heading in headings:
        one, other = (sheet.cell(line, at[heading]) for line in lines)
        one.value, other.value = other.value, one.value


def test_a_pupil_in_two_rows_that_disagree_is_refused(here, path):
    agreed(path, Agreed_expected="6")
    agreed(path, "000102", Agreed_expected="8")
    edit(path, SHEET, lambda sheet: setattr(sheet["A8"], "value", "000101"))
    report = here.apply(path)
    assert codes(report) == ["pupil-twice"]
    assert report.problems[0].cell == "A7, A8"
    assert here.target(*MATHS)[0] == "4"


def test_an_adno_without_its_zeros_is_read_with_a_warning(here, path):
    agreed(path, Agreed_expected="6")
    edit(path, SHEET, lambda sheet: setattr(sheet["A7"], "value", 101))
    report = here.apply(path)
    assert (codes(report), report.exit_status) == (["adno-zeros"], 0)
    assert here.target(*MATHS)[0] == "6"


@pytest.mark.parametrize("adno", ["000106", "999999", None])
def test_a_row_of_nobody_here_is_named_and_not_taken(here, path, adno):
    agreed(path, Agreed_expected="6")
    edit(path, SHEET, lambda sheet: setattr(sheet["A7"], "value", adno))
    report = here.apply(path)
    assert codes(report) == ["pupil-not-here"]
    assert (report.refused, report.rows) == (1, 1)


def test_a_reason_alone_is_asked_about(here, path):
    agreed(path, Reason="tests")
    report = here.apply(path)
    assert (codes(report), report.exit_status) == (["reason-alone"], 0)


def test_locked_cells_are_never_believed(here, path):
    agreed(path, Agreed_expected="3")
    agreed(path, Expected="2", Aspirational="2", Status="provisional", Draft="1")
    report = here.apply(path)
    assert codes(report) == ["lowered-without-reason", "lowered-without-name"]


# the workbook as a whole


def test_a_sheet_that_is_gone_is_named_and_the_others_are_taken(here):
    path = here.workbook("English")
    agreed(path, sheet="Y11 English Language", Agreed_expected="9")
    edit(path, None, lambda book: book.remove(book["Y11 English Literature"]))
    edit(path, None, lambda book: book.remove(book["Chances"]))
    report = here.apply(path)
    assert report.counts == {"raised": 1}
    # Its pupils are those of the other sheet, which is not taken for it.
    assert codes(report) == ["sheet-missing"]


def test_a_heading_that_was_changed_is_named(here, path):
    agreed(path, Agreed_expected="6")
    edit(path, SHEET, lambda sheet: setattr(sheet["Z6"], "value", "Why"))
    (problem,) = here.apply(path).problems
    assert (problem.code, problem.what) == (
        "heading-changed", "The sheet has no column Reason.",
    )  # fmt: skip


def test_a_heading_that_stands_twice_is_named(here, path):
    edit(path, SHEET, lambda sheet: setattr(sheet["B6"], "value", "By"))
    (problem,) = here.apply(path).problems
    assert problem.what == "The sheet has two columns By."


def test_headings_that_are_gone_are_named(here, path):
    edit(path, SHEET, lambda sheet: sheet.delete_rows(6))
    assert codes(here.apply(path)) == ["headings-missing"]


def test_the_identity_survives_the_loss_of_its_sheet(here, path):
    agreed(path, Agreed_expected="6")
    edit(path, None, lambda book: book.remove(book["_meta"]))
    assert here.apply(path).counts == {"raised": 1}


def forge(book):
    cells = {row[0].value: row[1] for row in book["_meta"].iter_rows()}
    cells["sheet.1.tags"].value = cells["sheet.1.tags"].value.replace(".2.", ".1.")
    for name in [n for n in book.defined_names if n.startswith("_mb_identity")]:
        del book.defined_names[name]
    for name in [p.name for p in book.custom_doc_props.props]:
        del book.custom_doc_props[name]


def test_what_a_workbook_says_of_itself_is_sealed(here, path):
    agreed(path, Agreed_expected="6")
    edit(path, None, forge)
    with pytest.raises(FormRefused, match="not written from this school folder"):
        here.apply(path)
    assert here.target(*MATHS)[0] == "4"


def test_another_schools_workbook_is_refused(here, path, school):
    asked = {"academic_year": "2026/27", "name": "Other"}
    here.school = School(here.school.folder, school({"school": asked}).settings)
    with pytest.raises(FormRefused, match="of another school"):
        here.apply(path)


def test_another_years_workbook_is_refused(here, path, school):
    asked = school({"school": {"academic_year": "2027/28"}})
    here.school = School(here.school.folder, asked.settings)
    with pytest.raises(FormRefused, match="is of 2026/27"):
        here.apply(path)


def test_a_workbook_that_the_store_does_not_know_is_refused(here, path):
    with here.store.begin() as connection:
        connection.execute(delete(schema.moderations))
    with pytest.raises(FormRefused, match="knows of no such workbook"):
        here.apply(path)


# queries


@pytest.fixture
def asked(office, store):
    here = office()
    with store.begin() as connection:
        moderation_office.put_marks(
            connection, "AUT", "2026-09-01",
            [("000101", "Maths", {"target_query": "Too high?"})],
        )  # fmt: skip
    here.moderate()
    return here


def standing(here):
    with here.store.begin() as connection:
        return targets.current_answers(connection).to_dict("records")


def query(here, text):
    with here.store.begin() as connection:
        connection.execute(update(schema.marks).values(value=text))


def test_an_answer_is_stored_with_its_query_and_who_gave_it(asked):
    path = asked.workbook("Mathematics")
    agreed(path, Answer_to_query="See SATs.", By="ION")
    assert asked.apply(path).answers == 1
    (one,) = standing(asked)
    kept = (
        "adno",
        "subject",
        "collection",
        "query",
        "answer",
        "answered_by",
        "version",
    )
    assert tuple(one[name] for name in kept) == (
        "000101", "Maths", "AUT", "Too high?", "See SATs.", "ION", 1,
    )  # fmt: skip
    assert asked.apply(path).answers == 0
    agreed(path, Answer_to_query="See SATs and the mock.")
    asked.apply(path)
    (one,) = standing(asked)
    assert (one["answer"], one["version"]) == ("See SATs and the mock.", 2)


def test_an_answer_and_a_target_are_each_taken_for_themselves(asked):
    path = asked.workbook("Mathematics")
    agreed(path, Answer_to_query="Yes.", Agreed_expected="2")
    report = asked.apply(path)
    assert codes(report) == ["lowered-without-reason", "lowered-without-name"]
    assert (report.answers, len(standing(asked))) == (1, 1)


def test_a_query_that_has_changed_since_is_a_conflict(asked):
    path = asked.workbook("Mathematics")
    agreed(path, Answer_to_query="Yes.")
    query(asked, "6, please")
    report = asked.apply(path)
    assert (codes(report), standing(asked)) == (["query-changed"], [])


def test_an_answer_given_elsewhere_since_is_a_conflict(asked):
    path = asked.workbook("Mathematics")
    agreed(path, Answer_to_query="Yes.")
    copy = path.with_name("copy.xlsx")
    copy.write_bytes(path.read_bytes())
    asked.apply(path)
    path.unlink()
    asked.moderate()
    agreed(path, Answer_to_query="No.")
    asked.apply(path)
    # The first workbook was the last to say "Yes.", and says so still.
    assert asked.apply(copy).answers == 0
    agreed(copy, Answer_to_query="Perhaps.")
    assert codes(asked.apply(copy)) == ["answer-changed"]
    assert [one["answer"] for one in standing(asked)] == ["No."]


def test_a_blank_never_erases_an_answer(asked):
    path = asked.workbook("Mathematics")
    agreed(path, Answer_to_query="Yes.")
    asked.apply(path)
    agreed(path, Answer_to_query=None)
    asked.apply(path)
    assert [one["answer"] for one in standing(asked)] == ["Yes."]


# the command


@pytest.fixture
def folder(tiny_school, now):
    school = School.load(tiny_school)
    workflow.import_exports(school, now=now, who="HAR")
    workflow.draft_targets(school, now=now, who="HAR")
    workflow.moderate_targets(school, now=now, who="HAR")
    return tiny_school


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 not really", "moderation workbook|damaged|arrived"),
        (b"%PDF-1.7", "PDF"),
        (b"Adno,Expected\n1,5\n", "plain text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_stored(
    folder, now, data, words
):
    school = School.load(folder)
    path = folder / "moderation" / "Mathematics.xlsx"
    path.write_bytes(data)
    with pytest.raises(MarkbookError, match=words) as refused:
        workflow.apply_targets(school, path, now=now, who="HAR")
    assert "Traceback" not in str(refused.value)
    with pytest.raises(MarkbookError, match="There is no file"):
        workflow.apply_targets(school, folder / "nothing.xlsx", now=now, who="HAR")


def test_a_markbook_is_reported_from_a_moderation_workbook(folder, now):
    school = School.load(folder)
    workflow.issue(school, "AUT", now=now, who="HAR")
    issued = next((folder / "issued").rglob("*.xlsx"))
    with pytest.raises(FormRefused, match="This is a markbook"):
        workflow.apply_targets(school, issued, now=now, who="HAR")


def test_any_other_workbook_is_reported_from_ours(folder, now, tmp_path):
    path = tmp_path / "mine.xlsx"
    Workbook().save(path)
    with pytest.raises(FormRefused, match="it has no identity"):
        workflow.apply_targets(School.load(folder), path, now=now, who="HAR")


def test_the_whole_way_through_the_workflow(folder, now):
    school = School.load(folder)
    path = folder / "moderation" / "Mathematics.xlsx"
    adno = load_workbook(path)["Y10 Mathematics"]["A7"].value
    moderation_office.fill(path, "Y10 Mathematics", {adno: {"Agreed expected": "9"}})
    report = workflow.apply_targets(school, path, now=now, who="HAR")
    assert report.file == "moderation/Mathematics.xlsx"
    assert report.json()["raised"] == 1
    told = workflow.target_history(school, adno, now=now).lines()
    assert any("moderation/Mathematics.xlsx Y10 Mathematics!" in line for line in told)


def test_a_version_applied_is_put_down_with_where_it_came_from(here, path):
    agreed(path, Agreed_expected="6")
    here.apply(path)
    with here.store.begin() as connection:
        (one,) = connection.execute(select(schema.moderated)).mappings()
        versions = stored.target_versions(connection, "000101")
    assert (one["adno"], one["place"], one["who"]) == ("000101", "Y11 Maths!X7", "HAR")
    assert (
        one["version"] == versions.loc[versions["subject"] == "Maths", "version"].max()
    )


cell = st.sampled_from([None, "U", "3", "5", "7", "9", "5-4", "?"])
texts = st.sampled_from([None, "tests"])


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.fixed_dictionaries(
        {adno: st.tuples(cell, cell, texts, texts) for adno in ("000101", "000102")}
    )
)
def test_whatever_is_filled_in_is_taken_or_named(here, path, filled):
    path.unlink(missing_ok=True)
    here.moderate()
    before = here.current()
    for adno, (low, high, reason, by) in filled.items():
        agreed(
            path, adno, Agreed_expected=low, Agreed_aspirational=high, Reason=reason,
            By=by,
        )  # fmt: skip
    report = here.apply(path)
    named = {p.adno for p in report.problems if p.severity == "error"}
    named = {adno for text in named for adno in text.split(", ")}
    gcse = here.tables.scale("gcse")
    for adno, (low, high, reason, by) in filled.items():
        expected, aspirational, status = here.target(adno, "Maths")
        was = before.loc[(adno, "Maths")]
        if adno in named:
            assert (expected, aspirational) == (was["expected"], was["aspirational"])
            continue
        assert low in (None, expected)
        assert high in (None, aspirational)
        assert status == "issued"
        assert gcse.rank(aspirational) >= gcse.rank(expected)
        if not (reason and by):
            assert gcse.rank(expected) >= gcse.rank(was["expected"])
    assert (
        here.current()
        .drop([(a, "Maths") for a in filled])
        .equals(before.drop([(a, "Maths") for a in filled]))
    )
    versions = here.versions()
    assert here.apply(path).answers == 0
    assert here.versions().equals(versions)
