"""Payments and refunds at UnionPay's online gateway: a transaction is known by its order number and its time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.unionpay.codes import Verdict, verdict
from hejie.connectors.unionpay.gateway import Gateway
from hejie.connectors.wallet import RefundAnswer, RefundOrder, RefundStatus, Trade
from hejie.payments.clearing import clearing_day

PAY, REFUND, VOID = "01", "04", "31"
_NO_NOTICE = "http://www.specialUrl.com"
"""What UnionPay's documents say to send where no notification is wanted: we ask, and the settlement file tells."""
_QUERY_ID = re.compile(r"[0-9]{21}", re.ASCII)
_ORDER = re.compile(r"[0-9A-Za-z]{8,32}", re.ASCII)
"""UnionPay takes up to 40, but its settlement files keep only 32."""
_AMOUNT = re.compile(r"[0-9]{1,12}", re.ASCII)
_BARE_KEY = re.compile(r"([0-9]{6})([0-9A-Z]{10})([0-9A-Z]{12})([0-9]{1,2})", re.ASCII)


def order_id(key: str) -> str:
    """Our refund's key as an order number, which may hold no `-`."""
    return key.replace("-", "")


def key_of(order: str) -> str:
    """The key behind an order number of ours; another's stays as it is."""
    found = _BARE_KEY.fullmatch(order)
    return "-".join(found.groups()) if found else order


def stamp(at: datetime) -> str:
    """An instant as `txnTime`: fourteen digits, Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S")


def paid_stamp(query_id: str) -> str:
    """The payment's `txnTime`, which its `queryId` holds: two digits, `yyMMddhhmmss`, the trace number, one digit."""
    return f"20{query_id[2:14]}"


async def trade(gateway: Gateway, query_id: str, merchant: str, order_no: str) -> Trade:
    """A payment.

    Errors: `Missing("trade_missing")`, also where its order number is not known: UnionPay answers to nothing else.
    `Unknown("wallet_unavailable")` while UnionPay does not tell, `reply_mismatch` for another one.
    """
    if _QUERY_ID.fullmatch(query_id) is None or _ORDER.fullmatch(order_no) is None:
        raise Missing("trade_missing")
    told = await gateway.query(_query(merchant, order_no, paid_stamp(query_id)))
    match verdict(told.get("respCode", "")):
        case Verdict.done:
            pass
        case Verdict.absent:
            raise Missing("trade_missing")
        case _:
            raise Unknown("wallet_unavailable", said=told.get("respCode", ""))
    if told.get("queryId") != query_id or told.get("txnType") != PAY:
        raise Missing("trade_missing")
    return Trade(
        trade_no=query_id,
        order_no=order_no,
        status=told.get("origRespCode", ""),
        refundable=verdict(told.get("origRespCode", "")) is Verdict.done,
        paid_fen=_fen(told),
        paid_at=_instant(told["txnTime"]),
        terminal=told.get("termId", ""),
    )


async def refund(gateway: Gateway, order: RefundOrder, merchant: str) -> RefundAnswer:
    """Ask for money to go back; UnionPay's yes means accepted only, so the answer never says that it moved.

    Order number and time are the same at every attempt, since both were stored before the first.
    Errors: `Unknown("refund_unsure")` for every code that leaves it open.
    """
    if order.ordered_at is None or _ORDER.fullmatch(order_id(order.key)) is None:
        raise Refused("refund_undated")
    params = {
        "txnType": VOID if _may_be_voided(gateway, order) else REFUND,
        "txnSubType": "00",
        "bizType": "000201",
        "channelType": "07",
        "merId": merchant,
        "orderId": order_id(order.key),
        "txnTime": stamp(order.ordered_at),
        "txnAmt": str(order.amount_fen),
        "currencyCode": "156",
        "origQryId": order.trade_no,
        "backUrl": _NO_NOTICE,
    }
    told = await gateway.act(params)
    code = told.get("respCode", "")
    match verdict(code):
        case Verdict.done:
            return RefundAnswer(status=RefundStatus.accepted, key=order.key)
        case Verdict.mendable:
            return RefundAnswer(status=RefundStatus.failed, key=order.key, code=code, retryable=True)
        case Verdict.no:
            return RefundAnswer(status=RefundStatus.failed, key=order.key, code=code)
        case _:
            raise Unknown("refund_unsure", said=code)


def _may_be_voided(gateway: Gateway, order: RefundOrder) -> bool:
    """Whether the whole payment goes back on the clearing day it was made: told by stored things only."""
    if not gateway.voids or order.amount_fen != order.paid_fen or order.ordered_at is None:
        return False
    return clearing_day(_instant(paid_stamp(order.trade_no))) == clearing_day(order.ordered_at)


async def refund_status(gateway: Gateway, order: RefundOrder, merchant: str) -> RefundAnswer:
    """Ask for one refund by its number and time; a refund whose time nobody knows cannot be asked for: `absent`."""
    if order.ordered_at is None or _ORDER.fullmatch(order_id(order.key)) is None:
        return RefundAnswer(status=RefundStatus.absent, key=order.key)
    told = await gateway.query(_query(merchant, order_id(order.key), stamp(order.ordered_at)))
    match verdict(told.get("respCode", "")):
        case Verdict.done:
            return _told(order, told)
        case Verdict.absent:
            return RefundAnswer(status=RefundStatus.absent, key=order.key, code=told["respCode"])
        case _:
            raise Unknown("wallet_unavailable", said=told.get("respCode", ""))


def _told(order: RefundOrder, told: Mapping[str, str]) -> RefundAnswer:
    if told.get("txnType") not in {REFUND, VOID} or told.get("origQryId", order.trade_no) != order.trade_no:
        raise Unknown("reply_mismatch", field="txnType, origQryId")
    code = told.get("origRespCode", "")
    match verdict(code):
        case Verdict.done:
            return RefundAnswer(status=RefundStatus.succeeded, key=order.key, amount_fen=_fen(told))
        case Verdict.open | Verdict.absent:
            return RefundAnswer(status=RefundStatus.accepted, key=order.key)
        case found:
            mendable = found is Verdict.mendable
            return RefundAnswer(status=RefundStatus.failed, key=order.key, code=code, retryable=mendable)


def _query(merchant: str, order: str, txn_time: str) -> dict[str, str]:
    same = {"txnType": "00", "txnSubType": "00", "bizType": "000000", "channelType": "07"}
    return same | {"merId": merchant, "orderId": order, "txnTime": txn_time}


def _fen(told: Mapping[str, str]) -> int:
    text = told.get("txnAmt", "")
    if _AMOUNT.fullmatch(text) is None or told.get("currencyCode") != "156":
        raise Unknown("reply_unreadable", field="txnAmt")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError:
        raise Unknown("reply_unreadable", field="txnTime") from None
