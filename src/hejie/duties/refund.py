"""Refunds: written down before they leave, asked for while unknown, sent again only under the same key."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused, Unknown
from hejie.connectors.wallet import RefundAnswer, RefundOrder, RefundStatus, Wallet
from hejie.desk.disputes import DISPUTES
from hejie.desk.refunds import REFUNDS
from hejie.disputes import commands as d
from hejie.duties.authority import authority_for
from hejie.duties.rows import read_dispute
from hejie.duties.tools import Tools
from hejie.payments import refund as r
from hejie.payments.refund import Refund, RefundState
from hejie.queries import refunds, statements
from hejie.store.pool import city_transaction
from hejie.worker import AgainError, LaterError, Work

STATEMENT_AT = time(12, 0)
"""Shanghai time of the next day by which the wallet's bill file must have told."""
ASK_FIRST = frozenset({RefundState.sending, RefundState.unknown, RefundState.accepted, RefundState.with_person})


async def refund(work: Work, tools: Tools) -> None:
    """Bring one refund to its end, step by step; every step is stored before the next is taken."""
    wallet_name = (await read_dispute(tools, work.city, work.payload["dispute"])).wallet
    row = await _ordered(work, tools, wallet_name)
    if row is None or row.state in r.FINAL:
        return
    if row.asked >= len(tools.settings.resolve_seconds):
        await _by_statement(work, tools, row)
        return
    try:
        order = await _order(tools, row)
        authority = await authority_for(tools, work.city, wallet_name, order.trade_no)
    except Refused as error:
        if row.state is RefundState.ordered:
            await _act(work, tools, r.Fail(code=error.code))
            return
        raise
    await _step(work, tools, row, order, authority, tools.wallet(work.city, wallet_name))


async def _ordered(work: Work, tools: Tools, wallet: str) -> Refund | None:
    """The refund's row, made at the first attempt; None where nothing is left of the payment."""
    told = work.payload
    command = r.Order(dispute=told["dispute"], wallet=wallet, trade_no=told["trade_no"], amount_fen=told["amount_fen"])
    try:
        return (await tools.desk.act(REFUNDS, work.city, work.subject, command, SYSTEM)).row
    except Refused as error:
        failed = d.RefundFails(key=work.subject, code=error.code)
        await tools.desk.act(DISPUTES, work.city, work.payload["dispute"], failed, SYSTEM)
        return None


async def _order(tools: Tools, row: Refund) -> RefundOrder:
    """What the wallet is asked to do: the same at every attempt, since all of it is written down."""
    async with city_transaction(tools.pool, row.city) as connection:
        paid_fen, ordered_at = await refunds.ordered(connection, row)
    return RefundOrder(
        key=row.id, trade_no=row.trade_no, amount_fen=row.amount_fen, paid_fen=paid_fen, ordered_at=ordered_at
    )


async def _step(work: Work, tools: Tools, row: Refund, order: RefundOrder, authority: str, wallet: Wallet) -> None:
    try:
        answer = await _asked(row, order, authority, wallet)
        if answer.status is RefundStatus.absent:
            answer = await _send(work, tools, order, authority, wallet)
    except (Unknown, Refused) as error:  # an asking that is refused says nothing about the refund
        await _doubt(work, tools, row, error.code)
        return
    await _take(work, tools, row, answer)


async def _asked(row: Refund, order: RefundOrder, authority: str, wallet: Wallet) -> RefundAnswer:
    """What the wallet knows of it; one that was never sent is absent without asking."""
    if row.state in ASK_FIRST:
        return await wallet.refund_status(order, authority)
    return RefundAnswer(status=RefundStatus.absent, key=order.key)


async def _send(work: Work, tools: Tools, order: RefundOrder, authority: str, wallet: Wallet) -> RefundAnswer:
    await _act(work, tools, r.Send())
    return await wallet.refund(order, authority)


async def _take(work: Work, tools: Tools, row: Refund, answer: RefundAnswer) -> None:
    match answer.status:
        case RefundStatus.succeeded if answer.amount_fen in {0, row.amount_fen}:
            await _act(work, tools, r.Succeed(seen_by="answer"))
        case RefundStatus.failed:
            await _act(work, tools, r.Fail(code=answer.code))
        case RefundStatus.accepted:
            await _act(work, tools, r.Accept())
            raise LaterError(_next_look(row, tools))
        case _:
            await _doubt(work, tools, row, "amount_differs" if answer.amount_fen else "refund_absent")


def _next_look(row: Refund, tools: Tools) -> float:
    """An accepted refund may take days: the longer it has been so, the longer until it is asked for again."""
    steps = tools.settings.resolve_seconds
    elapsed = (tools.clock.now() - row.changed_at).total_seconds()
    return next((step for step in steps if step > elapsed), steps[-1])


