"""A proof of a case holds offline, says who agreed, and holds for nothing but itself."""

from __future__ import annotations

import json
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.transparency.making import AT, BODIES, KEYS, LOG, WITNESSES, receipt, signer

from hejie.base.errors import Refused
from hejie.base.seals import canonical
from hejie.transparency.proof_file import read_proof
from hejie.transparency.receipt import Closed, Shown, check, read_receipt, write

MADE = receipt()
RAW = write(MADE)


def test_everything_holds_and_the_cosigners_are_named():
    found = check(RAW, KEYS)
    assert found.signed
    assert (found.origin, found.size) == (LOG.name, 5 + 3 + 9)
    assert [each.name for each in found.agreed] == [each.name for each in WITNESSES]
    assert (found.verdict, found.unknown, found.since) == ("holds", (), AT)


def test_what_is_not_the_readers_is_not_in_the_file():
    assert isinstance(MADE.steps[1], Closed)
    assert b"mood" not in RAW
    salt = sha256(bytes([2])).digest()[:16]
    assert salt.hex().encode() not in RAW


def test_unknown_keys_are_said_to_be_unknown():
    found = check(RAW, KEYS[1:2])
    assert found.verdict == "stranger"
    assert [each.name for each in found.agreed] == [WITNESSES[0].name]
    assert found.unknown == tuple(sorted((LOG.name, WITNESSES[1].name)))
    assert check(RAW, KEYS[:1]).verdict == "alone"
    nobody = check(RAW, ())
    assert (nobody.signed, nobody.agreed) == (False, ())


def test_another_key_under_the_same_name_is_unknown():
    forged = write(receipt(log=signer(LOG.name, 99), cosigners=()))
    found = check(forged, KEYS)
    assert not found.signed
    assert found.agreed == ()


def changed(at=0, **more: object):
    """The file with one step changed, its sum made anew."""
    steps = list(MADE.steps)
    steps[at] = replace(steps[at], **more)
    return write(replace(MADE, steps=tuple(steps)))


SHOWN = MADE.steps[0]
HOSTILE = {
    "another amount": (changed(body={**BODIES[0], "fen": 9000}), "proof_step_changed"),
    "another event": (changed(event="Withdrawn"), "proof_step_changed"),
    "another time": (changed(at=0, by="merchant"), "proof_step_changed"),
    "another salt": (changed(salt="00" * 16), "proof_step_changed"),
    "a short salt": (changed(salt="00" * 15), "proof_unreadable"),
    "a salt in capitals": (changed(salt=SHOWN.salt.upper()), "proof_unreadable"),
    "no salt": (changed(salt="zz"), "proof_unreadable"),
    "a closed step's digest": (changed(1, digest="00" * 32), "proof_step_changed"),
    "a closed step opened": (
        write(replace(MADE, steps=(SHOWN, Shown(version=2, at=SHOWN.at, by="consumer", event="Rated", salt=SHOWN.salt,
                                                body={}, proof=MADE.steps[1].proof), MADE.steps[2]))),
        "proof_step_changed",
    ),
    "another case": (write(replace(MADE, id="330100-A-C")), "proof_step_changed"),
    "another city": (write(replace(MADE, city="510100")), "proof_step_changed"),
    "the proof of another step": (changed(proof=MADE.steps[2].proof), "proof_step_changed"),
    "a step left out": (write(replace(MADE, steps=MADE.steps[::2])), "proof_steps_missing"),
    "the first left out": (write(replace(MADE, steps=MADE.steps[1:])), "proof_steps_missing"),
    "a step twice": (write(replace(MADE, steps=(*MADE.steps, MADE.steps[2]))), "proof_steps_missing"),
    "another order": (write(replace(MADE, steps=MADE.steps[::-1])), "proof_steps_missing"),
    "no step": (write(replace(MADE, steps=())), "proof_unreadable"),
    "two checkpoints": (changed(proof=receipt(after=8).steps[0].proof), "proof_mixed"),
    "no proof": (changed(proof="x"), "proof_unreadable"),
    "extra data": (changed(proof=SHOWN.proof.replace("\nindex", "\nextra AA==\nindex")), "proof_unreadable"),
    "a sum of nothing": (RAW.replace(json.loads(RAW)["sum"].encode(), b"0" * 64), "proof_unreadable"),
    "spaces": (RAW.replace(b'"city":', b'"city": '), "proof_unreadable"),
    "a key twice": (RAW.replace(b'{"city":', b'{"city":"x","city":'), "proof_unreadable"),
    "NaN": (RAW.replace(b'"fen":5000', b'"fen":NaN'), "proof_unreadable"),
    "a number beyond": (RAW.replace(b'"fen":5000', b'"fen":5000000000000000000000000'), "proof_unreadable"),
    "more than JSON": (RAW + b"{}", "proof_unreadable"),
    "deep": (b'{"steps":' + b"[" * 100_000, "proof_unreadable"),
    "not UTF-8": (b"\xff" + RAW, "proof_unreadable"),
    "half": (RAW[: len(RAW) // 2], "proof_unreadable"),
    "empty": (b"", "proof_unreadable"),
    "too large": (RAW + b" " * (5 * 1024 * 1024), "proof_too_large"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(40), "proof_unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_refused(case):
    raw, code = HOSTILE[case]
    with pytest.raises(Refused) as refused:
        check(raw, KEYS)
    assert refused.value.code == code


def test_a_forged_signature_spoils_all():
    note = read_proof(SHOWN.proof).checkpoint
    other = read_proof(receipt(after=8).steps[0].proof).checkpoint
    for number in range(2, 5):
        forged = note.replace(note.splitlines()[number + 2], other.splitlines()[number + 2])
        raw = write(replace(MADE, steps=tuple(replace(each, proof=each.proof.replace(note, forged))
                                              for each in MADE.steps)))  # fmt: skip
        with pytest.raises(Refused, match="note_forged"):
            check(raw, KEYS)


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_a_changed_byte_never_verifies(at, change):
    with pytest.raises(Refused):
        check(RAW[:at] + bytes([RAW[at] ^ change]) + RAW[at + 1 :], KEYS)


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_whoever_makes_the_sum_anew_still_proves_nothing_else(at, change):
    raw = RAW[:at] + bytes([RAW[at] ^ change]) + RAW[at + 1 :]
    try:
        told = msgspec.json.decode(raw)
        told["sum"] = sha256(canonical({**told, "sum": ""}) + b"\n").hexdigest()
        found = check(canonical(told) + b"\n", KEYS)
    except (Refused, msgspec.MsgspecError, ValueError, TypeError, KeyError):
        return
    assert len(found.agreed) < len(WITNESSES) or not found.signed or found.receipt == read_receipt(RAW)
    plain = [replace(each, proof="") for each in found.receipt.steps]
    assert plain == [replace(each, proof="") for each in MADE.steps]
