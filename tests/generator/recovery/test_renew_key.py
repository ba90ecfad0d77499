"""A new key is given on purpose only, and what others signed is issued again."""

from __future__ import annotations

from generator.school.key_file import KEY_FILE, read_keys


def test_a_new_key_is_given_and_markbooks_are_issued_again(classroom, markbook):
    folder = classroom.folder
    old = classroom.send("old.xlsx", filled={("000101", "prediction"): "5"})
    (before,) = read_keys(folder)
    (folder / KEY_FILE).unlink()
    assert markbook(folder, "collect")[0] == 2
    status, printed = markbook(folder, "key", "renew", "--why", "lost with a laptop")
    assert status == 0
    assert "4 markbooks were signed by the key before" in printed
    (key,) = read_keys(folder)
    assert key != before
    status, printed = markbook(folder, "collect")
    assert status == 1
    assert "not issued from this school folder" in printed
    old.unlink()
    status, printed = markbook(folder, "issue")
    assert status == 0
    assert "4 markbooks written, 0 unchanged" in printed
    assert "4 markbooks written again, because the school has a new key" in printed
    classroom.send("new.xlsx", filled={("000101", "prediction"): "6"})
    assert markbook(folder, "collect")[0] == 0
    assert classroom.maths("000101") == "6"
    assert "0 markbooks written, 4 unchanged" in markbook(folder, "issue")[1]


def test_a_key_that_is_there_becomes_a_former_one(classroom, markbook):
    (before,) = read_keys(classroom.folder)
    assert markbook(classroom.folder, "key", "renew", "--why", "it was mailed")[0] == 0
    key, former = read_keys(classroom.folder)
    assert former == before != key
    assert (classroom.folder / KEY_FILE).stat().st_mode & 0o077 == 0


def test_without_a_reason_the_key_stays(classroom, markbook):
    before = (classroom.folder / KEY_FILE).read_bytes()
    status, printed = markbook(classroom.folder, "key", "renew", "--why", " ")
    assert status == 2
    assert "needs a reason" in printed
    assert (classroom.folder / KEY_FILE).read_bytes() == before


def test_a_damaged_key_is_refused_until_it_is_renewed(classroom, markbook):
    (classroom.folder / KEY_FILE).write_text("sorry", encoding="ascii")
    for command in ("issue", "collect", "chase"):
        status, printed = markbook(classroom.folder, command)
        assert status == 2
        assert "is damaged" in printed
    assert markbook(classroom.folder, "key", "renew", "--why", "damaged")[0] == 0
    assert markbook(classroom.folder, "issue")[0] == 0
