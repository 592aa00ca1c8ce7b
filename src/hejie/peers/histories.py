"""An officer asks a member city about a merchant: the question, its letter and its line in the trail together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hejie.alliance.histories import ASKED, Asked, Purpose
from hejie.alliance.units import readers
from hejie.base.errors import Missing, Refused
from hejie.base.identifiers import Chance
from hejie.merchants.uscc import credit_code
from hejie.store import directories
from hejie.store.histories import keep_question
from hejie.store.letters import put
from hejie.store.pool import Connection
from hejie.store.trail import TrailLine, write_trail

_DISPUTE = "select 1 from dispute where city = %s and id = %s"


async def ask(
    connection: Connection, city: str, to: str, asked: Asked, by: str, identifier: str, now: datetime, chance: Chance
) -> None:
    """Ask; `by` is the officer, `identifier` a fresh one that both trails carry.

    Errors: those of `credit_code` and `put`, `Missing("dispute_unknown")`, `Refused` with `history_dispute_missing`,
    `history_asked_already`, `history_peer`.
    """
    code = credit_code(asked.credit_code)
    if asked.purpose is Purpose.dispute and not asked.dispute:
        raise Refused("history_dispute_missing")
    if asked.dispute and await (await connection.execute(_DISPUTE, [city, asked.dispute])).fetchone() is None:
        raise Missing("dispute_unknown")
    if to not in readers(await directories.present(connection, city), ASKED, city, now):
        raise Refused("history_peer")
    told = msgspec.structs.replace(asked, credit_code=code)
    await keep_question(connection, city, identifier, to, told, (by, now))
    values: list[Any] = [city, to, identifier, 1, ASKED, msgspec.to_builtins(told)]
    await put(connection, *values, now=now, chance=chance)
    line = TrailLine(id=identifier, at=now, person=by, act=ASKED, noun="merchant", subject=code, result="done")
    await write_trail(connection, city, line)
