"""Payments known only from a consumer's file, held against the wallet's own word."""

from __future__ import annotations

from datetime import datetime

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.duties.authority import authority_for
from hejie.duties.deadlines import read_dispute
from hejie.duties.items import open_item
from hejie.duties.tools import Tools
from hejie.store.pool import city_transaction
from hejie.worker import Work


async def prove_payment(work: Work, tools: Tools) -> None:
    """Hold a payment known only from a file against the wallet's own word: number, amount and day must agree."""
    trade_no = work.payload["trade_no"]
    dispute = await read_dispute(tools, work.city, work.subject)
    paid = next(each for each in dispute.payments if each.trade_no == trade_no)
    try:
        authority = await authority_for(tools, work.city, dispute.wallet, trade_no)
        trade = await tools.wallet(work.city, dispute.wallet).trade(trade_no, authority)
    except (Refused, Missing):
        return  # it stays unproven: talked about, and settled by the merchant's own hand
    if trade.paid_fen != paid.paid_fen or not _same_day(trade.paid_at, paid.paid_at):
        body = {"trade_no": trade_no, "dispute": dispute.id}
        await open_item(tools, work.city, "payment_differs", "dispute", dispute.id, body)
        return
    async with city_transaction(tools.pool, work.city) as connection:
        await connection.execute(
            "update payment set proven = true where city = %s and wallet = %s and trade_no = %s",
            [work.city, dispute.wallet, trade_no],
        )
    await tools.desk.act(DISPUTES, work.city, dispute.id, d.Prove(trade_no=trade_no), SYSTEM)


def _same_day(told: datetime | None, known: datetime) -> bool:
    return told is not None and told.astimezone(SHANGHAI).date() == known.astimezone(SHANGHAI).date()
