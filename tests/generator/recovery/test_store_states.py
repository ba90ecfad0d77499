"""A store that cannot be used is said to be so in a sentence, and left as it is."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from generator.store.schema import NEWEST
from generator.store.store_facts import LAST_SEEN
from tests.generator.store.test_migrations import store_of

STORE = "markbooks.sqlite"


def edit(folder, *statements):
    with closing(sqlite3.connect(folder / STORE)) as database, database:
        for statement in statements:
            database.execute(statement)


def make_newer(folder):
    edit(
        folder,
        "UPDATE alembic_version SET version_num = '9999'",
        "UPDATE settings SET value = '7.1' WHERE name = 'store.version'",
    )


def overwrite(folder):
    (folder / STORE).write_bytes(b"Adno,Surname\n" * 5_000)


def garble(folder):
    """What a failing disk leaves: the first pages whole, the others not."""
    data = bytearray((folder / STORE).read_bytes())
    data[8_192:] = b"\xa5" * (len(data) - 8_192)
    (folder / STORE).write_bytes(bytes(data))


def cut_short(folder):
    data = (folder / STORE).read_bytes()
    (folder / STORE).write_bytes(data[: len(data) // 3])


def empty(folder):
    (folder / STORE).write_bytes(b"")


def drop_tables(folder):
    with closing(sqlite3.connect(folder / STORE)) as database, database:
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (name,) in database.execute(names).fetchall():
            if not name.startswith("sqlite_"):
                database.execute(f"DROP TABLE {name}")


def drop_marks(folder):
    edit(folder, "DROP TABLE marks")


def another_program(folder):
    drop_tables(folder)
    edit(folder, "CREATE TABLE invoices (number INTEGER)")


def forget_version(folder):
    edit(folder, "DELETE FROM alembic_version")


def remove(folder):
    (folder / STORE).unlink()


def make_a_folder(folder):
    (folder / STORE).unlink()
    (folder / STORE).mkdir()


STATES = {
    make_newer: ("made by a newer Markbooks (7.1)", "Install that version"),
    overwrite: ("is damaged or not a store", "markbook restore"),
    garble: ("is damaged or not a store", "markbook restore"),
    cut_short: ("is damaged or not a store", "markbook restore"),
    empty: ("is missing or empty, but there are 4 markbooks in issued/", "Put"),
    drop_tables: ("is missing or empty, but there are 4 markbooks", "Put"),
    drop_marks: ("is damaged or not a store", "markbook restore"),
    another_program: ("is of another program: it has the tables invoices", "empty"),
    forget_version: ("is damaged or not a store", "markbook restore"),
    remove: ("is missing or empty, but there are 4 markbooks in issued/", "Put"),
    make_a_folder: ("cannot be read or written", "Check that the folder"),
}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("command", ["collect", "chase"])
def test_a_store_that_cannot_be_used(classroom, markbook, state, command):
    folder = classroom.folder
    markbook(folder, "chase")
    classroom.send("a.xlsx", filled={("000101", "prediction"): "5"})
    state(folder)
    path = folder / STORE
    before = path.read_bytes() if path.is_file() else None
    status, printed = markbook(folder, command)
    assert status == 2
    for text in STATES[state]:
        assert text in printed
    assert printed.count("markbook: ") == 1
    if state is not drop_marks:  # which is opened: the attempt is in the audit
        assert (path.read_bytes() if path.is_file() else None) == before


def test_an_emptied_school_folder_may_begin_anew(classroom, markbook):
    """As the message says: with what was issued moved away, a new store begins."""
    folder = classroom.folder
    remove(folder)
    shutil.move(folder / "issued", folder / "issued-before")
    status, printed = markbook(folder, "import")
    assert (status, "entries of it in .markbooks-seen" in printed) == (2, True)
    (folder / LAST_SEEN).unlink()
    assert markbook(folder, "import")[0] == 0


def test_a_lost_key_is_refused_loudly(classroom, tmp_path, markbook):
    copy = tmp_path / "new"  # cp -r school/* new/
    shutil.copytree(classroom.folder, copy, ignore=shutil.ignore_patterns(".*"))
    for command in ("issue", "collect", "pack"):
        status, printed = markbook(copy, command)
        assert status == 2
        assert "there is no .markbooks-key" in printed
        assert "the store holds 4 markbooks that it signed" in printed
        assert "begins with a dot" in printed
        assert not (copy / ".markbooks-key").exists()
    shutil.copy(classroom.folder / ".markbooks-key", copy)
    assert markbook(copy, "issue")[0] == 0


def test_a_store_is_copied_before_it_is_migrated(classroom, markbook):
    folder = classroom.folder
    remove(folder)
    (folder / LAST_SEEN).unlink()
    store_of(folder, "0001")
    status, printed = markbook(folder, "export", "history", "--out", "history.csv")
    assert status == 0, printed
    (copy,) = (folder / "backups").iterdir()
    assert copy.name == f"markbooks-before-{NEWEST}.sqlite"
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT value FROM marks").fetchone() == ("5",)
        query = "SELECT version_num FROM alembic_version"
        assert database.execute(query).fetchone() == ("0001",)


def test_a_damaged_store_is_not_migrated(classroom, markbook):
    folder = classroom.folder
    edit(folder, "UPDATE alembic_version SET version_num = '0002'")
    garble(folder)
    before = (folder / STORE).read_bytes()
    status, printed = markbook(folder, "chase")
    assert status == 2
    assert "is damaged" in printed
    assert (folder / STORE).read_bytes() == before
