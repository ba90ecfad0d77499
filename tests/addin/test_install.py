"""Installing both add-ins for one user, and removing them, on each system."""

from __future__ import annotations

import json
import plistlib
import re
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from addin import install, user_settings
from addin.certificate import RENEWAL_DAYS, ensure_certificate, renewal_notice
from addin.command import main
from addin.install import Installation, install_steps, remove_steps
from addin.manifest import ID
from udfs.errors import MarkbookError

NOW = datetime(2026, 10, 14, 9)
USERS = ["Ann", "Zoë", "Siân Ó Briain", "Łucja", "李明"]


@pytest.fixture
def home(tmp_path, request):
    folder = tmp_path / getattr(request, "param", "Zoë")
    (folder / "school").mkdir(parents=True)
    return folder


def installation(home, system, **changes):
    values = {
        "home": home,
        "school": home / "school",
        "interpreter": Path("C:/Markbooks/.venv/Scripts/python.exe"),
        "now": NOW,
        "port": 9017,
        "system": system,
    }
    return Installation(**{**values, **changes})


def ansi_settings(path, encoding="cp1252"):
    """The settings as VBA's `Input #` reads them: ANSI text, quoted values."""
    rows = path.read_bytes().decode(encoding).splitlines()
    return dict(re.fullmatch(r'"([^"]*)","([^"]*)"', row).groups() for row in rows)


@pytest.fixture
def commands():
    return []


@pytest.mark.parametrize("home", USERS, indirect=True)
def test_windows_gets_every_step(home, commands, monkeypatch):
    monkeypatch.setenv("APPDATA", str(home / "Roaming"))
    here = installation(home, "win32")
    outcome = install_steps(here, commands.append)
    assert outcome.problems == ()
    assert [line.partition(":")[0] for line in outcome.lines] == [
        "Classic add-in",
        "Help page",
        "Settings",
        "Certificate, trusted for this user",
        "Manifest, known to Excel",
        "Server, started at logon",
    ]
    assert all(path.is_file() for path in outcome.files)
    assert (home / "Roaming/Microsoft/Excel/XLSTART/Markbook.xlam").is_file()
    trust, developer, logon = commands
    certificate = home / ".markbook/certificate.pem"
    assert trust == ("certutil", "-user", "-addstore", "Root", str(certificate))
    manifest = home / ".markbook/manifest.xml"
    assert developer[:5] == ("reg", "add", install._OFFICE + r"\Developer", "/v", ID)
    assert str(manifest) in developer
    assert "https://localhost:9017/" in manifest.read_text(encoding="utf-8")
    text = logon[logon.index("/d") + 1]
    assert text.startswith("C:/Markbooks/.venv/Scripts/pythonw.exe -m addin.command")
    assert f"{home / 'school'}" in text and text.endswith("--port 9017")


@pytest.mark.parametrize("home", USERS, indirect=True)
@pytest.mark.parametrize("system", ["win32", "darwin", "linux"])
def test_settings_are_readable_for_every_user_name(home, system, commands):
    here = installation(home, system, to=home / "there")
    install_steps(here, commands.append)
    encoding = user_settings.ansi_encoding(system)
    settings = ansi_settings(here.settings_file, encoding)
    key = "INTERPRETER_MAC" if system == "darwin" else "INTERPRETER_WIN"
    assert settings[key] == str(here.interpreter)
    if user_settings.is_readable(str(home), system):
        assert settings["SCHOOL"] == str(home / "school")
    read = user_settings.read_settings(here.settings_file, system)
    assert read["SCHOOL"] == str(home / "school")
    # in the add-in's own sheet, which is Unicode, too
    with zipfile.ZipFile(home / "there/Markbook.xlam") as package:
        parts = {name: package.read(name) for name in package.namelist()}
    types = "[Content_Types].xml"
    parts[types] = parts[types].replace(b"addin.macroEnabled", b"sheet.macroEnabled")
    parts.pop("xl/vbaProject.bin")
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    sheet = openpyxl.load_workbook(stream)["markbook.conf"]
    rows = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert rows[key] == str(here.interpreter)
    assert rows["UDF MODULES"] == "addin.classic"
    page = Path("/" + rows["HELP"].removeprefix("file:///"))
    assert 'id="FLAG"' in page.read_text(encoding="utf-8")


def test_a_python_that_vba_cannot_name_is_refused_in_words(home):
    here = installation(
        home, "linux", to=home, interpreter=Path("C:/Łucja/.venv/python.exe")
    )
    with pytest.raises(MarkbookError, match="letters that Excel's VBA cannot read"):
        install_steps(here, print)


def test_installing_again_changes_nothing_and_other_settings_stay(home, commands):
    here = installation(home, "win32", to=home / "there")
    install_steps(here, commands.append)
    path = here.settings_file
    path.write_bytes(path.read_bytes() + b'"OTHER","stays"\n')
    before = {p: p.read_bytes() for p in home.rglob("*") if p.is_file()}
    first, commands[:] = list(commands), []
    install_steps(here, commands.append)
    after = {p: p.read_bytes() for p in home.rglob("*") if p.is_file()}
    assert user_settings.read_settings(path)["OTHER"] == "stays"
    before.pop(path), after.pop(path)
    assert (after, commands) == (before, first)


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_removing_leaves_nothing_but_the_school(home, system, commands):
    (home / "school/school.toml").write_text("")
    here = installation(home, system, to=home / "there")
    install_steps(here, commands.append)
    added, commands[:] = list(commands), []
    outcome = remove_steps(here, commands.append)
    assert outcome.problems == () and len(outcome.lines) == 6
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files == [home / "school/school.toml"]
    if system == "win32":
        keys = {words[2] for words in added if words[0] == "reg"}
        assert {words[2] for words in commands if words[0] == "reg"} == keys
    remove_steps(here, commands.append)  # again


