"""Reports to parents: what they say, what they never say, and when they are written."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path

import pikepdf
import pytest

from generator import workflow
from generator.reports import paper
from generator.reports.paper import NoEngine
from generator.reports.request import NoSuchDocument, ReportRequest
from generator.school.school import School
from tests.generator.packs import sample_school
from tests.generator.packs.sample_school import adno
from tests.generator.reports.report_files import (
    NOW,
    hidden_texts,
    pages,
    pdf_text,
    rename,
    snapshot,
    tags,
    write,
)

FOLDER = "reports/AUT/parent"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_report_says_in_words_what_the_store_holds(reported):
    text = pdf_text(reported.folder / FOLDER / "10A" / f"{adno(1)}.pdf")
    assert "Forename01 Surname01" in text and "Tutor: Ms R Abara" in text
    assert re.search(r"Mathematics Ms R Abara On target 5 5 Good", text)
    for sentence in (
        "In school: 111 of 120 possible half days (92.5%).",
        "Away, agreed with us: 6.",
        "Away, not agreed: 3 (2.5% of the possible).",
        "Late: 2 times.",
        "From 2 September 2026 to 27 November 2026",
        "25 points for good work and kindness this year.",
        "No points for poor behaviour.",
        "Praised this time in Mathematics.",
        "Ask more.",
    ):
        assert sentence in text


def test_every_report_agrees_with_the_exported_marks(reported, tmp_path):
    """Read again from the CSV files and the PDF's text, by other code."""
    out = tmp_path / "marks.csv"
    workflow.export(reported, "marks", collection="AUT", out=out, now=NOW)
    words = {"above": "Above target", "on": "On target", "below": "Just below target",
             "well below": "Well below target", "no data": "Was away"}  # fmt: skip
    rows = read_csv(out)
    assert len(rows) > 30
    for row in rows:
        (file,) = (reported.folder / FOLDER).glob(f"*/{row['adno']}.pdf")
        word = words[row["flag"]]
        lines = pdf_text(file, "-layout").splitlines()
        (line,) = [
            s for s in lines if re.match(rf"\s*{row['subject']}\b", s) and word in s
        ]
        cells = line.split(word)[1].replace(": no mark", "").split()
        grades = [row["target"], row["prediction"] if row["flag"] != "no data" else ""]
        assert cells[:2] == [grade or "–" for grade in grades], row["adno"]


LEAKS = re.compile(r"\b(PP|FSM|SEN|EAL|LAC|disadvantaged|[Rr]ank|Attainment 8)\b")


def test_no_report_holds_anything_of_another_pupil(reported):
    files = sorted((reported.folder / FOLDER).glob("*/*.pdf"))
    assert len(files) > 25
    for file in files:
        text = pdf_text(file) + hidden_texts(file)
        names = set(re.findall(r"Forename\d\d Surname\d\d", text))
        assert len(names) == 1
        assert not re.findall(r"\b0000\d\d\b|U0{10}", text)
        assert not LEAKS.search(text), LEAKS.search(text)
        assert not re.search(r"[Ss]urname|[Ff]orename", file.name)


def test_reports_are_tagged(reported):
    file = reported.folder / FOLDER / "10A" / f"{adno(1)}.pdf"
    with pikepdf.open(file) as pdf:
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo["/Title"]) == "Report for Forename01 Surname01, Autumn"
    elements = tags(file)
    assert elements.count("/H1") == 1 and elements.count("/H2") >= 5
    assert elements.count("/TH") == 5 and "/Figure" in elements
    assert "3 on target" in hidden_texts(file)


def test_the_files_to_print_hold_the_tutor_group(reported):
    text = pdf_text(reported.folder / f"{FOLDER}/10A.pdf")
    assert "Forename01 Surname01" in text and "Forename16 Surname16" in text
    assert "Forename21" not in text


def test_the_list_to_send_names_every_file(reported):
    rows = read_csv(reported.folder / "reports/AUT/send.csv")
    files = {row["file"] for row in rows}
    assert files == {
        path.relative_to(reported.folder).as_posix()
        for path in (reported.folder / FOLDER).glob("*/*.pdf")
    }


def test_what_has_not_changed_is_left_alone(school):
    write(school)
    before = snapshot(school.folder / "reports")
    report = write(school, now=datetime(2026, 12, 1, 8, 0))
    assert report.files == () and report.unchanged > 25
    assert snapshot(school.folder / "reports") == before


def test_two_runs_give_the_same_bytes(school, reported):
    write(school)
    first, second = (snapshot(each.folder / "reports") for each in (school, reported))
    assert {f: data for f, (data, _) in first.items()} == {
        f: data for f, (data, _) in second.items()
    }


