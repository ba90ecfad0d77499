"""The benchmarks run; these are no tests of speed."""

from __future__ import annotations

import pytest

from benchmarks import issuing, measures, reading, sample, targets, writing


@pytest.mark.parametrize("benchmark", [reading, writing])
def test_a_benchmark_prints_multiples_of_the_baseline(benchmark, monkeypatch, capsys):
    monkeypatch.setattr(sample, "PUPILS", 6)
    benchmark.run(rounds=1)
    assert "1.00x" in capsys.readouterr().out


def test_the_benchmark_of_many_classes_prints_their_memory(monkeypatch, capsys):
    monkeypatch.setattr(issuing, "CLASSES", 12)
    issuing.run(rounds=1)
    output = capsys.readouterr().out
    assert "Writing 12 markbooks" in output
    assert " MB" in output


def test_measures_are_timed_beside_their_reference_implementation(monkeypatch, capsys):
    monkeypatch.setattr(measures, "PUPILS", 20)
    measures.run(rounds=1)
    output = capsys.readouterr().out
    assert "Attainment 8 of 1,200 results" in output
    assert "groupby.apply of the same rules" in output
    assert "Group tables" in output


def test_targets_are_timed_by_each_method(monkeypatch, capsys):
    monkeypatch.setattr(targets, "PUPILS", 20)
    targets.run(rounds=1)
    output = capsys.readouterr().out
    assert "Targets of 20 pupils in 11 subjects" in output
    assert all(name in output for name in targets.METHODS)
