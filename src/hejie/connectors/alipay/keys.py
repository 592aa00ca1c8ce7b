"""The credentials of one Alipay application, read from whatever form people paste them in."""

from __future__ import annotations

import base64
import binascii
import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.connectors.alipay.certificates import leaf

_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----")


class AlipayKeys(Struct, frozen=True, kw_only=True):
    """One application's identity: key mode, or certificate mode where the three certificates are given."""

    app_id: str
    private_key: str
    """PKCS#1 or PKCS#8, PEM or bare base64."""
    gateway_url: str
    alipay_public_key: str = ""
    app_certificate: str = ""
    alipay_certificate: str = ""
    root_certificates: str = ""

    @property
    def certified(self) -> bool:
        """Whether the application works in certificate mode."""
        return bool(self.app_certificate)

    def __repr__(self) -> str:
        """Name the application only; keys never reach a log."""
        return f"AlipayKeys(app_id={self.app_id!r})"


def der(text: str) -> bytes:
    """The bytes inside a PEM armour, or inside bare base64; `Refused("key_unreadable")`."""
    try:
        return base64.b64decode("".join(_ARMOUR.sub("", text).split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("key_unreadable") from None


def private_key(text: str) -> RSAPrivateKey:
    """An RSA private key, whatever its label says; `Refused("key_unreadable" | "key_not_rsa")`."""
    try:
        key = load_der_private_key(der(text), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused("key_unreadable") from None
    if not isinstance(key, RSAPrivateKey):
        raise Refused("key_not_rsa")
    return key


def public_key(text: str) -> RSAPublicKey:
    """An RSA public key; `Refused("key_unreadable" | "key_not_rsa")`."""
    try:
        key = load_der_public_key(der(text))
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("key_unreadable") from None
    if not isinstance(key, RSAPublicKey):
        raise Refused("key_not_rsa")
    return key


def certificate_key(certificate: x509.Certificate) -> RSAPublicKey:
    """The RSA key that a certificate vouches for; `Refused("key_not_rsa")`."""
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise Refused("key_not_rsa")
    return key


def alipay_key(keys: AlipayKeys) -> RSAPublicKey:
    """The key that Alipay's answers are checked with, from its certificate or as pasted."""
    if keys.certified:
        return certificate_key(leaf(keys.alipay_certificate))
    return public_key(keys.alipay_public_key)
