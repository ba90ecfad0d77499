"""A store belongs to one school."""

from __future__ import annotations

import shutil

import pytest

from tests.generator.classroom import Classroom


def settings(folder, **changes):
    """Write other settings into a `school.toml`: text -> new text."""
    path = folder / "school.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


SOUTHFIELD = {
    "name": ('name = "Tiny School"', 'name = "Southfield"'),
    "urn": ("urn = 100001", "urn = 100002"),
}


def on_the_same_store(classroom: Classroom, tmp_path, **changes):
    """Another school's folder whose settings name the classroom's store."""
    other = tmp_path / "southfield"
    other.mkdir()
    shutil.copy(classroom.folder / "school.toml", other)
    shutil.copytree(classroom.folder / "exports", other / "exports")
    store = classroom.folder / "markbooks.sqlite"
    address = ("[school]", f'[school]\ndatabase = "sqlite:///{store}"')
    settings(other, address=address, **changes)
    return other


@pytest.mark.parametrize("command", ["import", "issue", "collect", "pack", "chase"])
def test_another_schools_store_is_refused_by_name(
    classroom, tmp_path, markbook, command
):
    other = on_the_same_store(classroom, tmp_path, **SOUTHFIELD)
    before = classroom.dump()
    status, printed = markbook(other, command)
    assert status == 2
    assert "holds the marks of Tiny School (100001), not of Southfield" in printed
    assert "database of its own" in printed
    assert classroom.dump() == before
    assert not (other / ".markbooks-key").exists()


def test_a_school_of_the_same_name_and_another_key_is_refused(
    classroom, tmp_path, markbook
):
    other = on_the_same_store(classroom, tmp_path)
    before = classroom.dump()
    status, printed = markbook(other, "import")
    assert status == 2
    assert "key is missing" in printed
    (other / ".markbooks-key").write_text("0b" * 32 + "\n", encoding="ascii")
    status, printed = markbook(other, "import")
    assert status == 2
    assert "is not the one of this store" in printed
    assert classroom.dump() == before


def test_two_data_managers_with_their_own_folders_share_one_store(
    classroom, tmp_path, markbook
):
    other = on_the_same_store(classroom, tmp_path)
    shutil.copy(classroom.folder / ".markbooks-key", other)
    status, printed = markbook(other, "import")
    assert status == 0, printed
    classroom.send("a.xlsx", filled={("000101", "prediction"): "5"})
    status, printed = markbook(other, "collect", str(classroom.returned))
    assert status == 0, printed
    assert classroom.maths("000101") == "5"


def test_a_store_that_holds_nothing_goes_to_the_school_that_fills_it(
    tiny_school, tmp_path, markbook
):
    assert markbook(tiny_school, "chase")[0] == 0  # opened, and nothing more
    other = tmp_path / "southfield"
    shutil.copytree(tiny_school, other)
    settings(other, **SOUTHFIELD)
    assert markbook(other, "import")[0] == 0


def test_a_renamed_school_adopts_its_store_and_collects_what_it_issued(
    classroom, markbook
):
    folder = classroom.folder
    classroom.send("a.xlsx", filled={("000101", "prediction"): "5"})
    settings(folder, **SOUTHFIELD)
    assert markbook(folder, "collect")[0] == 2
    status, printed = markbook(folder, "adopt", "--from", "Westgate")
    assert status == 2
    assert "holds the marks of Tiny School (100001), not of 'Westgate'" in printed
    status, printed = markbook(folder, "adopt", "--from", "tiny school")
    assert status == 0
    assert "Tiny School (100001) is now that of Southfield (100002)" in printed
    assert markbook(folder, "collect")[0] == 0
    assert classroom.maths("000101") == "5"
    status, printed = markbook(folder, "issue")
    assert status == 0
    assert "4 markbooks written, 0 unchanged" in printed
    classroom.send("b.xlsx", filled={("000102", "prediction"): "6"})
    assert markbook(folder, "collect")[0] == 0
    assert classroom.maths("000102") == "6"
    assert "nothing changed" in markbook(folder, "adopt", "--from", "Southfield")[1]


def test_adopting_needs_the_key_of_the_store(classroom, tmp_path, markbook):
    other = on_the_same_store(classroom, tmp_path, **SOUTHFIELD)
    before = classroom.dump()
    assert markbook(other, "adopt", "--from", "Tiny School")[0] == 2
    assert classroom.dump() == before
