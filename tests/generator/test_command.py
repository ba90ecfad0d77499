"""The common options are defined once, and every command takes them."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from generator import cli, workflow
from generator.command import COMMON_OPTIONS, command
from generator.console import Session
from generator.report import Report
from udfs.errors import MarkbookError


class EchoReport(Report):
    @property
    def exit_status(self) -> int:
        return 1

    def json(self) -> dict[str, Any]:
        return {"echo": True}

    def lines(self) -> list[str]:
        return ["Echo."]


@pytest.fixture
def echo_app() -> tuple[typer.Typer, list[tuple[Session, str]]]:
    app, calls = typer.Typer(), []

    @command(app)
    def echo(session: Session, what: str, loud: bool = False) -> EchoReport | None:
        """Print something."""
        calls.append((session, what.upper() if loud else what))
        return None if what == "nothing" else EchoReport()

    @command(app, "from")
    def other(session: Session, file: Annotated[Path, typer.Option()] = Path()) -> None:
        """Another job."""

    return app, calls


def test_a_command_gets_its_own_words_and_a_session_of_the_common_options(echo_app):
    app, calls = echo_app
    words = ["echo", "a", "--loud", "--school", "north", "--as", "Ms A"]
    result = CliRunner().invoke(app, [*words, "--today", "2026-10-10"])
    (session, what), *_ = calls
    assert (what, session.folder, session.who) == ("A", Path("north"), "Ms A")
    assert session.today == session.now.date() == date(2026, 10, 10)
    assert (result.output, result.exit_code) == ("Echo.\n", 1)


def test_json_prints_one_object(echo_app):
    result = CliRunner().invoke(echo_app[0], ["echo", "a", "--json"])
    assert result.output == '{\n  "echo": true\n}\n'


def test_a_command_without_a_report_prints_nothing_more(echo_app):
    result = CliRunner().invoke(echo_app[0], ["echo", "nothing"])
    assert (result.output, result.exit_code) == ("", 0)


def test_the_user_is_the_login_and_the_folder_the_current_one_by_default(echo_app):
    app, calls = echo_app
    CliRunner().invoke(app, ["echo", "a"])
    session = calls[0][0]
    assert session.who and session.folder is None and session.today is None


@pytest.mark.parametrize("name", ["echo", "from"])
def test_help_names_the_common_options(echo_app, name):
    output = CliRunner().invoke(echo_app[0], [name, "--help"]).output
    options = {option.annotation.__metadata__[0] for option in COMMON_OPTIONS.values()}
    assert len(options) == 5
    for word in ("--school", "--json", "--quiet", "--as", "--today"):
        assert word in output
    assert "(default: here)" in output


@pytest.mark.parametrize("day", ["2026-13-01", "10/13/2026", "20261010", "0001-01-01"])
def test_an_invalid_day_is_refused_in_words(echo_app, day):
    result = CliRunner().invoke(echo_app[0], ["echo", "a", "--today", day])
    text = " ".join(result.output.replace("│", " ").split())
    assert result.exit_code == 2
    assert f"'{day}' is no day. Write it like 2026-10-12 or 12/10/2026." in text
    assert "Value error" not in text


@pytest.mark.parametrize(
    ("year", "message"),
    [
        ("2099/00", "is after 2026/27, the academic year of the school"),
        ("2026/28", "Write two years that follow each other, like 2026/27"),
        ("2026", "is no academic year"),
    ],
)
def test_results_belong_to_an_academic_year_that_has_begun(tmp_path, year, message):
    workflow.new(tmp_path, today=date(2026, 10, 10))
    words = ["results", "list.csv", "--year", year, "--school", str(tmp_path)]
    result = CliRunner().invoke(cli.app, words)
    assert isinstance(result.exception, MarkbookError)
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["issue", "--by", "pupil"], "'pupil' is not class or teacher."),
        (["collect", "x", "--take", "both"], "'both' is not returned or stored."),
        (["targets", "review", "--year", "ten"], "'ten' is no whole number"),
    ],
)
def test_wrong_options_are_refused_in_words(words, message):
    result = CliRunner().invoke(cli.app, words)
    text = " ".join(result.output.replace("│", " ").split())
    assert (result.exit_code, message in text, "error," in text) == (2, True, False)


@pytest.mark.parametrize(
    "words",
    [
        ["demo"],
        ["demo", "--seed", "7"],
        ["issue", "--by", "teacher"],
        ["collect", "--take", "stored"],
        ["targets", "review", "--year", "9", "--year", "10"],
        ["results", "list.csv", "--year", "2025/26"],
    ],
    ids=" ".join,
)
def test_valid_and_omitted_options_are_parsed(words, tmp_path):
    """What is refused is the folder, in words, and never an option."""
    file = tmp_path / "nothing"
    file.write_text("")
    where = [str(file)] if words[0] == "demo" else ["--school", str(file)]
    result = CliRunner().invoke(cli.app, [*words, *where])
    assert isinstance(result.exception, MarkbookError), result.output


@pytest.mark.parametrize(
    "words", [["doctor", "a", "b\x1b[2J"], ["b\x1b[2J"], ["targets", "b\x1b[2J"]]
)
def test_a_usage_error_cannot_steer_a_terminal(words):
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 2
    assert "b?[2J" in result.output.replace("\\x1b", "?")
    assert "\x1b" not in result.output
