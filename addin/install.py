"""Install the add-ins for one user, step by step, and remove them again.

Every step may be repeated, and each one says what it did. A step that this machine does
not allow is told, and the others are done all the same.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from addin.build import ADDIN, build_xlam, make_folder
from addin.certificate import NAME, ensure_certificate, trust_command
from addin.examples import help_page
from addin.manifest import ID, manifest
from addin.user_settings import (
    HELP,
    SCHOOL,
    read_settings,
    readable_path,
    settings_bytes,
    settings_path,
)
from generator.files import publish
from generator.problems import Problem
from udfs.errors import MarkbookError

Run = Callable[[Sequence[str]], None]
HELP_PAGE = "Functions.html"
COMMAND_SECONDS = 300.0  # Windows asks its user before it trusts a certificate
_OFFICE = r"HKCU\Software\Microsoft\Office\16.0\WEF"
_LOGON = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
_LAUNCH_AGENT = "Library/LaunchAgents/org.markbook.serve.plist"
_MAC_MANIFESTS = "Library/Containers/com.microsoft.Excel/Data/Documents/wef"


@dataclass(frozen=True, slots=True)
class Installation:
    """What is installed, for whom and where.

    Args:
        home: The user's own folder.
        school: The school folder that the buttons work on.
        interpreter: The Python that has Markbook installed.
        now: The moment.
        port: The port of the server.
        to: The folder for the classic add-in; None: the one that Excel looks in.
        catalogue: A shared folder of add-ins that Excel is to trust; None: the
            manifest is registered for this user alone.
        system: The platform, as in `sys.platform`.
    """

    home: Path
    school: Path
    interpreter: Path
    now: datetime
    port: int
    to: Path | None = None
    catalogue: str | None = None
    system: str = sys.platform

    @property
    def settings_file(self) -> Path:
        """The file of the user's settings."""
        return settings_path(self.home, self.system)

    @property
    def own_folder(self) -> Path:
        """The folder of the certificate and of the help page."""
        return self.settings_file.parent

    @property
    def classic_folder(self) -> Path:
        """The folder of `Markbook.xlam`."""
        return self.to or startup_folder(self.home, self.system)


