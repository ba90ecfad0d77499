"""Keeping a school's store its own, and getting everything back, one job each."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from generator.workflow.open_school import open_context, open_store

if TYPE_CHECKING:
    from generator.recovery.adopt import AdoptReport
    from generator.recovery.backup import BackupReport
    from generator.recovery.renew_key import KeyReport
    from generator.recovery.restore import RestoreReport
    from generator.school.school import School


def adopt(school: School, former: str, *, now: datetime, who: str) -> AdoptReport:
    """Give the store to the school under its new name or number.

    Args:
        school: The school, with its new name or number in `school.toml`.
        former: The name or number that the store has.
        now: The moment.
        who: The person who does it.

    Raises:
        MarkbookError: If the store has another name and number, or another key.
    """
    from generator.recovery.adopt import adopt

    with open_store(school, now=now, purpose="adopt") as store:
        return adopt(store, school, former)


def renew_key(school: School, why: str, *, now: datetime, who: str) -> KeyReport:
    """Give a school a new key, whether or not the one before is there.

    Args:
        school: The school.
        why: The reason.
        now: The moment.
        who: The person who does it.

    Raises:
        MarkbookError: If there is no reason, the key cannot be written, or the store
            cannot be used.
    """
    from generator.recovery.renew_key import renew_key

    with open_store(school, now=now, purpose="renew key") as store:
        return renew_key(store, school, why)


def back_up(
    school: School,
    folder: Path | None = None,
    *,
    password_file: Path | None = None,
    now: datetime,
    who: str,
) -> BackupReport:
    """Write one archive of what a school cannot make again.

    Args:
        school: The school.
        folder: The folder for it; None: `backups/` in the school folder.
        password_file: A file whose first line is the password; None: not encrypted.
        now: The moment.
        who: The person who does it.

    Raises:
        MarkbookError: If the store is damaged, or a file cannot be read or written.
    """
    from generator.recovery.backup import back_up
    from generator.recovery.backup_encryption import read_password

    password = read_password(password_file)
    with open_context(school, now=now, who=who) as context:
        return back_up(context, folder, password=password)


def restore(
    archive: Path,
    folder: Path,
    *,
    password_file: Path | None = None,
    database: str = "",
    now: datetime,
    who: str,
) -> RestoreReport:
    """Restore a backup into an empty folder, and open its store.

    Args:
        archive: The backup.
        folder: The folder, empty or not there yet.
        password_file: A file whose first line is the password; None: none is needed.
        database: The empty database for the store; empty: a file in the folder.
        now: The moment.
        who: The person who does it.

    Raises:
        MarkbookError: If the backup cannot be restored; then nothing is.
    """
    from generator.recovery.backup_encryption import read_password
    from generator.recovery.restore import restore
    from generator.school.school import School

    password = read_password(password_file)
    report = restore(archive, folder, password=password, database=database)
    with open_store(School.load(folder), now=now):
        return report
