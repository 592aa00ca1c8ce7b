"""A party's proof of its case: each step with its proof in one file that is checked without the platform."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Refused
from hejie.base.seals import canonical, commitment
from hejie.transparency.checkpoints import Seen, cosigners, read, signed_by_log, strangers
from hejie.transparency.entries import SALT_BYTES, Step, entry_of, entry_salt
from hejie.transparency.keys import Verifier
from hejie.transparency.proof_file import read_proof

MOST_BYTES = 2 * 1024 * 1024


class Shown(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="shown", tag_field="is"):
    """A step that the reader may see: what happened, and the salt it was sealed under."""

    version: int
    at: str
    by: str
    event: str
    salt: str
    """16 bytes, hexadecimal."""
    body: Any
    proof: str
    """The tlog-proof of this step's entry."""


class Closed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="closed", tag_field="is"):
    """A step that is not for this reader: that it is there, and when, and nothing of what it was."""

    version: int
    at: str
    by: str
    event: str
    entry_salt: str
    digest: str
    proof: str


class Receipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file: the steps of one thing in their order, from the first."""

    schema: Literal["hejie-proof/1"] = "hejie-proof/1"
    city: str
    noun: str
    id: str
    steps: tuple[Shown | Closed, ...]
    sum: str = ""
    """SHA-256, hexadecimal, over the file with this left empty: it tells of damage on the way, and proves nothing."""


class Verdict(StrEnum):
    """What a file that holds together is worth under the keys that are known."""

    holds = "holds"
    """The log signed, and others saw the same log."""
    alone = "alone"
    """The log signed, and nobody who is known here says that others were shown the same."""
    stranger = "stranger"
    """No key of that log is known here: anybody may have made the file."""


class Checked(Struct, frozen=True, kw_only=True):
    """What a file proves, after all of it held."""

    receipt: Receipt
    origin: str
    """The name of the log it stands in."""
    size: int
    """How many entries the log had."""
    signed: bool
    """Whether a known key of that log signed; False where no key of it is known."""
    agreed: tuple[Seen, ...]
    """The cosigners that are known and saw it."""
    unknown: tuple[str, ...]
    """Names whose keys are not known here."""

    @property
    def verdict(self) -> Verdict:
        """In one word."""
        if not self.signed:
            return Verdict.stranger
        return Verdict.holds if self.agreed else Verdict.alone

    @property
    def since(self) -> datetime | None:
        """By when a cosigner had seen it, the earliest."""
        return min((each.at for each in self.agreed), default=None)


def write(receipt: Receipt) -> bytes:
    """The file: canonical JSON (RFC 8785) and a newline."""
    return _form(replace(receipt, sum=hashlib.sha256(_form(replace(receipt, sum=""))).hexdigest()))


def _form(receipt: Receipt) -> bytes:
    return canonical(receipt) + b"\n"


def read_receipt(raw: bytes) -> Receipt:
    """A file that is written exactly as `write` does; `Refused("proof_unreadable" | "proof_too_large")`."""
    if len(raw) > MOST_BYTES:
        raise Refused("proof_too_large", most=MOST_BYTES // 2**20)
    try:
        found = msgspec.json.decode(raw, type=Receipt)
        same = write(found) == raw
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refused("proof_unreadable") from None
    if not same or not found.steps:
        raise Refused("proof_unreadable")
    return found


def check(raw: bytes, keys: Sequence[Verifier]) -> Checked:
    """What a file proves under these keys.

    Errors: those of `read_receipt`; `Refused("proof_step_changed", version=…)` for a step that is not the one that was
    logged, `proof_steps_missing` for steps that do not follow one another from the first, `proof_mixed` for steps
    proved by different checkpoints, `note_forged` for a signature that is not its key's.
    """
    receipt = read_receipt(raw)
    if [each.version for each in receipt.steps] != list(range(1, len(receipt.steps) + 1)):
        raise Refused("proof_steps_missing")
    proofs = [read_proof(each.proof) for each in receipt.steps]
    if len({each.checkpoint for each in proofs}) > 1:
        raise Refused("proof_mixed")
    for each, proof in zip(receipt.steps, proofs, strict=True):
        if not proof.holds(_entry(receipt, each)):
            raise Refused("proof_step_changed", version=each.version)
    note, told = read(proofs[0].checkpoint.encode())
    return Checked(
        receipt=receipt,
        origin=told.origin,
        size=told.size,
        signed=signed_by_log(note, _of_log(keys, told.origin)),
        agreed=tuple(each for each in cosigners(note, keys) if each.name != told.origin),
        unknown=strangers(note, keys),
    )


def _of_log(keys: Iterable[Verifier], origin: str) -> list[Verifier]:
    return [each for each in keys if each.name == origin]


def _entry(receipt: Receipt, each: Shown | Closed) -> bytes:
    """The entry that a step of the file must have been logged as."""
    match each:
        case Shown():
            salt = _bytes(each.salt, SALT_BYTES)
            digest, second = commitment(salt, each.body).hex(), entry_salt(salt)
        case Closed():
            digest, second = each.digest, _bytes(each.entry_salt, SALT_BYTES)
    step = Step(
        city=receipt.city,
        noun=receipt.noun,
        id=receipt.id,
        version=each.version,
        at=each.at,
        by=each.by,
        event=each.event,
        digest=digest,
    )
    return entry_of(step, second)


def _bytes(text: str, length: int) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise Refused("proof_unreadable") from None
    if len(raw) != length or raw.hex() != text:
        raise Refused("proof_unreadable")
    return raw
