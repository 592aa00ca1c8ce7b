"""Platform certificates: announced before they sign, listed for partners to fetch, the old one dropped at last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hejie_sandbox import keys

if TYPE_CHECKING:
    from hejie_sandbox.sandbox import Sandbox

_NEWEST = "SELECT * FROM wx_certificates WHERE state = ? ORDER BY id DESC LIMIT 1"


def announce(box: Sandbox) -> str:
    """Make the next certificate, listed from now on but not signing yet; its serial number."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = box.keys.issue("Sandbox WeChat Pay", keys.public_pem(key))
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, form, none).decode()
    with box.ledger.transaction():
        box.ledger.insert("wx_certificates", certificate=pem, private_key=private, state="announced")
    return serial(pem)


def switch(box: Sandbox) -> str:
    """Let the announced certificate sign, and list no older one; its serial number. KeyError where none waits."""
    with box.ledger.transaction():
        found = box.ledger.row(_NEWEST, "announced")
        if found is None:
            raise KeyError("announced certificate")
        box.ledger.write("UPDATE wx_certificates SET state = 'signing' WHERE id = ?", found["id"])
    return serial(found["certificate"])


def signing(box: Sandbox) -> tuple[str, rsa.RSAPrivateKey]:
    """Return serial number and key of the certificate that signs now."""
    found = box.ledger.row(_NEWEST, "signing")
    if found is None:
        return f"{box.keys.wechatpay_certificate.serial_number:X}", box.keys.wechatpay
    key = serialization.load_pem_private_key(found["private_key"].encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("no RSA key")
    return serial(found["certificate"]), key


def listed(box: Sandbox) -> list[str]:
    """Return the certificates in force as PEM: the one that signs, then the one that is to take over."""
    found = box.ledger.row(_NEWEST, "signing")
    first = keys.certificate_pem(box.keys.wechatpay_certificate) if found is None else str(found["certificate"])
    waiting = box.ledger.row(_NEWEST, "announced")
    later = waiting is not None and (found is None or waiting["id"] > found["id"])
    return [first, str(waiting["certificate"])] if waiting is not None and later else [first]


def serial(pem: str) -> str:
    """Return a certificate's serial number, hexadecimal."""
    return f"{x509.load_pem_x509_certificate(pem.encode()).serial_number:X}"
