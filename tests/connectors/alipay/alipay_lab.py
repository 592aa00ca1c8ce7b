"""The sandbox running on a real socket, seen from its admin's side."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from tests.connectors.alipay.alipay_wall import APP_ID, Material, public_pem

from hejie_sandbox.app import make_app
from hejie_sandbox.sandbox import Sandbox
from hejie_sandbox.server import make_server

MERCHANT, USER, CODE = "2088000000000001", "2088900000000001", "91330106MA2CFLDC0X"


class Lab:
    """The sandbox's server in a thread, and its admin's side."""

    def __init__(self, folder: Path, material: Material) -> None:
        self.box = Sandbox(folder)
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.server = make_server(make_app(self.box), "127.0.0.1", 0)
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve([self.socket])))
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)
        self.http = httpx.Client(base_url=f"{self.url}/admin", trust_env=False)
        self.post(
            "load",
            apps=[{"app_id": APP_ID, "public_key": public_pem(material.own)}],
            users=[{"user_id": USER, "name": "王小明"}],
            merchants=[{"merchant_id": MERCHANT, "cert_no": CODE, "name": "杭州奎元馆面业有限公司"}],
        )
        self.public = self.http.get("public").json()

    def now(self) -> datetime:
        """The sandbox's time: the lab is the clock of both sides."""
        return datetime.fromtimestamp(self.box.clock.now(), UTC)

    def stop(self) -> None:
        self.http.close()
        self.server.should_exit = True
        self.thread.join()
        self.box.close()
        self.socket.close()

    def post(self, path: str, **body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def knob(self, name: str, method: str = "", **settings: float) -> None:
        self.post("knobs", name=name, method=method, remaining=1, **settings)

    def pay(self, amount: str = "50.00") -> str:
        payment = {"user_id": USER, "merchant_id": MERCHANT, "amount": amount, "subject": "片儿川 / 面"}
        return str(self.post("load", payments=[payment])["trade_nos"][0])

    def refunds(self) -> list[tuple[str, int]]:
        return [(row["out_request_no"], row["amount"]) for row in self.http.get("ledger").json()["refunds"]]
