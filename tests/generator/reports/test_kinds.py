"""Plans, slips and target-day sheets: what each holds, and what none holds."""

from __future__ import annotations

import re

import pytest

from generator.reports.report_kinds import REPORT_KINDS
from generator.store import schema
from tests.generator.packs import sample_school
from tests.generator.packs.sample_school import adno
from tests.generator.reports.report_files import (
    YEAR,
    hidden_texts,
    pages,
    pdf_text,
    tags,
    write,
)
from tests.generator.reports.test_parent import LEAKS
from tests.project import ROOT


def test_a_plan_has_strengths_steps_and_help(school):
    opened = sample_school.open_store(school)
    with opened.begin() as connection:
        connection.execute(
            schema.interventions.insert(),
            {"adno": adno(2), "subject": "", "what": "Mentoring", "from": "2026-10-05",
             "until": "2026-11-20", "who": "Mr D Cohen", "pupil_view": "It helps",
             "parent_view": "Thank you", "academic_year": YEAR},
        )  # fmt: skip
    opened.close()
    (file,) = write(school, "plan", pupils=[adno(2)]).files
    assert file == f"reports/AUT/plan/10A/{adno(2)}.pdf"
    text = pdf_text(school.folder / file)
    for words in (
        "What I do well",
        "Ask the teacher for the first step.", "A step of my own",
        "Mentoring Mr D Cohen 5 October 2026 to 20 November 2026 It helps Thank you",
        "kept partly not yet", "What home thinks of the help",
    ):  # fmt: skip
        assert words in text
    assert pages(school.folder / file) == 1


def test_a_plan_names_the_day_of_the_next_look(school):
    later = sample_school.SETTINGS.split("[[collections]]")[2]
    with (school.folder / "school.toml").open("a", encoding="utf-8") as file:
        later = later.replace('"AUT"', '"SPR"').replace("2026-11", "2027-02")
        file.write(f"\n[[collections]]{later}")
    school = type(school).load(school.folder)
    (file,) = write(school, "plan", pupils=[adno(1)]).files
    text = pdf_text(school.folder / file)
    assert "We look again on 13 February 2027" in text
    assert "Mathematics: on target, good effort" in text
    assert "Praised in Mathematics" in text


def test_slips_are_eight_to_a_page_with_targets(school):
    (file,) = write(school, "slips", regs=["10A"]).files
    assert file == "reports/AUT/slips/10A.pdf"
    assert pages(school.folder / file) == 2  # sixteen pupils
    text = pdf_text(school.folder / file)
    assert "Forename16 Surname16" in text and "Forename21" not in text
    assert "Mathematics 5 On target" in text
    assert tags(school.folder / file).count("/H1") == 16


def test_a_target_day_sheet_says_where_targets_start(school):
    opened = sample_school.open_store(school)
    with opened.begin() as connection:
        connection.execute(
            schema.targets.insert(),
            {"adno": adno(1), "subject": "Mathematics", "version": 1,
             "academic_year": YEAR, "expected": "5", "baseline": "maths",
             "status": "issued"},
        )  # fmt: skip
    opened.close()
    (file,) = write(school, "target-day", pupils=[adno(1)]).files
    text = pdf_text(school.folder / file)
    assert "Mathematics 5 5 The maths test at the end of primary school" in text
    assert "What teachers know of Forename01" in text  # English has no such record


@pytest.mark.parametrize("kind", [*REPORT_KINDS])
def test_no_kind_says_more_than_its_reader_may_know(school, kind):
    report = write(school, kind, years=[10])
    assert report.files
    for file in report.files:
        text = pdf_text(school.folder / file) + hidden_texts(school.folder / file)
        assert not LEAKS.search(text)
        assert not re.search(r"\b0000\d\d\b|U0{10}", text)
        if re.search(r"/\d{6}\.pdf$", file):
            assert len(set(re.findall(r"Forename\d\d Surname\d\d", text))) == 1


def test_the_readme_lists_the_kinds_of_documents():
    section = (ROOT / "README.md").read_text("utf-8").partition("### Reports")[2]
    rows = re.findall(r"^\| `([a-z-]+)`", section.partition("\n### ")[0], re.M)
    assert rows == [*REPORT_KINDS]
