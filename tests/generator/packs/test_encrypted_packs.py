"""Encrypted packs: one password a reader and year, listed apart."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store
from generator.xlsx.encryption import decrypt, is_encrypted_file
from generator.xlsx.encryption import encrypt as seal
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import exported, text, whole, write_kinds
from tests.generator.packs.sample_school import adno
from tests.generator.packs.test_import_returned import collect


def sealed(school: School, store: Store, *kinds: str) -> dict[str, dict[str, str]]:
    """Write packs encrypted; answer the list of passwords by reader."""
    write_kinds(school, store, kinds, encrypt=True)
    listed = (school.packs("AUT") / "passwords.csv").read_text("utf-8-sig")
    return {row["who"]: row for row in csv.DictReader(io.StringIO(listed))}


def book(path: Path, password: str) -> bytes:
    data = decrypt(path.read_bytes(), [password])
    assert data is not None
    return data


def test_each_reader_has_one_password_for_all_packs_of_the_year(
    school: School, store: Store
) -> None:
    with store.begin() as connection:
        connection.execute(
            schema.roles.insert(),
            [
                {
                    "academic_year": sample_school.YEAR,
                    "staff": code,
                    "scope": "Mathematics",
                    "role": "head of department",
                }
                for code in ("COH",)
            ],
        )
    known = sealed(school, store, "department", "pastoral", "class-targets")
    folder = school.packs("AUT")
    assert set(known) == {"ABA", "no-reader"}  # who is named for nothing reads nothing
    assert set(known["ABA"]["files"].split(";")) == {
        "department-Mathematics.xlsx", "class-targets-Mathematics.xlsx",
        "pastoral-10A.xlsx",
    }  # fmt: skip
    assert known["ABA"]["also_for"] == "COH" and known["ABA"]["name"] == "Ms R Abara"
    for row in known.values():
        for name in row["files"].split(";"):
            assert is_encrypted_file(folder / name)
            inside = load_workbook(io.BytesIO(book(folder / name, row["password"])))
            assert text(inside["Cover"])
    every = {path.name for path in folder.glob("*.xlsx")}
    assert every == {n for row in known.values() for n in row["files"].split(";")}
    assert (folder / "passwords.csv").stat().st_mode & 0o077 == 0
    mine = folder / "pastoral-10A.xlsx"
    assert decrypt(mine.read_bytes(), [known["no-reader"]["password"]]) is None
    again = sealed(school, store, "pastoral")
    assert again["ABA"]["password"] == known["ABA"]["password"]


def test_what_lies_there_encrypted_is_never_written_open(
    school: School, store: Store
) -> None:
    sealed(school, store, "pastoral")
    write_kinds(school, store, ["pastoral", "praise"])  # without being asked to encrypt
    folder = school.packs("AUT")
    assert is_encrypted_file(folder / "pastoral-10A.xlsx")
    assert not is_encrypted_file(folder / "praise-Year 10.xlsx")


def test_an_encrypted_pack_comes_back_with_collect(
    school: School, store: Store
) -> None:
    known = sealed(school, store, "pastoral")
    path = school.packs("AUT") / "pastoral-10A.xlsx"
    mine = load_workbook(io.BytesIO(book(path, known["ABA"]["password"])))
    sheet = mine["Below target"]
    head = next(r for r in sheet.iter_rows() if r[0].value == "Adno")
    at = [c.value for c in head].index("Intervention")
    row = sheet[head[0].row + 1]
    row[at].value = "Mentoring"
    written = io.BytesIO()
    mine.save(written)
    school.returned.mkdir(exist_ok=True)
    (school.returned / "ABA pack.xlsx").write_bytes(
        seal(written.getvalue(), known["ABA"]["password"])
    )
    collect(school)
    (one,) = exported(school, store, "interventions")
    assert one["what"] == "Mentoring" and one["adno"] == row[0].value


@pytest.mark.parametrize("kind", ["ladders"])
def test_what_names_nobody_and_is_handed_out_stays_open(
    school: School, store: Store, kind: str
) -> None:
    folder = school.folder / "ladders"
    folder.mkdir()
    (folder / "Mathematics-10.toml").write_text(
        '[[bands]]\nname = "Secure"\ntargets = ["5"]\nstatements = ["I can add."]\n',
        "utf-8",
    )
    write_kinds(school, store, [kind], encrypt=True)
    (path,) = school.packs("AUT").glob("*.xlsx")
    assert not is_encrypted_file(path)
    assert not (school.packs("AUT") / "passwords.csv").exists()
    assert adno(1) not in whole(path)
