"""The recount agrees with the exported flags."""

from __future__ import annotations

from tests.recount.recount_data import RecountData


def test_every_mark_has_the_flag_of_rule_5(data: RecountData) -> None:
    wrong = [
        (key, mark["flag"])
        for key, mark in data.marks.items()
        if mark["flag"] != (data.earlier_mark(*key).flag.lower() or "no data")
    ]
    assert not wrong
    assert data.marks
