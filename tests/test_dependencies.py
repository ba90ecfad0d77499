"""Dependencies: their reasons, locked versions and licences; the project's version."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.project import MODULES, ROOT, read, syntax_tree

PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
EXTRAS = PROJECT["optional-dependencies"]
RUN_TIME_EXTRAS = ("server", "postgres", "reports", "cluster")
LOCK = ROOT / "requirements.lock"
NOTICES = ROOT / "THIRD-PARTY-NOTICES.md"
# What package metadata says in other words than an SPDX identifier.
SPDX = {
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-",
    "BSD 3-clause": "BSD-3-Clause",
    "BSD License": "BSD-",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "PSFL": "PSF-2.0",
    "xlwings PRO License OR PolyForm Noncommercial License 1.0.0": (
        "LicenseRef-xlwings-PRO OR PolyForm-Noncommercial-1.0.0"
    ),
}


def requirements(*extras: str) -> list[Requirement]:
    """The direct dependencies, and those of some extras."""
    lines = [
        *PROJECT["dependencies"],
        *(line for name in extras for line in EXTRAS[name]),
    ]
    return [Requirement(line) for line in lines]


def needed(requirement: Requirement, extras: set[str]) -> bool:
    """Whether a requirement applies to this Python, platform and set of extras."""
    environment = default_environment()
    return requirement.marker is None or any(
        requirement.marker.evaluate({**environment, "extra": extra})
        for extra in extras | {""}
    )


def run_time_packages() -> set[str]:
    """Every installed package that the product needs, directly or indirectly."""
    packages: dict[str, set[str]] = {}
    queue = requirements(*RUN_TIME_EXTRAS)
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        try:
            metadata = distribution(name)
        except PackageNotFoundError:
            continue
        if name in packages and requirement.extras <= packages[name]:
            continue
        packages[name] = packages.get(name, set()) | requirement.extras
        queue += [
            inner
            for inner in map(Requirement, metadata.requires or [])
            if needed(inner, packages[name])
        ]
    return set(packages)


def licence(name: str) -> str:
    """The licence in a package's metadata as SPDX, `BSD-` for any of them, or empty."""
    metadata = distribution(name).metadata
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier") or []
        if text.startswith("License :: ")
    ]
    texts = (metadata.get("License-Expression"), metadata.get("License"), *classifiers)
    text = next((text for text in texts if text and len(text) < 80), "")
    return SPDX.get(text, text)


@pytest.fixture(scope="module")
def locked() -> dict[str, Version]:
    """The locked version of each package."""
    lines = LOCK.read_text("utf-8").splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def test_every_dependency_has_a_reason():
    lines = PYPROJECT.partition("[project]")[2].splitlines()
    dependencies = [*PROJECT["dependencies"]]
    for extra in EXTRAS.values():
        dependencies += extra
    for dependency in dependencies:
        line = next(line for line in lines if f'"{dependency}"' in line)
        assert "#" in line, f"why {dependency}?"


@pytest.mark.parametrize("requirement", requirements(*EXTRAS), ids=str)
def test_every_dependency_is_locked_within_its_range(requirement, locked):
    version = locked[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version, prereleases=True)


def test_the_lock_holds_what_the_dependencies_need(locked):
    target = "Python {}.{} on {}".format(*sys.version_info[:2], sys.platform)
    if target not in LOCK.read_text("utf-8").splitlines()[0]:
        pytest.skip("the lock is for another Python or platform")
    assert run_time_packages() <= set(locked)


def test_the_notices_list_every_run_time_package_with_its_licence():
    rows = dict(
        re.findall(r"^\| ([\w.-]+) \| (\S[^|]*?) \|", NOTICES.read_text("utf-8"), re.M)
    )
    direct = {canonicalize_name(r.name) for r in requirements(*RUN_TIME_EXTRAS)}
    assert not direct - set(rows)
    wrong = {
        name: licence(name)
        for name in run_time_packages()
        if name not in rows or not rows[name].startswith(licence(name))
    }
    assert not wrong, "package -> licence in its metadata"


def test_the_version_is_written_once():
    version = PROJECT["version"]
    assert distribution("markbook").version == version
    assert re.search(
        rf"^## {re.escape(version)}\b", (ROOT / "CHANGES.md").read_text(), re.M
    )
    literals = [
        path.as_posix()
        for path in MODULES
        if version in read(path)
        for node in ast.walk(syntax_tree(path))
        if isinstance(node, ast.Constant) and node.value == version
    ]
    assert not literals, "read it from the package metadata"


def test_the_command_shows_the_version():
    run = subprocess.run(
        [sys.executable, "-m", "addin.command", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert PROJECT["version"] in run.stdout


def test_pre_commit_runs_the_checks_of_make_lint():
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\nlint:")[2]
    checks = re.findall(r"^\t\$\(bin\)/(.*)$", recipe.partition("\n\n")[0], re.M)
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    entries = re.findall(r"entry: \.venv/bin/(.*)$", hooks, re.M)
    assert [check.removesuffix(" .") for check in checks] == [
        entry.removesuffix(" --force-exclude") for entry in entries
    ]
