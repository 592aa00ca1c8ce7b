"""`hejie proof key` makes a key once, for its owner's eyes; the settings take what it prints, and no other key."""

from __future__ import annotations

import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hejie.base.errors import Refused
from hejie.cli import main
from hejie.peers.opening import own_log
from hejie.settings import LogPeer, TransparencyLog

NAME = "hejie.example/330100/log"


def made(file, capsys, name=NAME):
    assert main(["proof", "key", name, str(file)]) == 0
    return dict(line.split(" ", 1) for line in capsys.readouterr().out.splitlines())


def test_a_key_is_made_once(tmp_path, capsys):
    file = tmp_path / "log.pem"
    told = made(file, capsys)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert made(file, capsys) == told
    assert file.read_bytes() == before
    peer = LogPeer(log=told["log"], witness=told["witness"], url="http://x.example/api/330100/witness/")
    own = own_log(TransparencyLog(name=NAME, private_key=file, peers=(peer,)))
    assert [str(key) for key in own.keys] == [told["log"], told["witness"]]
    assert own.cosigners[0].url == "http://x.example/api/330100/witness"
    assert own_log(TransparencyLog(name=NAME, private_key=file)).cosigners == ()


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "x" * 300])
def test_a_name_that_is_none(name, tmp_path, capsys):
    assert main(["proof", "key", name, str(tmp_path / "log.pem")]) == 2
    assert "plus sign" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_key_of_a_log(tmp_path, capsys):
    told = made(tmp_path / "log.pem", capsys)
    other = tmp_path / "rsa.pem"
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    other.write_bytes(pem)
    (tmp_path / "none.pem").write_text("no key")
    swapped = LogPeer(log=told["witness"], witness=told["log"])
    for settings in (
        TransparencyLog(name=NAME, private_key=other),
        TransparencyLog(name=NAME, private_key=tmp_path / "none.pem"),
        TransparencyLog(name=NAME, private_key=tmp_path / "log.pem", peers=(swapped,)),
        TransparencyLog(name=NAME, private_key=tmp_path / "log.pem", peers=(LogPeer(log="x"),)),
    ):
        with pytest.raises(Refused, match="log_key_wrong"):
            own_log(settings)
