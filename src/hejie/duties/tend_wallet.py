"""The standing care of a wallet's connection: its certificates are renewed, and its pushes find us."""

from __future__ import annotations

from datetime import timedelta

from hejie.base.errors import Refused
from hejie.connectors.wallet import Tended
from hejie.duties.tools import Tools
from hejie.worker import AgainError, Work

TEND_EVERY = timedelta(hours=12)
"""WeChat Pay asks its partners to fetch platform certificates at least so often."""


async def tend_wallet(work: Work, tools: Tools) -> None:
    """See to a connection, and again in half a day; one that the city does not have (yet) wants nothing."""
    again = AgainError(tools.clock.now() + TEND_EVERY)
    try:
        connector = tools.wallet(work.city, work.payload["wallet"])
    except Refused:
        raise again from None
    if isinstance(connector, Tended):
        await connector.tend()
    raise again
