"""Style sheets, scripts and pictures of our own package, under addresses that change with their content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from msgspec import Struct

_FOLDER = Path(str(resources.files("hejie.web") / "static"))
_FOREVER = "public, max-age=31536000, immutable"
_TEXT = frozenset({".css", ".js", ".svg", ".json", ".txt"})


class Asset(Struct, frozen=True):
    """One file as it is served."""

    kind: str
    plain: bytes
    packed: bytes
    """gzip; empty where it would not pay."""
    mark: str


def asset(name: str) -> Asset | None:
    """A file of the static folder by its relative name; none for anything else, and nothing kept of its name."""
    return _read(name) if name in _names() else None


@cache
def _names() -> frozenset[str]:
    return frozenset(file.relative_to(_FOLDER).as_posix() for file in _FOLDER.rglob("*") if file.is_file())


@cache
def _read(name: str) -> Asset:
    plain = (_FOLDER / name).read_bytes()
    dot = name[name.rfind(".") :]
    packed = gzip.compress(plain, mtime=0) if dot in _TEXT else b""
    kind = mimetypes.types_map.get(dot, "application/octet-stream")
    return Asset(kind, plain, packed, hashlib.sha256(plain).hexdigest()[:12])


def address(name: str) -> str:
    """Where a page finds a file of ours."""
    found = asset(name)
    if found is None:
        raise LookupError(f"there is no static file {name}; run `make setup`")
    return f"/static/{found.mark}/{name}"


async def serve(request: Request[Any, Any, Any]) -> Response[bytes]:
    """One file; kept by browsers for ever, for another content has another address."""
    name = str(request.path_params["name"]).lstrip("/")
    found = asset(name)
    if found is None or found.mark != request.path_params["mark"]:
        raise NotFoundException
    packed = bool(found.packed) and "gzip" in request.headers.get("accept-encoding", "")
    headers = {"cache-control": _FOREVER, "vary": "accept-encoding", **({"content-encoding": "gzip"} if packed else {})}
    kind = f"{found.kind}; charset=utf-8" if found.kind.startswith(("text/", "application/j")) else found.kind
    return Response(found.packed if packed else found.plain, media_type=kind, headers=headers)
