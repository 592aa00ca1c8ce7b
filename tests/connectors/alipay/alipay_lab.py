"""The sandbox with one application, one payer and one merchant, seen from its admin's side."""

from __future__ import annotations

from pathlib import Path

from tests.connectors.alipay.alipay_wall import APP_ID, Material, public_pem
from tests.support.sandbox import SandboxServer

MERCHANT, USER, CODE = "2088000000000001", "2088900000000001", "91330106MA2CFLDC0X"


class Lab(SandboxServer):
    """The sandbox with its first people."""

    def __init__(self, folder: Path, material: Material) -> None:
        super().__init__(folder)
        self.post(
            "load",
            apps=[{"app_id": APP_ID, "public_key": public_pem(material.own)}],
            users=[{"user_id": USER, "name": "王小明"}],
            merchants=[{"merchant_id": MERCHANT, "cert_no": CODE, "name": "杭州奎元馆面业有限公司"}],
        )
        self.public = self.get("public")

    def pay(self, amount: str = "50.00") -> str:
        payment = {"user_id": USER, "merchant_id": MERCHANT, "amount": amount, "subject": "片儿川 / 面"}
        return str(self.post("load", payments=[payment])["trade_nos"][0])

    def refunds(self) -> list[tuple[str, int]]:
        return [(row["out_request_no"], row["amount"]) for row in self.get("ledger")["refunds"]]
