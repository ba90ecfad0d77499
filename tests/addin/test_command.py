"""The commands `markbook addin …` and the entry point."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from addin.command import main
from addin.server import configure_xlwings
from udfs.errors import MarkbookError


def test_build_reports_its_files(tmp_path, capsys):
    assert main(["addin", "build", str(tmp_path / "out"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert sorted(Path(name).name for name in report["files"]) == [
        "Examples.xlsx",
        "Functions.html",
        "Markbook.xlam",
        "manifest.xml",
    ]
    assert all(Path(name).stat().st_size for name in report["files"])


def test_build_into_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "out").write_text("")
    assert main(["addin", "build", str(tmp_path / "out")]) == 2
    assert "is a file. Name a folder." in capsys.readouterr().err


@pytest.mark.parametrize("words", [["build"], ["install", "--to"]])
def test_a_folder_that_cannot_be_created_is_refused(
    words, tmp_path, monkeypatch, capsys
):
    assert main(["new", str(tmp_path / "school")]) == 0
    monkeypatch.chdir(tmp_path / "school")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / "note").write_text("")
    assert main(["addin", *words, str(tmp_path / "note/in")]) == 2
    assert "note/in cannot be made (" in capsys.readouterr().err


def test_build_names_the_port_that_is_asked_for(tmp_path, capsys):
    assert main(["addin", "build", str(tmp_path), "--port", "9017"]) == 0
    text = (tmp_path / "manifest.xml").read_text()
    assert "https://localhost:9017/taskpane.html" in text and ":8617" not in text


def close_output():
    os.close(1)
    os.close(2)


def test_the_command_runs_without_a_console():
    """As the server does that is started at logon."""
    for words, status in ((["--version"], 0), (["no-such-command"], 2)):
        process = subprocess.run(
            [sys.executable, "-m", "addin.command", *words],
            preexec_fn=close_output,
        )
        assert process.returncode == status


def test_a_missing_school_message_shows_the_full_path(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["chase"]) == 2
    assert f"There is no school.toml in {tmp_path}. " in capsys.readouterr().err
    (tmp_path / "school.toml").write_text("")
    assert main(["chase", "--school", "school.toml"]) == 2
    assert "school.toml is a file, no school folder. " in capsys.readouterr().err


def test_an_unknown_word_gets_the_collections_and_packs(tmp_path, capsys):
    assert main(["new", str(tmp_path / "school")]) == 0
    assert main(["pack", "ATU", "--school", str(tmp_path / "school")]) == 2
    message = capsys.readouterr().err
    assert (
        "There is no collection and no pack 'ATU'. The collections are: AUT," in message
    )
    assert "The packs are: department, " in message


def test_serve_needs_a_school(tmp_path, capsys):
    assert main(["addin", "serve", "--school", str(tmp_path)]) == 2
    assert "There is no school.toml" in capsys.readouterr().err


def test_serve_without_its_packages_says_what_to_install(monkeypatch):
    # What it sets must not reach later tests.
    monkeypatch.setattr("os.environ", {})
    monkeypatch.setattr("sys.modules", {**sys.modules, "xlwings_server": None})
    with pytest.raises(MarkbookError, match="not installed"):
        configure_xlwings()


def test_a_reading_worker_loads_nothing_of_the_add_in():
    heavy = {"pandas", "xlwings", "sqlalchemy", "typer"}
    code = f"import addin.command, sys; print(sorted({heavy!r} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["frobnicate", "--json"], "No such command 'frobnicate'."),
        (["export", "marks", "--json"], "Missing option '--out'."),
        (["--json", "chase", "--wrong"], "No such option: --wrong"),
    ],
)
def test_wrong_usage_is_one_json_object_too(words, message, capsys):
    assert main(words) == 2
    output = capsys.readouterr()
    assert json.loads(output.out)["error"]["what"].startswith(message)
    assert output.err


def test_wrong_usage_without_json_leaves_standard_output_alone(capsys):
    assert main(["frobnicate"]) == 2
    assert capsys.readouterr().out == ""
