"""Sealing: canonical form and digests for the log, envelopes for personal content, keyed look-up."""

from __future__ import annotations

import base64
import hashlib
import hmac
from itertools import count
from typing import TYPE_CHECKING

import msgspec
import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from hejie.base.errors import Refused

if TYPE_CHECKING:
    from hejie.base.identifiers import Chance

_NONCE = 12
_KEY = 32


def canonical(value: object) -> bytes:
    """RFC 8785 bytes of any JSON value (or Struct)."""
    return rfc8785.dumps(msgspec.to_builtins(value))


def commitment(salt: bytes, value: object) -> bytes:
    """SHA-256 over a random salt and the canonical form: it proves, and tells nothing by itself."""
    return hashlib.sha256(salt + canonical(value)).digest()


class CityKeys(Struct, frozen=True, kw_only=True):
    """One city's secrets, as its key file holds them (all values base64)."""

    active: str
    """Name of the master key that wraps new data keys."""
    masters: dict[str, str]
    index: str
    """For keyed look-up (HMAC): separate, so that it survives a rotation of the masters."""
    link: str
    """For signed links to merchants."""


def fresh_keys(chance: Chance, name: str = "k1") -> CityKeys:
    """New secrets for a city."""
    return CityKeys(
        active=name, masters={name: _text(chance(_KEY))}, index=_text(chance(_KEY)), link=_text(chance(_KEY))
    )


def rotated(keys: CityKeys, chance: Chance) -> CityKeys:
    """The same secrets with a further, now active master key; older ones still open what they wrapped."""
    name = next(name for n in count(len(keys.masters) + 1) if (name := f"k{n}") not in keys.masters)
    return msgspec.structs.replace(keys, active=name, masters={**keys.masters, name: _text(chance(_KEY))})


class Vault:
    """Opens and seals one city's personal content.

    A data key per case is wrapped by the city's master key; destroying the wrapped key
    erases the content while the log still folds.
    """

    def __init__(self, city: str, keys: CityKeys, chance: Chance) -> None:
        self._city = city.encode()
        self._chance = chance
        self._active = keys.active
        self._masters = {name: AESGCM(base64.b64decode(text)) for name, text in keys.masters.items()}
        self._index = base64.b64decode(keys.index)
        self._link = base64.b64decode(keys.link)
        self._place = hashlib.blake2b(key=self._index, digest_size=8, person=b"place")

    def new_data_key(self) -> tuple[bytes, bytes]:
        """A fresh data key as (plain, wrapped)."""
        plain = self._chance(_KEY)
        return plain, self.wrap(plain)

    def wrap(self, plain: bytes) -> bytes:
        """Wrap a data key: length and name of the master, nonce, ciphertext."""
        name = self._active.encode()
        nonce = self._chance(_NONCE)
        sealed = self._masters[self._active].encrypt(nonce, plain, self._city)
        return bytes([len(name)]) + name + nonce + sealed

    def unwrap(self, wrapped: bytes) -> bytes:
        """The plain data key; `Refused("seal_broken")` if it was not wrapped by this city."""
        end = 1 + wrapped[0] if wrapped else 0
        name, rest = wrapped[1:end].decode(errors="replace"), wrapped[end:]
        master = self._masters.get(name)
        if master is None:
            raise Refused("master_key_missing", name=name)
        return _opened(master, rest, self._city)

    def seal(self, data_key: bytes, place: str, plain: bytes) -> bytes:
        """Seal content for one place (table, subject and identifier), so that it cannot be moved elsewhere."""
        nonce = self._chance(_NONCE)
        return nonce + AESGCM(data_key).encrypt(nonce, plain, self._city + place.encode())

    def open(self, data_key: bytes, place: str, sealed: bytes) -> bytes:
        """Open what `seal` made for the same place; `Refused("seal_broken")` otherwise."""
        return _opened(AESGCM(data_key), sealed, self._city + place.encode())

    def handle(self, kind: str, value: str) -> bytes:
        """A keyed look-up value: equal inputs meet, nothing can be read back."""
        return hmac.digest(self._index, f"{kind}\0{value}".encode(), "sha256")

    def place(self, kind: str, value: str) -> int:
        """The place of a value among millions: 64 signed bits of keyed BLAKE2b (RFC 7693), six times faster than HMAC.

        Two values may meet in one place: whoever looks there compares what stands there.
        """
        digest = self._place.copy()
        digest.update(f"{kind}\0{value}".encode())
        return int.from_bytes(digest.digest(), "big", signed=True)

    def link_tag(self, text: str) -> bytes:
        """The 16-byte tag of a signed link."""
        return hmac.digest(self._link, self._city + text.encode(), "sha256")[:16]


def _opened(cipher: AESGCM, sealed: bytes, where: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], where)
    except (InvalidTag, ValueError) as error:
        raise Refused("seal_broken") from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