def test_one_mark_changes_one_report(school):
    write(school)
    before = snapshot(school.folder / "reports")
    opened = sample_school.open_store(school)
    with opened.begin() as connection:
        sample_school.mark(connection, "AUT", adno(2), "Mathematics", "effort", "1")
    opened.close()
    write(school)
    after = snapshot(school.folder / "reports")
    changed = {file for file in after if after[file] != before[file]}
    assert changed == {
        f"AUT/parent/10A/{adno(2)}.pdf",
        "AUT/parent/10A.pdf",
        "AUT/send.csv",
    }


def test_a_moved_pupil_has_one_report(school):
    write(school)
    opened = sample_school.open_store(school)
    with opened.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE pupils SET reg = '10B' WHERE adno = ?", (adno(2),)
        )
    opened.close()
    report = write(school)
    assert report.removed == (f"{FOLDER}/10A/{adno(2)}.pdf",)
    assert [
        p.parent.name for p in (school.folder / FOLDER).glob(f"*/{adno(2)}.pdf")
    ] == ["10B"]


@pytest.mark.parametrize(
    "forename, surname",
    [
        ("Nguyễn", "Šťastná-Ğüneş"), ('#panic("x")', "[*_`$x$`_*]"),
        ("#read(\"/etc/passwd\")", "\\u{41}"), ("ŉ", "Ț" * 60), ("=1+1", "<b>&amp;"),
        ("Łukasz", "".join(map(chr, range(0x100, 0x180)))),
        ("Mary Anne Josephine", "".join(map(chr, range(0x1E00, 0x1E9A)))),
    ],
)  # fmt: skip
def test_wicked_names_are_printed_as_they_are(school, forename, surname):
    rename(school, 1, forename, surname)
    report = write(school, pupils=[adno(1)])
    assert report.exit_status == 0 and len(report.files) == 1
    squeezed = re.sub(r"\s", "", pdf_text(school.folder / report.files[0]))
    for part in (forename, surname[:20]):
        assert re.sub(r"\s", "", part).replace("ŉ", "ʼn") in squeezed
    assert pages(school.folder / report.files[0]) == 1


def test_a_letter_the_font_lacks_is_reported_and_the_rest_goes_on(school):
    rename(school, 1, "李", "Wang")
    report = write(school)
    (problem,) = [p for p in report.problems if p.code == "no-such-letter"]
    assert problem.adno == adno(1) and "李 (U+674E)" in problem.what
    assert report.exit_status == 1
    assert not (school.folder / FOLDER / "10A" / f"{adno(1)}.pdf").exists()
    assert (school.folder / FOLDER / "10A" / f"{adno(2)}.pdf").exists()
    assert "Forename02" in pdf_text(school.folder / FOLDER / "10A.pdf")


def test_control_characters_are_left_out_with_a_warning(school):
    rename(school, 1, "Ann\x07\u202e", "Bell")
    report = write(school, pupils=[adno(1)])
    assert [p.code for p in report.problems] == ["control-character"]
    assert report.exit_status == 0
    assert "Ann Bell" in pdf_text(school.folder / report.files[0])


def test_a_pupil_without_marks_is_reported_so(school):
    opened = sample_school.open_store(school)
    with opened.begin() as connection:
        connection.exec_driver_sql("DELETE FROM marks WHERE adno = ?", (adno(5),))
    opened.close()
    report = write(school, pupils=[adno(5)])
    (problem,) = report.problems
    assert problem.code == "nothing-to-report" and problem.adno == adno(5)
    text = pdf_text(school.folder / report.files[0])
    assert "No subject has reported on Forename05 yet." in text
    assert "No mark has come in yet from: Mathematics." in text
    assert "/Table" not in tags(school.folder / report.files[0])


def settings(school: School, lines: str) -> School:
    """The school with more settings."""
    with (school.folder / "school.toml").open("a", encoding="utf-8") as file:
        file.write(lines)
    return School.load(school.folder)


def test_an_annual_report_names_what_it_lacks(school):
    school = settings(school, '\n[reports]\nstatutory = ["AUT"]\n')
    report = write(school, pupils=[adno(1), adno(2)])
    lacking = {p.value[-2]: p for p in report.problems}
    assert set(lacking) == {"a", "b", "c"}  # both have attendance
    assert all(p.code == "annual-report-incomplete" for p in lacking.values())
    assert lacking["a"].adno == f"{adno(1)}, {adno(2)}"  # English has no comment
    assert report.exit_status == 1 and len(report.files) == 2


