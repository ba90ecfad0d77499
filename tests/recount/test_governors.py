"""Every number in the governors' pack, counted again, and what must be hidden in it."""

from __future__ import annotations

from tests.recount.arithmetic import day, listed, per_cent, rounded
from tests.recount.audit import Ledger, Sheet
from tests.recount.cohort import Cohort
from tests.recount.cover import charts
from tests.recount.headlines import Headlines, Hidden, note, page, said
from tests.recount.recount_data import Reckoning, once
from tests.recount.suppression import SMALLEST, Hiding

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
# What the measures are: fixed words, with the figures that belong to them.
MEANINGS = (
    r"^English and mathematics 4\+$",
    r"^The sum of a pupil's points in ten slots: .* Highest: 90\. .*",
    r"^The share of pupils predicted a grade 4 or more .* 4 is a standard pass, 5 .*",
    r"(?<=with the same )Key Stage 2 results",
    r"(?<=results at the end of )Key Stage 4",
)


def test_every_number_of_the_governors_pack(
    reckoning: Reckoning, headlines: Headlines
) -> None:
    books = reckoning.books
    (path,) = books.named("governors")
    ledger = Ledger(path, books.labels)
    ledger.wording(*MEANINGS)
    hidden = hidden_of(headlines)
    first = ledger["Headlines"]
    title = reckoning.collection.get("name", reckoning.code)
    first.says("A1", f"{reckoning.settings['school']['name']}: {title}")
    pairs = once(reckoning.taught)
    answered = sum(one.answered for one in pairs)
    sentences = said(headlines, hidden, four_decimals)
    if answered * 100 < 90 * len(pairs):
        sentences.append(LITTLE)
    for at, text in enumerate(sentences, start=4):
        first.says(f"A{at}", text)
    page(first, headlines, hidden=hidden, shown=four_decimals)
    note(first, headlines, "")
    first.says(first.cell_of('"hidden"'), HIDDEN)
    _words(ledger["Words and key"], reckoning, per_cent(answered, len(pairs)))
    assert not charts(ledger)
    assert [sheet.title for sheet in ledger] == ["Headlines", "Words and key"]
    ledger.settle()


def test_no_name_of_a_pupil_a_class_or_a_teacher_stands_in_it(
    reckoning: Reckoning,
) -> None:
    (path,) = reckoning.books.named("governors")
    told = {
        str(cell.value)
        for sheet in Ledger(path)
        for row in sheet.sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    words = " ".join(told)
    names = {*reckoning.names.values(), *(one.class_ for one in reckoning.taught)}
    names |= set(reckoning.pupils)
    assert not [name for name in names if name in words]
    for pupil in reckoning.pupils.values():
        assert f"{pupil['forename']} {pupil['surname']}" not in words
        assert pupil["surname"] not in told


def test_no_small_group_is_what_two_figures_leave_between_them(
    reckoning: Reckoning, headlines: Headlines
) -> None:
    """Of two groups that are shown, one within the other: the rest is not small."""
    hidden = hidden_of(headlines)
    now = headlines.now
    for (year, measure), pupils in Hiding(now).counted.items():
        if measure == "incomplete":
            continue
        shown = {
            group: {
                adno
                for adno in pupils
                if not group or reckoning.inside(group, reckoning.pupils[adno])
            }
            for group in ("", *reckoning.groups)
            if (now.code, year, measure, group) not in hidden
        }
        for one, inner in shown.items():
            for other, outer in shown.items():
                left = len(outer - inner)
                told = inner <= outer and 0 < left < SMALLEST
                assert not told, (year, measure, one, other, left)
            assert len(inner) == 0 or len(inner) >= SMALLEST, (year, measure, one)


def hidden_of(of: Headlines) -> Hidden:
    """Every figure that must not be told: now, then, and a year ago."""
    return Hidden(
        {
            (cohort.code, year, measure, group)
            for cohort in (of.now, of.last, of.ago)
            if cohort is not None
            for year, measure, group in _hidden_in(cohort)
        }
    )


def _hidden_in(cohort: Cohort) -> list[tuple[int, str, str]]:
    hiding = Hiding(cohort)
    return [
        (year, measure, group)
        for year, measure in hiding.counted
        for group in hiding.of_measure(year, measure)
    ]


def four_decimals(value: float | None) -> float | None:
    """As the table `measures` has it, and so everybody who is told of groups."""
    return None if value is None else float(rounded(value, 4))


def _words(sheet: Sheet, reckoning: Reckoning, given: str) -> None:
    collection = reckoning.collection
    title = collection.get("name", reckoning.code)
    sheet.says("A2", title)
    sentences = (
        "These are teachers' predictions of what pupils will reach, given in "
        f"{title} ({day(collection['opens'])} to {day(collection['closes'])}). They "
        "are not results.",
        f"{given} of the predictions asked for have been given.",
        INTERVAL,
        HIDDEN,
    )
    for at, text in enumerate(sentences, start=4):
        sheet.says(f"A{at}", text)
    groups = listed(reckoning.groups, 20) if reckoning.groups else "–"
    sheet.says(
        sheet.cell_of("Groups").replace("A", "B"),
        f"{groups}. A pupil may be in several.",
    )
    until = f"31 Aug {int(reckoning.academic_year[:4]) + 1}"
    sheet.says(sheet.cell_of("Keep until"), f"Keep until {until}.")
    written = f"Written: {day(reckoning.books.today)}, 09:30"
    sheet.says(sheet.cell_of("Written"), written)
