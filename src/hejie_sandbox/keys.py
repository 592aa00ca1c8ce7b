"""The sandbox's own keys and certificates, made on its first start and kept in its folder."""

from __future__ import annotations

import base64
import hashlib
import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

LIFETIME = timedelta(days=3650)


class Keyring:
    """Keys for gateway replies and entry links, a wrong key, and a small certificate authority."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.gateway = _key(folder / "gateway.pem")
        self.entry = _key(folder / "entry.pem")
        self.wrong = _key(folder / "wrong.pem")
        self.wechatpay = _key(folder / "wechatpay.pem")
        self._root_key = _key(folder / "root.pem")
        self.root = self._certificate(folder / "root.crt", "Sandbox Root CA", self._root_key.public_key(), None)
        self.mail_certificate = folder / "mail.pem"
        if not self.mail_certificate.exists():
            _make_mail_pair(folder)
        self.wechatpay_certificate = self._certificate(
            folder / "wechatpay.crt", "Sandbox WeChat Pay", self.wechatpay.public_key(), self.root
        )
        self.acquirer = _key(folder / "acquirer.pem")
        self.national = _key(folder / "national.pem")
        self.unionpay = _key(folder / "unionpay.pem")
        self.unionpay_chain = _chain(folder, self.unionpay)
        gateway_public = self.gateway.public_key()
        self.alipay = self._certificate(folder / "alipay.crt", "Sandbox Wallet", gateway_public, self.root)

    def mail_context(self) -> ssl.SSLContext:
        """The mail server's side of TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.mail_certificate, self.mail_certificate.with_suffix(".key"))
        return context

    def issue(self, common_name: str, public_key: str) -> str:
        """Certify an application's public key (PEM or bare base64) and return the certificate as PEM."""
        certificate = self._sign(common_name, load_public(public_key), self.root)
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    def _certificate(
        self, path: Path, name: str, public: rsa.RSAPublicKey, issuer: x509.Certificate | None
    ) -> x509.Certificate:
        if not path.exists():
            _put(path, self._sign(name, public, issuer).public_bytes(serialization.Encoding.PEM))
        return x509.load_pem_x509_certificate(path.read_bytes())

    def _sign(self, name: str, public: rsa.RSAPublicKey, issuer: x509.Certificate | None) -> x509.Certificate:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sandbox Wallet"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        start = datetime.now(UTC) - timedelta(days=1)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.subject if issuer else subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + LIFETIME)
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
            .sign(self._root_key, hashes.SHA256())
        )


def _chain(folder: Path, key: rsa.RSAPrivateKey) -> tuple[x509.Certificate, x509.Certificate, x509.Certificate]:
    """Root, middle and the certificate that UnionPay's answers carry, whose common name tells whose it is."""
    file = folder / "unionpay.crt"
    if not file.exists():
        above, between = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        names = (
            "Sandbox UnionPay Root",
            "Sandbox UnionPay Middle",
            "041@8310000000083040@中国银联股份有限公司@00016495",
        )
        root, middle, leaf = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in names)
        start = datetime.now(UTC) - timedelta(days=1)
        made = [
            x509.CertificateBuilder(
                issuer, subject, owner.public_key(), x509.random_serial_number(), start, start + LIFETIME
            )
            .add_extension(x509.BasicConstraints(ca=subject != leaf, path_length=None), critical=True)
            .sign(signer, hashes.SHA256())
            for subject, owner, issuer, signer in (
                (root, above, root, above),
                (middle, between, root, above),
                (leaf, key, middle, between),
            )
        ]
        _put(file, b"".join(each.public_bytes(serialization.Encoding.PEM) for each in made))
    first, second, third = x509.load_pem_x509_certificates(file.read_bytes())
    return first, second, third


def _make_mail_pair(folder: Path) -> None:
    """A certificate of its own for the mail server on this machine; whoever trusts it trusts nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pkcs8, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    _put(folder / "mail.key", key.private_bytes(serialization.Encoding.PEM, pkcs8, none))
    _put(folder / "mail.pem", certificate.public_bytes(serialization.Encoding.PEM))


def _put(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        fresh.chmod(0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _key(path: Path) -> rsa.RSAPrivateKey:
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pkcs8 = serialization.PrivateFormat.PKCS8
        _put(path, key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()))
    # We made it ourselves: checking its primes again takes longer than all else at the start.
    loaded = serialization.load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise TypeError(f"{path} is no RSA key")
    return loaded


def load_public(text: str) -> rsa.RSAPublicKey:
    """Read an RSA public key given as PEM or as the bare base64 that the wallet's console shows."""
    if "BEGIN" in text:
        loaded = serialization.load_pem_public_key(text.encode())
    else:
        loaded = serialization.load_der_public_key(base64.b64decode(text))
    if not isinstance(loaded, rsa.RSAPublicKey):
        raise ValueError("no RSA public key")  # noqa: TRY004  the caller sent a wrong value, not a wrong type
    return loaded


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """Return the public half of a key as PEM."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def sign(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    """Sign by RSA PKCS#1 v1.5 with SHA-256 (the wallet's RSA2)."""
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def verify(key: rsa.RSAPublicKey, signature: bytes, message: bytes) -> bool:
    """Tell whether `signature` is RSA2 of `message`."""
    try:
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def certificate_sn(certificate: x509.Certificate) -> str:
    """Return the wallet's certificate number: md5 of the issuer (most specific first) and the decimal serial."""
    parts = [f"{attribute.rfc4514_attribute_name}={attribute.value!s}" for attribute in certificate.issuer]
    text = ",".join(reversed(parts)) + str(certificate.serial_number)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def certificate_pem(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
