"""A city as a witness over HTTP (C2SP tlog-witness): other cities' logs have their checkpoints cosigned here."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from hejie.base.errors import Missing
from hejie.edge import limits
from hejie.edge.house import House
from hejie.edge.limits import Limit
from hejie.edge.sessions import passing
from hejie.peers import witness
from hejie.peers.log_members import among_members
from hejie.store.pool import city_transaction
from hejie.transparency.parties import OwnLog
from hejie.transparency.witnessing import MOST_BYTES

BASE = "/api/{city:str}/witness"
CALLS = Limit("witness", 600, 60)
"""Calls from one network address in a minute."""


@post(f"{BASE}/add-checkpoint", status_code=200, name="add_checkpoint", request_max_body_size=MOST_BYTES)
async def add_checkpoint(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[str]:
    """Cosign a checkpoint of a log that is known here; statuses as the specification gives them."""
    house, own = await _enter(request, city)
    raw, now = await request.body(), house.clock.now()
    answer = await witness.take(house.pool, city, own, raw, now, house.desk.mint(city))
    headers = {"content-type": answer.media, "cache-control": "no-store"}
    return Response(answer.body, status_code=answer.status, headers=headers)


@get(f"{BASE}/seen", name="witness_seen")
async def seen(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[str]:
    """The largest tree of the log named by `origin` that was cosigned here, signed anew; `Missing("log_unknown")`."""
    house, own = await _enter(request, city)
    async with city_transaction(house.pool, city) as connection:
        note = await witness.seen(connection, city, own, request.query_params.get("origin", ""), house.clock.now())
    return Response(str(note), headers={"content-type": witness.PLAIN, "cache-control": "no-store"})


async def _enter(request: Request[Any, Any, Any], city: str) -> tuple[House, OwnLog]:
    house: House = request.app.state.house
    own = house.logs.get(city)
    if own is None:
        raise Missing("log_unknown")
    await house.city(city)
    async with passing(house.pool, city) as connection:
        await limits.take(connection, city, CALLS, request.client.host if request.client else "")
    async with city_transaction(house.pool, city) as connection:
        return house, await among_members(connection, city, own, house.clock.now())


ROUTES = (add_checkpoint, seen)
