"""Whom to ask for which class: the chase list counted again from the tables."""

from __future__ import annotations

from collections.abc import Sequence

from tests.recount.arithmetic import day, many
from tests.recount.audit import Ledger
from tests.recount.classes import parts
from tests.recount.cover import charts
from tests.recount.recount_data import Reckoning, Taught

HEAD = "head of department"
WANTED = {"working_at": "Working at", "prediction": "Prediction"}


def test_every_number_of_the_chase_list_is_counted_again(
    reckoning: Reckoning,
) -> None:
    path = reckoning.books.packs / "chase.xlsx"
    ledger = Ledger(path, reckoning.books.labels | set(reckoning.opened))
    (sheet,) = ledger
    school = reckoning.settings["school"]["name"]
    collection = reckoning.collection
    today, closes = reckoning.books.today, collection["closes"]
    sheet.says("A1", f"To chase: {collection.get('name', reckoning.code)}")
    sheet.says("A2", f"{school}, {day(today)}")
    over = max(0, (today - closes).days)
    closing = f"The collection {'closed' if over else 'closes'} on {day(closes)}."
    each = outstanding(reckoning)
    if not each:
        sheet.says("A4", "Nobody is outstanding.")
        sheet.says("A5", closing)
        ledger.settle()
        return
    absent = sum(one[0].class_ not in reckoning.merged for one, _ in each)
    sheet.says(
        "A4",
        f"{many(len(each), 'class', 'classes')} to ask for: {absent} not returned, "
        f"{len(each) - absent} not finished. {closing}",
    )
    wanted = [row for rows, blank in each for row in lines(reckoning, rows, blank)]
    wanted.sort(key=lambda row: (not row[0], row[0], str(row[1]["Class"])))
    found = sheet.lines("E-mail", "Message")
    assert len(found) == len(wanted)
    for line, (_, cells) in zip(found, wanted, strict=True):
        assert set(line.headings()) == set(cells)
        line.are(cells)
    assert not charts(ledger)
    ledger.settle()


def outstanding(
    reckoning: Reckoning,
) -> list[tuple[list[Taught], list[tuple[str, str]]]]:
    """The classes that something is wanted of, with the blanks: field, pupil.

    Nothing is wanted of a class that was issued no markbook; a code answers.
    """
    found = []
    asked = [name for name in WANTED if name in reckoning.asks]
    for (name,), rows in parts(reckoning.taught, lambda one: (one.class_,)).items():
        if name not in reckoning.asked_classes:
            continue
        blank = sorted(
            {(field, one.adno) for one in rows for field in asked if not one[field]}
        )
        if blank or name not in reckoning.merged:
            found.append((rows, blank))
    return found


def lines(
    reckoning: Reckoning, rows: Sequence[Taught], blank: Sequence[tuple[str, str]]
) -> list[tuple[str, dict[str, object]]]:
    """A line for each teacher of a class: the staff code, and the cells."""
    first = rows[0]
    scopes = {first.class_subject, *(one.subject for one in rows)}
    scopes |= {one.department for one in rows}
    led = {scope.casefold() for scope in scopes}
    heads = [
        c for role, of, c in reckoning.roles if role == HEAD and of.casefold() in led
    ]
    heads = list(dict.fromkeys(heads))
    emails = {row["code"]: row["email"] for row in reckoning.books["staff"]}
    collection, school = reckoning.collection, reckoning.settings["school"]
    title, closes = collection.get("name", reckoning.code), collection["closes"]
    contact = school.get("contact", "the data office")
    due = f"{closes:%A} {closes.day} {closes:%B}"
    over = max(0, (reckoning.books.today - closes).days)
    of = len({one.adno for one in rows})
    is_back = first.class_ in reckoning.merged
    concerned = len({adno for _, adno in blank}) if is_back else of
    counts = ", ".join(
        f"{heading}: {number}"
        for field, heading in WANTED.items()
        if (number := sum(name == field for name, _ in blank))
    )
    made = []
    for code in list(first.teachers) or heads or [""]:
        name = reckoning.names.get(code) or code or "Nobody"
        message = (
            f"Dear {name}, we do not have the {title} markbook of {first.class_} "
            f"({many(of, 'pupil')}) yet; it {'was' if over else 'is'} due on {due}. "
            f"Please return it to {contact}, or tell us what stands in the way."
        )
        if is_back:
            message = (
                f"Dear {name}, thank you for {first.class_}. A mark is still wanted "
                f"for {concerned} of {many(of, 'pupil')} ({counts}): the cell is "
                "blank, or what stands in it could not be taken. Please fill these "
                "in, or choose a code where there is no mark to give, and return the "
                f"markbook to {contact}."
            )
        stands_in = bool(code) and not first.teachers
        cells: dict[str, object] = {
            "Teacher": f"{name} (head, no teacher)" if stands_in else name,
            "E-mail": emails.get(code, ""),
            "Class": first.class_,
            "Subject": first.class_subject,
            "What": "not finished" if is_back else "not returned",
            "Pupils": concerned,
            "of": of,
            "Due": day(closes),
            "Days over": over,
            "Head of department": ", ".join(reckoning.names[c] for c in heads),
            "Message": message,
        }
        made.append((code, cells))
    return made
