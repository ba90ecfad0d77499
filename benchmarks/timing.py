"""Time several ways to do the same thing, and print them as multiples of the first."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def compare_times(
    title: str, ways: Mapping[str, Callable[[], object]], *, rounds: int = 15
) -> dict[str, float]:
    """Time each way once a round, so that a slow moment of the machine affects all.

    Args:
        title: The task, for the heading.
        ways: Name -> function; the first is the baseline.
        rounds: How often each runs; a first run of each is not counted.

    Returns:
        Name -> median time in milliseconds.
    """
    samples: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(rounds + 1):
        for name, way in ways.items():
            gc.collect()
            gc.disable()
            start = perf_counter()
            way()
            spent = perf_counter() - start
            gc.enable()
            if round_number:
                samples[name].append(spent * 1000)
    times = {name: median(spent) for name, spent in samples.items()}
    baseline = next(iter(times.values()))
    print(f"\n{title} ({rounds} rounds)")
    print(f"  {'':<46}{'median':>12}{'quickest':>12}{'times ours':>12}")
    for name, time in times.items():
        quickest = min(samples[name])
        print(
            f"  {name:<46}{time:>9.2f} ms{quickest:>9.2f} ms{time / baseline:>11.2f}x"
        )
    return times
