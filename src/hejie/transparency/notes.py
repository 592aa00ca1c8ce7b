"""Signed notes: a text, an empty line, and lines of signatures (C2SP signed-note)."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.transparency import lines
from hejie.transparency.keys import ID_BYTES, read_name

MOST_BYTES = 32 * 1024
MOST_SIGNATURES = 64
_DASH = "\u2014 "
_FIRST_PRINTABLE = 0x20


class Signature(Struct, frozen=True):
    """One line below a note."""

    name: str
    id: bytes
    raw: bytes
    """What the key's kind says: a signature, or a time and a signature."""

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {lines.base64_of(self.id + self.raw)}\n"


class Note(Struct, frozen=True):
    """A text, with its last newline, and what was put below it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def with_more(self, more: Iterable[Signature]) -> Note:
        """The same note with further signatures; of one key the later one counts."""
        kept = {(each.name, each.id): each for each in (*self.signatures, *more)}
        return Note(self.text, tuple(kept.values()))


def read_note(raw: bytes) -> Note:
    """A note from its bytes; `Refused("note_unreadable")` for anything that is not written exactly so."""
    if len(raw) > MOST_BYTES:
        raise Refused("note_unreadable")
    try:
        told = raw.decode()
    except UnicodeDecodeError:
        raise Refused("note_unreadable") from None
    if any(ord(each) < _FIRST_PRINTABLE and each != "\n" for each in told):
        raise Refused("note_unreadable")
    text, middle, below = told.rpartition("\n\n")
    if not middle or not text or not below:
        raise Refused("note_unreadable")
    return Note(text + "\n", read_signatures(below))


def read_signatures(below: str) -> tuple[Signature, ...]:
    """Lines of signatures, at least one; `Refused("note_unreadable")`."""
    if not below.endswith("\n"):
        raise Refused("note_unreadable")
    found = below[:-1].split("\n")
    if len(found) > MOST_SIGNATURES:
        raise Refused("note_unreadable")
    return tuple(_signature(line) for line in found)


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = lines.bytes_of(encoded)
    if not line.startswith(_DASH) or len(raw) <= ID_BYTES:
        raise Refused("note_unreadable")
    try:
        return Signature(read_name(name), raw[:ID_BYTES], raw[ID_BYTES:])
    except Refused:
        raise Refused("note_unreadable") from None
