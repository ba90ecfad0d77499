"""A sample markbook: a fictitious class of thirty, the same every time."""

from __future__ import annotations

from generator.markbook.layout import (
    ENTRY_HEADINGS,
    EntrySheet,
    Markbook,
    PupilRow,
    sheet_columns,
)
from generator.markbook.write_markbook import write_markbook
from udfs.tables import standard

PUPILS = 30
KEY = bytes(32)


def markbook() -> Markbook:
    """A Year 10 mathematics class with one earlier collection."""
    grades = standard().scale("gcse").grades
    rows = tuple(
        PupilRow(
            adno=f"{4001 + number:06d}",
            surname=f"Surname{number:02d}",
            forename=f"Forename{number:02d}",
            reg="10A",
            groups={"PP": "Y" if number % 4 == 0 else "", "SEN": "", "EAL": ""},
            prior=f"{85 + number}",
            earlier={
                "Y9-Jun": f"{grades[2 + number % 6]} (On)",
                "Y10-Jan": "5 (Below)",
            },
            target=grades[3 + number % 6],
            aspirational=grades[4 + number % 6],
        )
        for number in range(PUPILS)
    )
    sheet = EntrySheet(
        name="Markbook",
        class_code="10x/Ma1",
        subject="Mathematics",
        scale="gcse",
        year=10,
        teachers=("Ms R Abara",),
        columns=sheet_columns(
            tuple(ENTRY_HEADINGS),
            groups=["PP", "SEN", "EAL"],
            earlier=["Y9-Jun", "Y10-Jan"],
        ),
        rows=rows,
    )
    return Markbook(
        school="Sample School",
        school_id="100000",
        academic_year="2026/27",
        collection="Y10-Jun",
        collection_name="Year 10 June",
        opens="2027-06-07",
        closes="2027-06-18",
        issued_at="2027-06-07T09:00:00",
        sheets=(sheet,),
        issue_ids={"10x/Ma1": "0" * 32},
        effort=("1", "2", "3", "4"),
        contact="the data office",
    )


def issued() -> bytes:
    """The sample as a file."""
    return write_markbook(markbook(), standard(), KEY)
