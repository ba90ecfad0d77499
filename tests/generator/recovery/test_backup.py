"""A school comes back whole from its backup, or nothing is restored."""

from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from generator.school.key_file import KEY_FILE
from tests.generator.classroom import Classroom, packed, unpacked


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password.txt"
    path.write_text("correct horse battery staple\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def archive(classroom, markbook, tmp_path):
    """A backup of a school with one return collected."""
    classroom.send("first.xlsx", filled={("000101", "prediction"): "5"})
    classroom.collect()
    status, printed = markbook(classroom.folder, "backup", str(tmp_path / "disk"))
    assert status == 0, printed
    (path,) = (tmp_path / "disk").iterdir()
    return path


def test_a_restored_school_collects_a_return_issued_before(
    classroom, archive, tmp_path, markbook
):
    before = classroom.dump()
    kept = sorted(path.name for path in (classroom.folder / "kept").iterdir())
    late = classroom.send("late.xlsx", filled={("000102", "prediction"): "6"})
    folder = tmp_path / "restored"
    status, printed = markbook(folder, "restore", str(archive))
    assert status == 0, printed
    assert "Tiny School (100001) as of 2026-10-14" in printed
    restored = Classroom(folder)
    own = {"settings": 0, "audit": 0}  # which tell of the backup and of this
    assert {**restored.dump(), **own} == {**before, **own}
    assert sorted(path.name for path in (folder / "kept").iterdir()) == kept
    assert (folder / KEY_FILE).stat().st_mode & 0o077 == 0
    assert not [p for p in folder.iterdir() if p.name.startswith(".restore")]
    shutil.copy(late, restored.returned)
    assert markbook(folder, "collect")[0] == 0
    assert restored.maths("000101") == "5"
    assert restored.maths("000102") == "6"


def test_a_backup_holds_every_mark_and_is_its_owners_only(classroom, archive):
    assert archive.name.startswith("Tiny School-2026-10-14-")
    assert archive.name.endswith(".markbooks.zip")
    assert archive.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(archive) as package:
        names = set(package.namelist())
    assert {"markbooks.sqlite", KEY_FILE, "school.toml", "manifest.json"} <= names
    assert sum(name.startswith("kept/") for name in names) == 1


def test_status_says_how_old_the_last_backup_is(classroom, markbook):
    folder = classroom.folder
    assert "Backup: none yet" in markbook(folder, "status")[1]
    assert markbook(folder, "backup")[0] == 0
    assert (
        "Last backup: 2026-10-14, 3 days ago."
        in (markbook(folder, "status", today="2026-10-17")[1])
    )


def test_two_backups_at_one_moment_both_stay(classroom, tmp_path):
    from generator import workflow

    for _ in range(2):
        workflow.back_up(
            classroom.school, tmp_path / "disk", now=classroom.now, who="HAR"
        )
    assert len(list((tmp_path / "disk").iterdir())) == 2


def test_an_encrypted_backup_needs_its_password(
    classroom, tmp_path, markbook, password_file
):
    disk = tmp_path / "disk"
    words = ("backup", str(disk), "--password-file", password_file)
    assert markbook(classroom.folder, *words)[0] == 0
    (archive,) = disk.iterdir()
    data = archive.read_bytes()
    assert archive.name.endswith(".markbooks.enc")
    assert b"SQLite" not in data and b"manifest" not in data
    folder = tmp_path / "restored"
    status, printed = markbook(folder, "restore", str(archive))
    assert (status, "is encrypted" in printed) == (2, True)
    other = tmp_path / "other.txt"
    other.write_text("another password", encoding="utf-8")
    words = ("restore", str(archive), "--password-file")
    status, printed = markbook(folder, *words, str(other))
    assert (status, "does not open with this password" in printed) == (2, True)
    archive.write_bytes(data[:-100])
    assert markbook(folder, *words, password_file)[0] == 2
    assert not folder.exists()
    archive.write_bytes(data)
    assert markbook(folder, *words, password_file)[0] == 0
    assert Classroom(folder).frame("pupils").shape[0] == 12


@pytest.mark.parametrize("text", ["", "short\n", None])
def test_a_password_file_must_hold_a_password(classroom, tmp_path, markbook, text):
    path = tmp_path / "password.txt"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    status, printed = markbook(classroom.folder, "backup", "--password-file", str(path))
    assert status == 2
    assert "password" in printed
    assert not (classroom.folder / "backups").exists()


def change_store(parts):
    parts["markbooks.sqlite"] = parts["markbooks.sqlite"][:-10] + b"0123456789"


def lose_key(parts):
    del parts[KEY_FILE]


def claim(parts, **values):
    manifest = json.loads(parts["manifest.json"])
    parts["manifest.json"] = json.dumps({**manifest, **values}).encode()


def make_newer(parts):
    claim(parts, revision="9999", program="7.1")


def make_newer_format(parts):
    claim(parts, format=9, program="7.1")


def climb_out(parts):
    claim(parts, files={"../evil": "00"})


DAMAGES = {
    change_store: "markbooks.sqlite is not as it was backed up",
    lose_key: ".markbooks-key is not as it was backed up",
    make_newer: "made by a newer Markbooks (7.1)",
    make_newer_format: "made by a newer Markbooks (7.1)",
    climb_out: "unsafe name",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_backup_restores_nothing(archive, tmp_path, markbook, damage):
    parts = unpacked(archive.read_bytes())
    damage(parts)
    archive.write_bytes(packed(parts))
    folder = tmp_path / "restored"
    status, printed = markbook(folder, "restore", str(archive))
    assert status == 2
    assert DAMAGES[damage] in printed
    assert not folder.exists()
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_a_backup_cut_short_restores_nothing(archive, tmp_path, markbook, share):
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * share)])
    folder = tmp_path / "restored"
    status, printed = markbook(folder, "restore", str(archive))
    assert status == 2
    assert "is no backup of Markbooks, or is cut short" in printed
    assert not folder.exists()


