"""Ladders: every word of the school's files is there, and no other."""

from __future__ import annotations

import tomllib

import pytest

from tests.recount.audit import WorkbookAudit
from tests.recount.tables import ExportedTables


def test_every_number_of_the_ladders(school: ExportedTables) -> None:
    files = sorted((school.folder / "ladders").glob("*.toml"))
    if not files:
        pytest.skip("the school has no ladder")
    ladders = {f"ladders-{file.stem.replace('-', ' ')}": file for file in files}
    assert {path.stem for path in school.pack_paths("ladders")} == set(ladders)
    for path in school.pack_paths("ladders"):
        file = ladders[path.stem]
        subject, _, year = file.stem.rpartition("-")
        ladder = tomllib.loads(file.read_text("utf-8"))
        audit = WorkbookAudit(path)
        (sheet,) = audit
        sheet.expect("A1", f"{subject}, Year {year}")
        at = 3
        if ladder.get("note"):
            sheet.expect(f"A{at}", ladder["note"])
            at += 1
        for band in reversed(ladder["bands"]):  # the highest first
            sheet.expect(f"A{at}", band["name"])
            # The teacher fills in the pupils.
            sheet.expect(f"B{at}", "")
            at += 1
            for statement in band["statements"]:
                sheet.expect(f"A{at}", f"•  {statement}")
                at += 1
        sheet.expect(f"A{at}", "")
        audit.assert_complete()
