"""What one acquirer is told of its own payments: the disputes on them, nobody's words, and the refunds asked there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.actor import Role
from hejie.disputes.model import Dispute, Offer, OfferStatus
from hejie.merchants.answering import AnswerLeave
from hejie.merchants.bindings import ACQUIRER
from hejie.payments.refund import Refund
from hejie.store.pool import Connection

MOST = 100
_SHOWN = "30 days"
"""How long what is over is still told."""
_DISPUTES = """
select d.body::text, dp.trade_no, p.account, p.paid_fen, coalesce(m.body->'answer_leaves', '[]')::text
from dispute d
join dispute_payment dp on dp.city = d.city and dp.dispute = d.id and dp.wallet = %(wallet)s
join payment p on p.city = dp.city and p.wallet = dp.wallet and p.trade_no = dp.trade_no
left join merchant m on m.city = d.city and m.id = d.merchant
where d.city = %(city)s and d.wallet = %(wallet)s and starts_with(dp.trade_no, %(prefix)s) and d.id > %(after)s
  and (d.closed_at is null or d.closed_at > %(now)s - %(shown)s::interval)
order by d.id, dp.trade_no limit %(most)s
"""
_REFUNDS = """
select r.body::text, p.account from refund r
join payment p on p.city = r.city and p.wallet = r.wallet and p.trade_no = r.trade_no
where r.city = %(city)s and r.wallet = %(wallet)s and r.source = 'api' and starts_with(r.trade_no, %(prefix)s)
  and r.id > %(after)s
  and (r.state not in ('succeeded', 'failed') or r.changed_at > %(now)s - %(shown)s::interval)
order by r.id limit %(most)s
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
    may_answer: bool
    """Whether the merchant lets this acquirer answer in its name now."""
    offer: str
    """What the other side asks now, by its identifier; `claim` for what was asked first, empty where nothing stands."""
    offer_remedy: str
    offer_fen: int


class Refunded(Struct, frozen=True, kw_only=True):
    """One refund that was asked of an acquirer, and how far it is by what the acquirer has said."""

    key: str
    dispute: str
    payment: str
    merchant: str
    amount_fen: int
    state: str
    code: str
    changed_at: datetime


async def disputes_of(
    connection: Connection, city: str, acquirer: str, after: str, now: datetime
) -> tuple[list[Disputed], str]:
    """Open ones and those closed in the last 30 days, by identifier; and after which the next page begins.

    A page holds whole disputes (one has 20 payments at most); the second is empty at the end.
    """
    rows: list[Any] = await (await connection.execute(_DISPUTES, _values(city, acquirer, after, now))).fetchall()
    found = [_told(row, acquirer, now) for row in rows]
    if len(found) <= MOST:
        return found, ""
    whole = [each for each in found if each.dispute != found[-1].dispute]
    return whole, whole[-1].dispute


async def refunds_of(
    connection: Connection, city: str, acquirer: str, after: str, now: datetime
) -> tuple[list[Refunded], str]:
    """Refunds that we asked for and whose end is open, or that ended in the last 30 days; pages as `disputes_of`."""
    rows: list[Any] = await (await connection.execute(_REFUNDS, _values(city, acquirer, after, now))).fetchall()
    found = [_refunded(msgspec.json.decode(body, type=Refund), account, acquirer) for body, account in rows[:MOST]]
    return found, found[-1].key if len(rows) > MOST else ""


def _values(city: str, acquirer: str, after: str, now: datetime) -> dict[str, object]:
    values: dict[str, object] = {"city": city, "wallet": ACQUIRER, "prefix": f"{acquirer}-", "after": after}
    return values | {"now": now, "shown": _SHOWN, "most": MOST + 1}


def _told(row: Any, acquirer: str, now: datetime) -> Disputed:
    body, trade_no, account, paid, told = row
    dispute = msgspec.json.decode(body, type=Dispute)
    leaves = msgspec.json.decode(told, type=tuple[AnswerLeave, ...])
    offer, gone = _standing(dispute, now), dispute.home != dispute.city
    return Disputed(
        dispute=dispute.id,
        version=dispute.version,
        state="elsewhere" if gone else dispute.state.value,
        problem=dispute.problem,
        remedy=dispute.claim.remedy.value,
        asked_fen=dispute.claim.amount_fen,
        payment=trade_no.removeprefix(f"{acquirer}-"),
        merchant=account.partition("-")[2],
        paid_fen=paid,
        filed_at=dispute.filed_at,
        due_at=dispute.due.at if dispute.due and not gone else None,
        may_answer=dispute.away is None and any(each.acquirer == acquirer and each.holds(now) for each in leaves),
        offer=offer.id if offer else "",
        offer_remedy=offer.remedy.value if offer else "",
        offer_fen=offer.amount_fen if offer else 0,
    )


def _standing(dispute: Dispute, now: datetime) -> Offer | None:
    """The other side's offer that may still be accepted, the newest."""
    if not dispute.is_open or dispute.away is not None:
        return None
    for offer in reversed(dispute.offers):
        over = offer.status is not OfferStatus.open or (offer.due is not None and offer.due.passed(now))
        if offer.by is not Role.merchant and not over:
            return offer
    return None


def _refunded(refund: Refund, account: str, acquirer: str) -> Refunded:
    return Refunded(
        key=refund.id,
        dispute=refund.dispute,
        payment=refund.trade_no.removeprefix(f"{acquirer}-"),
        merchant=account.partition("-")[2],
        amount_fen=refund.amount_fen,
        state=refund.state.value,
        code=refund.code,
        changed_at=refund.changed_at,
    )
