"""The disputes on payments through one acquirer, as it may see them: what is asked and until when, nobody's words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from hejie.merchants.bindings import ACQUIRER
from hejie.store.pool import Connection

MOST = 100
_CLOSED_SHOWN = "30 days"
_DISPUTES = """
select d.id, d.version, d.state, d.problem, d.claim_kind, d.claim_fen, dp.trade_no, p.account, p.paid_fen, d.filed_at,
  d.due_at
from dispute d
join dispute_payment dp on dp.city = d.city and dp.dispute = d.id and dp.wallet = %(wallet)s
join payment p on p.city = dp.city and p.wallet = dp.wallet and p.trade_no = dp.trade_no
where d.city = %(city)s and d.wallet = %(wallet)s and starts_with(dp.trade_no, %(prefix)s) and d.id > %(after)s
  and (d.closed_at is null or d.closed_at > %(now)s - %(shown)s::interval)
order by d.id, dp.trade_no limit %(most)s
"""


class Disputed(Struct, frozen=True, kw_only=True):
    """One disputed payment; a dispute on several has several."""

    dispute: str
    version: int
    state: str
    problem: str
    remedy: str
    asked_fen: int
    payment: str
    """The acquirer's own number of it."""
    merchant: str
    """The merchant's number there, empty where it is not known."""
    paid_fen: int
    filed_at: datetime
    due_at: datetime | None


async def disputes_of(
    connection: Connection, city: str, acquirer: str, after: str, now: datetime
) -> tuple[list[Disputed], str]:
    """Open ones and those closed in the last 30 days, by identifier; and after which the next page begins.

    A page holds whole disputes (one has 20 payments at most); the second is empty at the end.
    """
    values = {"city": city, "wallet": ACQUIRER, "prefix": f"{acquirer}-", "after": after, "now": now}
    values |= {"shown": _CLOSED_SHOWN, "most": MOST + 1}
    rows: list[Any] = await (await connection.execute(_DISPUTES, values)).fetchall()
    found = [_told(row, len(acquirer) + 1) for row in rows]
    if len(found) <= MOST:
        return found, ""
    whole = [each for each in found if each.dispute != found[-1].dispute]
    return whole, whole[-1].dispute


def _told(row: Any, prefix: int) -> Disputed:
    identifier, version, state, problem, remedy, asked, trade_no, account, paid, filed_at, due_at = row
    return Disputed(
        dispute=identifier,
        version=version,
        state=state,
        problem=problem,
        remedy=remedy,
        asked_fen=asked,
        payment=trade_no[prefix:],
        merchant=account.partition("-")[2],
        paid_fen=paid,
        filed_at=filed_at,
        due_at=due_at,
    )
