"""A town whose open platform stands on a real socket, so that wallets' pushes arrive."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from tests.support.town import Town, town

from hejie.api import ROUTES
from hejie.web.asgi import web_app


@asynccontextmanager
async def served(folder: Path, database_url: str) -> AsyncIterator[Town]:
    """The town with its open platform on a socket, so that WeChat Pay's pushes arrive."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with town(folder, database_url, public_url=url) as here:
            config = uvicorn.Config(web_app(here.app.house, ROUTES, ()), log_level="error", lifespan="off")
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
