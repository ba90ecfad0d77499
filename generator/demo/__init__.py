"""A school that is not there, with pupils, teachers and half a year's work."""

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
        folder: Where the school is made; a demonstration that is there is replaced.
        now: The moment of it all.
        who: Who is doing it.
        seed: Another number, another school.
        progress: Told of each step: done, total, what.

    Raises:
        NotADemo: If the folder holds something else; nothing is touched then.
    """
    # Loaded only now: the other commands start without it.
    from generator.demo import scenario

    return scenario.run_demo(folder, now=now, who=who, seed=seed, progress=progress)