def test_the_mac_gets_its_own_places(home, commands):
    outcome = install_steps(installation(home, "darwin"), commands.append)
    assert len(outcome.lines) == 6
    (trust,) = commands
    assert trust[:2] == ("security", "add-trusted-cert")
    office = "Library/Containers/com.microsoft.Excel/Data"
    assert (home / office / "markbook.conf").is_file()
    assert (home / office / "Documents/wef/markbook.manifest.xml").is_file()
    agent = home / "Library/LaunchAgents/org.markbook.serve.plist"
    words = plistlib.loads(agent.read_bytes())["ProgramArguments"]
    assert words[1:5] == ["-m", "addin.command", "addin", "serve"]


def test_a_shared_catalogue_is_registered(home, tmp_path, commands):
    share = tmp_path / "share"
    here = installation(home, "win32", to=home / "there", catalogue=str(share))
    install_steps(here, commands.append)
    assert (share / "markbook.xml").is_file()
    values = {words[4]: words[8] for words in commands if "TrustedCatalogs" in words[2]}
    assert values == {"Id": f"{{{ID}}}", "Url": str(share), "Flags": "1"}


def test_a_step_that_is_forbidden_is_reported_and_the_others_are_done(home):
    def run(words):
        if words[0] == "reg":
            raise MarkbookError("reg failed (not allowed).", "Ask IT.")

    outcome = install_steps(installation(home, "win32", to=home / "there"), run)
    assert len(outcome.lines) == 4
    assert [problem.what for problem in outcome.problems] == [
        f"Manifest, known to Excel ({home}/.markbook/manifest.xml): "
        "reg failed (not allowed).",
        rf"Server, started at logon ({install._LOGON}): reg failed (not allowed).",
    ]


def test_a_program_that_is_not_there_is_an_error_in_words():
    with pytest.raises(MarkbookError, match="no-such-program failed"):
        install.run_command(("no-such-program", "x"))
    with pytest.raises(MarkbookError, match="false failed"):
        install.run_command(("false",))


def test_without_the_server_the_classic_add_in_is_installed(
    home, commands, monkeypatch
):
    monkeypatch.setattr(install, "find_spec", lambda name: None)
    outcome = install_steps(installation(home, "win32", to=home), commands.append)
    assert len(outcome.lines) == 3 and commands == []


def test_install_takes_the_school_it_stands_in(home, monkeypatch, capsys):
    monkeypatch.setattr(Path, "home", lambda: home)
    assert main(["new", str(home / "northbridge")]) == 0
    monkeypatch.chdir(home / "northbridge")
    assert main(["addin", "install"]) == 2
    assert "name a folder with --to DIR." in capsys.readouterr().err
    assert main(["addin", "install", "--to", str(home / "there"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert str(home / "there/Markbook.xlam") in report["files"]
    settings = ansi_settings(home / ".markbook/markbook.conf")
    assert settings["SCHOOL"] == str(home / "northbridge")
    assert user_settings.school_folder() == home / "northbridge"
    assert main(["addin", "install", "--to", str(home / "there"), "--remove"]) == 0
    assert not (home / "there/Markbook.xlam").exists()


def test_install_outside_a_school_is_refused(home, monkeypatch, capsys):
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.chdir(home)
    for words in ([], ["--school", str(home / "school")], ["--school", "nowhere"]):
        assert main(["addin", "install", "--to", str(home / "there"), *words]) == 2
        assert "no school" in capsys.readouterr().err.lower()
    assert not (home / "there").exists()


def test_settings_of_the_version_before_are_read(tmp_path):
    path = tmp_path / "markbook.conf"
    path.write_bytes('"SCHOOL","D:\\Zoë\\school"\n'.encode())
    assert user_settings.read_settings(path) == {"SCHOOL": r"D:\Zoë\school"}


def test_the_end_of_the_certificate_is_reported_a_month_ahead(tmp_path):
    path, _ = ensure_certificate(tmp_path, now=datetime(2026, 10, 14))
    assert renewal_notice(path, now=datetime(2027, 9, 13)) == ""
    notice = renewal_notice(path, now=datetime(2027, 9, 15))
    assert RENEWAL_DAYS == 30
    assert notice == (
        "Excel trusts this page until 14 October 2027. "
        "To renew that, run: markbook addin install"
    )


SETUP = Path(__file__).parents[2] / "setup.cmd"


def test_the_windows_set_up_is_short_and_calls_what_there_is(capsys):
    text = SETUP.read_bytes().decode("ascii")
    assert text.count("\r\n") == text.count("\n") <= 12
    calls = re.findall(r"Scripts\\markbook (addin \w+|\w+)", text)
    assert calls == ["new", "addin install"]
    for call in calls:
        assert main([*call.split(), "--help"]) == 0
    assert "pip install" in text and "markbook[" not in text
