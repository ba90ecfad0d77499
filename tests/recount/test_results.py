"""Results day: every number of the pack is counted again from the tables."""

from __future__ import annotations

import pytest

from tests.recount import results_pages as pages
from tests.recount.cover import charts
from tests.recount.recount_data import Reckoning
from tests.recount.results_day import ResultsDay


def test_every_number_of_results_day(reckoning: Reckoning) -> None:
    if not any(row["points"] for row in reckoning.books["results"]):
        pytest.skip("a school without results has no pack of results day")
    counted(reckoning)


def test_every_number_of_a_second_results_day(two_summers: Reckoning) -> None:
    pack = counted(two_summers)
    assert pack.before and pack.expected["attainment8"].value is not None


def counted(reckoning: Reckoning) -> ResultsDay:
    """The pack of results day, counted."""
    pack = ResultsDay(reckoning)
    pack.cover()
    pack.headlines()
    for name in pages.TABLES:
        pages.compared(pack, name)
    pages.charts(pack)
    pages.pupils(pack)
    pages.next_step(pack)
    pages.happened(pack)
    pages.record(pack)
    assert charts(pack.ledger) == {"Charts": 1}
    pack.ledger.settle()
    return pack
