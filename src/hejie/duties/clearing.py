"""Clearing files after they are in: their refunds meet the disputes that wait, what is missing goes to a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from hejie.base.clock import SHANGHAI
from hejie.duties.items import open_item
from hejie.duties.statements import take_seen
from hejie.duties.tools import Tools
from hejie.intake.clearing import forget_clearing_before
from hejie.payments.clearing import Movement, clearing_day
from hejie.queries import clearing
from hejie.queries.clearing import ClearingFile, Held, Succeeded
from hejie.store.pool import city_transaction
from hejie.store.references import trace_of
from hejie.store.settings import settings_at
from hejie.worker import Work

FIRST_DAYS = 7
"""How far back the first file of an agreement is held against our refunds."""
AT_ONCE = 20
"""Refunds that are looked for in one question: each leads to a few records, and `clearing.MOST` are told at most."""
DAY_ENDS = time(23)
"""Shanghai time at which a clearing day ends."""


async def match_clearing(work: Work, tools: Tools) -> None:
    """Match one file; every step may be taken twice."""
    async with city_transaction(tools.pool, work.city) as connection:
        found = await clearing.file(connection, work.city, int(work.subject))
        if found is None or found.last_day is None:
            return
        told = await clearing.refunds_told(connection, work.city, found)
    for wallet, seen in told:
        await take_seen(tools, work.city, wallet, seen, "clearing")
    async with city_transaction(tools.pool, work.city) as connection:
        payments = sorted({(wallet, seen.trade_no) for wallet, seen in told})
        above = await clearing.paid_back_too_much(connection, work.city, payments)
    for wallet, trade_no, paid_fen, refunded_fen in above:
        body = {"wallet": wallet, "trade_no": trade_no, "paid_fen": paid_fen, "refunded_fen": refunded_fen}
        await open_item(tools, work.city, "refund_surplus", "payment", f"{wallet}:{trade_no}", body)
    await _missing(tools, work.city, found)


async def _missing(tools: Tools, city: str, found: ClearingFile) -> None:
    """Refunds that should stand in the days before this file's last one, and do not, go to a person.

    Only payments that the records hold are looked at: the others belong to somebody else's files.
    """
    async with city_transaction(tools.pool, city) as connection:
        before = await clearing.day_before(connection, city, found)
        if found.last_day is None:
            return
        until = datetime.combine(found.last_day - timedelta(days=1), DAY_ENDS, SHANGHAI)
        since = (
            datetime.combine(before - timedelta(days=1), DAY_ENDS, SHANGHAI)
            if before
            else until - timedelta(days=FIRST_DAYS)
        )
        ended = await clearing.succeeded(connection, city, since, until)
    for begin in range(0, len(ended), AT_ONCE):
        for refund in await _not_there(tools, city, ended[begin : begin + AT_ONCE]):
            body = {"dispute": refund.dispute, "amount_fen": refund.amount_fen, "day": found.last_day.isoformat()}
            await open_item(tools, city, "refund_missing", "refund", refund.id, body)


async def _not_there(tools: Tools, city: str, refunds: Sequence[Succeeded]) -> list[Succeeded]:
    """Those of which the records hold the payment and no refund of this amount."""
    vault = tools.vaults(city)
    async with city_transaction(tools.pool, city) as connection:
        records = await clearing.find(connection, vault, [("number", each.trade_no) for each in refunds])
        payments = [each for each in records if each.movement is Movement.payment]
        traces = [("trace", trace_of(each.trace, each.at, each.acquirer)) for each in payments if each.trace]
        records += await clearing.find(connection, vault, traces) if traces else []
    numbered = {number: each for each in payments for number in (each.query_id, each.order_no) if number}
    missing = []
    for refund in refunds:
        payment = numbered.get(refund.trade_no)
        if payment is not None and not any(
            _goes_back(each, payment) and each.amount_fen == refund.amount_fen for each in records
        ):
            missing.append(refund)
    return missing


def _goes_back(record: Held, payment: Held) -> bool:
    if record.movement not in {Movement.refund, Movement.void}:
        return False
    by_trace = (record.of_trace, record.of_at, record.acquirer) == (payment.trace, payment.at, payment.acquirer)
    return by_trace or record.of_query_id in {payment.query_id, payment.order_no} - {""}


async def forget_clearing(work: Work, tools: Tools) -> None:
    """Days beyond the longest of the city's agreements go; records of disputed payments stay."""
    now = tools.clock.now()
    async with city_transaction(tools.pool, work.city) as connection:
        settings = await settings_at(connection, work.city, now)
        keep = max((each.keep_days for each in settings.clearing), default=1)
        await forget_clearing_before(connection, clearing_day(now) - timedelta(days=keep))
