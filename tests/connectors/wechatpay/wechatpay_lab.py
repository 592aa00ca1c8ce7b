"""The sandbox with one partner, one merchant and payments of WeChat Pay, seen from its admin's side."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.connectors.alipay.alipay_wall import private_pem, public_pem
from tests.support.sandbox import SandboxServer

from hejie.connectors.rsa import private_key, sign
from hejie.connectors.wechatpay import WechatpayKeys
from hejie.connectors.wechatpay.signing import authorization, message

PARTNER, MERCHANT, SERIAL = "1900000109", "1900000209", "5157F09EFDC096DE15EBE81A47057A72"
API_KEY = "0123456789abcdefghijklmnopqrstuv"


NOTIFICATIONS = "/v3/merchant-service/complaint-notifications"


class Lab(SandboxServer):
    """The sandbox with its first partner."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.own = rsa.generate_private_key(65537, 2048)
        self.public = self.partner()
        self.merchant()

    def partner(self, *, certified: bool = False, api_key: str = API_KEY) -> dict[str, str]:
        """Register the partner anew; what it downloads."""
        partner = {"mchid": PARTNER, "serial": SERIAL, "api_key": api_key, "certified": certified}
        told: dict[str, str] = self.post("wechatpay", partners=[partner | {"public_key": public_pem(self.own)}])
        return told

    def merchant(self, *, allows_refund: bool = True) -> None:
        merchant = {"sub_mchid": MERCHANT, "name": "杭州奎元馆面业有限公司", "allows_refund": allows_refund}
        self.post("wechatpay", merchants=[merchant])

    def pay(self, amount: str = "50.00", **more: object) -> str:
        payment = {"sub_mchid": MERCHANT, "amount": amount, "description": "片儿川, 面"} | more
        return str(self.post("wechatpay", payments=[payment])["transaction_ids"][0])

    def complain(self, detail: str = "面是凉的，要求退款", **more: object) -> str:
        """A payer complains (of a new payment, unless one is named); the complaint's number."""
        given = {"transaction_id": more.pop("trade", None) or self.pay(), "detail": detail} | more
        return str(self.post("wechatpay/complaints", **given)["complaint_id"])

    def payer(self, complaint: str, step: str, content: str = "") -> str:
        """The payer's next step; the state after it."""
        return str(self.post(f"wechatpay/complaints/{complaint}/{step}", content=content)["complaint_state"])

    def history(self, complaint: str) -> list[tuple[str, str]]:
        """What happened, oldest first: kind and words."""
        lines = self.get("wechatpay/complaints")["history"]
        return [(each["operate_type"], each["details"]) for each in lines if each["complaint_id"] == complaint]

    def call(self, method: str, target: str, content: object = None) -> httpx.Response:
        """A call signed by hand, as no part of the connector would send it."""
        body = b"" if content is None else json.dumps(content).encode()
        stamp = str(self.box.now())
        text = message(method, target, stamp, "n" * 32, body.decode())
        signature = sign(private_key(private_pem(self.own)), text)
        head = authorization(mchid=PARTNER, serial=SERIAL, nonce="n" * 32, timestamp=stamp, signature=signature)
        headers = {"authorization": head}
        return httpx.request(method, self.url + target, content=body, headers=headers, trust_env=False, timeout=10)

    def booked(self, tries: int) -> None:
        """Wait until the newest callback has been tried so often, and the answer written down."""
        for _ in range(400):
            pushes = self.get("wechatpay/complaints")["pushes"]
            if pushes and pushes[-1]["attempts"] >= tries:
                return
            time.sleep(0.01)
        raise AssertionError("never tried so often")

    def refunds(self) -> list[tuple[str, int]]:
        return [(row["out_refund_no"], row["amount"]) for row in self.get("wechatpay/ledger")["refunds"]]

    def keys(self, **other: object) -> WechatpayKeys:
        """The partner's credentials in public-key mode, or otherwise."""
        given: dict[str, object] = {
            "mchid": PARTNER,
            "serial": SERIAL,
            "private_key": private_pem(self.own),
            "api_key": API_KEY,
            "base_url": self.url,
            "public_key_id": self.public["public_key_id"],
            "public_key": self.public["public_key"],
        }
        return WechatpayKeys(**(given | other))
