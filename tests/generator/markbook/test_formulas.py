"""Formulas and `udfs` agree: on every pair of grades, as LibreOffice reckons them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.markbook.layout import EntrySheet, Markbook, column_letters
from generator.markbook.sheet_content import RowValues, SheetContent
from generator.markbook.write_markbook import write_markbook
from tests.generator.markbook import samples
from tests.office import Office, running_office
from udfs.measures.flags import flag
from udfs.measures.questions import join_questions, pupil_questions
from udfs.scales.scale import Scale
from udfs.tables import standard

pytestmark = pytest.mark.office
SCALES = [scale for scale in standard().scales.values() if not scale.judgement]
CODES = ("Abs", "N/T", "TE", "Clear", "")


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with running_office() as running:
        yield running


def every_pair(scale: Scale) -> EntrySheet:
    """A class with a pupil for every target and everything predicted against it.

    Working-at goes through the scale the other way round, and so does the earlier
    prediction, so that questions of every size come up.
    """
    answers = (*scale.grades, *CODES)
    rows = []
    for target in (*scale.grades, None):
        for at, prediction in enumerate(answers):
            number = len(rows)
            working_at = answers[(at * 3 + len(rows) // len(answers)) % len(answers)]
            before = answers[(at * 5 + len(rows) // len(answers)) % len(answers)]
            rows.append(
                samples.row(
                    number,
                    target,
                    None,
                    entries={
                        "prediction": prediction,
                        "working_at": working_at,
                        "reason": "attendance" if number % 11 == 0 else "",
                    },
                    earlier={"SUM": f"{before} (On)" if number % 2 else before},
                )
            )
    return samples.sheet(
        rows, name=scale.name, code=scale.name, scale=scale.name, earlier=["SUM"]
    )


def calculated(
    office: Office, book: Markbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, list[tuple[str, str]]]:
    """The flag and the check of every row, calculated afresh."""
    # Stale values, so that the office program must calculate what is read back.
    monkeypatch.setattr(
        SheetContent, "_row_values", lambda *_: RowValues("stale", "stale", False)
    )
    path = tmp_path / "pairs.xlsx"
    path.write_bytes(write_markbook(book, standard(), samples.KEY))
    steps = [{"do": "calculate"}]
    for sheet in book.sheets:
        at = column_letters(sheet.column("flag") or 0)
        to = column_letters(sheet.column("check") or 0)
        area = f"{at}{sheet.first_row}:{to}{sheet.last_row}"
        steps.append({"do": "values", "sheet": sheet.name, "area": area})
    _, *answers = office.run_steps(path, steps)
    return {
        sheet.name: [(str(row[0]), str(row[1])) for row in rows]
        for sheet, rows in zip(book.sheets, answers, strict=True)
    }


@pytest.mark.parametrize("fine", [False, True])
def test_flag_and_check_agree_with_udfs_on_every_pair_of_every_scale(
    office, tmp_path, monkeypatch, fine
):
    scales = SCALES if not fine else [s for s in SCALES if s.has_thirds]
    book = samples.markbook(*(every_pair(scale) for scale in scales), fine=fine)
    found = calculated(office, book, tmp_path, monkeypatch)
    flags, both = set(), set()
    for scale, sheet in zip(scales, book.sheets, strict=True):
        for row, (flagged, checked) in zip(sheet.rows, found[sheet.name], strict=True):
            prediction = row.entries["prediction"]
            expected = flag(prediction, row.target, scale, fine=fine) or ""
            assert flagged == expected, (scale.name, prediction, row.target)
            asked = pupil_questions(
                row.entries["working_at"],
                prediction,
                scale,
                last_prediction=row.earlier["SUM"].removesuffix(" (On)"),
            )
            texts = "" if row.entries["reason"] else join_questions(asked)
            assert checked == texts, (scale.name, row)
            flags.add(flagged)
            both.add(" and " in checked)
    assert both == {True, False}
    assert flags == {"Above", "On", "Below", "Well below", ""}


def test_the_choice_is_the_flag_in_judgement_style(office, tmp_path, monkeypatch):
    chosen = ["above", "on", "below", "Above", "Abs", ""]
    rows = [
        samples.row(n, target, entries={"prediction": choice})
        for target in ("5", None)
        for n, choice in enumerate(chosen)
    ]
    book = samples.markbook(samples.sheet(rows, style="judgement"))
    found = calculated(office, book, tmp_path, monkeypatch)["Markbook"]
    assert [flagged for flagged, _ in found] == [
        "Above",
        "On",
        "Below",
        "Above",
        "",
        "",
    ] * 2


@pytest.mark.parametrize("written", ["54", "5 4", "5/4", " 5-4 "])
def test_a_spelling_that_is_read_is_flagged_too(office, tmp_path, monkeypatch, written):
    scale = standard().scale("combined_science")
    assert scale.find(written) == "5-4"
    rows = [samples.row(0, "5-4", entries={"prediction": written})]
    book = samples.markbook(samples.sheet(rows, scale=scale.name))
    assert calculated(office, book, tmp_path, monkeypatch)["Markbook"] == [("On", "")]


def test_what_is_not_in_a_list_is_reported(office, tmp_path, monkeypatch):
    wrong = {
        "working_at": "10",
        "prediction": "A",
        "reason": "because",
        "effort": "5",
        "praise": "No",
        "comment": "x" * 501,
    }
    book = samples.markbook(samples.sheet([samples.row(0, entries=wrong)]))
    found = calculated(office, book, tmp_path, monkeypatch)["Markbook"]
    assert found == [
        (
            "",
            "Working at: not in the list. Prediction: not in the list. Reason: not in "
            "the list. Effort: not in the list. Praise: not in the list. Comment: "
            "longer than 500 characters.",
        )
    ]


def test_the_summary_counts_stars_and_codes_as_what_they_are(office, tmp_path):
    marks = ["A*", "A*", "A", "Abs", "", "E", "A*"]
    rows = [
        samples.row(
            number,
            "A",
            entries={"prediction": mark, "working_at": "B", "effort": "1"},
            PP="Y" if number < 3 else "",
        )
        for number, mark in enumerate(marks)
    ]
    book = samples.markbook(samples.sheet(rows, scale="alevel"))
    path = tmp_path / "alevel.xlsx"
    path.write_bytes(write_markbook(book, standard(), samples.KEY))
    read = {"do": "values", "sheet": "Summary", "area": "A6:H20"}
    as_written, _, reckoned = office.run_steps(
        path, [read, {"do": "calculate"}, dict(read)]
    )
    assert as_written == reckoned
    rows_of = {str(row[0]): row[1:] for row in reckoned}
    assert rows_of["All"][:6] == [7, 3, 1, 0, 1, 2]
    assert rows_of["PP"][:6] == [3, 2, 1, 0, 0, 0]
    assert [rows_of[grade][2] for grade in ("A*", "A", "B", "E", "Abs")] == [
        3,
        1,
        0,
        1,
        1,
    ]


@pytest.mark.parametrize("name", [scale.name for scale in SCALES])
def test_the_summary_counts_every_grade_and_code_of_every_scale(office, tmp_path, name):
    scale = standard().scale(name)
    answers = [*scale.grades, *CODES[:3]]
    # So many pupils with each answer as its place in the list says, and a blank.
    marks = ["", *(one for at, one in enumerate(answers, 1) for _ in range(at % 4))]
    rows = [
        samples.row(
            n, scale.grades[n % len(scale.grades)], entries={"prediction": mark}
        )
        for n, mark in enumerate(marks)
    ]
    path = tmp_path / "counted.xlsx"
    book = samples.markbook(samples.sheet(rows, scale=name))
    path.write_bytes(write_markbook(book, standard(), samples.KEY))
    read = {"do": "values", "sheet": "Summary", "area": "A6:H60"}
    as_written, _, reckoned = office.run_steps(
        path, [read, {"do": "calculate"}, dict(read)]
    )
    assert as_written == reckoned
    grades = next(at for at, row in enumerate(reckoned) if row[0] == "Grade")
    counted = {str(row[0]): row[3] for row in reckoned[grades + 1 :] if row[0] != ""}
    assert counted == {one: marks.count(one) for one in answers}


def test_everything_we_wrote_is_what_is_reckoned(office, tmp_path):
    def marks(number: int) -> dict[str, str]:
        return {
            "working_at": str(1 + number % 9),
            "prediction": str(1 + number * 4 % 9) if number % 4 else "TE",
            "effort": "2" if number % 3 else "",
        }

    path = tmp_path / "class.xlsx"
    path.write_bytes(
        write_markbook(samples.whole_class(20, marks), standard(), samples.KEY)
    )
    areas = [
        {"do": "values", "sheet": name, "area": area}
        for name, area in (
            ("Read me", "A1:H30"),
            ("Markbook", "A1:V30"),
            ("Summary", "A1:P30"),
            ("Over time", "A1:J30"),
        )
    ]
    again = [dict(step) for step in areas]
    answers = office.run_steps(path, [*areas, {"do": "calculate"}, *again])
    before, after = answers[:4], answers[5:]
    assert before == after
    assert re.search(r"\d+ of 20 complete", str(after[1]))
