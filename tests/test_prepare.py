"""A machine that cannot be made ready is told exactly what it lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "prepare.sh"
# What the script itself is written with; everything else may be missing.
TOOLS = ("bash", "cat", "cut", "dirname", "env", "grep", "id", "sed", "tr")
# A stand-in runs the real bash by its path.
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the script is for Debian; README has the rest"
)


@pytest.fixture
def machine(tmp_path):
    """A machine with next to nothing on it, and a way to prepare it."""
    tools = tmp_path / "bin"
    tools.mkdir()

    def prepare(*words: str, **commands: str) -> subprocess.CompletedProcess[str]:
        scripts = {tool: f'exec {shutil.which(tool)} "$@"' for tool in TOOLS}
        scripts |= {name.replace("_", "-"): text for name, text in commands.items()}
        for name, text in scripts.items():
            # "x": a file of our own, or none; never one that is there already.
            with (tools / name).open("x") as file:
                file.write(f"#!{BASH}\n{text}\n")
            (tools / name).chmod(0o755)
        return subprocess.run(
            [str(BASH), str(SCRIPT), *words],
            env={"PATH": str(tools), "HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return prepare


def test_without_apt_the_packages_are_named(machine):
    told = machine("system")
    assert told.returncode == 1
    assert "LibreOffice Calc" in told.stderr
    assert "On Debian these are the packages: libreoffice-calc" in told.stderr
    assert "`make demo` needs none of them." in told.stderr


@pytest.mark.skipif(os.name != "nt" and os.geteuid() != 0, reason="acts as root")
def test_with_apt_but_no_network_the_line_to_type_is_given(machine):
    told = machine("system", apt_get="echo 'no network' >&2; exit 100")
    assert told.returncode == 1
    assert "==> installing with apt-get" in told.stderr
    assert "As root: apt-get update && apt-get install -y libreoffice" in told.stderr


def test_without_rights_nothing_is_asked_and_the_line_to_type_is_given(machine):
    told = machine(
        "system", apt_get="exit 100", id="echo 1000", sudo="exit 1  # wants a password"
    )
    assert told.returncode == 1
    assert "==> installing" not in told.stderr
    assert "As root: apt-get update && apt-get install -y libreoffice" in told.stderr


def test_no_python_is_told_plainly(machine):
    told = machine("python")
    assert told.returncode == 1
    assert "needs Python 3.11 or newer" in told.stderr
    assert "python3 python3-venv" in told.stderr


def test_an_old_python_is_told_which_one_is_needed(machine):
    told = machine(
        "python", python3='[ "$1" = -V ] && echo Python 3.9.2 && exit; exit 1'
    )
    assert told.returncode == 1
    assert "needs Python 3.11 or newer; python3 is Python 3.9.2" in told.stderr


def test_debians_node_never_replaces_one_that_is_there(machine):
    told = machine("node", node="echo v20.0.0", apt_get="exit 1")
    assert told.returncode == 1
    assert "==> installing with apt-get" not in told.stderr
    assert "install the npm that belongs to it" in told.stderr


def test_a_wrong_word_shows_how_to_call_it(machine):
    told = machine("everything")
    assert told.returncode == 2
    assert "tests/prepare.sh system" in told.stderr
