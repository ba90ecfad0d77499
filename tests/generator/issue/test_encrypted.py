"""Encrypted markbooks: one password a teacher and year, issued and collected."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from generator import workflow
from generator.markbook.write_markbook import write_markbook
from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from generator.store.passwords import derive_password, passwords
from generator.xlsx.encryption import (
    EXCEL_DEFAULT_PASSWORD,
    decrypt,
    encrypt,
    is_encrypted_workbook,
    rank_passwords,
)
from generator.xlsx.reader import read_workbook
from tests.generator.markbook import samples
from udfs.tables import standard

MATHS, ENGLISH = "issued/AUT/ABA/10x-Ma1.xlsx", "issued/AUT/COH/10x-En1.xlsx"


@pytest.fixture
def school(tiny_school: Path, now: datetime) -> School:
    loaded = School.load(tiny_school)
    loaded.returned.mkdir(exist_ok=True)
    workflow.import_exports(loaded, now=now, who="HAR")
    workflow.draft_targets(loaded, now=now, who="HAR")
    return loaded


def issue(school: School, now: datetime, *, encrypt: bool = True):
    return workflow.issue(school, "AUT", encrypt=encrypt, now=now, who="HAR")


def stored_passwords(school: School) -> dict[str, str]:
    store = Store.open(school.folder, school.settings.school.database)
    with store.begin() as connection:
        loaded = dict(passwords(connection, school.academic_year))
    store.close()
    return loaded


def listed(school: School) -> dict[str, dict[str, str]]:
    text = (school.folder / "issued/AUT/passwords.csv").read_text("utf-8-sig")
    return {row["who"]: row for row in csv.DictReader(io.StringIO(text))}


def test_each_file_opens_with_its_lead_teachers_password_and_no_other(school, now):
    assert issue(school, now).exit_status == 0
    keys = stored_passwords(school)
    assert set(keys) == {"ABA", "COH"}
    for name, own, other in ((MATHS, "ABA", "COH"), (ENGLISH, "COH", "ABA")):
        data = (school.folder / name).read_bytes()
        assert is_encrypted_workbook(data)
        assert decrypt(data, [keys[other]]) is None
        plain = decrypt(data, [keys[other], keys[own]])
        assert plain is not None
        assert "Read me" in load_workbook(io.BytesIO(plain)).sheetnames


def test_the_list_is_apart_says_who_shares_a_file_and_is_skipped(school, now):
    issue(school, now)
    rows = listed(school)
    assert {code: row["password"] for code, row in rows.items()} == stored_passwords(
        school
    )
    assert rows["COH"]["files"] == ENGLISH
    assert rows["COH"]["also_for"] == "ABA"
    assert "password" not in (school.folder / "issued/AUT/send.csv").read_text()
    report = workflow.collect(
        school, paths=[school.folder / "issued/AUT"], dry=True, now=now, who="HAR"
    )
    assert report.json()["files"]["skipped"] == 2
    assert report.json()["files"]["unchanged"] == 2
    assert report.exit_status == 0


def test_a_return_that_comes_back_encrypted_is_opened_and_merged(school, now, tmp_path):
    issue(school, now)
    keys = stored_passwords(school)
    data = decrypt((school.folder / MATHS).read_bytes(), [keys["ABA"]])
    assert data is not None
    book = load_workbook(io.BytesIO(data))
    sheet = book["Markbook"]
    column = {cell.value: cell.column for cell in sheet[6]}
    sheet.cell(7, column["Prediction"]).value = "5"
    book.properties.modified = now + timedelta(hours=1)
    written = io.BytesIO()
    book.save(written)
    path = school.returned / "anything.xlsx"
    path.write_bytes(encrypt(written.getvalue(), keys["ABA"]))
    report = workflow.collect(school, now=now + timedelta(days=1), who="HAR")
    assert report.json()["files"]["merged"] == 1
    assert report.json()["cells"]["new"] == 1
    (original,) = (school.folder / "kept").iterdir()  # without the encryption
    assert read_workbook(original.read_bytes()).sheets
    assert report.notes == ()
    second = workflow.collect(school, now=now + timedelta(days=2), who="HAR")
    assert second.json()["files"] == {
        "found": 1, "skipped": 0, "merged": 0, "unchanged": 1, "rejected": 0,
        "superseded": 0,
    }  # fmt: skip


def test_a_return_under_a_password_of_its_own_is_refused_and_named(school, now):
    issue(school, now)
    plain = decrypt(
        (school.folder / MATHS).read_bytes(), stored_passwords(school).values()
    )
    assert plain is not None
    (school.returned / "mine.xlsx").write_bytes(encrypt(plain, "mine alone"))
    report = workflow.collect(school, now=now, who="HAR")
    assert report.exit_status == 1
    assert report.json()["files"]["rejected"] == 1
    assert "encrypted" in report.problems[0].what


def test_a_plain_file_is_encrypted_when_that_is_asked_for_and_stays_so(school, now):
    issue(school, now, encrypt=False)
    assert not is_encrypted_workbook((school.folder / MATHS).read_bytes())
    later = now + timedelta(days=1)
    assert issue(school, later).written == (MATHS, ENGLISH)
    assert is_encrypted_workbook((school.folder / MATHS).read_bytes())
    keys = stored_passwords(school)
    assert issue(school, later + timedelta(days=1)).written == ()
    assert stored_passwords(school) == keys
    # Asked for or not, what has not changed is left as it is.
    assert issue(school, later + timedelta(days=2), encrypt=False).written == ()


def test_a_password_is_of_one_teacher_and_one_year():
    key = b"a school's key"
    words = {
        derive_password(key, year, code)
        for year in ("2026/27", "2027/28")
        for code in ("ABA", "COH", "no-teacher")
    }
    assert len(words) == 6
    assert not set("".join(words)) & set("il10oO")
    assert derive_password(b"another", "2026/27", "ABA") not in words


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600],
    ids=["empty", "plain", "hollow"],
)
def test_what_is_not_encrypted_or_is_damaged_opens_with_nothing(data):
    assert decrypt(data, ["x"]) is None


@pytest.mark.parametrize("at", [600, 2000, 5000, 9000])
def test_a_damaged_encrypted_file_opens_with_nothing_or_its_content(at):
    plain = write_markbook(samples.whole_class(2), standard(), samples.KEY)
    data = bytearray(encrypt(plain, "one"))
    data[at : at + 64] = b"\xff" * 64
    decrypt(bytes(data), ["two", "one"])


def test_the_folder_tells_which_password_to_try_first():
    by_teacher = {"ABA": "one", "COH": "two", "GRE": "three"}
    excels, first, *_ = rank_passwords("returned/coh/x.xlsx", by_teacher)
    assert (excels, first) == (EXCEL_DEFAULT_PASSWORD, "two")
    everyone = rank_passwords("x.xlsx", by_teacher)
    assert sorted(everyone[1:]) == ["one", "three", "two"]


def moved(school: School, adno: str = "000101") -> None:
    """Something about the maths class changes, so that it is issued again."""
    store = Store.open(school.folder, school.settings.school.database)
    with store.begin() as connection:
        connection.execute(
            update(schema.pupils)
            .where(schema.pupils.c.adno == adno)
            .values(surname="Adeyemi-Cole")
        )
    store.close()


def test_a_class_that_was_encrypted_stays_so_with_a_warning(school, now):
    issue(school, now)
    moved(school)
    report = issue(school, now + timedelta(days=1), encrypt=False)
    assert report.written
    for name in report.written:
        data = (school.folder / name).read_bytes()
        assert decrypt(data, stored_passwords(school).values()) is not None
    (problem,) = [p for p in report.problems if p.code == "stays-encrypted"]
    assert "an earlier issue was" in problem.what
    assert report.exit_status == 0
    assert listed(school)["ABA"]["files"] == MATHS


def test_one_that_a_teacher_saved_without_encryption_is_encrypted_again(school, now):
    issue(school, now)
    path = school.folder / MATHS
    plain = decrypt(path.read_bytes(), stored_passwords(school).values())
    assert plain is not None
    path.write_bytes(plain)
    moved(school)
    issue(school, now + timedelta(days=1), encrypt=False)
    assert is_encrypted_workbook(path.read_bytes())


def test_files_and_list_deleted_it_is_issued_without(school, now):
    issue(school, now)
    for name in (MATHS, ENGLISH, "issued/AUT/passwords.csv"):
        (school.folder / name).unlink()
    report = issue(school, now + timedelta(days=1), encrypt=False)
    assert report.written == (MATHS, ENGLISH)
    assert not is_encrypted_workbook((school.folder / MATHS).read_bytes())
    assert not (school.folder / "issued/AUT/passwords.csv").exists()


def test_the_list_has_only_the_files_that_are_encrypted(school, now):
    issue(school, now, encrypt=False)
    report = workflow.issue(
        school, "AUT", classes=["10x/Ma1"], encrypt=True, now=now, who="HAR"
    )
    assert report.written == (MATHS,)
    assert set(listed(school)) == {"ABA"}


def test_what_came_back_encrypted_is_marked_up_encrypted(school, now):
    issue(school, now)
    keys = stored_passwords(school)
    data = decrypt((school.folder / MATHS).read_bytes(), [keys["ABA"]])
    assert data is not None
    book = load_workbook(io.BytesIO(data))
    sheet = book["Markbook"]
    column = {cell.value: cell.column for cell in sheet[6]}
    sheet.cell(7, column["Prediction"]).value = "nine"
    sheet.cell(8, column["Prediction"]).value = "5"
    book.properties.modified = now + timedelta(hours=1)
    written = io.BytesIO()
    book.save(written)
    (school.returned / "anything.xlsx").write_bytes(
        encrypt(written.getvalue(), keys["ABA"])
    )
    report = workflow.collect(school, now=now + timedelta(days=1), who="HAR")
    assert report.json()["cells"]["rejected"] == 1
    marked = (school.folder / "checked/AUT/10x-Ma1.xlsx").read_bytes()
    assert decrypt(marked, [keys["COH"]]) is None
    plain = decrypt(marked, [keys["ABA"]])
    assert plain is not None
    assert load_workbook(io.BytesIO(plain)).sheetnames[0] == "To put right"
