"""One entry's proof as a text that needs nothing beside it (C2SP tlog-proof, `.tlog-proof`)."""

from __future__ import annotations

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from hejie.transparency import lines
from hejie.transparency.checkpoints import read

HEAD = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63


class EntryProof(Struct, frozen=True):
    """Where an entry stands, the hashes beside its way up, and the checkpoint it leads to."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    """The signed note, byte for byte."""

    def __str__(self) -> str:
        path = "".join(f"{lines.base64_of(each)}\n" for each in self.path)
        return f"{HEAD}\nindex {self.index}\n{path}\n{self.checkpoint}"

    def holds(self, entry: bytes) -> bool:
        """Whether the entry stands there in the checkpoint's tree; who signed that is another question."""
        _, told = read(self.checkpoint.encode())
        return verify_inclusion(self.index, told.size, leaf_hash(entry), self.path, told.root)


def read_proof(text: str) -> EntryProof:
    """A proof as it is written; `Refused("proof_unreadable")`. Extra data, which nothing vouches for, is not taken."""
    head, middle, checkpoint = text.partition("\n\n")
    first, *told = head.split("\n")
    if first != HEAD or not middle or not told or not told[0].startswith("index ") or len(told) - 1 > MOST_HASHES:
        raise Refused("proof_unreadable")
    try:
        path = tuple(lines.bytes_of(each, HASH_BYTES) for each in told[1:])
        found = EntryProof(lines.number(told[0].removeprefix("index ")), path, checkpoint)
        read(checkpoint.encode())
    except (Refused, UnicodeEncodeError):
        raise Refused("proof_unreadable") from None
    return found
