"""A new city's ten minutes: from an empty folder to its file, its settings in a database, and a dispute settled."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from hejie import cli
from hejie_lab.cli import rehearse


def test_from_an_empty_folder_to_a_settled_dispute(folders, app_url, capsys):
    folder = folders()
    folder.mkdir(mode=0o711)
    answers = folder / "answers.toml"
    answers.write_text('code = "320500"\nvalid_from = 2027-02-01\npromises = ["rights"]\n')
    city = folder / "suzhou"
    assert cli.main(["city", "new", "--answers", str(answers), "--folder", str(city)]) == 0
    environment = os.environ | {"HEJIE_DATABASE_URL": app_url}
    script = f". {city}/hejie.env && exec {sys.executable} -m hejie city apply {city}/320500.toml"
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert "(320500): settings 1, row 1" in done.stdout
    parser = argparse.ArgumentParser()
    rehearse.arguments(parser)
    var = folder / "rehearsal"
    assert rehearse.run(parser.parse_args([str(city / "320500.toml"), "--var", str(var)])) == 0
    shown = capsys.readouterr().out
    assert "filed from the bill: 320500-" in shown
    assert "88.00 yuan came back" in shown
    assert not var.exists()
