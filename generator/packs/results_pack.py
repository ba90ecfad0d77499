"""The pack of results day: of no collection, and of the latest results there are."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from generator.files import publish
from generator.packs import pack_jobs, readers
from generator.packs.facts.results_day import read_results_day
from generator.packs.kinds import results
from generator.packs.report import PackReport, shown
from generator.packs.schoolwide import SENIOR_LEADER
from generator.school.school import School
from generator.store import roster
from generator.store.engine import Store
from generator.store.passwords import ensure
from generator.xlsx.encryption import is_encrypted, sealed
from generator.xlsx.writer import strictly
from udfs.errors import MarkbookError
from udfs.tables import Tables


class NoResults(MarkbookError):
    """The pack of results day was asked for, and there are no results."""


def results_pack(
    store: Store,
    school: School,
    tables: Tables,
    *,
    now: datetime,
    named: bool,
    only: bool,
    wanted: bool = True,
    encrypt: bool = False,
) -> PackReport:
    """Write the pack of results day, of the latest results there are.

    Where nobody has named it, it is written of results of this academic year only.

    Args:
        store: The school's store.
        school: The school.
        tables: Scales and subjects as this school has them.
        now: The moment written into it.
        named: Whether it was asked for by name.
        only: Whether nothing else was asked for.
        wanted: Whether it was asked for at all.
        encrypt: Whether to encrypt it, as in `packs`.

    Raises:
        NoResults: If nothing else was asked for and there are no results.
    """
    if not wanted:
        return PackReport(results.KIND, ())
    with store.begin() as connection:
        found = read_results_day(connection, school, tables)
    if found is None:
        if only:
            raise NoResults(
                "There are no results in the store.",
                "Read them in first: markbook results FILE.",
            )
        none = "results: no results have been read yet (markbook results FILE)."
        return PackReport(results.KIND, (), results=none)
    year = found.outcome.academic_year
    if not named and year != school.academic_year:
        again = f"The last results are of {year}: markbook pack results writes them."
        return PackReport(results.KIND, (), results=again)
    path = school.packs(results.KIND) / f"{results.KIND}.xlsx"
    with strictly():
        data = results.write(found, school, tables, now=now)
    if encrypt or is_encrypted(path):
        with store.begin() as connection:
            data = _sealed(connection, school, data, path, year)
    publish(path, data)
    file = shown(path, school)
    problems = () if found.holders else (results.no_holder(file),)
    said = f"Wrote the pack of the results of {year}: {file}."
    return PackReport(results.KIND, (file,), problems, said)


def _sealed(
    connection: Connection, school: School, data: bytes, path: Path, year: str
) -> bytes:
    """The pack of results day, encrypted for the first of the senior leaders."""
    roles = roster.roles(connection, year)
    codes = tuple(roles.loc[roles["role"] == SENIOR_LEADER, "staff"].drop_duplicates())
    owner = (codes or (readers.NOBODY,))[0]
    password = ensure(connection, year, [owner], school.key())[owner]
    order = pack_jobs.Order(results.write, results.KIND, "", path, codes, password)
    staff = roster.staff(connection, year)
    names = dict(zip(staff["code"], staff["name"], strict=True))
    pack_jobs.publish_passwords(path.parent, [order], names, readers.NOBODY)
    return sealed(data, password)
