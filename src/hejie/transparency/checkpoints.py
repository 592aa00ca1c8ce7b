"""Checkpoints: the size and root of a log at one moment, signed by it and cosigned by others (C2SP tlog-checkpoint)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.merkle import EMPTY, HASH_BYTES
from hejie.transparency import lines
from hejie.transparency.keys import Kind, Signer, Verifier
from hejie.transparency.notes import Note, Signature, read_note

_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
_LINES = 3


class Checkpoint(Struct, frozen=True, kw_only=True):
    """A log's tree at one size."""

    origin: str
    size: int
    root: bytes
    more: tuple[str, ...] = ()
    """Further lines; ours have none."""

    @property
    def text(self) -> str:
        """What is signed."""
        told = (self.origin, str(self.size), lines.base64_of(self.root), *self.more)
        return "".join(f"{line}\n" for line in told)


class Seen(Struct, frozen=True):
    """A cosigner's word: at this instant it was the largest tree of this log that it knew."""

    name: str
    at: datetime


def nothing(origin: str) -> Checkpoint:
    """The tree of a log that has no entry yet."""
    return Checkpoint(origin=origin, size=0, root=EMPTY)


def read_checkpoint(note: Note) -> Checkpoint:
    """What a note says of a log; `Refused("note_unreadable")`."""
    told = note.text[:-1].split("\n")
    if len(told) < _LINES or not all(told):
        raise Refused("note_unreadable")
    size, root = lines.number(told[1]), lines.bytes_of(told[2], HASH_BYTES)
    return Checkpoint(origin=told[0], size=size, root=root, more=tuple(told[_LINES:]))


def read(raw: bytes) -> tuple[Note, Checkpoint]:
    """A checkpoint from its bytes; `Refused("note_unreadable")`."""
    note = read_note(raw)
    return note, read_checkpoint(note)


def sign(checkpoint: Checkpoint, *signers: Signer) -> Note:
    """The log's own signature; by each key, while one takes another's place."""
    text = checkpoint.text.encode()
    made = tuple(Signature(each.name, each.verifier(Kind.log).id, each.private.sign(text)) for each in signers)
    return Note(checkpoint.text, made)


def cosign(checkpoint: Checkpoint, signer: Signer, at: datetime) -> Signature:
    """A witness's signature, to the second (cosignature/v1)."""
    second = int(at.timestamp())
    raw = signer.private.sign(_cosigned(checkpoint.text, second))
    return Signature(signer.name, signer.verifier(Kind.witness).id, second.to_bytes(_TIME_BYTES, "big") + raw)


def signed_by_log(note: Note, known: Iterable[Verifier]) -> bool:
    """Whether the log's own key signed it: one key of the checkpoint's origin, where several are known.

    A signature under a known key that does not verify spoils the whole note: `Refused("note_forged")`.
    """
    origin, found = note.text.partition("\n")[0], False
    for signature, verifier in _known(note, known, Kind.log):
        if not verifier.verifies(signature.raw, note.text.encode()):
            raise Refused("note_forged", name=verifier.name)
        found = found or verifier.name == origin
    return found


def cosigners(note: Note, known: Iterable[Verifier]) -> tuple[Seen, ...]:
    """Who of the known cosigners saw it, and when; `Refused("note_forged")` as in `signed_by_log`."""
    found = {}
    for signature, verifier in _known(note, known, Kind.witness):
        at = time_of(signature)
        if at is None or not verifier.verifies(signature.raw[_TIME_BYTES:], _cosigned(note.text, int(at.timestamp()))):
            raise Refused("note_forged", name=verifier.name)
        found[verifier.name] = Seen(verifier.name, at)
    return tuple(found.values())


def strangers(note: Note, known: Iterable[Verifier]) -> tuple[str, ...]:
    """Names below a note whose keys are not known here: nothing can be said of them."""
    keys = {(each.name, each.id) for each in known}
    return tuple(sorted({each.name for each in note.signatures if (each.name, each.id) not in keys}))


def time_of(signature: Signature) -> datetime | None:
    """When a cosignature says that it was made; None where it has not the form of one."""
    if len(signature.raw) != _TIME_BYTES + _SIGNATURE_BYTES:
        return None
    try:
        return datetime.fromtimestamp(int.from_bytes(signature.raw[:_TIME_BYTES], "big"), UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _known(note: Note, known: Iterable[Verifier], kind: Kind) -> Iterator[tuple[Signature, Verifier]]:
    keys = {(each.name, each.id): each for each in known if each.kind is kind}
    for signature in note.signatures:
        verifier = keys.get((signature.name, signature.id))
        if verifier is not None:
            yield signature, verifier


def _cosigned(text: str, second: int) -> bytes:
    return f"cosignature/v1\ntime {second}\n{text}".encode()
