"""The chase list, counted again from the tables."""

from __future__ import annotations

from collections.abc import Sequence

from tests.recount.arithmetic import date_text, plural
from tests.recount.audit import WorkbookAudit
from tests.recount.classes import group_rows
from tests.recount.cover import check_charts
from tests.recount.recount_data import Enrolment, RecountData

HEAD = "head of department"
FIELDS = {"working_at": "Working at", "prediction": "Prediction"}


def test_every_number_of_the_chase_list(
    data: RecountData,
) -> None:
    path = data.exports.packs / "chase.xlsx"
    audit = WorkbookAudit(path, data.exports.labels | set(data.opened))
    (sheet,) = audit
    school = data.settings["school"]["name"]
    collection = data.collection
    today, closes = data.exports.today, collection["closes"]
    sheet.expect("A1", f"To chase: {collection.get('name', data.code)}")
    sheet.expect("A2", f"{school}, {date_text(today)}")
    over = max(0, (today - closes).days)
    closing = f"The collection {'closed' if over else 'closes'} on {date_text(closes)}."
    each = outstanding(data)
    if not each:
        sheet.expect("A4", "Nobody is outstanding.")
        sheet.expect("A5", closing)
        audit.assert_complete()
        return
    absent = sum(group[0].class_ not in data.merged for group, _ in each)
    sheet.expect(
        "A4",
        f"{plural(len(each), 'class', 'classes')} to ask for: {absent} not returned, "
        f"{len(each) - absent} not finished. {closing}",
    )
    expected = [row for rows, blank in each for row in lines(data, rows, blank)]
    expected.sort(key=lambda row: (not row[0], row[0], str(row[1]["Class"])))
    chase_lines = sheet.lines("E-mail", "Message")
    assert len(chase_lines) == len(expected)
    for line, (_, cells) in zip(chase_lines, expected, strict=True):
        assert set(line.headings()) == set(cells)
        line.expect(cells)
    assert not check_charts(audit)
    audit.assert_complete()


def outstanding(
    data: RecountData,
) -> list[tuple[list[Enrolment], list[tuple[str, str]]]]:
    """The outstanding classes, with their blanks: field and pupil.

    A class without an issued markbook is not outstanding; a code counts as an answer.
    """
    result = []
    fields = [name for name in FIELDS if name in data.fields]
    for (name,), rows in group_rows(data.enrolments, lambda row: (row.class_,)).items():
        if name not in data.issued_classes:
            continue
        blank = sorted(
            {(field, row.adno) for row in rows for field in fields if not row[field]}
        )
        if blank or name not in data.merged:
            result.append((rows, blank))
    return result


def lines(
    data: RecountData, rows: Sequence[Enrolment], blank: Sequence[tuple[str, str]]
) -> list[tuple[str, dict[str, object]]]:
    """A line for each teacher of a class: staff code and cells."""
    first = rows[0]
    scopes = {first.class_subject, *(row.subject for row in rows)}
    scopes |= {row.department for row in rows}
    led = {scope.casefold() for scope in scopes}
    heads = [c for role, of, c in data.roles if role == HEAD and of.casefold() in led]
    heads = list(dict.fromkeys(heads))
    emails = {row["code"]: row["email"] for row in data.exports["staff"]}
    collection, school = data.collection, data.settings["school"]
    title, closes = collection.get("name", data.code), collection["closes"]
    contact = school.get("contact", "the data office")
    due = f"{closes:%A} {closes.day} {closes:%B}"
    over = max(0, (data.exports.today - closes).days)
    of = len({row.adno for row in rows})
    is_back = first.class_ in data.merged
    concerned = len({adno for _, adno in blank}) if is_back else of
    counts = ", ".join(
        f"{heading}: {number}"
        for field, heading in FIELDS.items()
        if (number := sum(name == field for name, _ in blank))
    )
    result = []
    for code in list(first.teachers) or heads or [""]:
        name = data.names.get(code) or code or "Nobody"
        message = (
            f"Dear {name}, we do not have the {title} markbook of {first.class_} "
            f"({plural(of, 'pupil')}) yet; it {'was' if over else 'is'} due on {due}. "
            f"Please return it to {contact}, or tell us what stands in the way."
        )
        if is_back:
            message = (
                f"Dear {name}, thank you for {first.class_}. A mark is still wanted "
                f"for {concerned} of {plural(of, 'pupil')} ({counts}): the cell is "
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
            "Due": date_text(closes),
            "Days over": over,
            "Head of department": ", ".join(data.names[c] for c in heads),
            "Message": message,
        }
        result.append((code, cells))
    return result
