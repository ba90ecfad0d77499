"""Commands as a person runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from addin.command import main

Markbook = Callable[..., tuple[int, str]]
TODAY = "2026-10-14"


@pytest.fixture
def markbook(capsys: pytest.CaptureFixture[str]) -> Markbook:
    """Run a command in a school folder: its exit status, and all that it printed."""

    def run(folder: Path, *words: str, today: str = TODAY) -> tuple[int, str]:
        capsys.readouterr()
        status = main([*words, "--school", str(folder), "--today", today])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return status, printed.out + printed.err

    return run
