"""Tables that a person makes are read with any separator."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from generator.tabular.reader import read_as_csv
from generator.tabular.rows import Unreadable


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_with_any_separator_has_commas(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "codes.csv"
    path.write_text(
        '"# A comment, with ""quotes"""\n'
        f"code{separator}spellings\n\n"
        f'N/T{separator}"NT|Not, taking"\n',
        encoding="utf-8",
    )
    text = read_as_csv(path, "codes.csv")
    assert text.splitlines() == [
        '"# A comment, with ""quotes"""',
        "code,spellings",
        "",
        'N/T,"NT|Not, taking"',
    ]


def test_a_workbook_is_a_table_with_its_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "codes.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(1, 0, ["code", "score"])
    sheet.write_row(2, 1, [79])
    book.close()
    assert read_as_csv(path, "codes.xlsx").splitlines() == ["", "code,score", ",79"]


def test_a_table_in_an_old_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes(b"code,meaning\nCaf\xe9,x\n")
    with pytest.raises(Unreadable, match="is not a text file"):
        read_as_csv(path, "codes.csv")
