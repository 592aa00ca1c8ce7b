"""A running sandbox on a real socket, and a caller that signs by its own code."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import socket
import threading
import time

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hejie_sandbox.app import make_app
from hejie_sandbox.clock import Clock
from hejie_sandbox.keys import Keyring, load_public
from hejie_sandbox.knobs import Knobs
from hejie_sandbox.sandbox import Sandbox
from hejie_sandbox.server import make_server

APP, MERCHANT, USER = "2021000000000001", "2088000000000001", "2088900000000001"
CREDIT_CODE = "91330106MA2CFLDC0X"


class Caller:
    """What an application's engineer writes: signs requests, verifies replies on raw bytes."""

    APP, MERCHANT, USER, CREDIT_CODE = APP, MERCHANT, USER, CREDIT_CODE

    def __init__(self, url: str, key: rsa.RSAPrivateKey) -> None:
        self.url, self.key = url, key
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False, verify=False)
        public = self.admin("GET", "public")
        self.gateway_key = load_public(public["gateway_public_key"])
        self.entry_key = load_public(public["entry_public_key"])
        self.extra: dict[str, str] = {}

    def admin(self, verb: str, path: str, body: object = None, *, expect: int = 2):
        answer = (
            self.http.request(verb, f"/admin/{path}", json=body)
            if body is not None
            else self.http.request(verb, f"/admin/{path}")
        )
        assert answer.status_code // 100 == expect, answer.text
        return answer.json()

    def params(self, method: str, content: dict, token: str = "", **over: str) -> dict[str, str]:
        params = {
            "app_id": APP, "method": method, "charset": "utf-8", "sign_type": "RSA2",
            "timestamp": time.strftime("%Y-%m-%d %H:%M:%S"), "version": "1.0", "app_auth_token": token,
            "biz_content": json.dumps(content, ensure_ascii=False),
        } | self.extra | over  # fmt: skip
        return params | {"sign": base64.b64encode(self.sign(params)).decode()}

    def sign(self, params: dict[str, str]) -> bytes:
        text = "&".join(f"{name}={params[name]}" for name in sorted(params) if params[name])
        return self.key.sign(text.encode(params["charset"]), padding.PKCS1v15(), hashes.SHA256())

    def seed(self, **app: object) -> None:
        self.admin("POST", "load", seed(self.key, **app))

    def send(self, params: dict[str, str]) -> httpx.Response:
        query = {name: value for name, value in params.items() if name != "biz_content"}
        return self.http.post("/gateway.do", params=query, data={"biz_content": params["biz_content"]})

    def call(self, method: str, content: dict, token: str = "", **over: str) -> dict:
        return self.read(self.send(self.params(method, content, token, **over)), method)

    def read(self, answer: httpx.Response, method: str) -> dict:
        assert answer.status_code == 200, answer.text
        raw, signature = split(answer.content)
        self.gateway_key.verify(base64.b64decode(signature), raw, padding.PKCS1v15(), hashes.SHA256())
        whole = json.loads(answer.content)
        return whole[f"{method.replace('.', '_')}_response"]

    def knob(self, name: str, **settings: object) -> None:
        self.admin("POST", "knobs", {"name": name, **settings})

    def injected(self, name: str) -> int:
        return next(knob["injected"] for knob in self.admin("GET", "knobs") if knob["name"] == name)

    def advance(self, seconds: float) -> None:
        self.admin("POST", "clock", {"advance_seconds": seconds})

    def token(self, merchant: str = MERCHANT) -> str:
        code = self.admin("POST", "authorise", {"app_id": APP, "merchant_id": merchant})["app_auth_code"]
        answer = self.call("alipay.open.auth.token.app", {"grant_type": "authorization_code", "code": code})
        return answer["app_auth_token"]

    def pay(self, amount: str = "50.00", **details: str) -> str:
        payment = {"user_id": USER, "merchant_id": MERCHANT, "amount": amount, "subject": "片儿川 / 面"} | details
        return self.admin("POST", "load", {"payments": [payment]})["trade_nos"][0]

    def ledger(self) -> dict:
        return self.admin("GET", "ledger")


def split(body: bytes) -> tuple[bytes, str]:
    """Cut the signed bytes out of a reply the way the wallet's own libraries do."""
    start = body.index(b'_response":') + len(b'_response":')
    end = body.rindex(b',"alipay_cert_sn"') if b',"alipay_cert_sn"' in body else body.rindex(b',"sign"')
    return body[start:end], body[body.rindex(b'"sign":"') + 8 : body.rindex(b'"')].decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def seed(key: rsa.RSAPrivateKey, **app: object) -> dict:
    return {
        "apps": [{"app_id": APP, "public_key": public_pem(key), "city": "330100", **app}],
        "users": [{"user_id": USER, "name": "王小明", "logon": "xiaoming@example.com", "phone": "13800001111"}],
        "merchants": [{"merchant_id": MERCHANT, "cert_no": CREDIT_CODE, "name": "杭州奎元馆面业有限公司"}],
    }


@pytest.fixture(scope="session")
def app_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    Keyring(folder)
    return folder


@pytest.fixture
def data(tmp_path, keys_folder):
    shutil.copytree(keys_folder, tmp_path / "data" / "keys")
    return tmp_path / "data"


class Running:
    """A server in a thread, on a port of its own."""

    def __init__(self, data, token: str = "") -> None:
        self.box = Sandbox(data, platform_url="http://127.0.0.1:9", city="330100")
        self.socket = socket.socket(proto=socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY only where this is said
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.server = make_server(make_app(self.box, token), "127.0.0.1", 0)
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self.server.serve([self.socket])

    def forget(self) -> None:
        """Make the ledger as new, in the server's own thread."""
        asyncio.run_coroutine_threadsafe(self._forget(), self.loop).result()

    async def _forget(self) -> None:
        ledger = self.box.ledger
        with ledger.transaction():
            ledger.write("PRAGMA defer_foreign_keys=ON")
            for table in ledger.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                ledger.write(f"DELETE FROM {table['name']}")
        self.box.knobs, self.box.clock = Knobs(ledger), Clock(ledger)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.box.close()
        self.socket.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory, keys_folder):
    folder = tmp_path_factory.mktemp("sandbox")
    shutil.copytree(keys_folder, folder / "keys")
    sandbox = Running(folder)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def running(server):
    server.forget()
    return server


@pytest.fixture
def guarded(data):
    sandbox = Running(data, token="s3cret")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def new_caller(app_key):
    made: list[Caller] = []

    def make(url: str) -> Caller:
        made.append(Caller(url, app_key))
        made[-1].seed()
        return made[-1]

    yield make
    for one in made:
        one.http.close()


@pytest.fixture
def caller(running, new_caller):
    return new_caller(running.url)
