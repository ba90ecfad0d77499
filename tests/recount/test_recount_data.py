"""The reckoning agrees with the marks it reads."""

from __future__ import annotations

from tests.recount.recount_data import Reckoning


def test_every_mark_has_the_flag_that_rule_5_gives(reckoning: Reckoning) -> None:
    wrong = [
        (key, mark["flag"])
        for key, mark in reckoning.marks.items()
        if mark["flag"] != (reckoning.then(*key).flag.lower() or "no data")
    ]
    assert not wrong
    assert reckoning.marks
