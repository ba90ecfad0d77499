"""The results day pack, counted again from the tables."""

from __future__ import annotations

import pytest

from tests.recount import results_pages as pages
from tests.recount.cover import check_charts
from tests.recount.recount_data import RecountData
from tests.recount.results_day import ResultsDayPack


def test_every_number_of_results_day(data: RecountData) -> None:
    if not any(row["points"] for row in data.exports["results"]):
        pytest.skip("a school without results has no pack of results day")
    check_results_pack(data)


def test_every_number_of_a_second_results_day(two_summers: RecountData) -> None:
    pack = check_results_pack(two_summers)
    assert pack.before and pack.expected["attainment8"].value is not None


def check_results_pack(data: RecountData) -> ResultsDayPack:
    """Check the results day pack."""
    pack = ResultsDayPack(data)
    pack.cover()
    pack.headlines()
    for name in pages.TABLES:
        pages.check_comparison(pack, name)
    pages.charts(pack)
    pages.pupils(pack)
    pages.next_step(pack)
    pages.what_happened(pack)
    pages.record(pack)
    assert check_charts(pack.audit) == {"Charts": 1}
    pack.audit.assert_complete()
    return pack
