"""How the sandbox calls others: reading no environment, with the roots of TLS read once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    import ssl


def caller(seconds: float) -> httpx.AsyncClient:
    """A client that waits so long for an answer."""
    return httpx.AsyncClient(timeout=seconds, trust_env=False, verify=_roots())


@cache
def _roots() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
