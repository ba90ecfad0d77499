"""Write a draft for each person, which a mail program opens, and a merge list.

Nothing is sent from here: whoever opens a draft reads it and sends it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.files import excel_csv, publish
from generator.issue.write import SEND_FILE
from generator.names import safe_name
from generator.problems import Problem
from generator.report import Report
from generator.returns.chase import chase
from generator.returns.chase_report import count_text
from generator.school.school import Collection
from generator.xlsx.encryption import is_encrypted_file
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    from generator.context import Context

MARKBOOKS, CHASE = "markbooks", "chase"
KINDS = (MARKBOOKS, CHASE)
OUTBOX = "outbox"
_SHEET = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class _Letter:
    """What one person is to get."""

    code: str
    name: str
    email: str
    subject: str
    text: str
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftsReport(Report):
    """The drafts that were written.

    Args:
        folder: Their folder, below the school folder.
        drafts: Their file names.
        merge_list: The list for mail merge.
    """

    folder: str
    drafts: tuple[str, ...]
    merge_list: str

    def json(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "folder": self.folder,
            "drafts": list(self.drafts),
            "merge_list": self.merge_list,
            "problems": self.problem_rows(),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        if not self.drafts:
            return ["There is nobody to write to."]
        return [
            f"Wrote {count_text(len(self.drafts), 'draft')} into {self.folder}/; open "
            f"each in your mail program and send it. For mail merge: {self.merge_list}."
        ]


def write_drafts(
    context: Context,
    kind: str,
    collection: Collection,
    *,
    people: Sequence[str] = (),
    links: bool = False,
) -> DraftsReport:
    """Write the drafts of a kind, one for each person with an address.

    Args:
        context: The school, its store and the day.
        kind: `markbooks` or `chase`.
        collection: The collection.
        people: Codes of staff; empty for everybody.
        links: Whether to name files by their path instead of attaching them.

    Raises:
        MarkbookError: If nothing was issued yet, or a person is to get nothing.
    """
    letters = (
        _markbooks(context, collection)
        if kind == MARKBOOKS
        else _reminders(context, collection)
    )
    letters = _chosen(letters, people)
    folder = context.school.folder / OUTBOX / safe_name(collection.code) / kind
    drafts, problems, rows = [], [], []
    for letter in letters:
        if problem := _obstacle(context, letter, attached=not links):
            problems.append(problem)
            continue
        name = f"{safe_name(letter.code)}.eml"
        publish(folder / name, _draft(context, letter, links=links))
        drafts.append(name)
        paths = [str(path.relative_to(context.school.folder)) for path in letter.files]
        rows.append(
            (
                letter.code,
                letter.name,
                letter.email,
                letter.subject,
                letter.text,
                "; ".join(paths),
            )
        )
    header = ("code", "name", "email", "subject", "text", "files")
    if rows:
        publish(folder / "merge.csv", excel_csv(header, rows))
    shown = folder.relative_to(context.school.folder).as_posix()
    return DraftsReport(
        shown, tuple(drafts), f"{shown}/merge.csv", problems=tuple(problems)
    )


def _chosen(letters: Sequence[_Letter], people: Sequence[str]) -> list[_Letter]:
    by_code = {letter.code.casefold(): letter for letter in letters}
    for code in people:
        if code.casefold() not in by_code:
            raise MarkbookError(
                f"There is nothing to write to {code!r}.",
                f"There is for: {', '.join(x.code for x in letters) or 'nobody'}.",
            )
    wanted = {code.casefold() for code in people}
    return [x for x in letters if not wanted or x.code.casefold() in wanted]


def _markbooks(context: Context, collection: Collection) -> list[_Letter]:
    """A letter for each teacher of `send.csv`, with the files of their classes."""
    school = context.school
    path = school.issued(collection.code) / SEND_FILE
    if not path.is_file():
        raise MarkbookError(
            f"No markbook of {collection.title} has been issued yet.",
            f"First: markbook issue {collection.code}.",
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows: list[Mapping[str, str]] = list(csv.DictReader(file))
    day = f"{collection.closes:%A} {collection.closes.day} {collection.closes:%B}"
    letters = []
    for row in rows:
        name, code = row["name"] or row["who"], row["who"]
        classes = row["classes"].replace(";", ", ")
        text = (
            f"Dear {name},\n\nhere is what {collection.title} needs from you: "
            f"{classes}. Please fill in the yellow cells and return it to "
            f"{school.settings.school.contact} by {day}. Everything is explained on "
            "the sheet Read me.\n"
        )
        files = tuple(
            school.folder / part.strip() for part in row["files"].split(";") if part
        )
        subject = f"{collection.title}: {classes}"
        letters.append(_Letter(code, name, row["email"], subject, text, files))
    return letters


def _reminders(context: Context, collection: Collection) -> list[_Letter]:
    """A letter for each person who is outstanding, with a sentence for each class."""
    rows: dict[str, list[Any]] = {}
    for row in chase(context, collection).rows:
        rows.setdefault(row.code, []).append(row)
    return [
        _Letter(
            code,
            lines[0].name,
            lines[0].email,
            f"{collection.title}: {', '.join(line.class_code for line in lines)}",
            "\n\n".join(line.sentence for line in lines) + "\n",
        )
        for code, lines in rows.items()
        if code
    ]


def _obstacle(context: Context, letter: _Letter, *, attached: bool) -> Problem | None:
    """Why a letter is not drafted; None if it can be."""

    def problem(code: str, what: str, do: str) -> Problem:
        return Problem(severity="error", code=code, value=letter.code, what=what, do=do)

    if not letter.email or "@" not in letter.email:
        return problem(
            "no-address",
            f"{letter.code} has no e-mail address; nothing was drafted.",
            "Give it in the list of staff and import that.",
        )
    domain = letter.email.rpartition("@")[2].casefold()
    domains = [each.casefold() for each in context.school.settings.mail.domains]
    files = letter.files if attached else ()
    if domains and domain not in domains:
        open_files = [path for path in files if not is_encrypted_file(path)]
        if open_files:
            return problem(
                "address-outside",
                f"{letter.code} has an address outside the school: nothing drafted.",
                "Issue with --encrypt, use --links, or correct the address.",
            )
    missing = [path.name for path in letter.files if not path.is_file()]
    if missing:
        return problem(
            "file-missing",
            f"{letter.code} is to get {', '.join(missing)}, which is not there.",
            "Issue it again.",
        )
    return None


def _draft(context: Context, letter: _Letter, *, links: bool) -> bytes:
    """A message that a mail program opens as a draft."""
    message = EmailMessage(policy=SMTP)
    message["To"] = letter.email
    message["Subject"] = letter.subject
    message["X-Unsent"] = "1"
    text = letter.text
    if links and letter.files:
        text += "\n" + "".join(f"{path.resolve()}\n" for path in letter.files)
    message.set_content(text)
    for path in () if links else letter.files:
        message.add_attachment(
            path.read_bytes(),
            maintype="application",
            subtype=_SHEET,
            filename=path.name,
        )
    return message.as_bytes()
