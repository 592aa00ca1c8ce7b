"""The sandbox's SMS provider on a real socket, seen from its receivers' side."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from pathlib import Path
from typing import Any

from tests.support.sandbox import give_keys

from hejie.settings import SmsAccount
from hejie_sandbox import sms
from hejie_sandbox.app import make_app
from hejie_sandbox.sandbox import Sandbox
from hejie_sandbox.server import make_server


class SmsLab:
    """The sandbox's server in a thread; its outbox and its knobs."""

    def __init__(self, folder: Path) -> None:
        give_keys(folder)
        self.box = Sandbox(folder)
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        sms.put_account(self.box, "hangzhou", "a-secret", ["*"])
        sms.put_account(self.box, "narrow", "a-secret", ["other"])
        self.account = SmsAccount(url=url, account="hangzhou", secret="a-secret")
        self.server = make_server(make_app(self.box), "127.0.0.1", 0)
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve([self.socket])))
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.box.close()
        self.socket.close()

    def outbox(self, to: str = "") -> list[dict[str, Any]]:
        return sms.outbox(self.box, to)

    def once(self, knob: str, value: float | None = None) -> None:
        self.box.knobs.turn(knob, remaining=1, value=value)
