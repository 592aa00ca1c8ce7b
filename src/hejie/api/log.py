"""A city's log as anybody may read it (C2SP tlog-tiles): checkpoint, tiles, entries, and the keys to check it by."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from hejie.base.errors import Missing
from hejie.edge.house import House
from hejie.peers.log_members import among_members
from hejie.queries import log_tree
from hejie.store.log_checkpoints import latest_cosigned
from hejie.store.pool import city_transaction
from hejie.transparency.parties import OwnLog
from hejie.transparency.tiles import MOST_LEVEL, read_path

BASE = "/{city:str}/log"
PLAIN = "text/plain; charset=utf-8"
_LEVEL = re.compile(r"0|[1-9][0-9]?", re.ASCII)
_SHORT = {"cache-control": "public, max-age=5"}
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}


@get(f"{BASE}/checkpoint", name="log_checkpoint")
async def checkpoint(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[str]:
    """The newest checkpoint that others have cosigned; `Missing("log_unknown")` before the first."""
    house, _ = await _open(request, city)
    async with city_transaction(house.pool, city) as connection:
        note = await latest_cosigned(connection, city)
    if note is None:
        raise Missing("log_unknown")
    return Response(str(note), headers={"content-type": PLAIN, **_SHORT})


@get(f"{BASE}/keys", name="log_keys")
async def keys(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[str]:
    """The public keys by which proofs are checked here, one a line, as `hejie proof verify --keys` reads them."""
    house, own = await _open(request, city)
    async with city_transaction(house.pool, city) as connection:
        own = await among_members(connection, city, own, house.clock.now())
    return Response("".join(f"{key}\n" for key in own.keys), headers={"content-type": PLAIN, **_SHORT})


@get(f"{BASE}/tile/{{rest:path}}", name="log_tile")
async def tile(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[bytes]:
    """A tile (`tile/L/N`) or a bundle of entries (`tile/entries/N`); `Missing("tile_unknown")`."""
    house, _ = await _open(request, city)
    kind, _, path = str(request.path_params["rest"]).removeprefix("/").partition("/")
    wanted = read_path(path)
    async with city_transaction(house.pool, city) as connection:
        if kind == "entries":
            raw = await log_tree.entries(connection, city, wanted)
        elif _LEVEL.fullmatch(kind) and int(kind) <= MOST_LEVEL:
            raw = await log_tree.tile(connection, city, int(kind), wanted)
        else:
            raise Missing("tile_unknown")
    return Response(raw, media_type="application/octet-stream", headers=_FOR_EVER)


async def _open(request: Request[Any, Any, Any], city: str) -> tuple[House, OwnLog]:
    house: House = request.app.state.house
    own = house.logs.get(city)
    if own is None:
        raise Missing("log_unknown")
    await house.city(city)
    return house, own


ROUTES = (checkpoint, keys, tile)
