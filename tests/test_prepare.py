"""`prepare.sh` says exactly what a machine lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "prepare.sh"
# The programs that the script itself needs.
TOOLS = ("bash", "cat", "cut", "dirname", "env", "grep", "id", "sed", "tr")
# A replaced program runs the real bash by its path.
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the script is for Debian; README has the rest"
)


@pytest.fixture
def machine(tmp_path):
    """Run the script with almost no programs on the path, and some replaced ones."""
    tools = tmp_path / "bin"
    tools.mkdir()

    def prepare(*words: str, **commands: str) -> subprocess.CompletedProcess[str]:
        scripts = {tool: f'exec {shutil.which(tool)} "$@"' for tool in TOOLS}
        scripts |= {name.replace("_", "-"): text for name, text in commands.items()}
        for name, text in scripts.items():
            # "x": never overwrite an existing file.
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
    process = machine("system")
    assert process.returncode == 1
    assert "LibreOffice Calc" in process.stderr
    assert "On Debian these are the packages: libreoffice-calc" in process.stderr
    assert "`make demo` needs none of them." in process.stderr


@pytest.mark.skipif(os.name != "nt" and os.geteuid() != 0, reason="acts as root")
def test_without_network_the_command_for_root_is_displayed(machine):
    process = machine("system", apt_get="echo 'no network' >&2; exit 100")
    assert process.returncode == 1
    assert "==> installing with apt-get" in process.stderr
    assert "As root: apt-get update && apt-get install -y libreoffice" in process.stderr


def test_without_rights_the_command_for_root_is_displayed(machine):
    process = machine(
        "system", apt_get="exit 100", id="echo 1000", sudo="exit 1  # wants a password"
    )
    assert process.returncode == 1
    assert "==> installing" not in process.stderr
    assert "As root: apt-get update && apt-get install -y libreoffice" in process.stderr


def test_a_missing_python_is_reported(machine):
    process = machine("python")
    assert process.returncode == 1
    assert "needs Python 3.11 or newer" in process.stderr
    assert "python3 python3-venv" in process.stderr


def test_an_old_python_is_refused(machine):
    process = machine(
        "python", python3='[ "$1" = -V ] && echo Python 3.9.2 && exit; exit 1'
    )
    assert process.returncode == 1
    assert "needs Python 3.11 or newer; python3 is Python 3.9.2" in process.stderr


def test_the_node_of_debian_never_replaces_another(machine):
    process = machine("node", node="echo v20.0.0", apt_get="exit 1")
    assert process.returncode == 1
    assert "==> installing with apt-get" not in process.stderr
    assert "install the npm that belongs to it" in process.stderr


def test_an_unknown_word_shows_the_usage(machine):
    process = machine("everything")
    assert process.returncode == 2
    assert "tests/prepare.sh system" in process.stderr
