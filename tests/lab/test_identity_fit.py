"""`hejie identity fit`: a model from a small town that scores as the one that travels does."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

import pytest

from hejie.analysis.model import labels, shipped
from hejie_lab.cli import identity


def test_a_model_is_fitted_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    parser = ArgumentParser()
    identity.arguments(parser)
    out = tmp_path / "links.json"
    assert identity.run(parser.parse_args(["fit", "--entities", "250", "--out", str(out)])) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert labels(found) == labels(shipped())
    told = capsys.readouterr().out
    assert "phone: the same telephone: +" in told
    assert "name: different: -" in told
