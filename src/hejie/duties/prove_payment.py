"""Payments known only from a consumer's file, held against the wallet's own word."""

from __future__ import annotations

from datetime import datetime

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.connectors.wallet import Trade
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.model import Dispute
from hejie.duties.authority import authority_on
from hejie.duties.items import open_item
from hejie.duties.rows import read_dispute
from hejie.duties.tools import Tools
from hejie.intake.payments import prove
from hejie.queries.merchant import paid_on
from hejie.store.pool import city_transaction
from hejie.worker import Work


async def prove_payment(work: Work, tools: Tools) -> None:
    """Hold a payment known only from a file against the wallet's own word: number, amount and day must agree."""
    trade_no = work.payload["trade_no"]
    dispute = await read_dispute(tools, work.city, work.subject)
    paid = next(each for each in dispute.payments if each.trade_no == trade_no)
    try:
        account, trade = await _found(tools, dispute, trade_no)
    except (Refused, Missing):
        return  # it stays unproven: talked about, and settled by the merchant's own hand
    if trade.paid_fen != paid.paid_fen or not _same_day(trade.paid_at, paid.paid_at):
        body = {"trade_no": trade_no, "dispute": dispute.id}
        await open_item(tools, work.city, "payment_differs", "dispute", dispute.id, body)
        return
    async with city_transaction(tools.pool, work.city) as connection:
        await prove(connection, work.city, dispute.wallet, trade_no, account)
    await tools.desk.act(DISPUTES, work.city, dispute.id, d.Prove(trade_no=trade_no), SYSTEM)


async def _found(tools: Tools, dispute: Dispute, trade_no: str) -> tuple[str, Trade]:
    """The account that was paid, and the wallet's word; a file names no account, so each of the merchant's is asked.

    Errors: `Missing` where the wallet knows no such payment to it, `Refused("authority_missing")`.
    """
    why: Refused | Missing = Refused("authority_missing")
    async with city_transaction(tools.pool, dispute.city) as connection:
        paid = await paid_on(connection, dispute.city, dispute.wallet, trade_no)
    held = [each.account for each in paid.merchant.authorisations if each.wallet == dispute.wallet]
    wallet = tools.wallet(dispute.city, dispute.wallet)
    for account in [paid.account] if paid.account else held:
        try:
            authority = await authority_on(tools, dispute.city, dispute.wallet, account)
            return account, await wallet.trade(trade_no, authority, paid.order_no)
        except (Refused, Missing) as error:
            why = error
    raise why


def _same_day(told: datetime | None, known: datetime) -> bool:
    return told is not None and told.astimezone(SHANGHAI).date() == known.astimezone(SHANGHAI).date()
