"""A request as its sender signed it."""

from __future__ import annotations

from typing import Any

from litestar import Request

from hejie.connectors.signing import Asked, single


def as_asked(request: Request[Any, Any, Any], public_url: str) -> Asked:
    """The request under its public address, whatever address a proxy reached us by; `Refused("signature_wrong")`."""
    path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    url = f"{public_url.rstrip('/')}{path}{f'?{query}' if query else ''}"
    lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.scope["headers"]]
    return Asked(request.method, url, single(lines))
