"""The lists that go with reports: which file is whose, and what opens it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.files import excel_csv, publish, publish_password_list
from generator.reports.pupil_facts import PupilFacts
from generator.store.passwords import ensure_passwords
from generator.store.report_files import ReportFile

if TYPE_CHECKING:
    from generator.context import Context

SEND_FILE = "send.csv"
SEND_COLUMNS = ("adno", "upn", "reg", "kind", "file", "sha256")


def publish_send_list(
    folder: Path, files: Iterable[ReportFile], upns: Mapping[str, str]
) -> None:
    """Write which file is whose, unless the list says so already."""
    rows = [
        (f.adno, upns.get(f.adno, ""), f.reg, f.kind, f.file, f.sha256)
        for f in files
        if f.adno
    ]
    data = excel_csv(SEND_COLUMNS, rows)
    path = folder / SEND_FILE
    if not path.exists() or path.read_bytes() != data:
        publish(path, data)


def pupil_passwords(
    context: Context, academic_year: str, pupils: Sequence[PupilFacts]
) -> dict[str, str]:
    """Admission number -> the password of the pupil's documents in a year."""
    owners = {pupil.adno: f"pupil {pupil.adno}" for pupil in pupils}
    with context.store.begin() as connection:
        known = ensure_passwords(
            connection, academic_year, owners.values(), context.school.key()
        )
    return {adno: known[owner] for adno, owner in owners.items()}


def publish_pupil_passwords(
    folder: Path,
    passwords: Mapping[str, str],
    files: Iterable[ReportFile],
    pupils: Sequence[PupilFacts],
) -> None:
    """Write `passwords.csv`: what opens each pupil's documents; it travels apart."""
    of_pupil: dict[str, list[str]] = {}
    for file in files:
        of_pupil.setdefault(file.adno, []).append(file.file)
    publish_password_list(
        folder,
        [
            (p.adno, p.name, passwords[p.adno], of_pupil[p.adno], ())
            for p in pupils
            if p.adno in passwords and p.adno in of_pupil
        ],
    )