def test_a_file_that_is_no_backup_is_refused(classroom, tmp_path, markbook):
    folder = tmp_path / "restored"
    for path in (
        tmp_path / "nothing",
        classroom.folder,
        classroom.folder / "school.toml",
    ):
        assert markbook(folder, "restore", str(path))[0] == 2
        assert not folder.exists()


def test_a_backup_is_not_restored_over_a_school(
    classroom, archive, tiny_school, markbook
):
    for folder in (classroom.folder, tiny_school):
        before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        status, printed = markbook(folder, "restore", str(archive))
        assert status == 2
        assert "is not empty" in printed
        assert "Tiny School (100001) is not restored over it" in printed
        assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_a_damaged_store_is_not_backed_up(classroom, markbook):
    path = classroom.folder / "markbooks.sqlite"
    data = bytearray(path.read_bytes())
    end = len(data)
    data[end // 2 : end // 2 + 20_000] = b"\xa5" * 20_000
    path.write_bytes(bytes(data))
    status, printed = markbook(classroom.folder, "backup")
    assert status == 2
    assert "is damaged" in printed
    assert not list((classroom.folder / "backups").glob("*"))


def test_a_school_with_its_store_elsewhere_comes_back_as_files(
    classroom, tmp_path, markbook
):
    elsewhere = tmp_path / "elsewhere.sqlite"
    shutil.move(classroom.folder / "markbooks.sqlite", elsewhere)
    settings = classroom.folder / "school.toml"
    text = settings.read_text(encoding="utf-8")
    address = f'[school]\ndatabase = "sqlite:///{elsewhere}"'
    settings.write_text(text.replace("[school]", address, 1), encoding="utf-8")
    assert markbook(classroom.folder, "backup", str(tmp_path / "disk"))[0] == 0
    (archive,) = (tmp_path / "disk").iterdir()
    folder = tmp_path / "restored"
    status, printed = markbook(folder, "restore", str(archive))
    assert status == 0, printed
    assert "now it names markbooks.sqlite" in printed
    elsewhere.unlink()
    assert Classroom(folder).frame("pupils").shape[0] == 12


def test_a_folder_that_cannot_be_written_is_reported(classroom, tmp_path, markbook):
    (tmp_path / "file").write_text("", encoding="utf-8")
    status, printed = markbook(classroom.folder, "backup", str(tmp_path / "file"))
    assert status == 2
    assert "cannot be written" in printed
