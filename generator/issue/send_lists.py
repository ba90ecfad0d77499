"""The list `send.csv`: who gets which markbook, and the address to send it to."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import pandas as pd

from generator.files import publish
from generator.issue.file_plan import NO_TEACHER, lead_teacher
from generator.markbook.class_lists import ClassList
from generator.school.school import Collection, School
from generator.store.issues import Issue
from generator.xlsx.encryption import (
    PASSWORDS_FILE,
    harmless,
    is_encrypted,
    password_list,
)

SEND_FILE = "send.csv"
COLUMNS = ("who", "name", "email", "files", "classes", "lead")


def send_list(
    known: Mapping[str, Issue],
    teachers: Mapping[str, Sequence[str]],
    staff: pd.DataFrame,
) -> bytes:
    """The list of who gets what, a line for each teacher, co-teachers among them.

    Args:
        known: The latest issue of each class.
        teachers: Class -> the codes of its teachers, the lead first.
        staff: The staff (code, name, email).

    Returns:
        A CSV file: `files` and `classes` are joined by `;`, files below the school
        folder; `lead` names those classes that the teacher leads.
    """
    people = {
        code: (name, email)
        for code, name, email in zip(
            staff["code"], staff["name"], staff["email"], strict=True
        )
    }
    given: dict[str, list[str]] = {}
    for code in sorted(known):
        for teacher in teachers.get(code, ()) or (NO_TEACHER,):
            given.setdefault(teacher, []).append(code)
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for teacher in sorted(given):
        codes = given[teacher]
        name, email = people.get(teacher, ("", ""))
        leads = [c for c in codes if (teachers.get(c) or (NO_TEACHER,))[0] == teacher]
        files = dict.fromkeys(known[code].file for code in codes)
        row = (teacher, name, email, ";".join(files), ";".join(codes), ";".join(leads))
        table.writerow([harmless(text) for text in row])
    # The mark at the start is what tells Excel that this is UTF-8.
    return written.getvalue().encode("utf-8-sig")


def encrypted_files(school: School, collection: Collection) -> frozenset[str]:
    """The files, below the school folder, that `passwords.csv` has a password for."""
    path = school.issued(collection.code) / PASSWORDS_FILE
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return frozenset()
    return frozenset(
        name
        for row in rows
        if row.get("password")
        for name in (row.get("files") or "").split(";")
        if name
    )


def publish_passwords(
    school: School,
    collection: Collection,
    known: Mapping[str, Issue],
    lists: Sequence[ClassList],
    passwords: Mapping[str, str],
    staff: pd.DataFrame,
) -> None:
    """Write `passwords.csv`: to be sent apart from the files, or told.

    A line for each teacher who leads a class whose file is encrypted: `files` are
    below the school folder, `also_for` are the co-teachers who share one of them.
    """
    names = dict(zip(staff["code"], staff["name"], strict=True))
    files: dict[str, dict[str, None]] = {}
    others: dict[str, dict[str, None]] = {}
    for one in lists:
        if one.code in known and is_encrypted(school.folder / known[one.code].file):
            files.setdefault(lead_teacher(one), {})[known[one.code].file] = None
            others.setdefault(lead_teacher(one), {}).update(
                dict.fromkeys(one.teachers[1:])
            )
    rows = [
        (code, names.get(code, ""), passwords.get(code, ""), files[code], others[code])
        for code in sorted(files)
    ]
    path = school.issued(collection.code) / PASSWORDS_FILE
    publish(path, password_list(rows))
    path.chmod(0o600)
