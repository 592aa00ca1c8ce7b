"""Calls that consumers ask for, as the officer who makes them reads them."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from hejie.base.seals import Vault
from hejie.store.contents import read_contents
from hejie.store.pool import Connection

CALL = "call"
"""The noun of a call's work item, and its content's identifier and kind."""


class Call(Struct, frozen=True, kw_only=True):
    """What lies sealed beside the work item: the number and what it is about."""

    phone: str
    """E.164."""
    words: str = ""


async def read_call(connection: Connection, vault: Vault, city: str, item: str) -> Call | None:
    """The number to call for an open work item; none once the call is done."""
    found = await read_contents(connection, vault, city, f"{CALL}:{item}", [CALL])
    return msgspec.json.decode(found[CALL][1], type=Call) if CALL in found else None
