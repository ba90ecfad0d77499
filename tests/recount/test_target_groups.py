"""Every number in the mentors' lists, counted again."""

from __future__ import annotations

from tests.recount import english_and_maths
from tests.recount.arithmetic import day
from tests.recount.audit import Ledger
from tests.recount.cover import charts, cover
from tests.recount.headlines import Headlines, senior_leaders
from tests.recount.measures import MEASURED_IN
from tests.recount.mentor_lists import Lists
from tests.recount.recount_data import Reckoning

WORDING = (
    r"^7 to 9$", r"^7\+ in$", r"^Predicted 7 or more$", r"^[45]\+( last time)?$",
    r"^\"Nearly\": predicted one grade under 7, or under 7 with a target of 7 or more",
    r"^4\+ and 5\+ in English and maths: .*", r"^who may reach 7 to 9, and in what$",
)  # fmt: skip


def test_every_number_of_the_mentors_lists(
    reckoning: Reckoning, headlines: Headlines
) -> None:
    books = reckoning.books
    (path,) = books.named("target-groups")
    ledger = Ledger(path, books.labels)
    ledger.wording(*WORDING)
    lists = Lists(reckoning, headlines)
    measured = reckoning.settings.get("measures", {}).get("years", MEASURED_IN)
    said = lists.said()
    cover(
        ledger["Cover"],
        reckoning,
        [one for one in reckoning.taught if one.year in measured],
        scope="School",
        role="senior leader",
        holders=senior_leaders(reckoning),
        said=said,
        gone=0,
    )
    name = reckoning.collection.get("name", reckoning.code)
    for sheet in ledger:
        if sheet.title != "Cover":
            sheet.says("A2", f"{name}, {day(books.today)}")
    first = ledger["English and maths"]
    for at, text in enumerate(said, start=4):
        first.says(f"A{at}", text)
    english_and_maths.table(first, lists.now)
    first.says(first.cell_of("English: the better"), english_and_maths.NOTE)
    lists.english_and_maths(first)
    lists.two_grades(ledger["Two grades"])
    lists.slots(ledger["Attainment 8 slots"])
    lists.ebacc(ledger["EBacc below target"])
    lists.nines(ledger["7 to 9"])
    lists.groups(ledger["Groups below target"])
    assert not charts(ledger)
    ledger.settle()
