"""Payments, refunds, business days and traces at one acquirer (docs/protocol/acquirer.md)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal
from urllib.parse import quote

from msgspec import Struct

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.acquirer.gateway import Gateway, Told
from hejie.connectors.wallet import RefundAnswer, RefundOrder, RefundStatus, StatementRow, Trade
from hejie.payments.bank_hours import closed_at

MOST_FEN = 10**13
_SAYS_NO = frozenset({400, 404, 422})
"""Refusals after which nothing has moved or will."""


class PaymentTold(Struct, frozen=True, kw_only=True):
    """A payment as the acquirer tells it."""

    payment: str
    merchant: str
    terminal: str = ""
    order: str = ""
    state: Literal["paid", "reversed"]
    refundable: bool
    amount_fen: int
    paid_at: datetime


class RefundAsked(Struct, frozen=True, kw_only=True):
    """A refund as it is asked for."""

    key: str
    payment: str
    merchant: str
    amount_fen: int
    currency: str = "CNY"
    reason: str = ""


class RefundTold(Struct, frozen=True, kw_only=True):
    """A refund as the acquirer tells it."""

    key: str
    payment: str
    state: Literal["accepted", "succeeded", "failed", "unknown"]
    amount_fen: int
    code: str = ""
    mendable: bool = False
    moved_at: datetime | None = None


class RowTold(Struct, frozen=True, kw_only=True):
    """One row of a business day."""

    kind: Literal["payment", "refund"]
    payment: str
    order: str = ""
    key: str = ""
    amount_fen: int
    at: datetime
    terminal: str = ""


class DayTold(Struct, frozen=True, kw_only=True):
    """A business day."""

    rows: tuple[RowTold, ...]


class TraceAsked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reference of one disputed payment, and what the answer is for; at most one of the three kinds."""

    purpose: str
    dispute: str
    number: str = ""
    trace: str = ""
    terminal: str = ""
    at: datetime | None = None


class TraceAnswer(Struct, frozen=True, kw_only=True):
    """One payment that a reference may mean."""

    payment: str
    merchant: str
    terminal: str = ""
    paid_at: datetime
    amount_fen: int
    refunded_fen: int | None = None
    """What went back so far; None where the acquirer does not say."""


class TraceTold(Struct, frozen=True, kw_only=True):
    """What an acquirer finds."""

    answers: tuple[TraceAnswer, ...]


async def trade(gateway: Gateway, number: str, merchant: str) -> Trade:
    """A payment by the acquirer's number of it.

    `merchant` is the merchant's number there, empty where it is not known. Errors: `Missing("trade_missing")`, also
    for another merchant's; `Unknown("wallet_unavailable" | "reply_mismatch" | "reply_unreadable")`.
    """
    told = await gateway.get(f"/payments/{quote(number, safe='')}")
    if not told.stands:
        raise _none("trade_missing", told, "payment_unknown")
    found = told.read(PaymentTold)
    if found.payment != number:
        raise Unknown("reply_mismatch", field="payment")
    if merchant and found.merchant != merchant:
        raise Missing("trade_missing")
    return Trade(
        trade_no=f"{gateway.door.id}-{number}",
        order_no=found.order,
        status=found.state,
        refundable=found.refundable,
        paid_fen=_fen(found.amount_fen),
        paid_at=_at(found.paid_at),
        terminal=found.terminal,
    )


async def refund(gateway: Gateway, order: RefundOrder, number: str, merchant: str) -> RefundAnswer:
    """Ask for money to go back under `order.key`, which is the idempotency key too.

    Errors: `Unknown` for everything that leaves it open.
    """
    body = RefundAsked(
        key=order.key, payment=number, merchant=merchant, amount_fen=order.amount_fen, reason=order.reason
    )
    told = await gateway.post("/refunds", body, order.key)
    if told.stands:
        return _answer(order, number, told)
    if told.status not in _SAYS_NO:
        raise Unknown("refund_unsure", said=told.code)
    return RefundAnswer(status=RefundStatus.failed, key=order.key, code=told.code)


async def refund_status(gateway: Gateway, order: RefundOrder, number: str) -> RefundAnswer:
    """Ask for one refund by its key; errors as `refund`."""
    told = await gateway.get(f"/refunds/{quote(order.key, safe='')}")
    if told.stands:
        return _answer(order, number, told)
    if told.code != "refund_unknown":
        raise Unknown("wallet_unavailable", said=told.code)
    return RefundAnswer(status=RefundStatus.absent, key=order.key, code=told.code)


async def statement(gateway: Gateway, day: date, merchant: str) -> list[StatementRow]:
    """The rows of one business day; a day on which the bank rests has none.

    Errors: `Missing("statement_not_ready")` until the day is cut off and the bank has opened again; `Unknown`.
    """
    hours = gateway.door.hours
    if not hours.works(day):
        return []
    if gateway.clock.now() < closed_at(hours, day):
        raise Missing("statement_not_ready")
    told = await gateway.get(f"/statements/{quote(merchant, safe='')}/{day.isoformat()}")
    if not told.stands:
        raise _none("statement_not_ready", told, "statement_not_ready")
    return [
        StatementRow(
            trade_no=f"{gateway.door.id}-{row.payment}",
            order_no=row.order,
            kind=row.kind,
            amount_fen=_fen(row.amount_fen),
            refund_key=row.key,
            finished_at=_at(row.at),
            terminal=row.terminal,
        )
        for row in told.read(DayTold).rows
    ]


async def trace(gateway: Gateway, asked: TraceAsked, key: str) -> tuple[TraceAnswer, ...]:
    """The payments that a reference may mean.

    Errors: `Refused("reference_unreadable")` where the acquirer says no, `Unknown`.
    """
    told = await gateway.post("/traces", asked, key)
    if not told.stands:
        raise Refused("reference_unreadable", said=told.code)
    return told.read(TraceTold).answers


def _none(code: str, told: Told, wanted: str) -> Missing | Unknown:
    """What a refusal of a question means."""
    return Missing(code) if told.code == wanted else Unknown("wallet_unavailable", said=told.code)


def _answer(order: RefundOrder, number: str, told: Told) -> RefundAnswer:
    found = told.read(RefundTold)
    if found.key != order.key or found.payment != number:
        raise Unknown("reply_mismatch", field="key, payment")
    match found.state:
        case "succeeded":
            return RefundAnswer(
                status=RefundStatus.succeeded,
                key=order.key,
                amount_fen=_fen(found.amount_fen),
                moved_at=_at(found.moved_at) if found.moved_at else None,
            )
        case "accepted":
            return RefundAnswer(status=RefundStatus.accepted, key=order.key)
        case "failed":
            return RefundAnswer(status=RefundStatus.failed, key=order.key, code=found.code, retryable=found.mendable)
        case "unknown":
            raise Unknown("refund_unsure", said=found.code)


def _fen(amount: int) -> int:
    if not 0 < amount < MOST_FEN:
        raise Unknown("reply_unreadable", field="amount_fen")
    return amount


def _at(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise Unknown("reply_unreadable", field="at")
    return instant.astimezone(UTC)
