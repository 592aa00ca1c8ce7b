"""Keys that sign notes, with their names and numbers (C2SP signed-note, tlog-cosignature): Ed25519."""

from __future__ import annotations

import hashlib
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.transparency import lines

ID_BYTES = 4
KEY_BYTES = 32
MOST_NAME = 255


class Kind(IntEnum):
    """What a key's signature is put on: the type byte of C2SP signed-note."""

    log = 1
    """The note's text, by the log itself."""
    witness = 4
    """The note's text with the time of seeing it, by a cosigner (cosignature/v1)."""


class Verifier(Struct, frozen=True):
    """A public key under its name."""

    name: str
    kind: Kind
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._typed).digest()[:ID_BYTES]

    @property
    def _typed(self) -> bytes:
        return bytes([self.kind]) + self.public

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the 64 bytes are this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{lines.base64_of(self._typed)}"


class Signer(Struct, frozen=True):
    """A private key under its name; one key signs both kinds, told apart by what is signed."""

    name: str
    private: Ed25519PrivateKey

    def verifier(self, kind: Kind) -> Verifier:
        """The public half."""
        return Verifier(self.name, kind, self.private.public_key().public_bytes_raw())


def read_name(text: str) -> str:
    """A key's name: some characters, none of them a space, a plus sign or a control; `Refused("log_name_wrong")`."""
    plain = text.isprintable() and "+" not in text and not any(each.isspace() for each in text)
    if not text or len(text) > MOST_NAME or not plain:
        raise Refused("log_name_wrong")
    return text


def read_verifier(text: str) -> Verifier:
    """A public key as it is written (`name+id+key`); `Refused("log_key_wrong")`."""
    name, _, rest = text.partition("+")
    told, _, encoded = rest.partition("+")
    try:
        raw = lines.bytes_of(encoded, 1 + KEY_BYTES)
        found = Verifier(read_name(name), Kind(raw[0]), raw[1:])
        Ed25519PublicKey.from_public_bytes(found.public)
    except (Refused, ValueError):
        raise Refused("log_key_wrong") from None
    if found.id.hex() != told:
        raise Refused("log_key_wrong")
    return found


def read_verifiers(text: str) -> tuple[Verifier, ...]:
    """A file of public keys: one a line, `#` before remarks; `Refused("log_key_wrong")`."""
    told = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(read_verifier(line) for line in told if line)
