"""Notes, keys, checkpoints and cosignatures are read and written as C2SP says, and no other way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import Refused
from hejie.transparency import lines
from hejie.transparency.checkpoints import Checkpoint, cosign, cosigners, read, sign, signed_by_log, strangers
from hejie.transparency.keys import Kind, Signer, Verifier, read_verifier, read_verifiers
from hejie.transparency.notes import Note, read_note

VECTOR = json.loads((Path(__file__).parents[1] / "contract/rfc6962/vectors.json").read_text())["signed_note"]
AT = datetime(2026, 12, 1, 8, 0, 0, 250_000, tzinfo=UTC)
LOG = Signer("log.example/1", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = Signer("witness.example/w", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
HEAD = Checkpoint(origin=LOG.name, size=7, root=bytes(range(32)))
KEYS = (LOG.verifier(Kind.log), WITNESS.verifier(Kind.witness))
NOTE = sign(HEAD, LOG).with_more([cosign(HEAD, WITNESS, AT)])
RAW = str(NOTE).encode()


def test_the_published_note_and_its_key():
    key = read_verifier(VECTOR["verifier_key"])
    assert str(key) == VECTOR["verifier_key"]
    note = read_note(VECTOR["note"].encode())
    assert str(note) == VECTOR["note"]
    assert (note.signatures[0].name, note.signatures[0].id) == (key.name, key.id)
    assert key.verifies(note.signatures[0].raw, note.text.encode())
    assert not key.verifies(note.signatures[0].raw, note.text.replace("example", "exemple").encode())


def test_a_checkpoint_with_its_cosignature():
    note, head = read(RAW)
    assert (note, head) == (NOTE, HEAD)
    assert RAW.decode().startswith(f"log.example/1\n7\n{lines.base64_of(HEAD.root)}\n\n— log.example/1 ")
    assert signed_by_log(note, KEYS)
    (seen,) = cosigners(note, KEYS)
    assert (seen.name, seen.at) == (WITNESS.name, AT.replace(microsecond=0))
    assert strangers(note, KEYS[:1]) == (WITNESS.name,)
    message = f"cosignature/v1\ntime {int(AT.timestamp())}\n{HEAD.text}".encode()
    raw = note.signatures[1].raw
    assert raw[:8] == int(AT.timestamp()).to_bytes(8, "big")
    WITNESS.private.public_key().verify(raw[8:], message)


def test_only_the_key_with_that_name_and_number_counts():
    note, _ = read(RAW)
    assert not signed_by_log(note, [Verifier("other.example", Kind.log, KEYS[0].public)])
    assert not signed_by_log(note, [Verifier(LOG.name, Kind.log, KEYS[1].public)])
    assert not signed_by_log(note, [LOG.verifier(Kind.witness)])
    assert cosigners(note, [WITNESS.verifier(Kind.log)]) == ()
    forged = Note(note.text.replace("\n7\n", "\n8\n"), note.signatures)
    for ask in (signed_by_log, cosigners):
        with pytest.raises(Refused, match="note_forged"):
            ask(forged, KEYS)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"x",
        b"\n\n",
        RAW[:-1],
        RAW + b"\n",
        RAW.replace(b"\n\n", b"\n"),
        RAW.replace(b"\n", b"\r\n"),
        RAW.replace("—".encode(), b"-"),
        RAW.replace("— log".encode(), "—  log".encode()),
        RAW.replace(b"=\n", b"\n", 1),
        RAW.replace(b"log.example/1 ", b"log+example/1 "),
        RAW.replace(b"\n7\n", b"\n07\n"),
        RAW.replace(b"\n7\n", b"\n+7\n"),
        RAW.replace(b"\n7\n", b"\n-7\n"),
        RAW.replace(b"\n7\n", "\n７\n".encode()),
        RAW.replace(b"\n7\n", b"\n9223372036854775808\n"),
        RAW.replace(b"\n7\n", b"\n\n7\n"),
        RAW.replace(b"log.example/1\n", b"log.example/1\x00\n"),
        RAW.replace(b"log.example/1\n", b"log.example/\xff\n"),
        b"a\n" * 40_000 + RAW,
        RAW + RAW.rpartition(b"\n\n")[2] * 40,
    ],
)
def test_whatever_is_written_otherwise_is_refused(raw):
    with pytest.raises(Refused, match="note_unreadable"):
        read(raw)


@pytest.mark.parametrize("text", ["AB", "AAA=AAA=", "AAAA\n", " AAAA", "AB==", "AAA_"])
def test_one_way_to_write_bytes(text):
    assert lines.bytes_of("AA==") == b"\0"
    with pytest.raises(Refused):
        lines.bytes_of(text)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "a+b",
        VECTOR["verifier_key"].replace("530d903a", "530d903b"),
        VECTOR["verifier_key"].replace("530d903a", "530D903A"),
        VECTOR["verifier_key"].replace("+A", "+B"),
        VECTOR["verifier_key"][:-4],
        VECTOR["verifier_key"].replace("example.com", "example com"),
    ],
)
def test_a_key_that_is_none(told):
    with pytest.raises(Refused, match="log_key_wrong"):
        read_verifier(told)


def test_a_file_of_keys():
    told = f"# ours\n{KEYS[0]}\n\n{KEYS[1]} # Chengdu\n"
    assert read_verifiers(told) == KEYS


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_no_changed_byte_leaves_everything_standing(at, change):
    changed = RAW[:at] + bytes([RAW[at] ^ change]) + RAW[at + 1 :]
    try:
        note, head = read(changed)
        whole = signed_by_log(note, KEYS) and len(cosigners(note, KEYS)) == 1
    except Refused:
        return
    assert not whole
    assert head == HEAD or not signed_by_log(note, KEYS)
