"""What UnionPay's online gateway 5.1.0 signs: RSA over a digest (signMethod 01), or a digest with a key (11, 12)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from hejie.base.errors import Refused
from hejie.connectors.rsa import sign, verifies

RSA, SHA256, SM3 = "01", "11", "12"
_KEYED: dict[str, type[hashes.HashAlgorithm]] = {SHA256: hashes.SHA256, SM3: hashes.SM3}


def content(params: Mapping[str, str]) -> bytes:
    """The text to sign: non-empty parameters but `signature`, by ASCII key, `k=v` joined with `&`, nothing encoded."""
    return "&".join(f"{key}={params[key]}" for key in sorted(params) if params[key] and key != "signature").encode()


def rsa_signature(key: RSAPrivateKey, params: Mapping[str, str]) -> str:
    """Sign by method 01: SHA-256 of the text, as small hexadecimal letters, and RSA with SHA-256 over those letters."""
    return sign(key, _letters(params))


def keyed_signature(method: str, secret: bytes, params: Mapping[str, str]) -> str:
    """Sign by method 11 or 12: a digest over the text, `&` and the secret's digest, in hexadecimal letters.

    Errors: `Refused("sign_method_unknown")`.
    """
    algorithm = _KEYED.get(method)
    if algorithm is None:
        raise Refused("sign_method_unknown", method=method)
    return _hex(algorithm(), content(params) + b"&" + _hex(algorithm(), secret).encode())


def rsa_verifies(key: RSAPublicKey, params: Mapping[str, str]) -> bool:
    """Whether `signature` stands over these parameters by this key."""
    return verifies(key, _letters(params), params.get("signature", ""))


def keyed_verifies(method: str, secret: bytes, params: Mapping[str, str]) -> bool:
    """Whether `signature` stands over these parameters by this secret; errors as `keyed_signature`."""
    wanted = keyed_signature(method, secret, params)
    return hmac.compare_digest(wanted.encode(), params.get("signature", "").encode())


def _letters(params: Mapping[str, str]) -> bytes:
    return _hex(hashes.SHA256(), content(params)).encode()


def _hex(algorithm: hashes.HashAlgorithm, data: bytes) -> str:
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize().hex()
