"""Two validators find no fault in any kind of markbook, authored or stamped."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from generator.markbook.compiled_markbook import CompiledMarkbook
from generator.markbook.layout import Markbook
from generator.markbook.write_markbook import write_markbook
from generator.xlsx.sheet_password import SheetPassword
from tests.generator.markbook import samples
from tests.generator.markbook.test_compiled_markbook import (
    bare,
    by_teacher,
    full,
    on_paper,
    told,
    two_subjects,
)
from tests.generator.markbook.test_ladders import judged
from udfs.tables import standard

KINDS: dict[str, Callable[[], Markbook]] = {
    "a class of ten": lambda: full(10),
    "a class of one": lambda: full(1),
    "a class of sixty": lambda: full(60),
    "two subjects": lambda: two_subjects(4),
    "by teacher": lambda: by_teacher(5),
    "judged against a ladder": lambda: judged(4),
    "little asked, no targets": lambda: bare(3),
    "queries answered": lambda: told(3),
    "printed with groups": lambda: on_paper(26),
    "under a password": lambda: replace(
        full(2), lock=SheetPassword.from_password("one", samples.KEY)
    ),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("kinds")
    found = {}
    for number, (name, make) in enumerate(KINDS.items()):
        book = make()
        authored, stamped = folder / f"a{number}.xlsx", folder / f"s{number}.xlsx"
        authored.write_bytes(write_markbook(book, standard(), samples.KEY))
        stamp = CompiledMarkbook(book, standard(), samples.KEY)
        stamped.write_bytes(stamp.fill(book))
        found[name] = (authored, stamped)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_microsofts_validator_finds_no_fault(kind, written, office_faults):
    for path in written[kind]:
        assert office_faults(path) == [], path.name


def test_a_second_validator_finds_no_fault(written):
    paths = [path for both in written.values() for path in both]
    (folder,) = {path.parent for path in paths}
    audit = subprocess.run(
        [sys.executable, "-m", "openxml_audit", "--recursive", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert audit.returncode == 0, audit.stdout
    assert all(path.name in audit.stdout for path in paths)
