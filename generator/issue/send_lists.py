"""The lists `send.csv` (who gets which markbook) and `passwords.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from generator.files import PASSWORDS_FILE, excel_csv, publish_password_list
from generator.issue.file_plan import NO_TEACHER, lead_teacher
from generator.markbook.class_lists import ClassList
from generator.school.school import Collection, School
from generator.store.issues import Issue
from generator.xlsx.encryption import is_encrypted_file

SEND_FILE = "send.csv"
COLUMNS = ("who", "name", "email", "files", "classes", "lead")


def send_list(
    latest: Mapping[str, Issue],
    teachers: Mapping[str, Sequence[str]],
    staff: pd.DataFrame,
) -> bytes:
    """The list of who gets which markbook: a row for each teacher.

    Args:
        latest: Class -> its latest issue.
        teachers: Class -> the codes of its teachers, the lead first.
        staff: The staff (code, name, email).

    Returns:
        A CSV file: `files` (below the school folder) and `classes` are joined by
        `;`; `lead` lists the classes that the teacher leads.
    """
    people = {
        code: (name, email)
        for code, name, email in zip(
            staff["code"], staff["name"], staff["email"], strict=True
        )
    }
    classes: dict[str, list[str]] = {}
    for code in sorted(latest):
        for teacher in teachers.get(code, ()) or (NO_TEACHER,):
            classes.setdefault(teacher, []).append(code)
    rows = []
    for teacher, codes in sorted(classes.items()):
        name, email = people.get(teacher, ("", ""))
        leads = [c for c in codes if lead_teacher(teachers.get(c, ())) == teacher]
        files = dict.fromkeys(latest[code].file for code in codes)
        rows.append(
            (teacher, name, email, ";".join(files), ";".join(codes), ";".join(leads))
        )
    return excel_csv(COLUMNS, rows)


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
    folder: Path,
    latest: Mapping[str, Issue],
    lists: Iterable[ClassList],
    passwords: Mapping[str, str],
    staff: pd.DataFrame,
) -> None:
    """Write `passwords.csv`, which must not travel with the files.

    It has a row for each teacher who leads a class whose file is encrypted: `files`
    are below the school folder, `also_for` are the co-teachers of those classes.

    Args:
        school: The school.
        folder: The folder to write it into.
        latest: Class -> its latest issue.
        lists: The class lists.
        passwords: Teacher -> password.
        staff: The staff (code, name).
    """
    names = dict(zip(staff["code"], staff["name"], strict=True))
    files: dict[str, dict[str, None]] = {}
    others: dict[str, dict[str, None]] = {}
    for class_list in lists:
        issue = latest.get(class_list.code)
        if issue is not None and is_encrypted_file(school.folder / issue.file):
            lead = lead_teacher(class_list.teachers)
            files.setdefault(lead, {})[issue.file] = None
            co_teachers = dict.fromkeys(class_list.teachers[1:])
            others.setdefault(lead, {}).update(co_teachers)
    rows = [
        (code, names.get(code, ""), passwords.get(code, ""), files[code], others[code])
        for code in sorted(files)
    ]
    publish_password_list(folder, rows)
