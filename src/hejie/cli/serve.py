"""`hejie serve`: the pages and the open platform of every city; run as many as you like."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from hejie.api import ROUTES
from hejie.app import build, log_to_lines
from hejie.settings import Settings, read_settings
from hejie.web.asgi import web_app

if TYPE_CHECKING:
    import argparse
    import socket

    from hejie.edge.live import Live

NAME = "serve"
HELP = "serve the pages and the open platform; several may run at once"

_GRACE_SECONDS = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("--host", help="the address to listen on (default: HEJIE_HOST)")
    parser.add_argument("--port", type=int, help="the port to listen on (default: HEJIE_PORT)")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; what is under way is finished first."""
    settings = read_settings()
    log_to_lines(settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, args.host or settings.host, args.port or settings.port))
    return 0


class _Server(uvicorn.Server):
    """Ends the live streams first, so that stopping waits for no open page."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then what uvicorn does."""
        self._live.end_streams()
        await super().shutdown(sockets)


async def _serve(settings: Settings, host: str, port: int) -> None:
    async with build(settings) as app:
        config = uvicorn.Config(
            web_app(app.house, ROUTES),
            host=host,
            port=port,
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,
            log_level=settings.log_level,
            server_header=False,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        print(f"hejie serve: {settings.public_url} (listening on {host}:{port})", flush=True)
        await _Server(config, app.house.live).serve()
