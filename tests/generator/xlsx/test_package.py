"""Packages as other writers make them are read; those that are unsafe are not."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.xlsx.encryption import MAX_SPINS, decrypt, encrypt
from generator.xlsx.package import open_package
from generator.xlsx.reader import read_workbook
from generator.xlsx.refusals import FileRefused
from tests.generator.classroom import Classroom, packed, unpacked

A = "000101"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def zip64(data: bytes, *, count: int | None = None, in_record: bool = True) -> bytes:
    """A package whose end says that the ZIP64 record before it has the figures."""
    end = data.rfind(b"PK\x05\x06")
    number, size, offset = struct.unpack("<HLL", data[end + 10 : end + 20])
    number = count or number
    record = b"PK\x06\x06" + struct.pack(
        "<QHHLLQQQQ", 44, 45, 45, 0, 0, number, number, size, offset
    )
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, end, 1)
    empty = struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return data[:end] + (record if in_record else b"") + locator + b"PK\x05\x06" + empty


def zip64_throughout(data: bytes) -> bytes:
    """A package written by a writer that streams: each part has ZIP64 sizes."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in unpacked(data).items():
            with package.open(name, "w", force_zip64=True) as part:
                part.write(content)
    return output.getvalue()


def renamed(data: bytes, rename: Callable[[str], str]) -> bytes:
    return packed({rename(name): part for name, part in unpacked(data).items()})


def backslashed(name: str) -> str:
    return name.replace("/", "\\")


def half_backslashed(name: str) -> str:
    folder, slash, file = name.rpartition("/")
    return folder + slash.replace("/", "\\") + file


def only_sheets_backslashed(name: str) -> str:
    return backslashed(name) if "worksheets" in name else name


@pytest.mark.parametrize(
    "rewrite",
    [
        zip64,
        zip64_throughout,
        lambda data: zip64(zip64_throughout(data)),
        lambda data: renamed(data, backslashed),
        lambda data: renamed(data, half_backslashed),
        lambda data: renamed(data, only_sheets_backslashed),
    ],
    ids=["end", "parts", "both", "backslashes", "mixed", "sheets"],
)
def test_it_is_read_and_marked_up_like_any_other(
    classroom: Classroom, rewrite: Callable[[bytes], bytes]
) -> None:
    path = classroom.send(
        "a.xlsx", filled={(A, "prediction"): "6", ("000102", "prediction"): "Z"}
    )
    path.write_bytes(rewrite(path.read_bytes()))
    report = classroom.collect()
    assert report.files["merged"] == 1, report.problems
    assert classroom.maths(A) == "6"
    copy = next(path for path in report.written if path.name == "10x-Ma1.xlsx")
    assert next(iter(read_workbook(copy.read_bytes()).sheet_states)) == "To put right"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: zip64(data, count=5_000), "too-much"),
        (lambda data: zip64(data, in_record=False), "too-much"),
        (lambda data: zip64(data)[:-30], "truncated"),
    ],
    ids=["many", "no record", "cut"],
)
def test_a_zip64_package_that_is_unsafe_is_refused(
    classroom: Classroom, change: Callable[[bytes], bytes], code: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        open_package(change(classroom.issued("10x/Ma1")))
    assert refused.value.code == code


@pytest.mark.parametrize(
    "name", ["xl\\macrosheets\\sheet1.xml", "xl\\embeddings\\a.bin", "..\\evil.xml"]
)
def test_backslashes_hide_nothing(classroom: Classroom, name: str) -> None:
    parts = unpacked(classroom.issued("10x/Ma1")) | {name: b"<a/>"}
    with pytest.raises(FileRefused) as refused:
        read_workbook(packed(parts))
    assert refused.value.code in ("macros", "embedded", "part-name")


def test_a_part_in_both_spellings_is_refused(classroom: Classroom) -> None:
    parts = unpacked(classroom.issued("10x/Ma1")) | {"xl\\styles.xml": b"<a/>"}
    with pytest.raises(FileRefused) as refused:
        read_workbook(packed(parts))
    assert refused.value.code == "part-twice"


@pytest.mark.parametrize(
    "streams",
    [
        ["EncryptedPackage", "DRMEncryptedDataSpace"],
        ["EncryptedPackage", "EncryptionInfo", "DRMEncryptedTransform"],
        ["\x06DataSpaces", "DRMEncryptedDataSpace", "EncryptedPackage", "Workbook"],
    ],
)
def test_a_sensitivity_label_is_named_with_the_way_out(
    classroom: Classroom, streams: list[str]
) -> None:
    data = _OLE + b"".join(name.encode("utf-16-le") for name in streams)
    (classroom.returned / "a.xlsx").write_bytes(data)
    (problem,) = classroom.collect().problems
    assert problem.code == "sensitivity-label"
    assert "sensitivity label" in problem.what
    assert "without encryption" in problem.do


@pytest.mark.parametrize("name", ["a.xlsx", "ABA/a.xlsx", "Copy of a (2).xlsx"])
def test_excels_own_password_of_a_locked_structure_is_known(
    classroom: Classroom, name: str
) -> None:
    path = classroom.send(
        name, filled={(A, "prediction"): "6", ("000102", "prediction"): "Z"}
    )
    path.write_bytes(encrypt(path.read_bytes(), "VelvetSweatshop"))
    report = classroom.collect()
    assert report.files["merged"] == 1
    assert report.notes == ()
    assert classroom.maths(A) == "6"
    copy = next(path for path in report.written if path.name == "10x-Ma1.xlsx")
    plain = decrypt(copy.read_bytes(), ["VelvetSweatshop"])
    assert plain and "To put right" in read_workbook(plain).sheet_states


def test_any_other_password_is_not_guessed(classroom: Classroom) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"})
    for password in ("velvetsweatshop", "password", "x"):
        path.write_bytes(encrypt(classroom.issued("10x/Ma1"), password))
        assert [problem.code for problem in classroom.collect().problems] == [
            "encrypted"
        ]


@pytest.mark.parametrize("spins", ["999999", "200000", "100001"])
def test_a_password_that_takes_long_to_try_is_not_tried(
    classroom: Classroom, spins: str
) -> None:
    data = encrypt(classroom.issued("10x/Ma1"), "VelvetSweatshop")
    usual = f'spinCount="{MAX_SPINS}"'.encode()
    assert usual in data
    start = time.process_time()
    slow = data.replace(usual, f'spinCount="{spins}"'.encode(), 1)
    assert decrypt(slow, ["VelvetSweatshop"] * 3) is None
    assert time.process_time() - start < 0.2


def test_the_archive_keeps_such_a_file_without_its_encryption(
    classroom: Classroom, tmp_path: Path
) -> None:
    path = classroom.send("a.xlsx", filled={(A, "prediction"): "6"})
    path.write_bytes(encrypt(path.read_bytes(), "VelvetSweatshop"))
    classroom.collect()
    (kept,) = (classroom.folder / "kept").iterdir()
    assert "Markbook" in read_workbook(kept.read_bytes()).sheets
