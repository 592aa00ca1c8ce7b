"""The demo as a person starts it: it says where everything is, keeps its data, stops at once, and can be forgotten."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import httpx

from hejie_lab.accounts import kept_accounts
from hejie_lab.children import left_in

DEMO = [sys.executable, "-m", "hejie", "demo"]


def begin(folder):
    words = [*DEMO, "--var", str(folder), "--port", "0"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def sign_of(process):
    lines: list[str] = []
    while not any("--code" in line for line in lines):
        line = process.stdout.readline()
        assert line, "".join(lines)
        lines.append(line)
    return "".join(lines)


def test_it_shows_every_door_keeps_its_data_and_stops(folders):
    folder = folders()
    with begin(folder) as process:
        sign = sign_of(process)
        wallet = re.search(r"http://\S+/wallet/\d+", sign)[0]
        assert "片儿川" in httpx.get(wallet, trust_env=False).text
        paycode = re.search(r"http://\S+/code/[0-9a-z]{10}", sign)[0]
        assert "退货放心" in httpx.get(paycode, trust_env=False).text
        accounts = kept_accounts(folder)
        assert all(account.password in sign and account.totp_secret in sign for account in accounts)
        process.send_signal(signal.SIGINT)
        assert "the data stays" in process.stdout.read()
        assert process.wait() == 0
    assert not any(child.alive for child in left_in(folder))
    with begin(folder) as process:
        assert wallet in sign_of(process)
        process.terminate()
        assert process.stdout.read()
    assert kept_accounts(folder) == accounts
    told = subprocess.run([*DEMO, "--code", "--var", str(folder)], capture_output=True, text=True, check=True)
    assert accounts[0].login in told.stdout
    subprocess.run([*DEMO, "--reset", "--var", str(folder)], capture_output=True, check=True)
    assert not folder.exists()


def test_a_folder_of_somebody_else_is_never_deleted(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    subprocess.run([*DEMO, "--reset", "--var", str(tmp_path)], capture_output=True, check=True)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
