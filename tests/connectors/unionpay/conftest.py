"""A running sandbox and a connector before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from tests.connectors.unionpay.unionpay_lab import Lab

from hejie.connectors.transport import http_client
from hejie.connectors.unionpay import Unionpay


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("sandbox"))
    yield lab
    lab.stop()


@pytest.fixture
def lab(running: Lab) -> Iterator[Lab]:
    yield running
    running.post("knobs/off")


@pytest.fixture
async def wallet(lab: Lab) -> AsyncIterator[Unionpay]:
    async with http_client() as client:
        yield Unionpay(lab.keys(), lab, client)
