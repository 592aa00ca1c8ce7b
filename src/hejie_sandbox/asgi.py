"""Small helpers for raw ASGI: bodies, multipart, answers."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from multipart import (  # type: ignore[import-untyped]  # the package ships no types
    MultipartError,
    MultipartParser,
    parse_options_header,
)

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """Return the whole body, or None where it is longer than `limit` bytes."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message["body"]
        if len(body) > limit:
            return None
        if not message["more_body"]:
            return bytes(body)


def read_multipart(body: bytes, kind: str, charset: str) -> tuple[dict[str, str], dict[str, bytes]]:
    """Split a multipart form into texts and files; ValueError where it is broken."""
    boundary = parse_options_header(kind)[1].get("boundary", "")
    fields, files = {}, {}
    try:
        for part in MultipartParser(BytesIO(body), boundary, charset=charset, strict=True):
            if part.filename:
                files[part.name] = part.raw
            else:
                fields[part.name] = part.value
    except (MultipartError, UnicodeDecodeError) as error:
        raise ValueError("broken multipart form") from error
    return fields, files


async def answer(send: Send, body: bytes, kind: str, status: int = 200) -> None:
    """Send one whole answer."""
    headers = [(b"content-type", f"{kind};charset=utf-8".encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def base_url(scope: Scope) -> str:
    """Return scheme and host as the caller addressed them."""
    host = dict(scope["headers"]).get(b"host", b"localhost").decode("latin-1")
    return f"{scope['scheme']}://{host}"
