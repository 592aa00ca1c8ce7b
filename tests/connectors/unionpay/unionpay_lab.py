"""The sandbox with one acquirer, one merchant and payments of UnionPay, seen from its admin's side."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.connectors.alipay.alipay_wall import private_pem, public_pem
from tests.support.sandbox import SandboxServer

from hejie.connectors.unionpay import UnionpayKeys

ACQUIRER, MERCHANT, SECRET = "48021000", "898330154110001", "979da4cfccbae7923641daa5dd7047c2"


class Lab(SandboxServer):
    """The sandbox with its first member."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.own = rsa.generate_private_key(65537, 2048)
        self.certificate = own_certificate(self.own, self)
        serial = str(x509.load_pem_x509_certificate(self.certificate.encode()).serial_number)
        member = {"member": ACQUIRER, "cert_id": serial, "public_key": public_pem(self.own), "secret": SECRET}
        self.told = self.post("unionpay", members=[member])
        self.merchant()

    def merchant(self, *, member: str = ACQUIRER) -> None:
        self.post("unionpay", merchants=[{"mer_id": MERCHANT, "member": member, "name": "杭州奎元馆面业有限公司"}])

    def pay(self, amount: str = "50.00", **more: object) -> dict[str, str]:
        payment = {"mer_id": MERCHANT, "amount": amount} | more
        made: dict[str, str] = self.post("unionpay", payments=[payment])["payments"][0]
        return made

    def refunds(self, query_id: str) -> list[tuple[str, str, int]]:
        rows = self.get("unionpay/ledger")["transactions"]
        return [(row["txn_type"], row["order_id"], row["amount"]) for row in rows if row["of_query_id"] == query_id]

    def keys(self, **other: object) -> UnionpayKeys:
        """The acquirer's credentials with signMethod 01, or otherwise."""
        given: dict[str, object] = {
            "member": ACQUIRER,
            "acquirer": ACQUIRER,
            "certificate": self.certificate,
            "private_key": private_pem(self.own),
            "secret": SECRET,
            "root": self.told["root"],
            "middle": self.told["middle"],
            "gateway_url": self.url,
            "file_url": f"{self.url}/files",
        }
        return UnionpayKeys(**(given | other))


def own_certificate(key: rsa.RSAPrivateKey, lab: SandboxServer) -> str:
    """A member's signing certificate: only its serial number is used."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "member")])
    start = lab.now() - timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 68759663125, start, start + timedelta(days=3650))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()
