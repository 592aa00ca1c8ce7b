"""Keys of a wallet and of an application, made once, and a gateway that answers as it is told."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from hejie.connectors.alipay import AlipayKeys

NOW = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)
APP_ID = "2021000000000001"


@dataclass
class Still:
    """A clock that stands."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Material:
    """The keys of both sides, and what the application was told of them."""

    own: rsa.RSAPrivateKey
    wallet: rsa.RSAPrivateKey
    stranger: rsa.RSAPrivateKey

    @property
    def keys(self) -> AlipayKeys:
        return AlipayKeys(
            app_id=APP_ID,
            private_key=private_pem(self.own),
            alipay_public_key=public_pem(self.wallet),
            gateway_url="https://wallet.test/gateway.do",
        )


def private_pem(key: rsa.RSAPrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def signature(key: rsa.RSAPrivateKey, data: bytes) -> str:
    return base64.b64encode(key.sign(data, PKCS1v15(), SHA256())).decode()


def certificate(
    key: rsa.RSAPrivateKey, name: str, issuer: tuple[rsa.RSAPrivateKey, str], days: tuple[int, int] = (-10, 400)
) -> str:
    def named(text: str) -> x509.Name:
        return x509.Name(
            [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, text)]
        )

    built = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer[1]))
        .public_key(key.public_key())
        .serial_number(42)
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .sign(issuer[0], SHA256())
    )
    return built.public_bytes(Encoding.PEM).decode()


@dataclass
class Wall:
    """A wallet reduced to its next answers; it keeps what it was asked."""

    key: rsa.RSAPrivateKey
    answers: list[Any] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def says(self, code: str = "10000", **node: Any) -> None:
        self.answers.append({"code": code, "msg": "", **node})

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, content=self.signed(request.url.params["method"], answer))

    def signed(self, method: str, node: dict[str, Any]) -> bytes:
        raw = json.dumps(node, ensure_ascii=False).encode()
        name = method.replace(".", "_") + "_response"
        return b'{"%s":%s,"sign":"%s"}' % (name.encode(), raw, signature(self.key, raw).encode())

    def asked(self) -> dict[str, Any]:
        body = parse_qs(self.requests[-1].content.decode())
        return dict(json.loads(body["biz_content"][0]))
