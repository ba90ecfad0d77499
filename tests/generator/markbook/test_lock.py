"""The password of locked sheets: the hash that Excel makes now, never the old one."""

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
from generator.xlsx.sheet_password import SPINS, Lock
from tests.generator.markbook import made
from udfs.tables import standard


def protections(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [
            found
            for name in package.namelist()
            if name.endswith(".xml")
            for found in re.findall(
                "<(?:sheet|workbook)Protection[^>]*>", package.read(name).decode()
            )
        ]


def test_no_password_means_no_lock_and_no_hash():
    assert Lock.of("", made.KEY) is None
    found = protections(write_markbook(made.whole_class(2), standard(), made.KEY))
    assert len(found) == 9
    assert not any("ash" in one for one in found)


def test_every_sheet_and_the_structure_carry_the_hash_as_excel_reckons_it():
    lock = Lock.of("pa£ss", made.KEY)
    assert lock is not None
    expected = base64.b64decode(lock.salt) + "pa£ss".encode("utf-16-le")
    expected = hashlib.sha512(expected).digest()
    for spin in range(SPINS):
        expected = hashlib.sha512(expected + spin.to_bytes(4, "little")).digest()
    assert base64.b64decode(lock.hash) == expected
    book = replace(made.whole_class(2), lock=lock)
    for data in (
        write_markbook(book, standard(), made.KEY),
        CompiledMarkbook(book, standard(), made.KEY).fill(book),
    ):
        found = protections(data)
        assert len(found) == 9
        assert all(lock.hash in one and 'pinCount="100000"' in one for one in found)
        assert not any(re.search(' password="', one) for one in found)
        file = load_workbook(io.BytesIO(data))
        assert file["Markbook"].protection.hashValue == lock.hash
        assert file["Markbook"].protection.algorithmName == "SHA-512"
        assert file.security.workbookHashValue == lock.hash


def test_another_school_has_another_salt():
    one, other = Lock.of("same", b"one"), Lock.of("same", b"other")
    assert one and other
    assert one.salt != other.salt
    assert one == Lock.of("same", b"one")
