"""A demonstration: a synthetic school, its teachers and half a year's work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.demo.demo_report import DemoReport


def run_demo(
    folder: Path,
    *,
    now: datetime,
    who: str,
    seed: int = 2026,
    progress: Callable[[int, int, str], None] | None = None,
) -> DemoReport:
    """Make a synthetic school of 1,050 pupils and do half a year's work on it.

    Args:
        folder: The school folder; it replaces an earlier demonstration.
        now: The moment of the demonstration.
        who: The person who runs it.
        seed: The seed of the synthetic school.
        progress: Receives the work completed, the total, and the step.

    Raises:
        NotADemo: If the folder holds something else; it is not changed then.
    """
    # Imported here so that other commands start faster.
    from generator.demo import scenario

    return scenario.run_demo(folder, now=now, who=who, seed=seed, progress=progress)
