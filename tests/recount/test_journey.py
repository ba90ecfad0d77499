"""Journeys: every line of every pupil is counted again from the tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from tests.recount.arithmetic import many
from tests.recount.audit import Ledger
from tests.recount.cover import cover
from tests.recount.pupils import on_roll
from tests.recount.recount_data import Reckoning, once
from tests.recount.tables import Row

Key = tuple[str, str]  # pupil and subject
Ways = dict[Key, dict[str, dict[str, str]]]  # … -> academic year -> what is known


def test_every_number_of_the_journeys(reckoning: Reckoning) -> None:
    here = on_roll(reckoning)
    years = sorted({int(pupil["year"]) for pupil in here})
    paths = reckoning.books.named("journey")
    scopes = [f"Year {year}" for year in years]
    on_register = [pupil for pupil in here if pupil["sen"] in ("K", "E")]
    if on_register:
        scopes.append("SEND")
    assert sorted(path.stem for path in paths) == sorted(f"journey-{s}" for s in scopes)
    for scope in scopes:
        path = reckoning.books.packs / f"journey-{scope}.xlsx"
        if scope == "SEND":
            holders = reckoning.holders("group lead", "SEND", "SEN")
            gone = sum(
                reckoning.pupils[row["adno"]]["sen"] in ("K", "E")
                for row in reckoning.gone
            )
            journeys(path, reckoning, scope, on_register, "group lead", holders, gone)
            continue
        mine = [pupil for pupil in here if scope == f"Year {pupil['year']}"]
        names = (scope, scope.removeprefix("Year "), scope.replace("ear ", ""))
        holders = reckoning.holders("head of year", *names)
        gone = sum(
            scope == f"Year {reckoning.pupils[row['adno']]['year']}"
            for row in reckoning.gone
        )
        journeys(path, reckoning, scope, mine, "head of year", holders, gone)


def journeys(
    path: Path,
    reckoning: Reckoning,
    scope: str,
    pupils: Sequence[Row],
    role: str,
    holders: Sequence[str],
    gone: int,
) -> None:
    """Count one workbook again."""
    ledger = Ledger(path, reckoning.books.labels)
    ledger.wording("from Key Stage 2 on", "a Key Stage 3 subject stands")
    adnos = {pupil["adno"] for pupil in pupils}
    taught = [one for one in reckoning.taught if one.adno in adnos]
    lines = {(one.adno, one.subject): one for one in once(taught)}
    past = followed(reckoning, ways(reckoning), lines)
    past = {key: by for key, by in past.items() if key[0] in adnos}
    keys = sorted({*lines, *past}, key=lambda key: order(reckoning, key))
    spans = sorted({year for by in past.values() for year in by} | {
        reckoning.academic_year for _ in list(lines)[:1]
    })  # fmt: skip
    below = sum(
        key in lines and lines[key].flag in ("Below", "Well below") for key in keys
    )
    people = many(len({adno for adno, _ in keys}), "pupil")
    stand = f"{below:,} are predicted below the target they have now"
    if not any(one.flag for one in lines.values()):
        stand = "none has both a prediction and a target in this collection yet"
    said = [
        f"{many(len(keys), 'line')} of {people}; {stand}.",
        f"{len(spans)} academic years, from {spans[0]} on."
        if len(spans) > 1
        else f"The store knows {spans[0]} only: earlier years fill up as they are "
        "imported.",
    ]
    cover(
        ledger["Cover"], reckoning, taught, scope=scope, role=role, holders=holders,
        said=said, gone=gone,
    )  # fmt: skip
    sheet = ledger["Journey"]
    sheet.says("A1", f"{scope}: journeys")
    for at, sentence in enumerate(said, start=4):
        sheet.says(f"A{at}", sentence)
    shown = sheet.lines("Surname", "KS2 maths")
    assert len(shown) == len(keys)
    for line, key in zip(shown, keys, strict=True):
        pupil = reckoning.pupils[key[0]]
        now = lines.get(key)
        line.are(
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
            there = past.get(key, {}).get(span, {})
            teacher = there.get("teacher")
            if teacher is None and now and span == reckoning.academic_year:
                teacher = reckoning.teacher(now.teachers)
            known = there or teacher is not None
            target = there.get("target") or target
            line.are(
                {
                    f"{span} target": target if known else "",
                    f"{span} prediction": there.get("prediction"),
                    f"{span} teacher": teacher,
                }
            )
    ledger.settle()


def followed(reckoning: Reckoning, found: Ways, taken: Collection[Key]) -> Ways:
    """With what a pupil no longer takes under the subject that follows it (rule 4)."""
    made: Ways = {}
    for (adno, subject), by in found.items():
        leads_to = [
            other
            for pupil, other in taken
            if pupil == adno
            and (adno, subject) not in taken
            and _same(reckoning, reckoning.subject(other).get("follows"), subject)
        ]
        for name in leads_to or [subject]:
            for year, there in by.items():
                mine = made.setdefault((adno, name), {}).setdefault(year, {})
                for field, value in there.items():
                    # What the subject has of its own goes first.
                    if name == subject or field not in mine:
                        mine[field] = value
    return made


def _same(reckoning: Reckoning, name: str | None, other: str) -> bool:
    if not name:
        return False
    return reckoning.subject(name)["name"] == reckoning.subject(other)["name"]


def order(reckoning: Reckoning, key: tuple[str, str]) -> tuple[int, str, str, str, str]:
    """As the page stands: by year and name."""
    pupil = reckoning.pupils[key[0]]
    return (
        int(pupil["year"]), pupil["surname"], pupil["forename"], key[0], key[1]
    )  # fmt: skip


def ways(reckoning: Reckoning) -> Ways:
    """Pupil and subject -> academic year -> its last target, prediction, teacher.

    The tables tell of a target only as it stands; of an earlier year it is the one
    that the year's last collection was issued with.
    """
    found: Ways = {}
    taught = {
        (row["academic_year"], row["class"]): row["teacher"]
        for row in reckoning.books["classes"]
    }
    opened = list(reckoning.opened)
    marks = sorted(
        reckoning.books["marks"], key=lambda row: opened.index(row["collection"])
    )
    for mark in marks:
        year = mark["academic_year"]
        if not mark["prediction"] or year > reckoning.academic_year:
            continue
        codes = taught[year, mark["class"]].split(";")
        found.setdefault((mark["adno"], mark["subject"]), {})[year] = {
            "target": mark["target"],
            "prediction": mark["prediction"],
            "teacher": reckoning.teacher([code for code in codes if code]),
        }
    for row in reckoning.books["targets"]:
        if row["expected"] and row["academic_year"] <= reckoning.academic_year:
            by = found.setdefault((row["adno"], row["subject"]), {})
            by.setdefault(row["academic_year"], {})["target"] = row["expected"]
    return found
