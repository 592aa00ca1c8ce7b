"""A city whose own copy of the directory has expired gets a newer one from a peer by itself."""

from __future__ import annotations

import asyncio

from hejie.alliance.directory import Directory
from hejie.base.errors import Refused, Unknown
from hejie.connectors.exchange_keys import Own
from hejie.duties.items import open_item
from hejie.duties.tools import Tools
from hejie.peers.client import any_directory
from hejie.peers.directories import take_directory
from hejie.store import directories
from hejie.store.pool import city_transaction

_CALL_SECONDS = 10.0


async def renewed(tools: Tools, own: Own, known: Directory, peer: str) -> Directory:
    """A directory to go by in the place of an expired one: what the peer has.

    It is believed by the signatures of the keepers that our own copy names, never because of who brings it; what is not
    believed changes nothing, and a person is told.
    Errors: `Refused("directory_expired")`.
    """
    city, now = own.city, tools.clock.now()
    try:
        async with asyncio.timeout(_CALL_SECONDS):
            file = await any_directory(own, known, peer, tools.clock, tools.cities, tools.desk.chance)
    except (Unknown, TimeoutError):
        raise Refused("directory_expired") from None
    try:
        return await take_directory(tools.pool, own, file, now)
    except Refused as error:
        async with city_transaction(tools.pool, city) as connection:
            present = await directories.present(connection, city)
        if present is not None and now < present.expires_at:
            return present  # another peer's was taken meanwhile
        if error.code not in {"directory_older", "directory_expired"}:  # these are only as far as we are
            await open_item(tools, city, "directory_not_believed", "peer", peer, {"code": error.code, "peer": peer})
        raise Refused("directory_expired") from None
