"""Runs several ways of one thing in turn, and says how many times as long each took."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def race(
    title: str, ways: Mapping[str, Callable[[], object]], *, rounds: int = 15
) -> dict[str, float]:
    """Time each way once a round, so that a slow moment of the machine hits all.

    Args:
        title: What is being done.
        ways: Name -> the way; the first is ours, and the others are given as
            multiples of it.
        rounds: How often each is run; one more, before, is not counted.

    Returns:
        Name -> median time in milliseconds.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for each in range(rounds + 1):
        for name, way in ways.items():
            gc.collect()
            gc.disable()
            start = perf_counter()
            way()
            spent = perf_counter() - start
            gc.enable()
            if each:
                taken[name].append(spent * 1000)
    times = {name: median(spent) for name, spent in taken.items()}
    ours = next(iter(times.values()))
    print(f"\n{title} ({rounds} rounds)")
    print(f"  {'':<46}{'median':>12}{'quickest':>12}{'times ours':>12}")
    for name, time in times.items():
        quickest = min(taken[name])
        print(f"  {name:<46}{time:>9.2f} ms{quickest:>9.2f} ms{time / ours:>11.2f}x")
    return times
