"""One acquirer as it is asked: the signed calls that all partners share, at the address of its door."""

from __future__ import annotations

import httpx

from hejie.base.clock import Clock
from hejie.base.errors import Refused
from hejie.connectors.acquirer.door import Door
from hejie.connectors.signed_calls import SignedCalls, Told

__all__ = ["Gateway", "Told"]


class Gateway(SignedCalls):
    """An acquirer as it is asked; `Refused("wallet_not_connected")` for one that only announces."""

    def __init__(self, door: Door, clock: Clock, client: httpx.AsyncClient) -> None:
        if not door.gateway or door.own is None:
            raise Refused("wallet_not_connected", wallet=door.id)
        super().__init__(f"{door.gateway.rstrip('/')}/v1", door.own, door.keys, clock, client)
        self.door = door
