"""Documents that were given out: the one behind a number, and the bytes of one as they were handed over."""

from __future__ import annotations

import msgspec

from hejie.base.seals import Vault
from hejie.papers.paper import CONTENT, Paper
from hejie.store.contents import read_content
from hejie.store.pool import Connection

_NUMBERED = "select body::text from paper where city = %s and number = %s"
_KNOWN = "select body::text from paper where city = %s and id = %s"


async def paper_numbered(connection: Connection, city: str, number: str) -> Paper | None:
    """The document with a number, in the form of `read_number`; None where nothing was given out under it."""
    row = await (await connection.execute(_NUMBERED, [city, number])).fetchone()
    return msgspec.json.decode(row[0], type=Paper) if row else None


async def paper_kept(connection: Connection, vault: Vault, city: str, identifier: str) -> tuple[Paper, bytes] | None:
    """A document and its bytes; None where it was not made yet. `Missing("content_unknown")` where it is erased."""
    row = await (await connection.execute(_KNOWN, [city, identifier])).fetchone()
    if row is None:
        return None
    _, raw = await read_content(connection, vault, city, f"paper:{identifier}", CONTENT)
    return msgspec.json.decode(row[0], type=Paper), raw
