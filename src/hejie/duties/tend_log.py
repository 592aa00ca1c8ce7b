"""The log for everybody goes on: its lines are numbered, and where the city has a key, signed and cosigned."""

from __future__ import annotations

from hejie.duties.tools import Tools
from hejie.peers.signing import go_on
from hejie.store.log_numbers import number_all
from hejie.transparency.witnessing import Signing
from hejie.worker import LaterError, Work

EVERY_SECONDS = 60
SILENT_SECONDS = 10
"""Until cosigners that were all away are asked again."""


async def tend_log(work: Work, tools: Tools) -> None:
    """Once round, and again in a minute, sooner while no cosigner answers.

    A city without a log of its own still has its lines numbered.
    """
    own = tools.logs.get(work.city)
    if own is None:
        await number_all(tools.pool, work.city)
    else:
        decided = await go_on(tools.pool, work.city, own, tools.cities, tools.clock, tools.desk.mint)
        if decided is Signing.silent:
            raise LaterError(SILENT_SECONDS)
    raise LaterError(EVERY_SECONDS)
