"""The mentors' lists, counted again from the tables."""

from __future__ import annotations

from tests.recount import english_and_maths
from tests.recount.arithmetic import date_text
from tests.recount.audit import WorkbookAudit
from tests.recount.cover import check_charts, check_cover
from tests.recount.headlines import Headlines, senior_leaders
from tests.recount.measures import MEASURED_IN
from tests.recount.mentor_lists import MentorLists
from tests.recount.recount_data import RecountData

WORDING = (
    r"^7 to 9$", r"^7\+ in$", r"^Predicted 7 or more$", r"^[45]\+( last time)?$",
    r"^\"Nearly\": predicted one grade under 7, or under 7 with a target of 7 or more",
    r"^4\+ and 5\+ in English and maths: .*", r"^who may reach 7 to 9, and in what$",
)  # fmt: skip


def test_every_number_of_the_mentors_lists(
    data: RecountData, headlines: Headlines
) -> None:
    exports = data.exports
    (path,) = exports.pack_paths("target-groups")
    audit = WorkbookAudit(path, exports.labels)
    audit.ignore_wording(*WORDING)
    lists = MentorLists(data, headlines)
    measured = data.settings.get("measures", {}).get("years", MEASURED_IN)
    sentences = lists.sentences()
    check_cover(
        audit["Cover"],
        data,
        [row for row in data.enrolments if row.year in measured],
        scope="School",
        role="senior leader",
        holders=senior_leaders(data),
        opening=sentences,
        leaver_count=0,
    )
    name = data.collection.get("name", data.code)
    for sheet in audit:
        if sheet.title != "Cover":
            sheet.expect("A2", f"{name}, {date_text(exports.today)}")
    first = audit["English and maths"]
    for at, text in enumerate(sentences, start=4):
        first.expect(f"A{at}", text)
    english_and_maths.table(first, lists.now)
    first.expect(first.find_cell("English: the better"), english_and_maths.NOTE)
    lists.english_and_maths(first)
    lists.two_grades(audit["Two grades"])
    lists.slots(audit["Attainment 8 slots"])
    lists.ebacc(audit["EBacc below target"])
    lists.nines(audit["7 to 9"])
    lists.groups(audit["Groups below target"])
    assert not check_charts(audit)
    audit.assert_complete()
