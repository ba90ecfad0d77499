"""Returns that come back in e-mails and archives."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path

import pytest

from generator.returns.attachments import (
    MAX_ATTACHMENTS,
    archive_files,
    mail_attachments,
    outlook_attachments,
    unpack_task,
)
from generator.xlsx.refusals import REFUSALS, FileRefused
from tests.generator.classroom import Classroom
from tests.generator.returns.outlook_message import attachment, message
from tests.generator.returns.test_merge import A, B, C, at

TOO_MANY = range(MAX_ATTACHMENTS + 1)
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
WORKBOOK = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def mail(*files: tuple[str, bytes]) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "t@school.example", "Markbook"
    letter["Date"] = "Mon, 02 Nov 2026 08:00:00 +0000"
    letter.set_content("Here it is.\n")
    letter.add_alternative("<p>Here it is. <img src='cid:logo'></p>", subtype="html")
    letter.add_attachment(
        PICTURE, maintype="image", subtype="png", filename="image001.png"
    )
    for name, data in files:
        letter.add_attachment(
            data, maintype="application", subtype=WORKBOOK, filename=name
        )
    return letter.as_bytes()


def outlook(*files: tuple[str, bytes]) -> bytes:
    return message(
        *(attachment(name, data) for name, data in files),
        attachment("image001.png", PICTURE),
    )


def archive(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in files:
            book.writestr(name, data)
            book.writestr(f"__MACOSX/._{name.rpartition('/')[2]}", b"resource")
    return out.getvalue()


FORMATS: Mapping[str, Callable[..., bytes]] = {
    "eml": mail, "msg": outlook, "zip": archive,
}  # fmt: skip


def put(classroom: Classroom, name: str, data: bytes) -> Path:
    path = classroom.returned / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (at(1).timestamp(),) * 2)
    return path


def filled(classroom: Classroom, grades: Mapping[str, str], hour: int = 1) -> bytes:
    cells = {(adno, "prediction"): grade for adno, grade in grades.items()}
    path = classroom.send("x.xlsx", filled=cells, at=at(hour))
    data = path.read_bytes()
    path.unlink()
    return data


@pytest.mark.parametrize("kind", FORMATS)
def test_a_return_in_a_mail_merges_as_the_plain_file_does(
    classroom: Classroom, kind: str, tmp_path: Path
) -> None:
    data = filled(classroom, {A: "6", B: "Z"})
    twin = Classroom(shutil.copytree(classroom.folder, tmp_path / "twin"))
    put(twin, "10x-Ma1.xlsx", data)
    put(classroom, f"Fwd.{kind}", FORMATS[kind](("10x-Ma1.xlsx", data)))
    plain, report = twin.collect(), classroom.collect()
    assert report.cells == plain.cells
    assert report.files == plain.files
    assert {p.file for p in report.problems} == {f"returned/Fwd.{kind} › 10x-Ma1.xlsx"}
    assert classroom.marks() == twin.marks()
    assert not (classroom.folder / ".markbook").exists()
    # The plain file is the same return, and the mail is not read as news again.
    put(classroom, "10x-Ma1.xlsx", data)
    again = classroom.collect()
    assert again.cells["new"] == again.cells["changed"] == 0


def test_sixty_returns_in_mails_give_the_marks_of_the_plain_files(
    classroom: Classroom, tmp_path: Path
) -> None:
    twin = Classroom(shutil.copytree(classroom.folder, tmp_path / "twin"))
    kinds = [*FORMATS]
    for number in range(60):
        data = filled(classroom, {(A, B, C)[number % 3]: str(number % 9 + 1)}, number)
        name, kind = f"{number:02}", kinds[number % 3]
        put(twin, f"{name}.xlsx", data)
        put(classroom, f"{name}.{kind}", FORMATS[kind]((f"{name}.xlsx", data)))
    plain, report = twin.collect(), classroom.collect()
    assert report.files == plain.files
    assert report.cells == plain.cells
    assert classroom.marks() == twin.marks()


def test_a_mail_with_fifty_attachments_is_read_to_its_end(classroom: Classroom) -> None:
    data = filled(classroom, {A: "6"})
    files = [(f"{number}.xlsx", data) for number in range(49)]
    put(classroom, "many.eml", mail(*files, ("plan.pdf", b"%PDF-1.4")))
    report = classroom.collect()
    assert report.files["found"] == 50
    assert report.files["rejected"] == 1
    (problem,) = report.problems
    assert problem.file == "returned/many.eml › plan.pdf"
    assert classroom.maths(A) == "6"


@pytest.mark.parametrize(
    ("name", "data", "file", "code"),
    [
        ("a.eml", mail(("in.zip", archive(("x.xlsx", b"PK")))), " › in.zip", "nested"),
        ("a.zip", archive(("b/in.eml", mail())), " › in.eml", "nested"),
        ("a.msg", outlook(("in.msg", outlook())), " › in.msg", "nested"),
        ("a.eml", mail(), "", "nothing-attached"),
        ("a.msg", outlook(), "", "nothing-attached"),
        ("a.zip", archive(), "", "nothing-attached"),
        ("a.eml", b"", "", "empty"),
        ("a.eml", b"\0\1\2" * 400, "", "damaged"),
        ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900, "", "damaged"),
        ("a.msg", b"hello", "", "damaged"),
        ("a.zip", b"hello", "", "damaged"),
        ("a.zip", archive(("x.xlsx", b"1" * 4000))[:-30], "", "truncated"),
        ("a.zip", archive(("../../etc/x.xlsx", b"PK")), " › x.xlsx", "csv"),
        ("a.zip", archive(("C:\\x\\y.xlsx", b"text")), " › y.xlsx", "csv"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)
def test_what_cannot_be_unpacked_is_named_once_and_the_rest_goes_on(
    classroom: Classroom, name: str, data: bytes, file: str, code: str
) -> None:
    put(classroom, name, data)
    put(classroom, "good.eml", mail(("good.xlsx", filled(classroom, {A: "7"}))))
    before = {path for path in classroom.folder.rglob("*") if path.is_file()}
    report = classroom.collect()
    assert report.files["merged"] == 1
    assert classroom.maths(A) == "7"
    (problem,) = report.problems
    assert (problem.file, problem.code) == (f"returned/{name}{file}", code)
    after = {path for path in classroom.folder.rglob("*") if path.is_file()}
    folders = {path.relative_to(classroom.folder).parts[0] for path in after - before}
    assert folders <= {
        "checked",
        "kept",
        "markbooks.sqlite-wal",
        "markbooks.sqlite-shm",
    }


def test_an_archive_may_be_a_workbook_that_lost_its_ending(
    classroom: Classroom,
) -> None:
    put(classroom, "10x-Ma1.zip", filled(classroom, {A: "6"}))
    report = classroom.collect()
    assert report.files["merged"] == 1


def test_a_locked_archive_says_what_to_do() -> None:
    data = bytearray(archive(("x.xlsx", b"secret")))
    for at_byte in (data.find(b"PK\3\4") + 6, data.find(b"PK\1\2") + 8):
        data[at_byte] |= 1
    ((name, content), *_) = archive_files(bytes(data))
    assert (name, content.code) == ("x.xlsx", "locked-archive")


def test_names_are_safe_and_distinct(tmp_path: Path) -> None:
    names = ["a.xlsx", "A.xlsx", "CON.xlsx", "..\\..\\a.xlsx", "x" * 300 + ".xlsx",
             "a\x1b[2J.xlsx", "Größe.xlsx"]  # fmt: skip
    path = tmp_path / "m.eml"
    path.write_bytes(mail(*((name, b"PK") for name in names)))
    (tmp_path / "to").mkdir()
    answer = json.loads(unpack_task({"path": str(path), "to": str(tmp_path / "to")}))
    assert len(answer["files"]) == len(names)
    assert {p.name for p in (tmp_path / "to").iterdir()} == set(answer["files"])
    assert {"a.xlsx", "A (2).xlsx", "CON-.xlsx", "Größe.xlsx"} <= set(answer["files"])
    assert len({name.casefold() for name in answer["files"]}) == len(names)
    assert "code" not in answer


def test_own_lists_and_lock_files_are_passed_over() -> None:
    data = archive(("~$a.xlsx", b"1"), ("x/.DS_Store", b"2"), ("send.csv", b"3"))
    assert [*archive_files(data)] == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("deep.eml", b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n)
            for n in range(3000)
        )),
        ("parts.eml", b'Content-Type: multipart/mixed; boundary="x"\n\n'
            + b"--x\n\n\n" * 60_000 + b"--x--"),
        ("many.zip", archive(*[(f"{n}.xlsx", b"") for n in TOO_MANY])),
        ("bomb.zip", archive(("x.xlsx", b"\0" * (60 << 20)))),
        ("header.eml", b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_hostile_file_costs_itself_alone(
    tmp_path: Path, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (tmp_path / "to").mkdir()
    answer = json.loads(unpack_task({"path": str(path), "to": str(tmp_path / "to")}))
    refused = [answer.get("code", "")] + [code for _, code, _ in answer["refused"]]
    assert {code for code in refused if code} & set(REFUSALS)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("seed", range(40))
def test_a_mangled_file_is_refused_or_read_and_never_stops_the_run(
    kind: str, seed: int
) -> None:
    chance = random.Random(seed)
    data = bytearray(FORMATS[kind](("10x.xlsx", b"PK" + bytes(range(256)) * 30)))
    for _ in range(chance.randint(1, 40)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if seed % 4 == 0:
        del data[chance.randrange(len(data)) :]
    read = {"eml": mail_attachments, "msg": outlook_attachments, "zip": archive_files}
    try:
        for name, content in read[kind](bytes(data)):
            assert isinstance(name, str)
            assert isinstance(content, bytes | FileRefused)
    except FileRefused as refusal:
        assert refusal.code in REFUSALS


def test_a_mail_named_by_hand_settles_by_hand_too(classroom: Classroom) -> None:
    classroom.set_mark(A, "prediction", "7")
    path = put(classroom, "m.eml", mail(("a.xlsx", filled(classroom, {A: "5"}))))
    classroom.collect(path, take="returned")
    assert classroom.maths(A) == "5"
