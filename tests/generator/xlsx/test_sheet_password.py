"""The password of locked sheets: the hash of current Excel, never the old one."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from dataclasses import replace

from openpyxl import load_workbook

from generator.markbook.compiled_markbook import CompiledMarkbook
from generator.markbook.write_markbook import write_markbook
from generator.xlsx.sheet_password import SPIN_COUNT, SheetPassword
from tests.generator.markbook import samples
from udfs.tables import standard


def protections(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [
            element
            for name in package.namelist()
            if name.endswith(".xml")
            for element in re.findall(
                "<(?:sheet|workbook)Protection[^>]*>", package.read(name).decode()
            )
        ]


def test_no_password_gives_no_hash():
    assert SheetPassword.from_password("", samples.KEY) is None
    elements = protections(
        write_markbook(samples.whole_class(2), standard(), samples.KEY)
    )
    assert len(elements) == 9
    assert not any("ash" in element for element in elements)


def test_every_sheet_and_the_structure_carry_the_hash_that_excel_computes():
    lock = SheetPassword.from_password("pa£ss", samples.KEY)
    assert lock is not None
    expected = base64.b64decode(lock.salt) + "pa£ss".encode("utf-16-le")
    expected = hashlib.sha512(expected).digest()
    for spin in range(SPIN_COUNT):
        expected = hashlib.sha512(expected + spin.to_bytes(4, "little")).digest()
    assert base64.b64decode(lock.hash) == expected
    book = replace(samples.whole_class(2), lock=lock)
    for data in (
        write_markbook(book, standard(), samples.KEY),
        CompiledMarkbook(book, standard(), samples.KEY).fill(book),
    ):
        elements = protections(data)
        assert len(elements) == 9
        assert all(
            lock.hash in element and 'pinCount="100000"' in element
            for element in elements
        )
        assert not any(re.search(' password="', element) for element in elements)
        file = load_workbook(io.BytesIO(data))
        assert file["Markbook"].protection.hashValue == lock.hash
        assert file["Markbook"].protection.algorithmName == "SHA-512"
        assert file.security.workbookHashValue == lock.hash


def test_another_school_has_another_salt():
    first, second = (
        SheetPassword.from_password("same", b"first"),
        SheetPassword.from_password("same", b"second"),
    )
    assert first and second
    assert first.salt != second.salt
    assert first == SheetPassword.from_password("same", b"first")
