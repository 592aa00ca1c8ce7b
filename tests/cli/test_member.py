"""`hejie member`: functions are given and ended, and refused where one person would hold too much."""

from __future__ import annotations

import json

import pytest
from tests.cli.test_clearing import CITY, city

from hejie.cli import main

__all__ = ["city"]


@pytest.mark.usefixtures("city")
def test_functions_are_given_and_ended(capsys: pytest.CaptureFixture[str]):
    own = ["--city", CITY, "--json"]
    assert main(["member", "add", "wang", *own, "--organisation", CITY, "--generate-password"]) == 0
    capsys.readouterr()
    assert main(["member", "give", "wang", "head", *own, "--authority", "330106"]) == 0
    assert json.loads(capsys.readouterr().out) == {"login": "wang", "functions": ["head"]}
    assert main(["member", "give", "wang", "auditor", *own]) == 2
    assert "stand alone" in capsys.readouterr().err
    assert main(["member", "end", "wang", "head", *own]) == 0
    assert json.loads(capsys.readouterr().out)["functions"] == []
