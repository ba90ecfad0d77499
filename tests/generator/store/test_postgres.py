"""The same school on PostgreSQL: the same tables, to the letter."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import create_engine

from generator import workflow
from generator.report import StoppedPartway
from generator.school.key_file import create_key
from generator.school.school import SETTINGS_FILE, School
from generator.store.engine import Store, StoreError

NOW = datetime(2026, 10, 14, 9, 30)
ACCOUNT = "postgres"  # the server refuses to run as root
TABLES = (
    "pupils",
    "classes",
    "memberships",
    "staff",
    "indicators",
    "targets",
    "issues",
    "marks",
    "history",
    "returns",
    "problems",
    "groups",
)


def program(name: str) -> str:
    """A program of the server, which Debian keeps off the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = shutil.which(name) or (str(debian[-1]) if debian else "")
    if not path:
        pytest.skip("PostgreSQL is not installed: bash tests/prepare.sh system")
    return path


def run(*words: str) -> None:
    as_account = ["setpriv", f"--reuid={ACCOUNT}", "--clear-groups"]
    result = subprocess.run(
        [*(as_account if os.geteuid() == 0 else []), *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd="/",
    )
    assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[str, str], str]]:
    """A server of our own that nothing but a socket leads to; makes databases."""
    # Not pytest's own folder, which only this account may enter; and a short path,
    # for a socket's name is short.
    folder = Path(tempfile.mkdtemp(prefix="markbooks-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT)
    data, log = folder / "data", folder / "log"
    control = program("pg_ctl")
    run(program("initdb"), "-D", str(data), "-U", ACCOUNT, "--locale=C", "-E", "UTF8")
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    run(control, "-D", str(data), "-l", str(log), "-o", options, "-w", "start")

    def make(name: str, *how: str) -> str:
        run(program("createdb"), "-h", str(folder), "-U", ACCOUNT, *how, name)
        return f"postgresql+psycopg://{ACCOUNT}@/{name}?host={folder}"

    try:
        yield make
    finally:
        run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


FILLED = {
    "first.xlsx": {"000101": "5", "000102": "6", "000103": "77"},
    "second.xlsx": {"000101": "7", "000104": "Abs"},
}


def fill_in(markbook: Path, folder: Path) -> None:
    folder.mkdir()
    for name, grades in FILLED.items():
        book = openpyxl.load_workbook(markbook)
        rows = list(book["Markbook"].iter_rows())
        (heading,) = (at for at, row in enumerate(rows) if row[0].value == "Adno")
        columns = {cell.value: place for place, cell in enumerate(rows[heading])}
        for row in rows[heading + 1 :]:
            if row[0].value in grades:
                row[columns["Prediction"]].value = grades[row[0].value]
        book.save(folder / name)


def collect_term(folder: Path, sent: Path, tmp_path: Path) -> dict[str, str]:
    """Everything a school does in half a term; then its tables, as text."""
    school = School.load(folder)
    workflow.import_exports(school, now=NOW, who="HAR")
    workflow.draft_targets(school, now=NOW, who="HAR")
    workflow.issue(school, now=NOW, who="HAR")
    if not sent.exists():
        fill_in(folder / "issued/AUT/ABA/10x-Ma1.xlsx", sent)
    school.returned.mkdir()
    for day, name in enumerate(FILLED, 15):
        shutil.copy2(sent / name, school.returned)
        workflow.collect(school, dry=True, now=NOW.replace(day=day), who="HAR")
        workflow.collect(school, now=NOW.replace(day=day), who="HAR")
    workflow.undo(school, "second.xlsx", now=NOW.replace(day=17), who="HAR")
    out = tmp_path / "table.csv"
    tables = {}
    for name in TABLES:
        workflow.export(school, name, out=out, now=NOW)
        tables[name] = out.read_text(encoding="utf-8-sig")
    return tables


def test_every_table_is_the_same(server, tiny_school, tmp_path):
    create_key(tiny_school)  # the same for both: it makes a file's identity
    other = tmp_path / "other" / tiny_school.name
    shutil.copytree(tiny_school, other)
    settings = other / SETTINGS_FILE
    address = server("markbooks", "-T", "template0")
    settings.write_text(
        settings.read_text(encoding="utf-8").replace(
            "[school]", f'[school]\ndatabase = "{address}"', 1
        ),
        encoding="utf-8",
    )
    sent = tmp_path / "sent"
    sqlite, postgres = (
        collect_term(school, sent, tmp_path) for school in (tiny_school, other)
    )
    assert len(sqlite["history"].splitlines()) > 4
    assert not list(other.glob("*.sqlite"))
    for name in TABLES:
        assert postgres[name] == sqlite[name]


def test_two_transactions_at_once_follow_each_other(server, tmp_path):
    address = server("shared")
    first, second = (Store.open(tmp_path, address) for _ in range(2))
    order = []

    def later() -> None:
        with second.begin():
            order.append("second")

    with first.begin():
        waits = threading.Thread(target=later)
        waits.start()
        waits.join(0.3)
        order.append("first")
    waits.join(10)
    assert order == ["first", "second"]
    first.close()
    second.close()


def test_a_database_that_sorts_as_a_language_does_is_refused(server, tmp_path):
    how = ("-T", "template0", "--locale-provider=icu", "--icu-locale=en-GB")
    with pytest.raises(StoreError, match="--locale=C"):
        Store.open(tmp_path, server("english", *how))


def test_an_unknown_database_is_refused(server, tmp_path):
    address = server("there").replace("there?", "nowhere?")
    with pytest.raises(StoreError, match=r"does not answer .*Check `database`"):
        Store.open(tmp_path, address)


def test_a_password_is_never_displayed(tmp_path):
    address = "postgresql+psycopg://mb:hidden@127.0.0.1:1/markbooks"
    with pytest.raises(StoreError, match="does not answer") as error:
        Store.open(tmp_path, address)
    assert "hidden" not in str(error.value)


def test_two_schools_on_one_database_are_refused_by_name(server, tiny_school, tmp_path):
    address = server("northbridge", "-T", "template0")
    other = tmp_path / "southfield"
    shutil.copytree(tiny_school, other)
    for folder, name in ((tiny_school, "Tiny School"), (other, "Southfield")):
        settings = folder / SETTINGS_FILE
        text = settings.read_text(encoding="utf-8")
        text = text.replace("[school]", f'[school]\ndatabase = "{address}"', 1)
        if folder == other:
            text = text.replace("Tiny School", name).replace("100001", "100002")
        settings.write_text(text, encoding="utf-8")
    workflow.import_exports(School.load(tiny_school), now=NOW, who="HAR")
    out = tmp_path / "pupils.csv"
    workflow.export(School.load(tiny_school), "pupils", out=out, now=NOW)
    before = out.read_bytes()
    with pytest.raises(StoreError, match=r"marks of Tiny School .*, not of Southfield"):
        workflow.import_exports(School.load(other), now=NOW, who="SOU")
    workflow.export(School.load(tiny_school), "pupils", out=out, now=NOW)
    assert out.read_bytes() == before
    # Back up from the server, and restore into another of its databases.
    report = workflow.back_up(School.load(tiny_school), tmp_path, now=NOW, who="HAR")
    second = server("restored", "-T", "template0")
    restored = tmp_path / "restored"
    archive = Path(report.file)
    with pytest.raises(StoreError, match="is not empty"):
        workflow.restore(archive, restored, database=address, now=NOW, who="HAR")
    assert not restored.exists()
    workflow.restore(archive, restored, database=second, now=NOW, who="HAR")
    assert not list(restored.glob("*.sqlite"))
    school = School.load(restored)
    workflow.export(school, "pupils", out=out, now=NOW)
    assert out.read_bytes() == before
    pupils = tiny_school / "exports/pupils.csv"
    text = pupils.read_text(encoding="utf-8").replace("10A", "10C")
    pupils.write_text(text, encoding="utf-8")
    # New rows take new numbers.
    workflow.import_exports(school, [pupils], now=NOW.replace(day=15), who="HAR")
    workflow.export(school, "pupils", out=out, now=NOW)
    assert b"10C" in out.read_bytes()


def test_a_server_that_restarts_in_mid_collect_leaves_what_is_stored_reported(
    server, tiny_school, tmp_path, monkeypatch
):
    address = server("restarted", "-T", "template0")
    settings = tiny_school / SETTINGS_FILE
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("[school]", f'[school]\ndatabase = "{address}"', 1), "utf-8"
    )
    school = School.load(tiny_school)
    workflow.import_exports(school, now=NOW, who="HAR")
    workflow.draft_targets(school, now=NOW, who="HAR")
    workflow.issue(school, now=NOW, who="HAR")
    fill_in(tiny_school / "issued/AUT/ABA/10x-Ma1.xlsx", school.returned)
    begin, calls = Store.begin_in_background, []

    def begin_in_background(self):
        calls.append(1)
        if len(calls) == 2:
            self.wait_for_commit()
            engine = create_engine(address)
            with engine.connect() as other:
                other.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = 'restarted' AND pid <> pg_backend_pid()"
                )
            engine.dispose()
        return begin(self)

    monkeypatch.setattr(Store, "begin_in_background", begin_in_background)
    with pytest.raises(StoppedPartway, match=r"1 return is stored.*does not answer"):
        workflow.collect(school, now=NOW, who="HAR")
    monkeypatch.undo()
    out = tmp_path / "returns.csv"
    for number in (1, 2):
        workflow.export(school, "returns", out=out, now=NOW)
        assert len(out.read_text(encoding="utf-8").splitlines()) == number + 1
        workflow.collect(school, now=NOW.replace(day=14 + number), who="HAR")
