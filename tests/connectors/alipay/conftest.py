"""Keys of both sides, made once, and a connector before a wall that answers as it is told."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hejie.connectors.alipay import Alipay, AlipayKeys
from hejie.connectors.transport import http_client

sys.path.insert(0, str(Path(__file__).parent))

from tests.connectors.alipay.alipay_lab import MERCHANT, Lab
from tests.connectors.alipay.alipay_wall import APP_ID, Material, Still, Wall, private_pem


@pytest.fixture(scope="session")
def material() -> Material:
    return Material(*(rsa.generate_private_key(65537, 2048) for _ in range(3)))


@pytest.fixture
def wall(material: Material) -> Wall:
    return Wall(material.wallet)


@pytest.fixture
def make(wall: Wall) -> Callable[[AlipayKeys], Alipay]:
    return lambda keys: Alipay(keys, Still(), http_client(transport=httpx.MockTransport(wall.handle)))


@pytest.fixture
def alipay(make: Callable[[AlipayKeys], Alipay], material: Material) -> Alipay:
    return make(material.keys)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, material: Material) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("sandbox"), material)
    yield lab
    lab.stop()


@pytest.fixture
def lab(running: Lab) -> Iterator[Lab]:
    yield running
    running.post("knobs/off")
    running.post(f"apps/{APP_ID}/key")


@pytest.fixture
def keys(lab: Lab, material: Material) -> AlipayKeys:
    return AlipayKeys(
        app_id=APP_ID,
        private_key=private_pem(material.own),
        alipay_public_key=lab.public["gateway_public_key"],
        gateway_url=f"{lab.url}/gateway.do",
    )


@pytest.fixture
async def wallet(lab: Lab, keys: AlipayKeys) -> AsyncIterator[Alipay]:
    async with http_client() as client:
        yield Alipay(keys, lab, client)


@pytest.fixture
async def token(lab: Lab, wallet: Alipay) -> str:
    code = lab.post("authorise", app_id=APP_ID, merchant_id=MERCHANT)["app_auth_code"]
    return (await wallet.authorise(code)).token
