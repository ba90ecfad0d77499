"""The governors' pack, counted again from the tables, and its hidden figures."""

from __future__ import annotations

from tests.recount.arithmetic import date_text, listing, per_cent, rounded
from tests.recount.audit import SheetAudit, WorkbookAudit
from tests.recount.cohort import RecountCohort
from tests.recount.cover import check_charts
from tests.recount.headlines import (
    NOT_FOR_GOVERNORS,
    GovernorsHidden,
    Headlines,
    check_headlines,
    check_note,
    headline_sentences,
)
from tests.recount.recount_data import RecountData, unique_pairs
from tests.recount.suppression import SMALLEST, Suppression

HIDDEN = (
    '"hidden": fewer than 6 pupils, or a figure from which such a group could be '
    "worked out. Grey: fewer than 11 pupils, too few to conclude anything."
)
INTERVAL = (
    '"from" and "to": how far chance alone could move a figure (95 times in 100). '
    "Where the intervals of two figures overlap widely, do not speak of a difference."
)
LITTLE = (
    "PROVISIONAL: under 90 in 100 predictions have been given, and what is missing is "
    "seldom like what has come."
)
# Fixed words about the measures, with figures in them.
MEANINGS = (
    r"^English and mathematics 4\+$",
    r"^The sum of a pupil's points in ten slots: .* Highest: 90\. .*",
    r"^The share of pupils predicted a grade 4 or more .* 4 is a standard pass, 5 .*",
    r"(?<=with the same )Key Stage 2 results",
    r"(?<=results at the end of )Key Stage 4",
)


def test_every_number_of_the_governors_pack(
    data: RecountData, headlines: Headlines
) -> None:
    exports = data.exports
    (path,) = exports.pack_paths("governors")
    audit = WorkbookAudit(path, exports.labels)
    audit.ignore_wording(*MEANINGS)
    hidden = hidden_of(headlines)
    first = audit["Headlines"]
    title = data.collection.get("name", data.code)
    first.expect("A1", f"{data.settings['school']['name']}: {title}")
    pairs = unique_pairs(data.enrolments)
    answered = sum(row.answered for row in pairs)
    sentences = headline_sentences(headlines, hidden, four_decimals)
    if answered * 100 < 90 * len(pairs):
        sentences.append(LITTLE)
    for at, text in enumerate(sentences, start=4):
        first.expect(f"A{at}", text)
    check_headlines(first, headlines, hidden=hidden, rounding=four_decimals)
    check_note(first, headlines, "")
    first.expect(first.find_cell('"hidden"'), HIDDEN)
    _words(audit["Words and key"], data, per_cent(answered, len(pairs)))
    assert not check_charts(audit)
    assert [sheet.title for sheet in audit] == ["Headlines", "Words and key"]
    audit.assert_complete()


def test_the_governors_pack_names_nobody(
    data: RecountData,
) -> None:
    (path,) = data.exports.pack_paths("governors")
    texts = {
        str(cell.value)
        for sheet in WorkbookAudit(path)
        for row in sheet.sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    words = " ".join(texts)
    names = {*data.names.values(), *(row.class_ for row in data.enrolments)}
    names |= set(data.pupils)
    assert not [name for name in names if name in words]
    for pupil in data.pupils.values():
        assert f"{pupil['forename']} {pupil['surname']}" not in words
        assert pupil["surname"] not in texts


def test_two_figures_never_disclose_a_small_group(
    data: RecountData, headlines: Headlines
) -> None:
    """The difference of two visible groups, one within the other, is not small."""
    hidden = hidden_of(headlines)
    now = headlines.now
    for (year, measure), pupils in Suppression(now).counted_pupils.items():
        if measure in NOT_FOR_GOVERNORS:
            continue
        visible = {
            group: {
                adno
                for adno in pupils
                if not group or data.in_group(group, data.pupils[adno])
            }
            for group in ("", *data.groups)
            if (now.code, year, measure, group) not in hidden
        }
        for group, inner in visible.items():
            for other, outer in visible.items():
                rest = len(outer - inner)
                is_disclosed = inner <= outer and 0 < rest < SMALLEST
                assert not is_disclosed, (year, measure, group, other, rest)
            assert len(inner) == 0 or len(inner) >= SMALLEST, (year, measure, group)


def hidden_of(of: Headlines) -> GovernorsHidden:
    """Every hidden figure: now, before, and a year ago."""
    return GovernorsHidden(
        {
            (cohort.code, year, measure, group)
            for cohort in (of.now, of.last, of.ago)
            if cohort is not None
            for year, measure, group in _hidden_in(cohort)
        }
    )


def _hidden_in(cohort: RecountCohort) -> list[tuple[int, str, str]]:
    hiding = Suppression(cohort)
    return [
        (year, measure, group)
        for year, measure in hiding.counted_pupils
        for group in hiding.of_measure(year, measure)
    ]


def four_decimals(value: float | None) -> float | None:
    """Rounded as in the table `measures`."""
    return None if value is None else float(rounded(value, 4))


def _words(sheet: SheetAudit, data: RecountData, answer_share: str) -> None:
    collection = data.collection
    title = collection.get("name", data.code)
    sheet.expect("A2", title)
    sentences = (
        "These are teachers' predictions of what pupils will reach, given in "
        f"{title} ({date_text(collection['opens'])} to "
        f"{date_text(collection['closes'])}). They are not results.",
        f"{answer_share} of the predictions asked for have been given.",
        INTERVAL,
        HIDDEN,
    )
    for at, text in enumerate(sentences, start=4):
        sheet.expect(f"A{at}", text)
    groups = listing(data.groups, 20) if data.groups else "–"
    sheet.expect(
        sheet.find_cell("Groups").replace("A", "B"),
        f"{groups}. A pupil may be in several.",
    )
    until = f"31 Aug {int(data.academic_year[:4]) + 1}"
    sheet.expect(sheet.find_cell("Keep until"), f"Keep until {until}.")
    written_line = f"Written: {date_text(data.exports.today)}, 09:30"
    sheet.expect(sheet.find_cell("Written"), written_line)