async def _doubt(work: Work, tools: Tools, row: Refund, why: str) -> None:
    await _act(work, tools, r.Doubt(reason=why))
    raise LaterError(tools.settings.resolve_seconds[row.asked])


async def _act(work: Work, tools: Tools, command: r.Command) -> None:
    await tools.desk.act(REFUNDS, work.city, work.subject, command, SYSTEM)


async def _by_statement(work: Work, tools: Tools, row: Refund) -> None:
    """The queries are used up: the bill file tells, and after it a person must."""
    async with city_transaction(tools.pool, work.city) as connection:
        told = await statements.tells(connection, row)
    if told:
        await _act(work, tools, r.Succeed(seen_by="statement"))
        return
    told_at = statement_time(row.changed_at)
    if tools.clock.now() < told_at:
        raise AgainError(told_at)
    await _act(work, tools, r.HandOver())


def statement_time(instant: datetime) -> datetime:
    """When the bill file of an instant's Shanghai day must be in: noon of the next day."""
    day = instant.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(day, STATEMENT_AT, SHANGHAI)


async def follow_trade(work: Work, tools: Tools) -> None:
    """The wallet says that something happened to a payment: its refunds of ours that are on their way are asked for.

    A push is only a hint. What it tells may be known already by an answer or a bill file: the refund's row is locked,
    so the first of them ends it, and the others change nothing.
    """
    wallet_name, trade_no = work.payload["wallet"], work.payload["trade_no"]
    async with city_transaction(tools.pool, work.city) as connection:
        waiting = await refunds.on_their_way(connection, work.city, wallet_name, trade_no)
    for row in waiting:
        order = await _order(tools, row)
        authority = await authority_for(tools, work.city, wallet_name, trade_no)
        answer = await tools.wallet(work.city, wallet_name).refund_status(order, authority)
        if answer.status is RefundStatus.succeeded and answer.amount_fen in {0, row.amount_fen}:
            await tools.desk.act(REFUNDS, work.city, row.id, r.Succeed(seen_by="callback"), SYSTEM)
        elif answer.status is RefundStatus.failed:
            await tools.desk.act(REFUNDS, work.city, row.id, r.Fail(code=answer.code), SYSTEM)


async def refund_seen(work: Work, tools: Tools) -> None:
    """Tell the dispute that money went back."""
    told = work.payload
    command = d.SeeRefund(key=told["key"], trade_no=told["trade_no"], amount_fen=told["amount_fen"])
    await tools.desk.act(DISPUTES, work.city, work.subject, command, SYSTEM)


async def refund_failed(work: Work, tools: Tools) -> None:
    """Tell the dispute that the wallet said no."""
    command = d.RefundFails(key=work.payload["key"], code=work.payload["code"])
    await tools.desk.act(DISPUTES, work.city, work.subject, command, SYSTEM)


LOOK_FOR = timedelta(hours=2)
"""How long a refund that the merchant names is looked for by query; then the bill file must show it."""


async def find_refund(work: Work, tools: Tools) -> None:
    """Look for a refund that the merchant says it made in its own tool, by the number it gave.

    Early absence is no proof. Without the merchant's authority nothing can be asked: the consumer's word
    counts then, and the performance clock runs on meanwhile. A refund of ours is counted under its own key, and one
    from before the filing performs nothing; where the wallet does not tell when it moved, the bill file decides.
    """
    dispute = await read_dispute(tools, work.city, work.subject)
    wallet_name = dispute.wallet
    number, trade_no = work.payload["refund_no"], work.payload["trade_no"]
    order = RefundOrder(key=number, trade_no=trade_no, amount_fen=1)
    async with city_transaction(tools.pool, work.city) as connection:
        if await statements.is_ours(connection, work.city, number):
            return
    try:
        authority = await authority_for(tools, work.city, wallet_name, trade_no)
        answer = await tools.wallet(work.city, wallet_name).refund_status(order, authority)
    except Refused:
        return
    if answer.status is RefundStatus.succeeded and answer.amount_fen > 0:
        if answer.moved_at is None or answer.moved_at < dispute.filed_at.replace(microsecond=0):
            return
        note = r.Note(
            dispute=work.subject, wallet=wallet_name, trade_no=trade_no, amount_fen=answer.amount_fen, seen_by="query"
        )
        await tools.desk.act(REFUNDS, work.city, own_key(trade_no, number), note, SYSTEM)
    elif tools.clock.now() < work.due_at + LOOK_FOR:
        raise LaterError(tools.settings.resolve_seconds[1])


def own_key(trade_no: str, number: str) -> str:
    """Our identifier of a refund that the merchant made itself: unique per trade, apart from our own keys."""
    return f"own:{trade_no}:{number}"