def test_settings_decide_what_is_displayed(school):
    school = settings(
        school,
        '\n[reports]\nshow = ["target", "aspirational"]\nlanguage = "cy-GB"\n'
        'discuss = "Ring 01632 960 123."\n',
    )
    (file,) = write(school, pupils=[adno(1)]).files
    text = pdf_text(school.folder / file)
    assert "Aim higher" in text and "Ring 01632 960 123." in text
    assert "Predicted" not in text and "Cohen" not in text and "Ask more" not in text
    with pikepdf.open(school.folder / file) as pdf:
        assert str(pdf.Root.Lang) == "cy-GB"


def test_the_school_has_its_own_words(school):
    tables = school.folder / "tables"
    tables.mkdir()
    own = tables / "reports.toml"
    own.write_text('[flags]\non = "Where we hope"\n[effort]\n2 = "Super"\n', "utf-8")
    (file,) = write(school, pupils=[adno(1)]).files
    text = pdf_text(school.folder / file)
    assert "Where we hope" in text and "Super" in text
    for wrong, words in (
        ('[flag]\non = "x"', "no table [flag]"),
        ('[flags]\nup = "x"', "up of [flags]"),
        ("[flags]\non = 1", "no text"),
        ('[page]\npage = "{name}"', "braces"),
        ('[page]\npage = "{"', "braces"),
        ("[page", "cannot be read"),
    ):
        own.write_text(wrong, "utf-8")
        with pytest.raises(Exception, match=re.escape(words)):
            write(school)


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'


@pytest.mark.parametrize(
    "content, words",
    [
        (SVG.format("<script/>"), "script"),
        (SVG.format('<image href="http://x.example/a.png"/>'), "outside"),
        (SVG.format('<rect onload="x()"/>'), "script"),
        (SVG.format('<rect style="fill:url(http://x)"/>'), "outside"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;"), "neither"),
        ("GIF89a", "neither"),
        (SVG.format("<!--" + "x" * 1_000_001 + "-->"), "1 MB"),
        (None, "does not exist"),
    ],
)
def test_a_wicked_letterhead_is_refused(school, content, words):
    school = settings(school, '\n[reports]\nletterhead = "crest.svg"\n')
    (school.folder / "tables").mkdir()
    if content is not None:
        (school.folder / "tables/crest.svg").write_text(content, "utf-8")
    with pytest.raises(Exception, match=words):
        write(school)


def test_a_letterhead_is_printed_with_an_alternative_text(school):
    school = settings(school, '\n[reports]\nletterhead = "crest.svg"\n')
    (school.folder / "tables").mkdir()
    rect = '<rect width="9" height="9" fill="red"/>'
    (school.folder / "tables/crest.svg").write_text(SVG.format(rect), "utf-8")
    (file,) = write(school, pupils=[adno(1)]).files
    assert "Tom & Jerry" in hidden_texts(school.folder / file)
    assert tags(school.folder / file).count("/Figure") == 2


def test_unknown_words_are_refused(school):
    with pytest.raises(NoSuchDocument, match=r"no kind of report 'parents'.*parent"):
        write(school, "parents")
    with pytest.raises(Exception, match="No pupil of Autumn is meant by 10Z"):
        write(school, regs=["10Z"])


def test_a_missing_library_is_one_sentence(school, monkeypatch):
    monkeypatch.setattr(paper, "MODULES", ("no_such_library",))
    with pytest.raises(NoEngine, match=r'pip install "\.\[reports\]"'):
        workflow.reports(school, "AUT", ReportRequest(), now=NOW, who="Test")


def test_encrypted_reports_open_with_the_pupils_password_only(school):
    write(school)
    report = write(school, encrypt=True)
    folder = school.folder / "reports/AUT"
    assert (
        f"{FOLDER}/10A.pdf" in report.removed
        and not (folder / "parent/10A.pdf").exists()
    )
    rows = {row["who"]: row for row in read_csv(folder / "passwords.csv")}
    file = school.folder / rows[adno(1)]["files"]
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(file)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(file, password=rows[adno(2)]["password"])
    with pikepdf.open(file, password=rows[adno(1)]["password"]) as pdf:
        assert pdf.encryption.R == 6 and str(pdf.Root.Lang) == "en-GB"
    before = snapshot(folder)
    assert write(school, encrypt=True).files == ()
    assert (
        snapshot(folder)["parent/10A/" + file.name] == before["parent/10A/" + file.name]
    )
    assert len(write(school).files) == len(report.files) + 2  # in the open again
