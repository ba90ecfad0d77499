"""Jobs run anywhere with the same results, and a job that kills its process fails."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from generator import run as run_module
from generator.run import UnfinishedWork, run, started_pool

NUMBERS = list(range(45))


def double(number: int) -> int:
    return number * 2


def fail_at_seven(number: int) -> int:
    if number == 7:
        raise ZeroDivisionError("seven")
    return number


def kill_once(job: tuple[int, str]) -> int:
    number, folder = job
    mark = Path(folder) / "killed"
    if number == 7 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def kill_always(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("where", ["serial", "local"])
def test_every_job_yields_one_result(where):
    results = dict(run(double, NUMBERS, where=where, chunk=5))
    assert results == {number: number * 2 for number in NUMBERS}


def test_an_error_of_a_job_is_raised_after_the_others_have_finished():
    finished = []
    with pytest.raises(ZeroDivisionError, match="seven"):
        for number, _ in run(fail_at_seven, NUMBERS, chunk=5):
            finished.append(number)
    assert sorted(finished) == [number for number in NUMBERS if number != 7]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_the_jobs_of_a_dead_process_run_again(tmp_path):
    jobs = [(number, str(tmp_path)) for number in NUMBERS]
    results = [result for _, result in run(kill_once, jobs, chunk=5)]
    assert sorted(results) == NUMBERS


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_job_that_always_kills_its_process_fails():
    finished = []
    with pytest.raises(UnfinishedWork, match="could not be finished"):
        for number, _ in run(kill_always, NUMBERS, chunk=5):
            finished.append(number)
    assert sorted(finished) == [number for number in NUMBERS if number != 7]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_started_pool_takes_two_runs_and_its_processes_may_die(tmp_path):
    jobs = [(number, str(tmp_path)) for number in NUMBERS]
    with started_pool(os.getpid) as pool:
        first = run(kill_once, jobs, chunk=5, pool=pool)
        second = run(double, NUMBERS, chunk=5, pool=pool)
        assert sorted(result for _, result in first) == NUMBERS
        assert dict(second) == {number: number * 2 for number in NUMBERS}


def test_a_few_jobs_do_not_start_processes(monkeypatch):
    monkeypatch.setattr(run_module, "executor", None)
    assert [result for _, result in run(double, [1, 2])] == [2, 4]


def test_a_cluster_without_its_library_says_what_to_install(monkeypatch):
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(run_module, "import_module", missing)
    with pytest.raises(run_module.MarkbookError, match=r'pip install "\.\[cluster\]"'):
        list(run(double, NUMBERS, where="tcp://127.0.0.1:1"))
