"""The credentials of one member of UnionPay's online gateway, and whom it believes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512
from cryptography.x509.oid import NameOID
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.connectors.rsa import certificate_key

SIGNER = "中国银联股份有限公司"
"""Whose name the third part of the signing certificate's common name must be."""
_NAME_PARTS = 3


class UnionpayKeys(Struct, frozen=True, kw_only=True):
    """One member's identity: a merchant's own (access type 0), an acquirer's (1) or a platform's (2)."""

    member: str
    """What the city calls this access: the acquirer's number, or the merchant's own."""
    access_type: Literal["0", "1", "2"] = "1"
    acquirer: str = ""
    """`acqInsCode`, 8 to 11 letters, for access type 1."""
    sign_method: Literal["01", "11", "12"] = "01"
    certificate: str = ""
    """The member's own signing certificate (PEM), for signMethod 01: its serial number is `certId`."""
    private_key: str = ""
    secret: str = ""
    """The shared key for signMethod 11 and 12."""
    root: str = ""
    middle: str = ""
    """The certificates (PEM) under which UnionPay signs its answers with signMethod 01."""
    sha1_chain: bool = False
    """Whether certificates may be signed with SHA-1, as those of UnionPay's test environment are."""
    voids: bool = False
    """Whether a payment that goes back whole on its clearing day is voided (31) instead of refunded (04)."""
    gateway_url: str = "https://gateway.95516.com"
    file_url: str = "https://filedownload.95516.com"

    def __repr__(self) -> str:
        """Name the member only; keys never reach a log."""
        return f"UnionpayKeys(member={self.member!r})"


class Chain(NamedTuple):
    """The certificates above UnionPay's own."""

    root: x509.Certificate
    middle: x509.Certificate
    sha1: bool = False


def read_certificate(pem: str) -> x509.Certificate:
    """One certificate; `Refused("certificate_unreadable")`."""
    try:
        return x509.load_pem_x509_certificate(pem.strip().encode())
    except ValueError:
        raise Refused("certificate_unreadable") from None


def believed(pem: str, chain: Chain, now: datetime) -> x509.Certificate:
    """The certificate that came with an answer, if it is UnionPay's own and stands now.

    It must be issued by the middle one, that by the root, all three valid at `now`, and the third part of its common
    name must name UnionPay: `041@8310000000083040@中国银联股份有限公司@00016495`.
    Errors: `Refused("certificate_unreadable" | "certificate_untrusted" | "certificate_expired")`.
    """
    leaf = read_certificate(pem)
    for certificate, issuer in ((leaf, chain.middle), (chain.middle, chain.root), (chain.root, chain.root)):
        if not _issued(certificate, issuer, sha1=chain.sha1):
            raise Refused("certificate_untrusted")
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Refused("certificate_expired")
    if _named(leaf) != SIGNER:
        raise Refused("certificate_untrusted")
    return leaf


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, *, sha1: bool) -> bool:
    """Whether one certificate is signed by another that may issue any; the library's own way knows no SHA-1 at all."""
    algorithm = certificate.signature_hash_algorithm
    if certificate.issuer != issuer.subject or not _issues(issuer):
        return False
    if not isinstance(algorithm, SHA256 | SHA384 | SHA512) and not (sha1 and isinstance(algorithm, SHA1)):
        return False
    try:
        key = certificate_key(issuer)
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, PKCS1v15(), algorithm)
    except (InvalidSignature, Refused):
        return False
    return True


def _issues(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _named(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    parts = str(names[0].value).split("@") if len(names) == 1 else []
    return parts[_NAME_PARTS - 1] if len(parts) >= _NAME_PARTS else ""
