"""`markbook send`: a draft for each person, with what belongs to them."""

from __future__ import annotations

import email
import json
from email import policy

from addin.command import main
from generator import workflow
from generator.school.school import School
from tests.generator.classroom import Classroom


def drafts(classroom: Classroom, kind: str) -> dict[str, email.message.EmailMessage]:
    folder = classroom.folder / "outbox" / "AUT" / kind
    return {
        path.stem: email.message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in folder.glob("*.eml")
    }


def test_each_teacher_gets_a_draft_with_their_markbooks(classroom):
    report = workflow.send(classroom.school, "markbooks", "AUT", now=classroom.now)
    letters = drafts(classroom, "markbooks")
    assert set(letters) == {"ABA", "COH"}
    letter = letters["ABA"]
    assert letter["X-Unsent"] == "1" and letter["To"] == "aba@school.example"
    files = {
        part.get_filename(): part.get_content() for part in letter.iter_attachments()
    }
    assert files["10x-Ma1.xlsx"] == classroom.issued("10x/Ma1")
    assert [problem.code for problem in report.problems] == ["no-address"]
    assert report.exit_status == 1
    merge = (classroom.folder / report.merge_list).read_text(encoding="utf-8-sig")
    assert merge.splitlines()[0] == "code,name,email,subject,text,files"
    later = workflow.send(classroom.school, "markbooks", "AUT", now=classroom.now)
    assert later.drafts == report.drafts


def test_links_attach_nothing(classroom):
    workflow.send(classroom.school, "markbooks", "AUT", links=True, now=classroom.now)
    letter = drafts(classroom, "markbooks")["ABA"]
    assert not list(letter.iter_attachments())
    assert "10x-Ma1.xlsx" in letter.get_content()


def test_open_files_do_not_leave_the_school(classroom):
    path = classroom.folder / "school.toml"
    path.write_text(path.read_text() + '\n[mail]\ndomains = ["other.example"]\n')
    school = School.load(classroom.folder)
    report = workflow.send(school, "markbooks", "AUT", now=classroom.now)
    assert report.drafts == ()
    assert "address-outside" in [problem.code for problem in report.problems]


def test_the_command_reminds_one_person(classroom, capsys):
    where = ["--school", str(classroom.folder), "--today", "2026-10-23", "--json"]
    assert main(["send", "chase", "aut", "--to", "coh", *where]) == 0
    assert json.loads(capsys.readouterr().out)["drafts"] == ["COH.eml"]
    letter = drafts(classroom, "chase")["COH"]
    assert "we do not have" in letter.get_content().replace("\n", " ")
    assert main(["send", "chase", "AUT", "--to", "QQQ", *where]) == 2
    assert "There is nothing to write to" in capsys.readouterr().out
