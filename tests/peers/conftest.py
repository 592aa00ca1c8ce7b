"""Two cities that can write to each other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.alliance import Alliance, alliance


@pytest.fixture
async def two(tmp_path: Path, app_url: str) -> AsyncIterator[Alliance]:
    async with alliance(tmp_path, app_url) as both:
        await both.join()
        yield both
