"""A town whose open platform stands on a real socket, so that wallets' pushes arrive."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import uvicorn
from tests.support.pages import pages
from tests.support.town import Town, town

from hejie.api import ROUTES


@cache
def _reserved() -> socket.socket:
    """One port for all towns of this process, so that one is a copy of another."""
    return _bound(0)


def _bound(port: int) -> socket.socket:
    made = socket.socket(proto=socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    return made


@asynccontextmanager
async def served(folder: Path, database_url: str) -> AsyncIterator[Town]:
    """The town with its open platform on a socket, so that WeChat Pay's pushes arrive."""
    port = _reserved().getsockname()[1]
    with _bound(port) as listening:
        url = f"http://127.0.0.1:{port}"
        async with town(folder, database_url, public_url=url) as here:
            config = uvicorn.Config(pages(here.app.house, ROUTES, ()), log_level="error", lifespan="off")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([listening]))
            for _ in range(500):
                if server.started:
                    break
                await asyncio.sleep(0.01)
            try:
                yield here
            finally:
                server.should_exit = True
                await serving
