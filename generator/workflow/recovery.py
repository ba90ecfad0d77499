"""Keeping a school's store its own, and getting everything back, one job each."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from generator.workflow.open_school import audited, enter, open_context, open_store

if TYPE_CHECKING:
    from generator.recovery.adopt import AdoptReport
    from generator.recovery.backup import BackupReport
    from generator.recovery.renew_key import KeyReport
    from generator.recovery.restore import RestoreReport
    from generator.recovery.verify_audit import AuditReport
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
        with audited(store, school, "adopt", now=now, who=who):
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
        report = renew_key(store, school, why)
        what = f"former {report.former or 'unknown'}: {report.why}"
        enter(store, school, "renew_key", what, now=now, who=who)
        return report


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
    with open_context(school, now=now, who=who, command="back_up") as context:
        report = back_up(context, folder, password=password)
        file = [Path(report.file)]
        enter(context.store, school, "back_up", files=file, now=now, who=who)
        return report


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
    school = School.load(folder)
    with open_store(school, now=now) as store:
        what = f"as of {report.created_at}"
        enter(store, school, "restore", what, files=[archive], now=now, who=who)
    return report


def verify_audit(school: School, *, now: datetime) -> AuditReport:
    """Check that every entry of the audit is there, and as it was written."""
    from generator.recovery.verify_audit import verify_audit

    with open_store(school, now=now) as store, store.begin() as connection:
        return verify_audit(connection, school)
