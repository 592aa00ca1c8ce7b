"""A town whose open platform stands on a socket, and a caller with the bank's key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.api.acquirer_lab import Caller
from tests.support.served import served
from tests.support.town import Town


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with served(tmp_path, app_url) as place:
        yield place


@pytest.fixture
def caller(here: Town) -> Caller:
    return Caller(here, here.wallet.box.keys.acquirer)
