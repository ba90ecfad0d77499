"""A school with three departments, filled by hand: this collection and one before."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from generator.school.key_file import KEY_FILE
from generator.school.school import School
from generator.store import schema
from generator.store.engine import Store

YEAR = "2026/27"
NOW = datetime(2026, 11, 22, 9, 30)
SETTINGS = """\
[school]
name = "Tom & Jerry's School"
academic_year = "2026/27"

[[collections]]
code = "SUM"
name = "Summer"
years = [10, 11]
opens = 2026-06-01
closes = 2026-06-30

[[collections]]
code = "AUT"
name = "Autumn"
years = [10, 11]
opens = 2026-11-02
closes = 2026-11-13

[[collections]]
code = "KS3"
name = "Key Stage 3"
years = [7]
opens = 2026-11-02
closes = 2026-11-13
style = "judgement"
"""

# class -> subject, year, teachers, first and last pupil
CLASSES = {
    "10x/Ma1": ("Mathematics", 10, "ABA", 1, 12),
    "10x/Ma2": ("Mathematics", 10, "COH;ABA", 13, 16),
    "11x/Ma1": ("Mathematics", 11, "", 21, 33),
    "10x/En1": ("English (Language and Literature)", 10, "DRU", 1, 3),
    "11x/Fr1": ("French", 11, "EVE", 21, 24),
    "7x/Ar1": ("Art and Design", 7, "EVE", 41, 44),
}
STAFF = {
    "ABA": "Ms R Abara",
    "COH": "Mr D Cohen",
    "DRU": "Mrs O Drum",
    "EVE": "Dr T Evesham",
}
# What pupils are predicted in turn, against a target of 5.
PREDICTIONS = ["5", "4", "3", "6", "Abs", "5", "4", "2", "5", "", "7", "4"]
EARLIER = ["5", "4", "4", "4", "4", "", "5", "3", "N/T", "5", "6", "5"]


def adno(number: int) -> str:
    return f"{number:06d}"


def school(folder: Path) -> School:
    (folder / "school.toml").write_text(SETTINGS, encoding="utf-8")
    # Not by chance, so that sealed packs are the same in every run.
    (folder / KEY_FILE).write_text("5e" * 32 + "\n", encoding="ascii")
    return School.load(folder)


def open_store(school: School) -> Store:
    return Store.open(school.folder, school.settings.school.database)


def empty_store(school: School) -> Store:
    made = open_store(school)
    with made.begin() as connection:
        fill_roster(connection)
    return made


def fill(store: Store) -> None:
    with store.begin() as connection:
        fill_collection(connection, "SUM", "2026-06-20T15:00:00", EARLIER)
        fill_collection(connection, "AUT", "2026-11-10T15:00:00", PREDICTIONS)
        mark(connection, "AUT", adno(2), "Mathematics", "comment", "=1+1")
        mark(connection, "AUT", adno(3), "Mathematics", "reason", "attendance")
        mark(connection, "AUT", adno(3), "Mathematics", "target_query", "4: ill")
        mark(connection, "AUT", adno(21), "Mathematics", "target_query", "Too high")


def fill_roster(connection: Connection) -> None:
    numbers = sorted(
        {n for *_, first, last in CLASSES.values() for n in range(first, last + 1)}
    )
    year_of = {
        n: year
        for _, year, _, first, last in CLASSES.values()
        for n in range(first, last + 1)
    }
    connection.execute(
        schema.pupils.insert(),
        [
            {
                "adno": adno(n), "upn": f"U{n:012d}", "surname": f"Surname{n:02d}",
                "forename": f"Forename{n:02d}", "sex": "FM"[n % 2],
                "year": year_of[n], "reg": f"{year_of[n]}A",
                "pp": "Y" if n % 3 == 0 else "N", "sen": "NKE"[n % 3],
                "eal": "Y" if n % 4 == 0 else "N", "academic_year": YEAR,
            }
            for n in numbers
        ],
    )  # fmt: skip
    for code, (subject, year, teachers, first, last) in CLASSES.items():
        connection.execute(
            schema.classes.insert(),
            {"academic_year": YEAR, "class": code, "subject": subject, "year": year,
             "teachers": teachers},
        )  # fmt: skip
        connection.execute(
            schema.memberships.insert(),
            [
                {"academic_year": YEAR, "class": code, "adno": adno(n),
                 "since": "2026-09-01"}
                for n in range(first, last + 1)
            ],
        )  # fmt: skip
    connection.execute(
        schema.staff.insert(),
        [
            {"academic_year": YEAR, "code": code, "name": name,
             "email": f"{code.lower()}@school.example"}
            for code, name in STAFF.items()
        ],
    )  # fmt: skip
    connection.execute(
        schema.roles.insert(),
        [
            {"academic_year": YEAR, "staff": "ABA", "role": role, "scope": scope}
            for role, scope in (
                ("head of department", "Mathematics"),
                ("tutor", "10A"),
            )
        ],
    )


def fill_collection(
    connection: Connection, code: str, at: str, predictions: list[str]
) -> None:
    connection.execute(
        schema.collections.insert(),
        {"code": code, "academic_year": YEAR, "name": code, "opens": at[:10],
         "closes": at[:10]},
    )  # fmt: skip
    for name, (subject, year, _, first, last) in CLASSES.items():
        if year == 7:
            continue
        subjects = [subject]
        if subject.startswith("English"):
            subjects = ["English Language", "English Literature"]
        issue(connection, code, name, subjects, range(first, last + 1), at=at[:10])
        if subject == "French" and code == "AUT":
            continue
        return_(connection, code, name, at)
        for about in subjects:
            for place, n in enumerate(range(first, last + 1)):
                value = predictions[place % len(predictions)]
                if value:
                    mark(connection, code, adno(n), about, "prediction", value)
                if value.isdigit():
                    mark(connection, code, adno(n), about, "working_at", "4")


def issue(
    connection: Connection,
    collection: str,
    name: str,
    subjects: list[str],
    numbers: range,
    *,
    at: str,
    target: str | None = "5",
) -> None:
    issue_id = f"{collection}-{name}-{at}"
    connection.execute(
        schema.issues.insert(),
        {"issue_id": issue_id, "academic_year": YEAR, "collection": collection,
         "class": name, "file": f"issued/{name}.xlsx", "pupils": len(numbers),
         "issued_at": f"{at}T08:00:00", "issued_by": "dm", "layout": "{}",
         "digest": ""},
    )  # fmt: skip
    connection.execute(
        schema.issued_rows.insert(),
        [
            {"issue_id": issue_id, "subject": subject, "adno": adno(n),
             "academic_year": YEAR, "target": target,
             "aspirational": target and "7", "locked": "{}", "stamped": "{}"}
            for subject in subjects
            for n in numbers
        ],
    )  # fmt: skip


def return_(
    connection: Connection, collection: str, name: str, at: str, **more: Any
) -> None:
    connection.execute(
        schema.returns.insert(),
        {"return_id": f"{collection}-{name}-{at}", "academic_year": YEAR,
         "sha256": f"{collection}{name}", "file": f"returned/{name}.xlsx",
         "class": name, "collection": collection, "issue_id": "", "modified": at,
         "returned_at": at, "read_at": at, "who": "dm", "status": "merged", "read": 9,
         "new": 9, **more},
    )  # fmt: skip


def mark(
    connection: Connection,
    collection: str,
    pupil: str,
    subject: str,
    field: str,
    value: str,
    *,
    old: str = "",
    at: str = "2026-11-10T15:00:00",
) -> None:
    year = 10 if pupil < adno(20) else 11
    short = {"Mathematics": "Ma1", "French": "Fr1"}.get(subject, "En1")
    name = f"{year}x/{short}"
    if subject == "Mathematics" and adno(13) <= pupil <= adno(16):
        name = "10x/Ma2"
    row = {
        "collection": collection, "adno": pupil, "subject": subject, "field": field,
        "academic_year": YEAR, "class": name, "return_id": "r",
        "source_file": f"returned/{name}.xlsx",
        "source_cell": f"Markbook!{'M' if field == 'prediction' else 'N'}9",
        "who": "dm", "merged_at": at,
    }  # fmt: skip
    m = schema.marks
    connection.execute(
        m.delete().where(
            m.c.collection == collection, m.c.adno == pupil, m.c.subject == subject,
            m.c.field == field,
        )
    )  # fmt: skip
    connection.execute(m.insert(), {**row, "value": value})
    connection.execute(
        schema.history.insert(), {**row, "old": old, "new": value, "why": "merged"}
    )


def unlike(connection: Connection, collection: str) -> None:
    """Let working-at differ from pupil to pupil, by as many grades as by chance."""
    m = schema.marks
    here = (m.c.collection == collection, m.c.field == "working_at")
    keys = (m.c.adno, m.c.subject, m.c.value)
    found = connection.execute(select(*keys).where(*here)).all()
    for pupil, subject, value in found:
        lower = (int(pupil) * 7 + len(subject)) % 5
        if lower and value.isdigit():
            new = "Abs" if lower == 4 else str(max(int(value) - lower, 1))
            mine = (m.c.adno == pupil, m.c.subject == subject)
            connection.execute(m.update().where(*here, *mine).values(value=new))


def year_before(connection: Connection, now: str) -> None:
    """Give Year 10 and 11 a collection of the year before, as it was in their classes.

    Science was one subject then, which Combined Science follows; mathematics had its
    own target then.

    Args:
        connection: The store.
        now: The collection whose predictions are those of the year before.
    """
    year = {"academic_year": "2025/26"}
    c = schema.classes.c
    m = schema.marks.c
    taught = {
        "Combined Science": ("9/Sc9", "Science", 9),
        "Maths": ("10/Ma9", "Maths", 10),
    }
    opens = {"opens": "2026-02-02", "closes": "2026-02-13"}
    connection.execute(
        schema.collections.insert(), {**year, **opens, "code": "P1", "name": "P1"}
    )
    connection.execute(
        schema.staff.insert(),
        {**year, "code": "WHI", "name": "Mrs L Whitaker", "email": ""},
    )
    for asked, (name, subject, of) in taught.items():
        connection.execute(
            schema.classes.insert(),
            {**year, "class": name, "subject": subject, "year": of,
             "teachers": "WHI" if of == 9 else ""},
        )  # fmt: skip
        issue = {**year, "issue_id": f"P1-{name}", "collection": "P1", "class": name}
        at = {"issued_at": "2026-02-02T09:00:00", "issued_by": "HAR", "layout": "{}"}
        connection.execute(
            schema.issues.insert(), {**issue, **at, "file": f"{name}.xlsx"}
        )
        found = connection.execute(
            select(m.adno, m.value)
            .join_from(schema.marks, schema.classes, m["class"] == c["class"])
            .where(m.collection == now, m.subject == asked, m.field == "prediction")
            .where(c.year == of + 1)
            .order_by(m.adno)
        ).all()
        for adno, grade in found:
            one = {**year, "adno": adno, "subject": subject}
            connection.execute(
                schema.memberships.insert(),
                {**year, "class": name, "adno": adno, "since": "2025-09-01",
                 "until": "2026-08-31"},
            )  # fmt: skip
            connection.execute(
                schema.targets.insert(),
                {**one, "version": 0, "expected": grade, "aspirational": grade,
                 "status": "issued", "set_by": "HAR", "set_at": "2025-09-20T09:00:00"},
            )  # fmt: skip
            connection.execute(
                schema.issued_rows.insert(),
                {**one, "issue_id": f"P1-{name}", "target": grade,
                 "aspirational": grade, "locked": "{}", "stamped": "{}"},
            )  # fmt: skip
            connection.execute(
                schema.marks.insert(),
                {**one, "collection": "P1", "field": "prediction", "value": grade,
                 "class": name, "return_id": f"P1-{name}", "who": "HAR",
                 "source_file": "returned/P1.xlsx", "source_cell": "Markbook!M9",
                 "merged_at": "2026-02-12T09:00:00"},
            )  # fmt: skip
