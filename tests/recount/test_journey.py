"""The journey packs, counted again from the tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from tests.recount.arithmetic import plural
from tests.recount.audit import WorkbookAudit
from tests.recount.cover import check_cover
from tests.recount.pupils import on_roll
from tests.recount.recount_data import RecountData, unique_pairs
from tests.recount.tables import Row

Key = tuple[str, str]  # pupil and subject
Ways = dict[Key, dict[str, dict[str, str]]]  # … -> academic year -> what is known


def test_every_number_of_the_journeys(data: RecountData) -> None:
    pupils = on_roll(data)
    years = sorted({int(pupil["year"]) for pupil in pupils})
    paths = data.exports.pack_paths("journey")
    scopes = [f"Year {year}" for year in years]
    on_register = [pupil for pupil in pupils if pupil["sen"] in ("K", "E")]
    if on_register:
        scopes.append("SEND")
    assert sorted(path.stem for path in paths) == sorted(f"journey-{s}" for s in scopes)
    for scope in scopes:
        path = data.exports.packs / f"journey-{scope}.xlsx"
        if scope == "SEND":
            holders = data.holders("group lead", "SEND", "SEN")
            leaver_count = sum(
                data.pupils[row["adno"]]["sen"] in ("K", "E")
                for row in data.leaver_marks
            )
            journeys(
                path, data, scope, on_register, "group lead", holders, leaver_count
            )
            continue
        year_pupils = [pupil for pupil in pupils if scope == f"Year {pupil['year']}"]
        names = (scope, scope.removeprefix("Year "), scope.replace("ear ", ""))
        holders = data.holders("head of year", *names)
        leaver_count = sum(
            scope == f"Year {data.pupils[row['adno']]['year']}"
            for row in data.leaver_marks
        )
        journeys(path, data, scope, year_pupils, "head of year", holders, leaver_count)


def journeys(
    path: Path,
    data: RecountData,
    scope: str,
    pupils: Sequence[Row],
    role: str,
    holders: Sequence[str],
    leaver_count: int,
) -> None:
    """Check one workbook."""
    audit = WorkbookAudit(path, data.exports.labels)
    audit.ignore_wording("from Key Stage 2 on", "a Key Stage 3 subject stands")
    adnos = {pupil["adno"] for pupil in pupils}
    taught = [row for row in data.enrolments if row.adno in adnos]
    lines = {(row.adno, row.subject): row for row in unique_pairs(taught)}
    past = followed(data, ways(data), lines)
    past = {key: by for key, by in past.items() if key[0] in adnos}
    keys = sorted({*lines, *past}, key=lambda key: order(data, key))
    spans = sorted({year for by in past.values() for year in by} | {
        data.academic_year for _ in list(lines)[:1]
    })  # fmt: skip
    below = sum(
        key in lines and lines[key].flag in ("Below", "Well below") for key in keys
    )
    people = plural(len({adno for adno, _ in keys}), "pupil")
    stand = f"{below:,} are predicted below the target they have now"
    if not any(row.flag for row in lines.values()):
        stand = "none has both a prediction and a target in this collection yet"
    sentences = [
        f"{plural(len(keys), 'line')} of {people}; {stand}.",
        f"{len(spans)} academic years, from {spans[0]} on."
        if len(spans) > 1
        else f"The store knows {spans[0]} only: earlier years fill up as they are "
        "imported.",
    ]
    check_cover(
        audit["Cover"], data, taught, scope=scope, role=role, holders=holders,
        opening=sentences, leaver_count=leaver_count,
    )  # fmt: skip
    sheet = audit["Journey"]
    sheet.expect("A1", f"{scope}: journeys")
    for at, sentence in enumerate(sentences, start=4):
        sheet.expect(f"A{at}", sentence)
    table_lines = sheet.lines("Surname", "KS2 maths")
    assert len(table_lines) == len(keys)
    for line, key in zip(table_lines, keys, strict=True):
        pupil = data.pupils[key[0]]
        now = lines.get(key)
        line.expect(
            {
                "Surname": pupil["surname"],
                "Forename": pupil["forename"],
                "Reg": pupil["reg"],
                "Year": int(pupil["year"]),
                "PP": pupil["pp"],
                "SEN": pupil["sen"],
                "EAL": pupil["eal"],
                "Subject": key[1],
                "KS2 reading": pupil["ks2_reading"],
                "KS2 maths": pupil["ks2_maths"],
                "Flag": now.flag if now else "",
            }
        )
        target = ""
        for span in spans:
            year_values = past.get(key, {}).get(span, {})
            teacher = year_values.get("teacher")
            if teacher is None and now and span == data.academic_year:
                teacher = data.teacher(now.teachers)
            has_values = year_values or teacher is not None
            target = year_values.get("target") or target
            line.expect(
                {
                    f"{span} target": target if has_values else "",
                    f"{span} prediction": year_values.get("prediction"),
                    f"{span} teacher": teacher,
                }
            )
    audit.assert_complete()


def followed(data: RecountData, histories: Ways, keys: Collection[Key]) -> Ways:
    """The histories, with former subjects under those that follow them (rule 4)."""
    result: Ways = {}
    for (adno, subject), by in histories.items():
        leads_to = [
            other
            for pupil, other in keys
            if pupil == adno
            and (adno, subject) not in keys
            and _same(data, data.subject(other).get("follows"), subject)
        ]
        for name in leads_to or [subject]:
            for year, values in by.items():
                target = result.setdefault((adno, name), {}).setdefault(year, {})
                for field, value in values.items():
                    # The subject's own values take precedence.
                    if name == subject or field not in target:
                        target[field] = value
    return result


def _same(data: RecountData, name: str | None, other: str) -> bool:
    if not name:
        return False
    return data.subject(name)["name"] == data.subject(other)["name"]


def order(data: RecountData, key: tuple[str, str]) -> tuple[int, str, str, str, str]:
    """Sort key of the page: by year and name."""
    pupil = data.pupils[key[0]]
    return (
        int(pupil["year"]), pupil["surname"], pupil["forename"], key[0], key[1]
    )  # fmt: skip


def ways(data: RecountData) -> Ways:
    """Pupil and subject -> academic year -> its last target, prediction, teacher.

    The tables hold the current target only; the target of an earlier year is the one
    issued with the year's last collection.
    """
    result: Ways = {}
    taught = {
        (row["academic_year"], row["class"]): row["teacher"]
        for row in data.exports["classes"]
    }
    opened = list(data.opened)
    marks = sorted(
        data.exports["marks"], key=lambda row: opened.index(row["collection"])
    )
    for mark in marks:
        year = mark["academic_year"]
        if not mark["prediction"] or year > data.academic_year:
            continue
        codes = taught[year, mark["class"]].split(";")
        result.setdefault((mark["adno"], mark["subject"]), {})[year] = {
            "target": mark["target"],
            "prediction": mark["prediction"],
            "teacher": data.teacher([code for code in codes if code]),
        }
    for row in data.exports["targets"]:
        if row["expected"] and row["academic_year"] <= data.academic_year:
            by = result.setdefault((row["adno"], row["subject"]), {})
            by.setdefault(row["academic_year"], {})["target"] = row["expected"]
    return result
