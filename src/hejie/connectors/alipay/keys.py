"""The credentials of one Alipay application."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec import Struct

from hejie.connectors.alipay.certificates import leaf
from hejie.connectors.rsa import certificate_key, public_key


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


def alipay_key(keys: AlipayKeys) -> RSAPublicKey:
    """The key that Alipay's answers are checked with, from its certificate or as pasted."""
    if keys.certified:
        return certificate_key(leaf(keys.alipay_certificate))
    return public_key(keys.alipay_public_key)
