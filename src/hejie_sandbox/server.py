"""The sandbox as a server: uvicorn with a way to hang up on a caller without an answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Scope


class Line(HttpToolsProtocol):
    """One caller's connection, found again by the caller's address and port."""

    lines: ClassVar[dict[tuple[str, int], Line]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Remember the connection."""
        super().connection_made(transport)
        self.gone = asyncio.Event()
        if self.client:
            self.lines[self.client] = self

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self.client:
            self.lines.pop(self.client, None)
        super().connection_lost(exc)
        self.gone.set()


async def hang_up(scope: Scope) -> None:
    """Close the caller's connection without an answer."""
    client = scope.get("client")
    line = Line.lines.get((client[0], client[1])) if client else None
    if line is not None:
        line.transport.abort()
        await line.gone.wait()


def make_server(app: ASGIApp, host: str, port: int) -> Server:
    """Build the server; `await .serve()` runs it until a signal."""
    options: dict[str, Any] = {"http": Line, "lifespan": "on", "log_level": "warning", "access_log": False}
    return Server(Config(app, host=host, port=port, **options))
