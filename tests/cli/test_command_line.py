"""The command line: every command loads, help is whole, and a failure is one sentence."""

from __future__ import annotations

import re
import subprocess
import sys

import psycopg
import pytest

from hejie import cli
from hejie.base.errors import Refused
from hejie.cli import db


@pytest.mark.parametrize("name", sorted(cli._names()))
def test_every_command_says_what_it_does(name, capsys):
    with pytest.raises(SystemExit) as done:
        cli.main([name, "--help"])
    assert done.value.code == 0
    assert f"hejie {name}" in capsys.readouterr().out


def test_the_list_shows_every_command(capsys):
    with pytest.raises(SystemExit) as done:
        cli.main(["--help"])
    shown = capsys.readouterr().out
    assert done.value.code == 0
    assert all(re.search(rf"\n    {name}\s", shown) for name in cli._names())


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Refused("uscc_invalid", number="X1"), "hejie: uscc_invalid number: X1\n"),
        (FileNotFoundError(2, "No such file or directory", "bill.csv"), "hejie: No such file or directory: bill.csv\n"),
        (psycopg.OperationalError("connection refused\nIs the server running?"), "hejie: connection refused\n"),
        (ZeroDivisionError(), "hejie: ZeroDivisionError\n"),
    ],
)
def test_a_failure_is_one_sentence_and_status_2(error, sentence, monkeypatch, capsys):
    def fail(_args):
        raise error

    monkeypatch.setattr(db, "run", fail)
    assert cli.main(["db", "url"]) == 2
    assert capsys.readouterr().err == sentence


def test_an_interruption_is_no_failure_to_explain(monkeypatch, capsys):
    def interrupt(_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(db, "run", interrupt)
    assert cli.main(["db", "url"]) == 130
    assert capsys.readouterr() == ("", "")


def test_python_m_hejie_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "hejie", "no-such-command"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "invalid choice: 'no-such-command'" in done.stderr
