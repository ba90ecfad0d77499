"""`make bench` runs: what it prints is for people, and no test of speed."""

from __future__ import annotations

import pytest

from benchmarks import issuing, measures, reading, sample, targets, writing


@pytest.mark.parametrize("benchmark", [reading, writing])
def test_a_benchmark_says_how_many_times_as_long_the_others_take(
    benchmark, monkeypatch, capsys
):
    monkeypatch.setattr(sample, "PUPILS", 6)
    benchmark.run(rounds=1)
    assert "1.00x" in capsys.readouterr().out


def test_the_time_of_many_classes_is_told_with_their_memory(monkeypatch, capsys):
    monkeypatch.setattr(issuing, "CLASSES", 12)
    issuing.run(rounds=1)
    told = capsys.readouterr().out
    assert "Writing 12 markbooks" in told
    assert " MB" in told


def test_measures_are_raced_against_the_same_rules_pupil_by_pupil(monkeypatch, capsys):
    monkeypatch.setattr(measures, "PUPILS", 20)
    measures.run(rounds=1)
    told = capsys.readouterr().out
    assert "Attainment 8 of 1,200 results" in told
    assert "groupby.apply of the same rules" in told
    assert "Group tables" in told


def test_targets_are_timed_by_each_method(monkeypatch, capsys):
    monkeypatch.setattr(targets, "PUPILS", 20)
    targets.run(rounds=1)
    told = capsys.readouterr().out
    assert "Targets of 20 pupils in 11 subjects" in told
    assert all(name in told for name in targets.METHODS)
