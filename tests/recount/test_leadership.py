"""Every number in the senior leaders' pack, counted again."""

from __future__ import annotations

from collections import defaultdict

from tests.recount import action_pages, english_and_maths, intervention_pages, patterns
from tests.recount.arithmetic import listed, many, per_cent
from tests.recount.audit import Ledger, Sheet
from tests.recount.cohort import Cohort
from tests.recount.cover import charts, cover, record
from tests.recount.expected_outcome import Expected
from tests.recount.headlines import Headlines, note, page, said, senior_leaders
from tests.recount.measures import NAMES
from tests.recount.recount_data import Reckoning, Taught, once

KIND = "leadership"
LITTLE = (
    "PROVISIONAL: under 90 in 100 have an answer, and what is missing is seldom like "
    "what has come."
)


def test_every_number_of_the_senior_leaders_pack(
    reckoning: Reckoning, headlines: Headlines
) -> None:
    books = reckoning.books
    (path,) = books.named(KIND)
    ledger = Ledger(path, books.labels)
    ledger.wording(patterns.LIMITS)
    opening = said(headlines)
    before = action_pages.before(reckoning, KIND, reckoning.taught)
    cover(
        ledger["Cover"],
        reckoning,
        reckoning.taught,
        scope="School",
        role="senior leader",
        holders=senior_leaders(reckoning),
        said=opening,
        gone=0,
    )
    first = ledger["Headlines"]
    settings = reckoning.settings["school"]
    first.says("A1", f"{settings['name']}: {reckoning.collection['name']}")
    expected = headlines.expected
    sentences = [*opening, *expected.sentences(), *before]
    pairs = once(reckoning.taught)
    if 0 < sum(one.answered for one in pairs) < 0.9 * len(pairs):
        sentences.append(
            "PROVISIONAL: under 90 in 100 have an answer, and what is missing is "
            "seldom like what has come."
        )
    for at, text in enumerate(sentences, start=3):
        first.says(f"A{at}", text)
    page(first, headlines)
    note(first, headlines, "; how many are left out stands in the last row")
    if expected.years:
        _expected(ledger["Expected outcome"], expected)
    assert ("Expected outcome" in ledger) == bool(expected.years)
    patterns.pages(ledger, headlines)
    near = ledger["Target groups"]
    near.says("A3", english_and_maths.NOTE)
    english_and_maths.table(near, english_and_maths.Mentored(reckoning, headlines.now))
    intervention_pages.page(
        ledger["Interventions"], reckoning, reckoning.taught, own=False
    )
    _returns(ledger["Returns and data"], reckoning, headlines.now)
    action_pages.actions(ledger["Actions"], reckoning, KIND, reckoning.taught)
    record(ledger["Pack record"], reckoning, KIND, 0)
    assert charts(ledger) == {"Funnel": 1}
    ledger.settle()


def _expected(sheet: Sheet, of: Expected) -> None:
    for at, text in enumerate(of.sentences(), start=3):
        sheet.says(f"A{at}", text)
    sheet.says(
        sheet.cell_of("Predictions less the error"),
        "Predictions less the error that this school's predictions had at the same "
        "point of earlier years: pupils with a result then and a prediction in the "
        "collection that opened nearest to the same day in the same year group. Of a "
        "measure: the mean error pupil by pupil, eleven pupils or more. Of a subject: "
        "the mean error drawn towards that of all subjects, the more the fewer pupils; "
        'a subject without a past takes that of all. "from" and "to": 95%; chance '
        "among pupils is allowed for, a change from one year to the next is not.",
    )
    tables = sheet.tables("Measure", "Expected", "Past pupils")
    subjects = sheet.tables("Subject", "Past error")
    assert len(tables) == len(subjects) == len(of.years)
    for group, table, below in zip(of.years, tables, subjects, strict=True):
        measures = of.measures(group)
        assert len(table) == len(measures)
        for line, (name, told) in zip(table, measures.items(), strict=True):
            now = of.now.figure(group, name, lambda adno: True)
            line.are({"Measure": NAMES[name], "Pupils": now.pupils, "All": now.value,
                      "Expected": told.value, "from": told.low, "to": told.high,
                      "Past pupils": told.past})  # fmt: skip
        each = of.subjects(group)
        assert len(below) == len(each)
        for line, (name, (n, predicted, told)) in zip(below, each.items(), strict=True):
            line.are({"Subject": name, "Predicted": n, "Predicted points": predicted,
                      "Past error": told.error, "Expected points": told.value,
                      "from": told.low, "to": told.high,
                      "Past pupils": told.past})  # fmt: skip


def _returns(sheet: Sheet, reckoning: Reckoning, now: Cohort) -> None:
    rows = reckoning.taught
    pairs = once(rows)
    answered = sum(one.answered for one in pairs)
    codes = {one.class_ for one in rows}
    back = sum(code in reckoning.merged for code in codes)
    asked = many(len(pairs), "pupil and subject", "pupils and subjects")
    classes = many(len(codes), "class", "classes")
    pupils = [
        pupil
        for pupil in reckoning.pupils.values()
        if reckoning.here(pupil)
        and int(pupil["year"] or 0) in reckoning.collection.get("years", range(7, 12))
    ]
    taught = {one.adno for one in rows}
    measured = {(one.adno, one.subject) for one in now.taking}
    since = sum((row["adno"], row["subject"]) in measured for row in reckoning.gone)
    counts = (
        ("Without a Key Stage 2 score",
         sum(not (one["ks2_reading"] or one["ks2_maths"]) for one in pupils),
         ("pupil", "pupils")),
        ("Without a target", sum(not one["target"] for one in pairs),
         ("pupil and subject", "pupils and subjects")),
        ("In no class that is asked about",
         sum(one["adno"] not in taught for one in pupils), ("pupil", "pupils")),
        ("Without a teacher", len({one.class_ for one in rows if not one.teachers}),
         ("class", "classes")),
        ("Not shown, for the pupil has since left the school or the class",
         len(reckoning.gone) - since, ("mark", "marks")),
    )  # fmt: skip
    sentences = [
        f"{back:,} of {classes} have returned; {answered:,} of {asked} have an answer "
        f"({per_cent(answered, len(pairs))})."
    ]
    for text, number, nouns in counts:
        if number:
            sentences.append(f"{text}: {many(number, *nouns)}.")
    if since:
        sentences.append(
            "Of pupils who have left the school or the class since the last day of the "
            f"collection: {many(since, 'mark')}, in the measures of that day only."
        )
    for at, text in enumerate(sentences, start=3):
        sheet.says(f"A{at}", text)
    departments: dict[str, list[Taught]] = defaultdict(list)
    for one in rows:
        departments[one.department].append(one)
    (lines,) = sheet.tables("Department", "Not returned")
    assert [line["Department"] for line in lines] == sorted(departments)
    for line in lines:
        mine = departments[line["Department"]]
        own = sorted({one.class_ for one in mine})
        missing = [code for code in own if code not in reckoning.merged]
        each = once(mine)
        done = sum(one.answered for one in each)
        line.are({"Department": line["Department"], "Classes": len(own),
                  "Returned": len(own) - len(missing), "Asked": len(each),
                  "Answered": done, "Share": done / len(each),
                  "No target": sum(not one["target"] for one in each),
                  "Not returned": listed(missing, 30) if missing else ""})  # fmt: skip
