"""Every dialect of CSV is read; a file that is no export is refused in one line."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from generator.mis.read_exports import export_files, read_exports
from generator.tabular.rows import Unreadable
from tests.generator.mis.conftest import ImportOffice

LINES = ["Adno{0}Surname{0}Forename{0}Year", "007{0}Brontë{0}Zoë{0}7"]


def names(path: Path) -> list[tuple[str, str]]:
    (table,) = read_exports([path]).tables
    return [(line["adno"], line["surname"]) for line in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_dialect_is_read(
    tmp_path: Path, encoding: str, delimiter: str, ending: str
) -> None:
    text = ending.join(line.format(delimiter) for line in LINES) + ending
    path = tmp_path / "pupils.csv"
    path.write_bytes(text.encode(encoding))
    assert names(path) == [("007", "Brontë")]


def test_utf_16_without_a_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pupils.txt"
    text = "Adno,Surname,Forename,Year,Sex,Reg,PP,SEN,EAL\n1,Smith,Ann,7,F,7A,N,N,N\n"
    path.write_bytes((text * 4).encode("utf-16-le"))
    assert names(path)[0] == ("1", "Smith")


def test_the_sep_line_of_excel_names_the_delimiter(office: ImportOffice) -> None:
    text = "sep=;\nAdno;Surname;Forename\n1;Smith, Jones;Ann\n1;X;Y\n"
    report = office.import_files(office.text("p.csv", text))
    assert office.pupil("1")["surname"] == "Smith, Jones"
    assert report.problems[0].cell == "row 4"


def test_rows_are_numbered_as_a_spreadsheet_shows_them(office: ImportOffice) -> None:
    text = 'My school\n\nAdno,Surname,Forename\n1,"A\nB",C\n\n,D,E\nTotal,1\n'
    report = office.import_files(office.text("p.csv", text))
    assert [(p.cell, p.code) for p in report.problems] == [
        ("row 6", "no-admission-number")
    ]
    assert office.pupil("1")["surname"] == "A B"


def test_headings_repeated_after_a_page_break_are_skipped(
    office: ImportOffice,
) -> None:
    text = "Adno,Surname,Forename\n1,A,B\nPage 2\nAdno,Surname,Forename\n2,C,D\n"
    report = office.import_files(office.text("p.csv", text))
    assert (report.pupils, report.refused) == (2, 0)


@pytest.mark.parametrize(
    "footer",
    [
        "Total,,,2",
        "Total: 2,,,",
        "Grand Total,2,,",
        "Number of pupils: 2,,,",
        "2 pupils,,,",
        "Printed on 22/11/2026,,,",
        "Page 1 of 1,,,",
        "* left during the year,,,",
        ",Total,,2",
        "End of report,,,",
        "Mean,2,3,4",
    ],
)
def test_a_footer_is_not_a_pupil(office: ImportOffice, footer: str) -> None:
    text = f"Adno,Surname,Forename,Year\n1,A,B,7\n2,Total,May,7\n\n{footer}\n"
    report = office.import_files(office.text("p.csv", text))
    assert (report.pupils, report.refused) == (2, 0)
    assert office.pupil("2")["surname"] == "Total"


def package(**parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.csv", b"", "a.csv is empty."),
        ("a.csv", b"\xef\xbb\xbf \r\n\r\n", "a.csv is empty."),
        ("a.csv", b"\x00\x01\x02\x03" * 200, "a.csv is not a text file"),
        ("a.csv", b"%PDF-1.7 ...", "a.csv is a PDF."),
        ("a.xls", b"<html><table><tr><td>Adno", "a.xls is a web page or XML"),
        ("a.xls", OLE, "a.xls is in the old Excel format (.xls). Save it as .xlsx"),
        (
            "a.xlsx",
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx is protected with a password.",
        ),
        ("a.xlsx", b"Adno,UPN\n1,2\n", "a.xlsx is not an Excel workbook"),
        ("a.xlsx", b"PK\x03\x04" + b"\x00" * 50, "a.xlsx is damaged"),
        ("a.xlsx", package(word__document="x"), "a.xlsx cannot be read: it is not a"),
        (
            "a.ods",
            package(mimetype="x", content_dot_xml="x"),
            "a.ods is an OpenDocument file",
        ),
        ("a.xlsb", package(xl__workbook_dot_bin="x"), "is a binary Excel workbook"),
        (
            "a.csv",
            b"Book,Author\nEmma,Austen\n",
            "a.csv is not an export that is recognised (it begins 'Book', 'Author').",
        ),
        (
            "a.csv",
            b"Class,Subject,Surname,Forename\nA,Art,Smith,Ann\n",
            "a.csv names pupils without an admission number or UPN.",
        ),
        (
            "a.csv",
            "Adno,Surname,Forename\n1,Zoë,Åé\n2,".encode() + b"\xe9,\xc3\n",
            "a.csv row 3 has a letter that is damaged.",
        ),
        (
            "a.csv",
            b'Adno,Surname,Forename\n1,"A,B\n2,C,D\n',
            "a.csv row 2 has a quotation mark that is never closed",
        ),
    ],
)
def test_a_file_that_is_no_export_is_refused_in_one_line(
    office: ImportOffice, name: str, data: bytes, reason: str
) -> None:
    good = office.text("good.csv", "Adno,Surname,Forename\n1,A,B\n")
    bad = office.folder / name
    bad.write_bytes(data)
    with pytest.raises(Unreadable) as caught:
        office.import_files(good, bad)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert office.rows("pupils") == []


def test_every_unreadable_file_is_named(office: ImportOffice) -> None:
    files = [office.text("a.csv", ""), office.folder / "b.csv", office.folder]
    with pytest.raises(Unreadable) as caught:
        office.import_files(*files)
    lines = str(caught.value).splitlines()
    assert [line[:20] for line in lines] == [
        "a.csv is empty. Expo",
        "There is no file b.c",
        "school is a folder. ",
    ]


def test_a_stray_quotation_mark_within_a_cell_is_a_letter(office: ImportOffice) -> None:
    office.import_texts(pupils='Adno,Surname,Forename\n1,O"Neill,"Ann" B\n2,C,D\n')
    assert office.pupil("1")["surname"] == 'O"Neill'
    assert office.pupil("2")["surname"] == "C"


def test_lock_files_and_the_like_are_no_exports(tmp_path: Path) -> None:
    for name in ("b.csv", "A.xlsx", "~$A.xlsx", ".hidden", "x.tmp", "Thumbs.db"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder").mkdir()
    assert [path.name for path in export_files(tmp_path)] == ["A.xlsx", "b.csv"]
    assert export_files(tmp_path / "none") == []


def test_an_import_without_files_is_an_error() -> None:
    with pytest.raises(Unreadable, match="nothing to import"):
        read_exports([])


def test_messages_name_files_from_the_school_folder(office: ImportOffice) -> None:
    (office.folder / "exports").mkdir()
    path = office.text("exports/p.csv", "Adno,Surname,Forename\n1,A,B\n,C,D\n")
    steps: list[tuple[int, int, str]] = []
    exports = read_exports(
        [path], root=office.folder, progress=lambda *step: steps.append(step)
    )
    assert exports.files == ("exports/p.csv",)
    assert steps == [(0, 1, "exports/p.csv"), (1, 1, "")]
