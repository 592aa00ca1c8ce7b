"""Questions about a merchant's history: another city's are answered by the house, ours wait for their answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import msgspec

from hejie.alliance.histories import ASKED, HISTORY, Asked, History, must_fit, span
from hejie.base.clock import SHANGHAI
from hejie.duties.letter_kinds import Ended, EndHandler, Handler, Incoming
from hejie.duties.tools import Tools
from hejie.merchants.uscc import credit_code
from hejie.queries.histories import history
from hejie.store import histories as store
from hejie.store.letters import put
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.store.trail import TrailLine, write_trail

_ANSWERED = "select 1 from letter_out where city = %s and peer = %s and about = %s and number = 1"


async def take_asked(tools: Tools, city: str, letter: Incoming) -> None:
    """Another city asks: counts go back, and the trail keeps who asked about whom.

    Errors: `Refused` with `letter_unreadable` and the codes of `credit_code`: the asking city is told.
    """
    told = letter.read(Asked)
    code, now = credit_code(told.credit_code), tools.clock.now()
    days = span(now.astimezone(SHANGHAI).date())
    async with city_transaction(tools.pool, city) as connection:
        if await (await connection.execute(_ANSWERED, [city, letter.peer, letter.about])).fetchone() is not None:
            return
        settings = await settings_at(connection, city, now)
        answer = await history(connection, city, code, days, now, settings.publicity.least_cell)
        values: list[Any] = [city, letter.peer, letter.about, 1, HISTORY, msgspec.to_builtins(answer)]
        await put(connection, *values, now=now, chance=os.urandom)
        line = TrailLine(
            id=letter.id,
            at=now,
            person=f"city:{letter.peer}",
            act=f"{ASKED}/{told.purpose.value}",
            noun="merchant",
            subject=code,
            result="done",
        )
        await write_trail(connection, city, line)


async def take_history(tools: Tools, city: str, letter: Incoming) -> None:
    """The answer to a question of ours; `Refused` with `history_unknown`, `letter_unreadable`."""
    answer = letter.read(History)
    async with city_transaction(tools.pool, city) as connection:
        must_fit(answer, await store.code_asked(connection, city, letter.about, letter.peer))
        await store.keep_answer(connection, city, letter.about, answer, tools.clock.now())


async def asked_over(tools: Tools, city: str, ended: Ended) -> None:
    """A member refused to answer; where it took the question, the answer is a letter of its own."""
    if ended.refused:
        async with city_transaction(tools.pool, city) as connection:
            await store.keep_refusal(connection, city, ended.about, ended.peer, ended.refused, tools.clock.now())


HANDLERS: Mapping[str, Handler] = {ASKED: take_asked, HISTORY: take_history}
ENDS: Mapping[str, EndHandler] = {ASKED: asked_over}
