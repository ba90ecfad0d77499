"""What a moderation workbook shows, and what of it is locked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter as letter
from sqlalchemy import insert, update

from generator.store import schema
from generator.store import targets as answers
from generator.targets.form import ENTRY, headings
from generator.targets.moderation import years_due
from tests.generator.targets import moderation_office
from udfs.errors import MarkbookError
from udfs.scales.scale import POINT
from udfs.targets.totals import national_expectation

UNLOCKED = set(headings(ENTRY).values())


def pages(path):
    book = load_workbook(path)
    return [sheet for sheet in book.worksheets if re.match(r"Y\d", sheet.title)]


def test_each_department_gets_a_workbook_with_a_sheet_a_subject_and_year(office):
    here = office()
    report = here.moderate()
    assert report.files == (
        "moderation/English.xlsx",
        "moderation/Health and Social Care.xlsx",
        "moderation/Mathematics.xlsx",
        "moderation/Performing Arts.xlsx",
        "moderation/Science.xlsx",
        "moderation/Weaving.xlsx",
    )
    # 000103 left on 1 October.
    assert (report.rows, report.provisional, report.without) == (12, 1, 5)
    assert report.json()["pupil_subjects"] == 12
    book = load_workbook(here.workbook("English"))
    assert book.sheetnames == [
        "Read me", "Y11 English Language", "Y11 English Literature", "Chances", "Sums",
        "_lists", "_meta",
    ]  # fmt: skip
    assert [book[name].sheet_state for name in ("_lists", "_meta")] == [
        "veryHidden", "veryHidden",
    ]  # fmt: skip


def test_only_what_is_agreed_may_be_filled_in(here):
    for path in (here.school.folder / "moderation").glob("*.xlsx"):
        book = load_workbook(path)
        for sheet in book.worksheets:
            assert sheet.protection.sheet, sheet.title
        for sheet in pages(path):
            heads = moderation_office.columns(sheet)
            unlocked = {
                heading
                for heading, at in heads.items()
                for row in range(7, sheet.max_row + 1)
                if not sheet.cell(row, at).protection.locked
            }
            assert unlocked == UNLOCKED


def test_a_row_shows_where_the_target_starts_from_and_every_chance(office):
    here = office()
    here.moderate()
    row = moderation_office.pupil_row(
        here.workbook("Mathematics"), "Y11 Maths", "000101"
    )
    assert (row["Baseline"], row["Score"], row["Bands"]) == (
        "maths",
        "102",
        "100 - 102",
    )
    assert (row["Expected"], row["Aspirational"], row["Status"]) == ("4", "5", "draft")
    assert (row["Draft"], row["Draft aspir."]) == ("4", "5")
    figures = here.tables.transition_matrix("Mathematics", ("2022/23", "2023/24"))
    for grade in "123456789":
        share = figures.share(204, grade)
        assert row[f"≥{grade}"] == pytest.approx(share.at_or_above / share.pupils)
    assert row["Pupils"] == figures.share(204, "4").pupils


def test_the_chances_sheet_has_the_pupils_behind_every_chance(here):
    sheet = load_workbook(here.workbook("Science"))["Chances"]
    cells = {cell.value: cell for row in sheet.iter_rows() for cell in row}
    assert "Science: Combined Science, 2022/23 and 2023/24" in cells
    line = cells["100 - 102"].row
    figures = here.tables.transition_matrix("Combined Science", ("2022/23", "2023/24"))
    heads = [cell.value for cell in sheet[line - 5]]
    at, again = [n for n, text in enumerate(heads) if text == "5-4"]
    share = figures.share(202, "5-4")
    values = [cell.value for cell in sheet[line]]
    assert values[at] == pytest.approx(share.at_or_above / share.pupils)
    assert values[again] == share.pupils


def cat4_school(office, store, adnos=30):
    """Forty more pupils with both scores, so that CAT4 can be read by them."""
    more = [f"9{n:05}" for n in range(adnos)]
    with store.begin() as connection:
        connection.execute(
            insert(schema.pupils),
            [
                {"adno": adno, "year": 11, "ks2_reading": str(90 + n),
                 "ks2_maths": str(90 + n), "academic_year": "2026/27", "surname": adno}
                for n, adno in enumerate(more)
            ],
        )  # fmt: skip
        connection.execute(
            insert(schema.memberships),
            [{"academic_year": "2026/27", "class": "11/Ma1", "adno": a} for a in more],
        )
        values = {adno: str(90 + n) for n, adno in enumerate(more)}
        moderation_office.put_indicators(
            connection, "CAT4 Mean SAS", {**values, "000104": "110", "000101": "115"}
        )
    return office()


def test_a_pupil_without_ks2_gets_an_estimate_in_moderation_only(office, store):
    here = cat4_school(office, store)
    here.moderate()
    row = moderation_office.pupil_row(
        here.workbook("Mathematics"), "Y11 Maths", "000104"
    )
    assert (row["Score"], row["CAT4"]) == ("109.5 est.", "110")
    assert (row["Expected"], row["Draft"], row["Status"]) == (
        None,
        None,
        "no KS2 scores",
    )
    assert re.fullmatch(
        r"Estimated 6, aspirational 7: score 109\.5 ± \d\.\d from CAT4 110, by 31 of "
        "this school's pupils with both",
        row["Proposal"],
    )
    assert here.target("000104", "Maths") == (None, None, "")


def test_too_few_pupils_with_both_estimate_nothing(office, store):
    here = cat4_school(office, store, adnos=20)
    here.moderate()
    row = moderation_office.pupil_row(
        here.workbook("Mathematics"), "Y11 Maths", "000104"
    )
    assert (row["Score"], row.get("Proposal")) == (None, None)


def test_flags_queries_and_predictions_above_target_are_displayed(office, store):
    here = office()
    with store.begin() as connection:
        moderation_office.put_marks(
            connection, "SUM26", "2026-05-01",
            [("000101", "Maths", {"prediction": "5"})], "2025/26",
        )  # fmt: skip
        moderation_office.put_marks(
            connection, "AUT", "2026-09-01",
            [
                ("000101", "Maths", {"prediction": "6", "target_query": "6\nnow"}),
                ("000102", "Maths", {"prediction": "3"}),
            ],
        )  # fmt: skip
    report = here.moderate()
    assert (report.queries, report.proposals) == (1, 1)
    row = moderation_office.pupil_row(
        here.workbook("Mathematics"), "Y11 Maths", "000101"
    )
    assert (row["Last year"], row["Last flag"]) == ("SUM26 5", "AUT 6")
    assert row["Query"].split() == ["6", "now"]
    assert row["Proposal"] == "Raise to 6: predicted 6 in AUT (5 in SUM26)"


def test_what_nobody_has_reported_takes_no_column(here):
    (sheet,) = pages(here.workbook("Mathematics"))
    assert not {"Last year", "Last flag", "Query", "Proposal"} & set(
        moderation_office.columns(sheet)
    )


def test_sums_add_up_beside_the_national_expectation(here):
    sheet = load_workbook(here.workbook("Mathematics"))["Sums"]
    rows = {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows()}
    heads = next(
        [cell.value for cell in row]
        for row in sheet.iter_rows()
        if row[0].value == "Year"
    )
    year = dict(zip(heads, rows["Year 11"], strict=True))
    targets = [here.target(adno, "Maths")[0] for adno in ("000101", "000102", "000105")]
    assert (year["Pupils"], year["With target"]) == (4, 3)
    assert year["Mean points"] == pytest.approx(sum(map(int, targets)) / 3)
    assert year["4+"] == pytest.approx(sum(int(t) >= 4 for t in targets) / 3)
    assert year["Same pupils"] == 3
    figures = here.tables.transition_matrix("Mathematics", ("2022/23", "2023/24"))
    scale = here.tables.scale("gcse")
    mean = sum(
        national_expectation(figures, halves, scale).points
        for halves in (204, 194, 220)
    ) / (3 * POINT)
    assert year["National mean"] == pytest.approx(float(mean))
    assert rows["11/Ma1 no teacher"][1] == 4


def test_every_list_names_its_grades_and_a_reason_may_be_typed(here):
    (sheet,) = pages(here.workbook("Science"))
    rules = {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule
        for rule in sheet.data_validations.dataValidation
    }
    heads = moderation_office.columns(sheet)
    agreed = rules[letter(heads["Agreed expected"])]
    assert (agreed.type, agreed.formula1, agreed.errorStyle) == (
        "list", "Grades_1", None,
    )  # fmt: skip
    assert not rules[letter(heads["Reason"])].showErrorMessage
    lists = load_workbook(here.workbook("Science"))["_lists"]
    grades = [row[1].value for row in lists.iter_rows() if row[1].value]
    assert grades == list(reversed(here.tables.scale("combined_science").grades))


def test_the_same_store_and_moment_give_the_same_bytes(office):
    here = office()
    here.moderate()
    first = here.workbook("Science").read_bytes()
    here.now -= timedelta(minutes=1)
    here.moderate()
    assert here.workbook("Science").read_bytes() == first


def test_no_pupil_stands_in_a_hidden_place(here):
    book = load_workbook(here.workbook("Mathematics"))
    for name in ("_lists", "_meta"):
        texts = " ".join(
            str(cell.value) for row in book[name].iter_rows() for cell in row
        )
        assert "000101" not in texts
        assert "Pupil" not in texts


def test_a_filled_in_workbook_is_never_overwritten(here):
    path = here.workbook("Mathematics")
    moderation_office.fill(path, "Y11 Maths", {"000101": {"Agreed expected": "6"}})
    filled = path.read_bytes()
    report = here.moderate()
    assert report.exit_status == 1
    assert [(p.file, p.code) for p in report.problems] == [
        ("moderation/Mathematics.xlsx", "not-written")
    ]
    assert path.read_bytes() == filled
    assert len(report.files) == 5
    here.apply(path)
    assert here.moderate().exit_status == 0
    assert path.read_bytes() != filled


def test_one_with_a_cell_that_was_refused_is_not_overwritten_either(here):
    path = here.workbook("Mathematics")
    moderation_office.fill(path, "Y11 Maths", {"000101": {"Agreed expected": "12"}})
    here.apply(path)
    assert here.moderate().exit_status == 1


def test_a_department_too_large_to_be_read_back_is_cut_by_years(office, monkeypatch):
    monkeypatch.setattr("generator.targets.build_forms.MAX_CELLS", 40)
    here = office()
    report = here.moderate()
    assert "moderation/English Y11.xlsx" in report.files
    path = here.workbook("English Y11")
    moderation_office.fill(
        path, "Y11 English Language", {"000101": {"Agreed expected": "7"}}
    )
    assert here.apply(path).exit_status == 0


def test_nothing_drafted_is_nothing_to_moderate(store, school, now):
    here = moderation_office.ModerationOffice(store, school(), now)
    with pytest.raises(MarkbookError, match="markbook targets draft"):
        here.moderate()


def test_pupils_who_came_since_the_draft_are_reported_of(office, enrol):
    here = office()
    with here.store.begin() as connection:
        enrol(connection, "11/Hi1", "History", 11, ["000101"])
    report = here.moderate()
    assert [p.code for p in report.problems] == ["not-drafted"]
    path = here.workbook("Humanities")
    moderation_office.fill(path, "Y11 History", {"000101": {"Agreed expected": "6"}})
    assert here.apply(path).exit_status == 0
    row = here.current().loc[("000101", "History")]
    assert row[["expected", "aspirational", "status", "version"]].tolist() == [
        "6", "7", "issued", 1,
    ]  # fmt: skip


# review


@pytest.fixture
def reviewed(office, store):
    here = office({"subjects": [{"name": "Music", "practical": False}]})
    here.issue()
    with store.begin() as connection:
        moderation_office.put_marks(
            connection, "AUT", "2026-09-01",
            [
                ("000106", "Science", {"prediction": "9-9"}),
                ("000106", "Music", {"prediction": "2"}),
                ("000101", "Maths", {"prediction": "9"}),
            ],
        )  # fmt: skip
    return here


def test_a_review_lists_only_what_speaks_for_a_raise(reviewed):
    target = reviewed.target("000106", "Science")
    report = reviewed.review(7)
    assert report.files == ("moderation/Science-review.xlsx",)
    assert (report.rows, report.proposals) == (1, 1)
    path = reviewed.workbook("Science-review")
    assert moderation_office.pupil_row(path, "Y7 Science", "000106")["Proposal"] == (
        "Raise to 9-9: predicted 9-9 in AUT"
    )
    assert reviewed.target("000106", "Science") == target


def test_a_review_is_applied_like_a_moderation(reviewed):
    reviewed.review(7)
    path = reviewed.workbook("Science-review")
    moderation_office.fill(path, "Y7 Science", {"000106": {"Agreed expected": "9-9"}})
    assert reviewed.apply(path).counts == {"raised": 1}
    assert reviewed.target("000106", "Science") == ("9-9", "9-9", "issued")


def test_a_new_draft_above_what_a_person_settled_is_reported_of(reviewed):
    reviewed.moderate()
    path = reviewed.workbook("Performing Arts")
    cells = {"Agreed expected": "3", "Reason": "clearly wrong", "By": "MCD"}
    moderation_office.fill(path, "Y7 Music", {"000106": cells})
    assert reviewed.apply(path).exit_status == 0
    reviewed.review(7)
    said = moderation_office.pupil_row(
        reviewed.workbook("Performing Arts-review"), "Y7 Music", "000106"
    )["Proposal"]
    assert re.fullmatch(r"Raise to (\d): a new draft gives \1", said)


def test_cat4_speaks_only_beyond_its_own_spread(office, store):
    here = cat4_school(office, store)
    here.issue()
    here.review(11)
    page = load_workbook(here.workbook("Mathematics-review"))["Y11 Maths"]
    adnos = {page.cell(row, 1).value for row in range(7, page.max_row + 1)}
    said = moderation_office.pupil_row(
        here.workbook("Mathematics-review"), "Y11 Maths", "000101"
    )
    assert said["Proposal"].startswith(
        "Raise to 8: CAT4 suggests 8, an estimate (score"
    )
    assert not any(adno and adno.startswith("9") for adno in adnos)


def test_where_nothing_speaks_for_a_raise_nothing_is_written(office):
    here = office()
    report = here.review(9)
    assert (report.files, report.exit_status) == ((), 0)
    assert report.lines() == ["Nothing in the store speaks for a higher target."]


def test_a_year_that_has_no_targets_ever_is_refused(office):
    with pytest.raises(MarkbookError, match=r"14 is no year .* from 7 to 13\."):
        office().review(14)


@pytest.mark.parametrize(("month", "years"), [(1, (7,)), (6, (7, 9)), (7, (7, 9))])
def test_rounds_are_in_january_and_at_the_end_of_the_year(month, years, now):
    assert years_due(now.replace(month=month).date()) == years


def test_out_of_season_the_years_are_asked_for(office):
    with pytest.raises(MarkbookError, match="--year 7"):
        office().review()


def test_the_answer_that_was_given_stands_in_the_next_workbook(office, store):
    here = office()
    with store.begin() as connection:
        moderation_office.put_marks(
            connection, "AUT", "2026-09-01",
            [("000101", "Maths", {"target_query": "Too high?"})],
        )  # fmt: skip
    here.moderate()
    path = here.workbook("Mathematics")
    moderation_office.fill(
        path, "Y11 Maths", {"000101": {"Answer to query": "No: see SATs."}}
    )
    assert here.apply(path).answers == 1
    here.moderate()
    row = moderation_office.pupil_row(path, "Y11 Maths", "000101")
    assert row["Answer to query"] == "No: see SATs."
    assert here.apply(path).rows == 0
    with store.begin() as connection:
        assert len(answers.answer_versions(connection)) == 1


def test_a_pupil_without_a_year_group_is_not_dropped(office, store):
    with store.begin() as connection:
        for table in (schema.pupils, schema.classes):
            connection.execute(update(table).values(year=None))
    here = office()
    report = here.moderate()
    assert report.rows == 12
    assert "Maths" in load_workbook(here.workbook("Mathematics")).sheetnames


def test_microsofts_validator_finds_nothing_wrong(office, store, office_faults):
    here = cat4_school(office, store)
    with store.begin() as connection:
        moderation_office.put_marks(
            connection, "AUT", "2026-09-01",
            [("000101", "Maths", {"prediction": "9", "target_query": "=1+1"})],
        )  # fmt: skip
    here.moderate()
    for name in ("Mathematics", "Science", "Weaving"):
        assert office_faults(here.workbook(name)) == [], name


def test_pupils_stand_as_a_filing_cabinet_has_them(office, store):
    names = {"000101": "Mann", "000102": "Łukasz", "000104": "Lynch", "000105": "Åberg"}
    with store.begin() as connection:
        for adno, surname in names.items():
            connection.execute(
                update(schema.pupils)
                .where(schema.pupils.c.adno == adno)
                .values(surname=surname)
            )
    here = office()
    here.moderate()
    page = load_workbook(here.workbook("Mathematics"))["Y11 Maths"]
    found = [page.cell(row, 2).value for row in range(7, page.max_row + 1)]
    assert found == ["Åberg", "Łukasz", "Lynch", "Mann"]
