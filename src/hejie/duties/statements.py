"""The wallets' daily bill files: fetched when they are due, matched with the disputes that wait for money."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.desk.refunds import REFUNDS
from hejie.duties.authority import read_merchant, tokens_of
from hejie.duties.refund import own_key
from hejie.duties.tools import Tools
from hejie.intake.statements import load_statement
from hejie.payments import refund as r
from hejie.store.pool import city_transaction
from hejie.worker import AgainError, LaterError, Work

READY = time(9, 30)
"""Shanghai time at which yesterday's file is asked for."""
NOT_READY_SECONDS = 600
FIRST_DAYS = 7
"""How far back the first fetch of an account looks."""

_LAST = "select max(day) from statement where city = %s and wallet = %s and account = %s"
_UNMATCHED = """
select distinct s.trade_no, s.refund_key, s.amount_fen, dp.dispute,
       exists (select 1 from refund o where o.city = s.city and o.id = s.refund_key) as ours
from statement_row s
join dispute_payment dp on dp.city = s.city and dp.wallet = s.wallet and dp.trade_no = s.trade_no
join dispute d on d.city = dp.city and d.id = dp.dispute
  and date_trunc('second', d.filed_at) <= coalesce(s.finished_at, d.filed_at)
where s.city = %s and s.wallet = %s and s.account = %s and s.day = %s and s.kind = 'refund'
  and (dp.open or d.state in ('lapsed', 'settled', 'mediated'))
  and not exists (select 1 from refund r where r.city = s.city and r.state = 'succeeded'
                  and r.id in (s.refund_key, 'own:' || s.trade_no || ':' || s.refund_key))
"""


async def statement(work: Work, tools: Tools) -> None:
    """Match the refunds of the newest day of one account, fetch the next, and come again for that.

    A day is matched only when the task comes again, so that whoever is killed in between leaves nothing unmatched.
    """
    wallet, account = work.payload["wallet"], work.payload["account"]
    merchant = await read_merchant(tools, work.city, work.subject)
    held = merchant.authority(wallet, account, tools.clock.now())
    if held is None or held.expires_at.isoformat() != datetime.fromisoformat(work.payload["ends"]).isoformat():
        return  # a newer authority brought a task of its own
    last = await _last_day(tools, work.city, wallet, account)
    if last:
        await _match(tools, work.city, wallet, account, last)
    today = tools.clock.now().astimezone(SHANGHAI).date()
    day = last + timedelta(days=1) if last else today - timedelta(days=FIRST_DAYS)
    ready = datetime.combine(day + timedelta(days=1), READY, SHANGHAI)
    if tools.clock.now() < ready:
        raise AgainError(ready)
    async with city_transaction(tools.pool, work.city) as connection:
        tokens = await tokens_of(tools, connection, merchant, wallet, account)
    try:
        rows = await tools.wallet(work.city, wallet).statement(day, tokens.token)
    except Missing:
        raise LaterError(NOT_READY_SECONDS) from None
    async with city_transaction(tools.pool, work.city) as connection:
        await load_statement(connection, work.city, wallet, account, day, rows, tools.clock.now(), tools.desk.chance)
    raise LaterError(0)


async def _last_day(tools: Tools, city: str, wallet: str, account: str) -> date | None:
    """The newest day that is loaded."""
    async with city_transaction(tools.pool, city) as connection:
        row: Any = await (await connection.execute(_LAST, [city, wallet, account])).fetchone()
    last: date | None = row[0]
    return last


async def _match(tools: Tools, city: str, wallet: str, account: str, day: date) -> None:
    """Refunds in the file that we have not seen: ours come to their end, others are noted."""
    async with city_transaction(tools.pool, city) as connection:
        found = await (await connection.execute(_UNMATCHED, [city, wallet, account, day])).fetchall()
    for trade_no, key, amount_fen, dispute, ours in found:
        if ours:
            await tools.desk.act(REFUNDS, city, key, r.Succeed(seen_by="statement"), SYSTEM)
            continue
        note = r.Note(dispute=dispute, wallet=wallet, trade_no=trade_no, amount_fen=amount_fen, seen_by="statement")
        try:
            await tools.desk.act(REFUNDS, city, own_key(trade_no, key), note, SYSTEM)
        except Refused:
            continue  # more came back than the payment had left: a later reconciliation shows it to a person
