"""What every command takes is said once, and reaches each of them."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from generator import cli, workflow
from generator.command import COMMON_OPTIONS, command
from generator.console import Session
from udfs.errors import MarkbookError


class Told:
    problems = ()
    exit_status = 1

    def json(self) -> dict[str, Any]:
        return {"told": True}

    def lines(self) -> list[str]:
        return ["Told."]


@pytest.fixture
def asked() -> tuple[typer.Typer, list[tuple[Session, str]]]:
    app, heard = typer.Typer(), []

    @command(app)
    def tell(session: Session, what: str, loud: bool = False) -> Told | None:
        """Tell something."""
        heard.append((session, what.upper() if loud else what))
        return None if what == "nothing" else Told()

    @command(app, "from")
    def other(session: Session, file: Annotated[Path, typer.Option()] = Path()) -> None:
        """Another job."""

    return app, heard


def test_a_job_hears_its_own_words_and_the_session_of_every_job(asked):
    app, heard = asked
    words = ["tell", "a", "--loud", "--school", "north", "--as", "Ms A"]
    ended = CliRunner().invoke(app, [*words, "--today", "2026-10-10"])
    (session, what), *_ = heard
    assert (what, session.folder, session.who) == ("A", Path("north"), "Ms A")
    assert session.today == session.now.date() == date(2026, 10, 10)
    assert (ended.output, ended.exit_code) == ("Told.\n", 1)


def test_one_object_is_shown_when_asked_for(asked):
    ended = CliRunner().invoke(asked[0], ["tell", "a", "--json"])
    assert ended.output == '{\n  "told": true\n}\n'


def test_a_job_without_a_report_has_said_all(asked):
    ended = CliRunner().invoke(asked[0], ["tell", "nothing"])
    assert (ended.output, ended.exit_code) == ("", 0)


def test_nobody_named_is_who_is_logged_in_and_no_folder_is_this_one(asked):
    app, heard = asked
    CliRunner().invoke(app, ["tell", "a"])
    session = heard[0][0]
    assert session.who and session.folder is None and session.today is None


@pytest.mark.parametrize("name", ["tell", "from"])
def test_help_names_what_every_job_takes(asked, name):
    shown = CliRunner().invoke(asked[0], [name, "--help"]).output
    options = {one.annotation.__metadata__[0] for one in COMMON_OPTIONS.values()}
    assert len(options) == 5
    for word in ("--school", "--json", "--quiet", "--as", "--today"):
        assert word in shown
    assert "(default: here)" in shown


@pytest.mark.parametrize("day", ["2026-13-01", "10/10/2026", "20261010", "0001-01-01"])
def test_a_day_that_is_none_is_refused_in_words(asked, day):
    ended = CliRunner().invoke(asked[0], ["tell", "a", "--today", day])
    said = " ".join(ended.output.replace("│", " ").split())
    assert ended.exit_code == 2
    assert f"'{day}' is no day. Write it like 2026-10-12: year, month, day." in said
    assert "Value error" not in said


@pytest.mark.parametrize(
    ("year", "says"),
    [
        ("2099/00", "is after 2026/27, the academic year of the school"),
        ("2026/28", "Write two years that follow each other, like 2026/27"),
        ("2026", "is no academic year"),
    ],
)
def test_results_are_of_an_academic_year_that_there_was(tmp_path, year, says):
    workflow.new(tmp_path, today=date(2026, 10, 10))
    words = ["results", "list.csv", "--year", year, "--school", str(tmp_path)]
    ended = CliRunner().invoke(cli.app, words)
    assert isinstance(ended.exception, MarkbookError)
    assert says in str(ended.exception)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["issue", "--by", "pupil"], "'pupil' is not class or teacher."),
        (["collect", "x", "--take", "both"], "'both' is not returned or stored."),
        (["targets", "review", "--year", "ten"], "'ten' is no whole number"),
    ],
)
def test_wrong_options_are_refused_in_words(words, says):
    ended = CliRunner().invoke(cli.app, words)
    said = " ".join(ended.output.replace("│", " ").split())
    assert (ended.exit_code, says in said, "error," in said) == (2, True, False)


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
def test_right_options_and_those_left_out_are_read(words, tmp_path):
    """What is refused then is the folder, in words, and never an option."""
    place = tmp_path / "nothing"
    place.write_text("")
    where = [str(place)] if words[0] == "demo" else ["--school", str(place)]
    ended = CliRunner().invoke(cli.app, [*words, *where])
    assert isinstance(ended.exception, MarkbookError), ended.output