@dataclass(frozen=True, slots=True)
class InstallStep:
    """One step: what it puts in place, and how that is undone.

    Args:
        name: What is put in place, in a few words.
        where: Its place, as the user is told.
        files: What to write where.
        prepare: Makes files itself; None: there is nothing to make.
        own_files: The files that `prepare` makes.
        commands: The programs of the system to run, in order.
        undo_commands: Those that undo them.
    """

    name: str
    where: str
    files: tuple[tuple[Path, bytes], ...] = ()
    prepare: Callable[[], object] | None = None
    own_files: tuple[Path, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    undo_commands: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class InstallOutcome:
    """What was put in place or removed, and what could not be."""

    files: tuple[Path, ...]
    lines: tuple[str, ...]
    problems: tuple[Problem, ...]


def startup_folder(home: Path, system: str = sys.platform) -> Path:
    """The folder whose add-ins Excel opens by itself.

    Raises:
        MarkbookError: If this is neither Windows nor a Mac.
    """
    if system == "win32":
        roaming = os.environ.get("APPDATA")
        base = Path(roaming) if roaming else home / "AppData/Roaming"
        return base / "Microsoft/Excel/XLSTART"
    if system == "darwin":
        office = home / "Library/Group Containers/UBF8T346G9.Office"
        return office / "User Content.localized/Startup.localized/Excel"
    raise MarkbookError(
        "Excel runs on Windows and on the Mac, and this is neither.",
        "Run this on the machine with Excel, or name a folder with --to DIR.",
    )


def run_command(words: Sequence[str]) -> None:
    """Run a program of the system.

    Raises:
        MarkbookError: If it cannot be run, or fails.
    """
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=COMMAND_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise MarkbookError(f"{words[0]} failed ({error}).", "Ask IT.") from error


def install_steps(installation: Installation, run: Run = run_command) -> InstallOutcome:
    """Install the add-ins, and say each step.

    Args:
        installation: What, for whom and where.
        run: Runs a program of the system; raises MarkbookError if that fails.

    Raises:
        MarkbookError: If Excel's folder is not known, or cannot be written.
    """
    files: list[Path] = []
    lines: list[str] = []
    problems: list[Problem] = []
    make_folder(installation.classic_folder)
    for step in _steps(installation):
        try:
            if step.prepare is not None:
                step.prepare()
            for path, data in step.files:
                if not path.is_file() or path.read_bytes() != data:
                    publish(path, data)
            for words in step.commands:
                run(words)
        except MarkbookError as error:
            problems.append(_problem(step, error))
        else:
            lines.append(f"{step.name}: {step.where}")
            files += [*(path for path, _ in step.files), *step.own_files]
    return InstallOutcome(tuple(files), tuple(lines), tuple(problems))


def remove_steps(installation: Installation, run: Run = run_command) -> InstallOutcome:
    """Remove what `install_steps` put in place; the school's folder stays as it is.

    Args:
        installation: As it was installed.
        run: Runs a program of the system; raises MarkbookError if that fails.
    """
    lines: list[str] = []
    problems: list[Problem] = []
    for step in reversed(_steps(installation)):
        try:
            for words in step.undo_commands:
                run(words)
        except MarkbookError as error:
            problems.append(_problem(step, error))
        for path in (*(path for path, _ in step.files), *step.own_files):
            path.unlink(missing_ok=True)
        lines.append(f"{step.name}: removed from {step.where}")
    for folder in installation.own_folder.glob("uploads-*"):
        shutil.rmtree(folder, ignore_errors=True)
    return InstallOutcome((), tuple(lines), tuple(problems))


def _problem(step: InstallStep, error: MarkbookError) -> Problem:
    return Problem(
        severity="error",
        what=f"{step.name} ({step.where}): {error.what}",
        do="The other steps are done. Show this to IT: docs/manual/excel-for-it.md.",
    )


def _steps(installation: Installation) -> list[InstallStep]:
    """All steps for this machine, in order."""
    steps = _classic_steps(installation)
    has_server = find_spec("xlwings_server") is not None
    if has_server and installation.system in ("win32", "darwin"):
        steps += [
            _certificate_step(installation),
            _manifest_step(installation),
            _logon_step(installation),
        ]
    return steps


def _classic_steps(installation: Installation) -> list[InstallStep]:
    """The classic add-in, its help page and its settings."""
    system, own_folder = installation.system, installation.own_folder
    page = own_folder / HELP_PAGE
    key = "INTERPRETER_MAC" if system == "darwin" else "INTERPRETER_WIN"
    interpreter = readable_path(installation.interpreter, system)
    # Excel reads its sheets as Unicode, whatever the user's name; so what the add-in
    # itself needs is in its own sheet, too.
    own_settings = {key: interpreter, HELP: f"file:///{page.as_posix().lstrip('/')}"}
    settings = {key: interpreter, SCHOOL: str(installation.school.resolve())}
    xlam = installation.classic_folder / ADDIN
    settings_file = installation.settings_file
    return [
        InstallStep("Classic add-in", str(xlam), ((xlam, build_xlam(own_settings)),)),
        InstallStep("Help page", str(page), ((page, help_page()),)),
        InstallStep(
            "Settings",
            str(settings_file),
            (
                (
                    settings_file,
                    settings_bytes(
                        read_settings(settings_file, system) | settings, system
                    ),
                ),
            ),
        ),
    ]


def _certificate_step(installation: Installation) -> InstallStep:
    folder, system = installation.own_folder, installation.system
    certificate, key = folder / "certificate.pem", folder / "certificate-key.pem"
    undo: tuple[str, ...] = ("certutil", "-user", "-delstore", "Root", NAME)
    if system == "darwin":
        undo = ("security", "delete-certificate", "-c", NAME)
    return InstallStep(
        "Certificate, trusted for this user",
        str(certificate),
        prepare=partial(ensure_certificate, folder, now=installation.now, renew=True),
        own_files=(certificate, key),
        commands=(trust_command(certificate, system),),
        undo_commands=(undo,),
    )


def _manifest_step(installation: Installation) -> InstallStep:
    data = manifest(f"https://localhost:{installation.port}")
    if installation.system == "darwin":
        path = installation.home / _MAC_MANIFESTS / "markbook.manifest.xml"
        return InstallStep("Manifest", str(path), ((path, data),))
    name = "Manifest, known to Excel"
    if installation.catalogue is None:
        path = installation.own_folder / "manifest.xml"
        key = rf"{_OFFICE}\Developer"
        return InstallStep(
            name,
            str(path),
            ((path, data),),
            commands=(_add_value(key, ID, str(path)),),
            undo_commands=(("reg", "delete", key, "/v", ID, "/f"),),
        )
    key = rf"{_OFFICE}\TrustedCatalogs\{{{ID}}}"
    return InstallStep(
        name,
        installation.catalogue,
        ((Path(installation.catalogue) / "markbook.xml", data),),
        commands=(
            _add_value(key, "Id", f"{{{ID}}}"),
            _add_value(key, "Url", installation.catalogue),
            ("reg", "add", key, "/v", "Flags", "/t", "REG_DWORD", "/d", "1", "/f"),
        ),
        undo_commands=(("reg", "delete", key, "/f"),),
    )


def _logon_step(installation: Installation) -> InstallStep:
    python = installation.interpreter
    words = ["-m", "addin.command", "addin", "serve", "--school"]
    words += [str(installation.school.resolve()), "--port", str(installation.port)]
    name = "Server, started at logon"
    if installation.system == "darwin":
        path = installation.home / _LAUNCH_AGENT
        agent = {
            "Label": path.stem,
            "ProgramArguments": [str(python), *words],
            "RunAtLoad": True,
        }
        return InstallStep(name, str(path), ((path, plistlib.dumps(agent)),))
    # The Python without a console window.
    command = subprocess.list2cmdline([str(python.with_name("pythonw.exe")), *words])
    return InstallStep(
        name,
        _LOGON,
        commands=(_add_value(_LOGON, "Markbook", command),),
        undo_commands=(("reg", "delete", _LOGON, "/v", "Markbook", "/f"),),
    )


def _add_value(key: str, name: str, value: str) -> tuple[str, ...]:
    return ("reg", "add", key, "/v", name, "/t", "REG_SZ", "/d", value, "/f")
