"""The senior leaders' pack, counted again from the tables."""

from __future__ import annotations

from collections import defaultdict

from tests.recount import action_pages, english_and_maths, intervention_pages, patterns
from tests.recount.arithmetic import listing, per_cent, plural
from tests.recount.audit import SheetAudit, WorkbookAudit
from tests.recount.cohort import RecountCohort
from tests.recount.cover import check_charts, check_cover, check_record
from tests.recount.expected_outcome import ExpectedOutcomes
from tests.recount.headlines import (
    Headlines,
    check_headlines,
    check_note,
    headline_sentences,
    senior_leaders,
)
from tests.recount.measures import NAMES
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs

KIND = "leadership"
LITTLE = (
    "PROVISIONAL: under 90 in 100 have an answer, and what is missing is seldom like "
    "what has come."
)


def test_every_number_of_the_senior_leaders_pack(
    data: RecountData, headlines: Headlines
) -> None:
    exports = data.exports
    (path,) = exports.pack_paths(KIND)
    audit = WorkbookAudit(path, exports.labels)
    audit.ignore_wording(patterns.LIMITS)
    opening = headline_sentences(headlines)
    before = action_pages.opening_actions(data, KIND, data.enrolments)
    check_cover(
        audit["Cover"],
        data,
        data.enrolments,
        scope="School",
        role="senior leader",
        holders=senior_leaders(data),
        opening=opening,
        leaver_count=0,
    )
    first = audit["Headlines"]
    settings = data.settings["school"]
    first.expect("A1", f"{settings['name']}: {data.collection['name']}")
    expected = headlines.expected
    sentences = [*opening, *expected.sentences(), *before]
    pairs = unique_pairs(data.enrolments)
    if 0 < sum(row.answered for row in pairs) < 0.9 * len(pairs):
        sentences.append(
            "PROVISIONAL: under 90 in 100 have an answer, and what is missing is "
            "seldom like what has come."
        )
    for at, text in enumerate(sentences, start=3):
        first.expect(f"A{at}", text)
    check_headlines(first, headlines)
    check_note(first, headlines, "; how many are left out stands in the last row")
    if expected.years:
        _expected(audit["Expected outcome"], expected)
    assert ("Expected outcome" in audit) == bool(expected.years)
    patterns.pages(audit, headlines)
    near = audit["Target groups"]
    near.expect("A3", english_and_maths.NOTE)
    english_and_maths.table(
        near, english_and_maths.KeyStage4Pupils(data, headlines.now)
    )
    intervention_pages.page(audit["Interventions"], data, data.enrolments, own=False)
    _returns(audit["Returns and data"], data, headlines.now)
    action_pages.check_actions(audit["Actions"], data, KIND, data.enrolments)
    check_record(audit["Pack record"], data, KIND, 0)
    assert check_charts(audit) == {"Funnel": 1}
    audit.assert_complete()


def _expected(sheet: SheetAudit, of: ExpectedOutcomes) -> None:
    for at, text in enumerate(of.sentences(), start=3):
        sheet.expect(f"A{at}", text)
    sheet.expect(
        sheet.find_cell("Predictions less the error"),
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
        for line, (name, expectation) in zip(table, measures.items(), strict=True):
            now = of.now.headline(group, name, lambda adno: True)
            line.expect(
                {
                    "Measure": NAMES[name],
                    "Pupils": now.pupils,
                    "All": now.value,
                    "Expected": expectation.value,
                    "from": expectation.low,
                    "to": expectation.high,
                    "Past pupils": expectation.past,
                }
            )
        each = of.subjects(group)
        assert len(below) == len(each)
        for line, (name, (n, predicted, expectation)) in zip(
            below, each.items(), strict=True
        ):
            line.expect(
                {
                    "Subject": name,
                    "Predicted": n,
                    "Predicted points": predicted,
                    "Past error": expectation.error,
                    "Expected points": expectation.value,
                    "from": expectation.low,
                    "to": expectation.high,
                    "Past pupils": expectation.past,
                }
            )


def _returns(sheet: SheetAudit, data: RecountData, now: RecountCohort) -> None:
    rows = data.enrolments
    pairs = unique_pairs(rows)
    answered = sum(row.answered for row in pairs)
    codes = {row.class_ for row in rows}
    back = sum(code in data.merged for code in codes)
    pair_count = plural(len(pairs), "pupil and subject", "pupils and subjects")
    classes = plural(len(codes), "class", "classes")
    pupils = [
        pupil
        for pupil in data.pupils.values()
        if data.is_on_roll(pupil)
        and int(pupil["year"] or 0) in data.collection.get("years", range(7, 12))
    ]
    taught = {row.adno for row in rows}
    measured = {(row.adno, row.subject) for row in now.entries}
    since = sum((row["adno"], row["subject"]) in measured for row in data.leaver_marks)
    counts = (
        ("Without a Key Stage 2 score",
         sum(not (pupil["ks2_reading"] or pupil["ks2_maths"]) for pupil in pupils),
         ("pupil", "pupils")),
        ("Without a target", sum(not row["target"] for row in pairs),
         ("pupil and subject", "pupils and subjects")),
        ("In no class that is asked about",
         sum(pupil["adno"] not in taught for pupil in pupils), ("pupil", "pupils")),
        ("Without a teacher", len({row.class_ for row in rows if not row.teachers}),
         ("class", "classes")),
        ("Not shown, for the pupil has since left the school or the class",
         len(data.leaver_marks) - since, ("mark", "marks")),
    )  # fmt: skip
    sentences = [
        f"{back:,} of {classes} have returned; {answered:,} of {pair_count} have an "
        f"answer ({per_cent(answered, len(pairs))})."
    ]
    for text, number, nouns in counts:
        if number:
            sentences.append(f"{text}: {plural(number, *nouns)}.")
    if since:
        sentences.append(
            "Of pupils who have left the school or the class since the last day of the "
            f"collection: {plural(since, 'mark')}, in the measures of that day only."
        )
    for at, text in enumerate(sentences, start=3):
        sheet.expect(f"A{at}", text)
    departments: dict[str, list[Enrolment]] = defaultdict(list)
    for row in rows:
        departments[row.department].append(row)
    (lines,) = sheet.tables("Department", "Not returned")
    assert [line["Department"] for line in lines] == sorted(departments)
    for line in lines:
        own_rows = departments[line["Department"]]
        own = sorted({row.class_ for row in own_rows})
        missing = [code for code in own if code not in data.merged]
        each = unique_pairs(own_rows)
        answered_count = sum(row.answered for row in each)
        line.expect({"Department": line["Department"], "Classes": len(own),
                  "Returned": len(own) - len(missing), "Asked": len(each),
                  "Answered": answered_count, "Share": answered_count / len(each),
                  "No target": sum(not row["target"] for row in each),
                  "Not returned": listing(missing, 30) if missing else ""})  # fmt: skip
