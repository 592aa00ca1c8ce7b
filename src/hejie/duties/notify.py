"""Begins to tell one side of a dispute what happened, once, and writes down that it is being told."""

from __future__ import annotations

from datetime import datetime, timedelta

from hejie.base.actor import Role
from hejie.disputes.model import Dispute
from hejie.disputes.states import OWES_ANSWER, State
from hejie.duties.digest import gathered
from hejie.duties.ladder import Notice, climb, note, side_of
from hejie.duties.tools import Tools
from hejie.queries.record import read_dispute
from hejie.store.pool import Connection, city_transaction
from hejie.worker import Work

QUIET = timedelta(minutes=10)
"""Of several lines of talk within this time only the first is also a text message."""

_TOLD = "select 1 from notice where city = %s and id = %s"
_LATELY = """
select 1 from notice
where city = %s and dispute = %s and audience = %s and template = %s and channel not in ('page', 'digest') and at > %s
limit 1
"""


async def notify(work: Work, tools: Tools) -> None:
    """Begin one notice with the first rung of its receiver's ladder; `deliver` sends it.

    Its row in `notice` goes from `sending` to `sent`, then `delivered` or `refused`, with the channel of its latest
    try; where the receiver has no number, or was told a moment ago, it is `shown` on the page only. A merchant that
    cannot be reached becomes a work item. What the dispute has left behind is not sent at all.
    """
    async with city_transaction(tools.pool, work.city) as connection:
        if await (await connection.execute(_TOLD, [work.city, str(work.id)])).fetchone() is not None:
            return
        dispute = await read_dispute(connection, work.city, work.subject)
        if _is_moot(work, dispute) or await gathered(connection, tools, work, dispute):
            return
        told = work.payload
        audience = Role(told["audience"])
        notice = Notice(
            id=str(work.id),
            dispute=work.subject,
            audience=audience,
            template=told["template"],
            merchant=told.get("merchant", dispute.merchant) if audience is Role.merchant else "",
        )
        side = await side_of(connection, tools, work.city, notice, dispute)
        if side.rungs and await _told_lately(connection, tools, work):
            await note(connection, work.city, notice, "page", "shown", tools.clock.now())
        else:
            await climb(connection, tools, work.city, notice, dispute, 0)


def _is_moot(work: Work, dispute: Dispute) -> bool:
    """A reminder is for the very clock it was made with."""
    only_while = work.payload.get("only_while")
    if only_while is None:
        return False
    wanted = datetime.fromisoformat(only_while)
    if wanted in {due.at for due in dispute.wallet_dues}:
        return dispute.state not in OWES_ANSWER
    running = dispute.due.at if dispute.due else None
    return dispute.state is not State.awaiting_consumer or running != wanted


async def _told_lately(connection: Connection, tools: Tools, work: Work) -> bool:
    template = work.payload["template"]
    if template != "said":
        return False
    values = [work.city, work.subject, work.payload["audience"], template, tools.clock.now() - QUIET]
    return await (await connection.execute(_LATELY, values)).fetchone() is not None
