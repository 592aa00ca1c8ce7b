"""Keys of both sides, made once, and a connector before a wall that answers as it is told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hejie.connectors.alipay import Alipay, AlipayKeys, http_client

sys.path.insert(0, str(Path(__file__).parent))

from alipay_wall import Material, Still, Wall


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
