"""Secret limits of two sides: committed to, closed for the other side's secret, opened only where both are at hand."""

# A side's secret is 32 random bytes that only this side keeps. Its commitment hides the limit behind the secret, so a
# log may hold it for good. A limit is closed for the other side's public key: whoever reads the closed limit, both
# public keys and both commitments, but has neither secret, learns nothing of it. (X25519, RFC 7748; HKDF, RFC 5869;
# AES-256-GCM.)

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from hejie.base.errors import Refused

SECRET_BYTES = 32
_NONCE = bytes(12)  # every key closes one limit only


class Limit(Struct, frozen=True):
    """A limit in fen with the secret it was committed under; lives in its side's browser, and here for a moment."""

    fen: int
    secret: bytes


def commitment(place: str, limit: Limit) -> str:
    """What is told of a limit (hex): it binds its side and tells nothing. `place` names dispute, side and round."""
    key = _derived(limit.secret, f"commitment/{place}")
    return hmac.digest(key, limit.fen.to_bytes(8, "big"), hashlib.sha256).hex()


def keeps(place: str, limit: Limit, told: str) -> bool:
    """Whether a limit is the one that was committed to."""
    return len(limit.secret) == SECRET_BYTES and hmac.compare_digest(commitment(place, limit), told)


def public(place: str, secret: bytes) -> str:
    """The side's public key for this place (hex)."""
    return _private(place, secret).public_key().public_bytes_raw().hex()


def close(place: str, limit: Limit, theirs: str, where: str) -> bytes:
    """A limit closed for the holder of the secret behind `theirs` (their public key, which they made for `where`)."""
    key = _shared(_private(place, limit.secret), theirs, place, where)
    return AESGCM(key).encrypt(_NONCE, msgspec.json.encode(limit), None)


def opened(place: str, closed: bytes, theirs: str, mine: bytes, where: str) -> Limit:
    """The other side's limit, made for `place`, by my own secret, whose public key was made for `where`.

    Errors: `Refused("bid_wrong")` for another secret or a changed text.
    """
    key = _shared(_private(where, mine), theirs, place, where)
    try:
        return msgspec.json.decode(AESGCM(key).decrypt(_NONCE, closed, None), type=Limit)
    except (InvalidTag, msgspec.DecodeError) as error:
        raise Refused("bid_wrong") from error


def written(limit: Limit) -> str:
    """A limit and its secret as its side keeps them, in letters."""
    return base64.urlsafe_b64encode(limit.fen.to_bytes(8, "big") + limit.secret).decode().rstrip("=")


def read(text: str) -> Limit | None:
    """What `written` wrote; None for anything else."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    return Limit(int.from_bytes(raw[:8], "big"), raw[8:]) if len(raw) == 8 + SECRET_BYTES else None


def _private(place: str, secret: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(_derived(secret, f"key/{place}"))


def _shared(mine: X25519PrivateKey, theirs: str, place: str, where: str) -> bytes:
    try:
        together = mine.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(theirs)))
    except ValueError as error:
        raise Refused("bid_wrong") from error
    return _derived(together, f"closed/{place}/{where}")


def _derived(material: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"hejie/{purpose}".encode()).derive(material)
