"""Alipay's certificate serials: digests of issuer and number, for one certificate and for the root file."""

from __future__ import annotations

import hashlib
import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from hejie.base.errors import Refused

_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_RSA = "1.2.840.113549.1.1."
_SHORT = {
    "2.5.4.3": "CN",
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "1.2.840.113549.1.9.1": "emailAddress",
}


def certificates(pem: str) -> list[x509.Certificate]:
    """Every readable certificate of a PEM text, in its order; unreadable ones (SM2) are skipped."""
    found = []
    for block in _BLOCK.findall(pem):
        try:
            certificate = x509.load_pem_x509_certificate(block.encode())
            certificate.public_key()
        except (ValueError, UnsupportedAlgorithm):
            continue
        found.append(certificate)
    return found


def leaf(pem: str) -> x509.Certificate:
    """The first certificate of a PEM text; `Refused("certificate_unreadable")`."""
    found = certificates(pem)
    if not found:
        raise Refused("certificate_unreadable")
    return found[0]


def _digest(certificate: x509.Certificate) -> str:
    names = [(part.oid.dotted_string, part.value) for part in certificate.issuer]
    text = ",".join(f"{_SHORT.get(oid, oid)}={value!s}" for oid, value in reversed(names))
    text += str(certificate.serial_number)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def serial(pem: str) -> str:
    """The `app_cert_sn` of a certificate (Alipay OpenAPI, certificate mode)."""
    return _digest(leaf(pem))


def root_serial(pem: str) -> str:
    """The `alipay_root_cert_sn` of a root file: RSA roots only; `Refused("certificate_unreadable")` if it has none."""
    digests = [_digest(one) for one in certificates(pem) if one.signature_algorithm_oid.dotted_string.startswith(_RSA)]
    if not digests:
        raise Refused("certificate_unreadable")
    return "_".join(digests)
