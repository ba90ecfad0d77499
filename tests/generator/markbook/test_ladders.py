"""The ladder that judgements are made against, in the markbook and for pupils."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from generator.markbook.compiled_markbook import CompiledMarkbook
from generator.markbook.ladders import read_ladders
from generator.markbook.layout import Ladder, LadderBand
from generator.markbook.write_markbook import write_markbook
from tests.generator.markbook import samples
from udfs.tables import standard

LADDER = Ladder(
    "Mathematics",
    8,
    (
        LadderBand("Beginning", ("U", "1", "2"), ("I can add fractions.",)),
        LadderBand(
            "Secure", ("3", "4", "5"), ("I can plot a line.", "I can " + "x" * 300)
        ),
    ),
    note="Year 8.",
)
FILE = """note = "Year 8."
[[bands]]
name = "Beginning"
targets = ["U", 1, "2"]
statements = ["I can add fractions."]
[[bands]]
name = "Secure"
targets = ["3"]
"""


def judged(pupils: int = 3):
    rows = [samples.row(n, ("2", "5", None)[n % 3]) for n in range(pupils)]
    sheet = samples.sheet(rows, style="judgement", year=8, ladder=LADDER)
    return samples.markbook(sheet)


def column_a(data: bytes, title: str = "Ladder") -> list[str]:
    sheet = load_workbook(io.BytesIO(data))[title]
    return [str(cell.value) for cell in sheet["A"] if cell.value]


def test_bands_stand_highest_first_and_every_pupil_has_the_band_expected_by_now():
    data = write_markbook(judged(), standard(), samples.KEY)
    lines = column_a(data)
    assert lines.index("Secure") < lines.index("Beginning")
    assert "•  I can add fractions." in lines
    sheet = load_workbook(io.BytesIO(data))["Ladder"]
    expected = [(row[2].value, row[3].value) for row in sheet.iter_rows()][-4:]
    assert expected[0] == ("Target", "Band expected by now")
    assert expected[1:] == [("2", "Beginning"), ("5", "Secure"), (None, None)]


def test_the_ladder_is_stamped_as_it_is_authored():
    book = judged(7)
    other = replace(
        book,
        sheets=(replace(book.sheets[0], rows=judged(8).sheets[0].rows[1:]),),
    )
    data = CompiledMarkbook(other, standard(), samples.KEY).fill(book)
    authored = write_markbook(book, standard(), samples.KEY)
    for title in load_workbook(io.BytesIO(authored)).sheetnames:
        one, two = (load_workbook(io.BytesIO(d))[title] for d in (authored, data))
        assert [[c.value for c in row] for row in one] == [
            [c.value for c in row] for row in two
        ]


def test_a_class_without_a_ladder_has_no_such_sheet():
    data = write_markbook(samples.whole_class(2), standard(), samples.KEY)
    assert "Ladder" not in load_workbook(io.BytesIO(data)).sheetnames


def test_a_ladder_is_found_by_subject_and_year_whatever_the_file_is_called(tmp_path):
    (tmp_path / "ladders").mkdir()
    (tmp_path / "ladders/design - technology-8.toml").write_text(FILE)
    found = read_ladders(tmp_path)
    assert found.problems == ()
    ladder = found.of("Design & Technology", 8)
    assert ladder is not None
    assert [band.name for band in ladder.bands] == ["Beginning", "Secure"]
    assert ladder.expected_band("1") == "Beginning"
    assert ladder.expected_band("9") == ladder.expected_band(None) == ""
    assert found.of("Design & Technology", 9) is None
    assert found.of("Mathematics", None) is None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("Mathematics.toml", FILE, "does not say which subject and year"),
        ("Mathematics-8.toml", "bands = [", "not valid TOML"),
        ("Mathematics-8.toml", "", "no [[bands]]"),
        ("Mathematics-8.toml", "note = 'x'\nbands = []", "no [[bands]]"),
        ("Mathematics-8.toml", FILE + "colour = 'red'", "band 2 has no name, or keys"),
        ("Mathematics-8.toml", "[[bands]]\ntargets = []", "band 1 has no name"),
        ("Mathematics-8.toml", "[[bands]]\nname = 'x'\ntargets = 3", "not a list"),
        ("Mathematics-8.toml", "top = 1\n" + FILE, "top is not known"),
        ("Mathematics-8.toml", "#" * 300_000, "far too long"),
    ],
)
def test_a_faulty_ladder_is_left_out_and_named(tmp_path: Path, name, text, said):
    (tmp_path / "ladders").mkdir()
    (tmp_path / "ladders" / name).write_text(text)
    found = read_ladders(tmp_path)
    assert not found.by_subject_year
    (problem,) = found.problems
    assert problem.file == f"ladders/{name}"
    assert said in problem.what
    assert problem.do


def test_a_folder_without_ladders_has_none(tmp_path):
    assert read_ladders(tmp_path).by_subject_year == {}


def test_the_pupils_version_names_no_target_and_no_pupil(demo_school, now: datetime):
    from generator import workflow
    from generator.school.school import School

    folder = demo_school / "ladders"
    folder.mkdir()
    (folder / "Mathematics-8.toml").write_text(FILE)
    school = School.load(demo_school)
    report = workflow.pack(school, "AUT", ["ladders"], now=now, who="HAR")
    (file,) = report.files
    assert file == "packs/AUT/ladders-Mathematics 8.xlsx"
    lines = column_a((demo_school / file).read_bytes())
    assert lines == [
        "Mathematics, Year 8", "Year 8.", "Secure", "Beginning",
        "•  I can add fractions.",
    ]  # fmt: skip
    book = load_workbook(demo_school / file)
    assert "expected" not in str([[c.value for c in r] for r in book["Ladder"]])
