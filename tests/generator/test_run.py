"""Work is done, wherever it is done, and what kills its process is found out."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from generator import run as seam
from generator.run import UnfinishedWork, run, started_pool

NUMBERS = list(range(45))


def doubled(number: int) -> int:
    return number * 2


def failing_at_seven(number: int) -> int:
    if number == 7:
        raise ZeroDivisionError("seven")
    return number


def killed_once(job: tuple[int, str]) -> int:
    number, folder = job
    mark = Path(folder) / "killed"
    if number == 7 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def killed_always(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("where", ["serial", "local"])
def test_every_job_is_answered_once(where):
    answers = dict(run(doubled, NUMBERS, where=where, chunk=5))
    assert answers == {number: number * 2 for number in NUMBERS}


def test_a_fault_of_ours_is_raised_after_the_others_are_done():
    done = []
    with pytest.raises(ZeroDivisionError, match="seven"):
        for number, _ in run(failing_at_seven, NUMBERS, chunk=5):
            done.append(number)
    assert sorted(done) == [number for number in NUMBERS if number != 7]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_what_a_dead_process_left_undone_is_done_again(tmp_path):
    jobs = [(number, str(tmp_path)) for number in NUMBERS]
    answers = [answer for _, answer in run(killed_once, jobs, chunk=5)]
    assert sorted(answers) == NUMBERS


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_job_that_always_kills_its_process_is_given_up():
    done = []
    with pytest.raises(UnfinishedWork, match="could not be finished"):
        for number, _ in run(killed_always, NUMBERS, chunk=5):
            done.append(number)
    assert sorted(done) == [number for number in NUMBERS if number != 7]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_processes_that_come_up_meanwhile_take_two_runs_and_may_die(tmp_path):
    jobs = [(number, str(tmp_path)) for number in NUMBERS]
    with started_pool(os.getpid) as pool:
        first = run(killed_once, jobs, chunk=5, pool=pool)
        second = run(doubled, NUMBERS, chunk=5, pool=pool)
        assert sorted(answer for _, answer in first) == NUMBERS
        assert dict(second) == {number: number * 2 for number in NUMBERS}


def test_a_few_jobs_do_not_start_processes(monkeypatch):
    monkeypatch.setattr(seam, "executor", None)
    assert [answer for _, answer in run(doubled, [1, 2])] == [2, 4]


def test_a_cluster_without_its_library_says_what_to_install(monkeypatch):
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(seam, "import_module", missing)
    with pytest.raises(seam.MarkbookError, match=r"pip install 'markbook\[cluster\]'"):
        list(run(doubled, NUMBERS, where="tcp://127.0.0.1:1"))
