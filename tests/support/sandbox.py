"""The sandbox's server in a thread on a real socket, and its admin's side."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import socket
import tempfile
import threading
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar
from tests.support.again import again

from hejie_sandbox.app import make_app
from hejie_sandbox.keys import Keyring
from hejie_sandbox.sandbox import Sandbox
from hejie_sandbox.server import make_server


def give_keys(folder: Path) -> None:
    """Let a sandbox that is new here have ready keys: making them takes longer than a test."""
    if not (folder / "keys").exists():
        shutil.copytree(_keys(), folder / "keys")


@cache
def _keys() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hejie-sandbox-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Keyring(folder / "keys")
    return folder / "keys"


@cache
def _built() -> Litestar:
    return make_app(None)  # each server has a sandbox of its own


class SandboxServer:
    """A running sandbox; its clock is the clock of both sides."""

    def __init__(self, folder: Path) -> None:
        give_keys(folder)
        self.box = Sandbox(folder)
        self.socket = socket.socket(proto=socket.IPPROTO_TCP)
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.server = make_server(again(_built(), box=self.box), "127.0.0.1", 0)
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve([self.socket])))
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)
        self.http = httpx.Client(base_url=f"{self.url}/admin", trust_env=False, verify=False)

    def now(self) -> datetime:
        """The sandbox's time."""
        return datetime.fromtimestamp(self.box.clock.now(), UTC)

    def post(self, path: str, **body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def knob(self, name: str, method: str = "", **settings: float) -> None:
        self.post("knobs", name=name, method=method, **({"remaining": 1} | settings))

    def stop(self) -> None:
        self.http.close()
        self.server.should_exit = True
        self.thread.join()
        self.box.close()
        self.socket.close()
