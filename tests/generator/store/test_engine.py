from __future__ import annotations

import sqlite3
from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from generator.school.school import Collection
from generator.store import collection_codes
from generator.store.engine import Store, StoreError
from generator.store.schema import metadata, settings

URL = "sqlite:///markbooks.sqlite"


def collection(code: str) -> Collection:
    return Collection(code=code, opens=date(2026, 9, 1), closes=date(2026, 12, 31))


def test_a_new_store_holds_every_table(tmp_path):
    store = Store.open(tmp_path, URL)
    assert set(metadata.tables) <= set(store.table_names())
    store.close()


def test_the_migrations_create_the_tables_of_the_schema(tmp_path):
    store = Store.open(tmp_path, URL)
    with store.begin() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    store.close()


def test_a_store_opened_again_keeps_its_rows(tmp_path):
    for _ in range(2):
        store = Store.open(tmp_path, URL)
        with store.begin() as connection:
            connection.execute(settings.delete())
            connection.execute(settings.insert().values(name="a", value="b"))
        store.close()
    store = Store.open(tmp_path, URL)
    with store.begin() as connection:
        assert connection.execute(select(settings.c.value)).scalar_one() == "b"
    store.close()


def test_a_transaction_that_fails_stores_nothing(tmp_path):
    store = Store.open(tmp_path, URL)
    with pytest.raises(RuntimeError), store.begin() as connection:
        connection.execute(settings.insert().values(name="a", value="b"))
        raise RuntimeError
    with store.begin() as connection:
        assert names_in(connection) == []
    store.close()


def names_in(connection) -> list[str]:
    """The names of settings, but for what the store says of itself."""
    names = connection.execute(select(settings.c.name)).scalars()
    return [name for name in names if not name.startswith("store.")]


def names(store: Store) -> list[str]:
    with store.begin() as connection:
        return names_in(connection)


def test_a_commit_in_the_background_is_visible_to_the_next_transaction(tmp_path):
    store = Store.open(tmp_path, URL)
    for name in "abc":
        with store.begin_in_background() as connection:
            connection.execute(settings.insert().values(name=name, value=""))
    assert names(store) == ["a", "b", "c"]
    with store.begin_in_background() as connection:
        connection.execute(settings.insert().values(name="d", value=""))
    store.wait_for_commit()
    second = Store.open(tmp_path, URL)
    assert names(second) == ["a", "b", "c", "d"]
    second.close()
    with store.begin_in_background() as connection:
        connection.execute(settings.insert().values(name="e", value=""))
    store.close()  # waits for the last
    third = Store.open(tmp_path, URL)
    assert names(third) == ["a", "b", "c", "d", "e"]
    third.close()


def test_a_background_transaction_that_fails_stores_nothing(tmp_path):
    store = Store.open(tmp_path, URL)
    with pytest.raises(RuntimeError), store.begin_in_background() as connection:
        connection.execute(settings.insert().values(name="a", value=""))
        raise RuntimeError
    with store.begin_in_background() as connection:
        connection.execute(settings.insert().values(name="b", value=""))
    assert names(store) == ["b"]
    store.close()


def test_a_background_commit_that_fails_is_raised_by_the_next_transaction(tmp_path):
    store = Store.open(tmp_path, URL)

    def full(_: object) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk is full"))

    event.listen(store.engine, "commit", full)
    with store.begin_in_background() as connection:
        connection.execute(settings.insert().values(name="a", value=""))
    with pytest.raises(StoreError, match="cannot be read or written"):
        names(store)
    event.remove(store.engine, "commit", full)
    assert names(store) == []
    store.close()


def test_a_dry_run_is_rolled_back(tmp_path):
    store = Store.open(tmp_path, URL)
    with store.dry_run() as connection:
        connection.execute(settings.insert().values(name="a", value="b"))
        assert names_in(connection) == ["a"]
    with store.begin() as connection:
        assert names_in(connection) == []
    store.close()


def test_a_file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / "markbooks.sqlite").write_bytes(b"Adno,Surname\n" * 500)
    with pytest.raises(StoreError, match="damaged or not a store"):
        Store.open(tmp_path, URL)


def test_a_wrong_address_is_refused(tmp_path):
    with pytest.raises(StoreError, match="not a database address"):
        Store.open(tmp_path, "markbooks")


def test_a_code_of_another_year_is_refused_and_a_free_one_named(tmp_path):
    store = Store.open(tmp_path, URL)
    with store.begin() as connection:
        collection_codes.claim_code(connection, collection("AUT"), "2026/27")
        collection_codes.claim_code(connection, collection("AUT"), "2026/27")
        with pytest.raises(collection_codes.CodeInUse, match=r"2026/27.*'AUT27'"):
            collection_codes.claim_code(connection, collection("AUT"), "2027/28")
        collection_codes.claim_code(connection, collection("AUT27"), "2027/28")
        assert collection_codes.free_code(connection, "AUT", "2027/28") == "AUT27-2"
    store.close()
