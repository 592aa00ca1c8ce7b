"""A log in memory with its cosigners, and the proof of one case in it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hejie.base.merkle import consistency_ranges, inclusion_ranges, leaf_hash
from hejie.base.seals import commitment
from hejie.transparency.checkpoints import Checkpoint, cosign, sign
from hejie.transparency.entries import Step, entry_of, entry_salt, instant
from hejie.transparency.keys import Kind, Signer
from hejie.transparency.proof_file import EntryProof
from hejie.transparency.receipt import Closed, Receipt, Shown
from hejie.transparency.tiles import appended, hashes_over

AT = datetime(2026, 12, 1, 8, tzinfo=UTC)


def signer(name, number):
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)))


LOG = signer("hangzhou.example/330100/log", 1)
WITNESSES = tuple(signer(f"{name}.example/log", number) for number, name in enumerate(("chengdu", "shanghai"), 2))
KEYS = (LOG.verifier(Kind.log), *(each.verifier(Kind.witness) for each in WITNESSES))


class Tree:
    """Entries with every hash over them."""

    def __init__(self, entries) -> None:
        self.size = len(entries)
        self.tiles = appended(0, {}, [leaf_hash(each) for each in entries])

    def hashes(self, parts):
        return hashes_over(parts, self.tiles)

    def checkpoint(self, size=None, origin=LOG.name):
        size = self.size if size is None else size
        return Checkpoint(origin=origin, size=size, root=self.hashes([(0, size)])[0])

    def consistency(self, old, new=None):
        return self.hashes(consistency_ranges(old, new or self.size)) if old else []


def entries(count, word="entry"):
    return [hashlib.sha256(f"{word} {number}".encode()).digest() for number in range(count)]


BODIES = ({"type": "Filed", "words": "C1", "fen": 5000}, {"type": "Rated", "mood": 5}, {"type": "Settled"})


def receipt(*, before=5, after=9, closed=(2,), cosigners=WITNESSES, log=LOG):
    """The proof of a case of three steps, of which the second is not the reader's to see."""
    steps, logged = [], []
    for version, body in enumerate(BODIES, 1):
        salt = hashlib.sha256(bytes([version])).digest()[:16]
        told = {"version": version, "at": instant(AT), "by": "consumer", "event": body["type"]}
        digest = commitment(salt, body).hex()
        step = Step(city="330100", noun="dispute", id="330100-A-B", digest=digest, **told)
        logged.append(entry_of(step, entry_salt(salt)))
        steps.append((told, salt, body, digest))
    tree = Tree([*entries(before), *logged, *entries(after, "later")])
    head = tree.checkpoint(origin=log.name)
    note = sign(head, log).with_more([cosign(head, each, AT) for each in cosigners])
    made = []
    for number, (told, salt, body, digest) in enumerate(steps):
        path = tree.hashes(inclusion_ranges(before + number, tree.size))
        proof = str(EntryProof(before + number, tuple(path), str(note)))
        if told["version"] in closed:
            made.append(Closed(entry_salt=entry_salt(salt).hex(), digest=digest, proof=proof, **told))
        else:
            made.append(Shown(salt=salt.hex(), body=body, proof=proof, **told))
    return Receipt(city="330100", noun="dispute", id="330100-A-B", steps=tuple(made))
