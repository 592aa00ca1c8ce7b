"""How a wallet is called: bounded in time, size and connections, following nothing, reading no environment."""

from __future__ import annotations

import asyncio
import logging
import ssl
from functools import cache
from typing import NamedTuple

import httpx

from hejie.base.errors import Unknown

_WHOLE_SECONDS = 40.0


class Answer(NamedTuple):
    """What came back, whatever its status."""

    status: int
    headers: httpx.Headers
    body: bytes


def http_client(proxy: str | None = None, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client fit for wallets.

    httpx and httpcore would log whole addresses, and Alipay's hold tokens: both are kept to warnings.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        timeout=httpx.Timeout(15.0, connect=5.0, pool=5.0),
        limits=httpx.Limits(max_connections=20, max_keepalive_connections=5),
        follow_redirects=False,
        trust_env=False,
        verify=roots(),
        proxy=proxy,
        transport=transport,
        headers={"accept-encoding": "identity"},
    )


@cache
def roots() -> ssl.SSLContext:
    """Whom TLS trusts, the same for all clients of a process: reading them takes as long as twenty calls."""
    return httpx.create_ssl_context(trust_env=False)


async def send(client: httpx.AsyncClient, request: httpx.Request, most: int) -> Answer:
    """An answer of at most `most` bytes.

    Errors: `Unknown("wallet_unreachable")` where no connection stood, `wallet_silent` for time-outs and
    broken transfers, `reply_too_large`, `reply_unreadable` for a body that is packed.
    """
    try:
        async with asyncio.timeout(_WHOLE_SECONDS):
            return await _bounded(client, request, most)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        raise Unknown("wallet_unreachable", cause=type(error).__name__) from None
    except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
        raise Unknown("wallet_silent", cause=type(error).__name__) from None


async def fetch(client: httpx.AsyncClient, request: httpx.Request, most: int) -> bytes:
    """The body of a 200 answer; errors of `send`, and `Unknown("wallet_unavailable")` for another status."""
    answer = await send(client, request, most)
    if answer.status != httpx.codes.OK:
        raise Unknown("wallet_unavailable", status=answer.status)
    return answer.body


async def _bounded(client: httpx.AsyncClient, request: httpx.Request, most: int) -> Answer:
    response = await client.send(request, stream=True)
    try:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Unknown("reply_unreadable", why="encoded")
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > most:
                raise Unknown("reply_too_large")
        return Answer(response.status_code, response.headers, bytes(body))
    finally:
        await response.aclose()
