"""The wallets' daily bill files: fetched when they are due, matched with the disputes that wait for money."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing
from hejie.desk.refunds import REFUNDS
from hejie.duties.authority import tokens_of
from hejie.duties.items import open_item
from hejie.duties.refund import own_key
from hejie.duties.rows import read_merchant
from hejie.duties.tools import Tools
from hejie.intake.statements import load_statement
from hejie.payments import refund as r
from hejie.queries import statements
from hejie.store.pool import city_transaction
from hejie.worker import AgainError, LaterError, Work

READY = time(9, 30)
"""Shanghai time at which yesterday's file is asked for."""
NOT_READY = timedelta(minutes=10)
"""Until it is asked for again, where it is late."""
PATIENCE = timedelta(days=1)
"""How long a file may be late; the next day's is due then."""
FIRST_DAYS = 7
"""How far back the first fetch of an account looks."""


async def statement(work: Work, tools: Tools) -> None:
    """Match the refunds of the newest day of one account, fetch the next, and come again for that.

    A day is matched only when the task comes again, so that whoever is killed in between leaves nothing unmatched.
    """
    wallet, account = work.payload["wallet"], work.payload["account"]
    merchant = await read_merchant(tools, work.city, work.subject)
    held = merchant.authority(wallet, account, tools.clock.now())
    if held is None or held.expires_at != datetime.fromisoformat(work.payload["ends"]):
        return  # a newer authority brought a task of its own
    async with city_transaction(tools.pool, work.city) as connection:
        last = await statements.last_day(connection, work.city, wallet, account)
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
        await _not_there(tools, work.city, wallet, account, day, ready)
        rows = []
    async with city_transaction(tools.pool, work.city) as connection:
        await load_statement(connection, work.city, wallet, account, day, rows, tools.clock.now(), tools.desk.chance)
    raise LaterError(0)


async def _not_there(tools: Tools, city: str, wallet: str, account: str, day: date, ready: datetime) -> None:
    """A file that does not come is asked for during a day, then taken as empty, and a person is told."""
    if tools.clock.now() < ready + PATIENCE:
        raise AgainError(tools.clock.now() + NOT_READY)
    body = {"day": day.isoformat(), "account": account}
    await open_item(tools, city, "statement_missing", "statement", f"{wallet}:{account}:{day}", body)


async def _match(tools: Tools, city: str, wallet: str, account: str, day: date) -> None:
    """Refunds in the file that we have not seen: ours come to their end, others are noted."""
    async with city_transaction(tools.pool, city) as connection:
        found = await statements.unseen(connection, city, wallet, account, day)
    for seen in found:
        await take_seen(tools, city, wallet, seen, "statement")


async def take_seen(tools: Tools, city: str, wallet: str, seen: statements.Seen, seen_by: str) -> None:
    """A refund in a file: ours comes to its end, another's is noted, and one that contradicts ours is a person's."""
    if seen.ours_fen is None:
        await _note(tools, city, wallet, seen, seen_by)
    elif not await _ends_ours(tools, city, seen, seen_by):
        body = {"dispute": seen.dispute, "amount_fen": seen.amount_fen}
        await open_item(tools, city, "refund_disagrees", "refund", seen.key, body)


async def _note(tools: Tools, city: str, wallet: str, seen: statements.Seen, seen_by: str) -> None:
    note = r.Note(
        dispute=seen.dispute,
        wallet=wallet,
        trade_no=seen.trade_no,
        amount_fen=seen.amount_fen,
        seen_by=seen_by,
    )
    await tools.desk.act(REFUNDS, city, own_key(seen.trade_no, seen.key), note, SYSTEM)


async def _ends_ours(tools: Tools, city: str, seen: statements.Seen, seen_by: str) -> bool:
    """Whether the file's word fits ours: the same amount, and not a refund that the wallet had called failed."""
    if seen.ours_fen != seen.amount_fen:
        return False
    row = (await tools.desk.act(REFUNDS, city, seen.key, r.Succeed(seen_by=seen_by), SYSTEM)).row
    return row is not None and row.state is r.RefundState.succeeded
