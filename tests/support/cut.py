"""A road between two cities that can be cut in one direction: what was asked arrives, and no answer comes, or never."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Road:
    """A proxy in front of one city: `there` for what goes to it, `back` for what comes from it."""

    def __init__(self) -> None:
        self.there = self.back = True
        self.lost = 0
        self.port = self.to = 0
        """Its own, and that of the city behind it."""

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; a cut shows itself as a connection that ends, so that no test waits for silence."""
        far, sink = await asyncio.open_connection("127.0.0.1", self.to)
        ways = [
            asyncio.create_task(self._pump(reader, sink, "there")),
            asyncio.create_task(self._pump(far, writer, "back")),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (sink, writer):
            end.close()
            with suppress(OSError):
                await end.wait_closed()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: str) -> None:
        while data := await source.read(65536):
            if not getattr(self, way):
                self.lost += 1
                return
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def road() -> AsyncIterator[Road]:
    """A whole road."""
    made = Road()
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
