"""SM2 against the standard's own example, and against what is no signature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from http_message_signatures.exceptions import InvalidSignature

from hejie.base.errors import Refused
from hejie.connectors import sm2, suites

VECTOR = json.loads((Path(__file__).parents[1] / "contract" / "sm2" / "vector.json").read_text(encoding="utf-8"))
MESSAGE = VECTOR["message"].encode()
R, S = bytes.fromhex(VECTOR["r"]), bytes.fromhex(VECTOR["s"])
ORDER = bytes.fromhex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123")


def verifier() -> sm2.Sm2Sm3:
    return sm2.Sm2Sm3(public_key=sm2.public_key(VECTOR["public"]))


def test_the_published_signature_stands():
    verifier().verify(R + S, MESSAGE)


def test_what_we_sign_with_the_published_key_stands():
    signature = sm2.Sm2Sm3(private_key=sm2.private_key(VECTOR["private"])).sign(MESSAGE)
    assert len(signature) == 64
    verifier().verify(signature, MESSAGE)


@pytest.mark.parametrize(
    "signature",
    [
        S + R,
        R + S[:-1],
        b"",
        bytes(64),
        R + bytes(32),
        bytes(32) + S,
        ORDER + S,
        R + ORDER,
        R + b"\xff" * 32,
        R + (int.from_bytes(S, "big") + 1).to_bytes(32, "big"),
    ],
)
def test_anything_else_does_not(signature):
    with pytest.raises(InvalidSignature):
        verifier().verify(signature, MESSAGE)


def test_another_message_does_not():
    with pytest.raises(InvalidSignature):
        verifier().verify(R + S, MESSAGE + b".")


def test_without_its_library_it_is_no_way_of_signing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Refused, match="sign_method_unknown"):
        suites.suite("sm2-sm3")
    assert suites.suite("rsa-pss-sha512").algorithm.algorithm_id == "rsa-pss-sha512"
