"""Ladders for pupils' books: every word is the school's own, and none is left out."""

from __future__ import annotations

import tomllib

import pytest

from tests.recount.audit import Ledger
from tests.recount.tables import Books


def test_every_number_of_the_ladders(school: Books) -> None:
    files = sorted((school.folder / "ladders").glob("*.toml"))
    if not files:
        pytest.skip("the school has no ladder")
    named = {f"ladders-{file.stem.replace('-', ' ')}": file for file in files}
    assert {path.stem for path in school.named("ladders")} == set(named)
    for path in school.named("ladders"):
        file = named[path.stem]
        subject, _, year = file.stem.rpartition("-")
        ladder = tomllib.loads(file.read_text("utf-8"))
        ledger = Ledger(path)
        (sheet,) = ledger
        sheet.says("A1", f"{subject}, Year {year}")
        at = 3
        if ladder.get("note"):
            sheet.says(f"A{at}", ladder["note"])
            at += 1
        for band in reversed(ladder["bands"]):  # the highest first
            sheet.says(f"A{at}", band["name"])
            # Whom a band is expected of is for the teacher to say.
            sheet.says(f"B{at}", "")
            at += 1
            for statement in band["statements"]:
                sheet.says(f"A{at}", f"•  {statement}")
                at += 1
        sheet.says(f"A{at}", "")
        ledger.settle()
