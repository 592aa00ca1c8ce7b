"""Payments and refunds (APIv3, partner mode): asking, moving money back under our number, asking for that number."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.wallet import RefundAnswer, RefundOrder, RefundStatus, Trade
from hejie.connectors.wechatpay.gateway import Gateway

_REASON_BYTES = 80
_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
"""What may stand in a path: numbers come from bill files and from what a merchant typed, too."""
_ABSENT = frozenset({"RESOURCE_NOT_EXISTS", "ORDER_NOT_EXIST", "ORDERNOTEXIST"})
_MENDABLE = frozenset({"NOT_ENOUGH", "NO_AUTH", "SIGN_ERROR", "PARAM_ERROR"})
"""What the merchant or the operator can put right; the same number may be sent again then."""
_FINAL = frozenset({"USER_ACCOUNT_ABNORMAL", "REFUND_OVERTIME", "TRADE_OVERDUE", "MCH_NOT_EXISTS", *_ABSENT})


class Amount(Struct, frozen=True):
    """What a transaction was in all, in fen."""

    total: int


class Payer(Struct, frozen=True):
    """Who paid, as the partner and the merchant see them."""

    sp_openid: str = ""
    sub_openid: str = ""


class Store(Struct, frozen=True):
    """Where it was paid."""

    name: str = ""


class Scene(Struct, frozen=True):
    """On which machine it was paid."""

    device_id: str = ""
    store_info: Store = Store()


class Transaction(Struct, frozen=True):
    """A transaction as WeChat Pay tells it."""

    transaction_id: str
    trade_state: str
    amount: Amount
    out_trade_no: str = ""
    success_time: datetime | None = None
    payer: Payer = Payer()
    scene_info: Scene = Scene()


class RefundAmount(Struct, frozen=True):
    """Of a refund, in fen."""

    refund: int
    total: int


class RefundTold(Struct, frozen=True):
    """A refund as WeChat Pay tells it."""

    out_refund_no: str
    transaction_id: str
    status: str
    amount: RefundAmount
    success_time: datetime | None = None


async def trade(gateway: Gateway, trade_no: str, authority: str) -> Trade:
    """A transaction; `Missing("trade_missing")`, and `Unknown("reply_mismatch")` for an answer about another one."""
    if _NUMBER.fullmatch(trade_no) is None:
        raise Missing("trade_missing")
    query = {"sp_mchid": gateway.mchid, "sub_mchid": authority}
    try:
        told = await gateway.get(f"/v3/pay/partner/transactions/id/{trade_no}", query, Transaction)
    except Refused as error:
        if error.facts.get("said") in _ABSENT:
            raise Missing("trade_missing") from None
        raise
    if told.transaction_id != trade_no:
        raise Unknown("reply_mismatch", field="transaction_id")
    return Trade(
        trade_no=trade_no,
        order_no=told.out_trade_no,
        status=told.trade_state,
        refundable=told.trade_state in {"SUCCESS", "REFUND"},
        paid_fen=told.amount.total,
        paid_at=told.success_time,
        payer=told.payer.sp_openid or told.payer.sub_openid,
        shop_name=told.scene_info.store_info.name,
        terminal=told.scene_info.device_id,
    )


async def refund(gateway: Gateway, order: RefundOrder, authority: str, callback_url: str = "") -> RefundAnswer:
    """Ask for money to go back; WeChat Pay's yes means accepted only, so the answer never says that it moved.

    Its arrival is pushed to `callback_url`, if that is an address as WeChat Pay takes it: a push is a comfort only, and
    must not make a refund fail.

    One `out_refund_no` is one refund, however often it is sent. A code that we do not know for harmless is
    `Unknown("refund_unsure")`.
    """
    content = {
        "sub_mchid": authority,
        "transaction_id": order.trade_no,
        "out_refund_no": order.key,
        "amount": {"refund": order.amount_fen, "total": order.paid_fen, "currency": "CNY"},
        **({"reason": _cut(order.reason)} if order.reason else {}),
        **({"notify_url": callback_url} if callback_url.startswith("https://") else {}),
    }
    try:
        told = await gateway.post("/v3/refund/domestic/refunds", content, RefundTold)
    except Refused as error:
        return _refused(order, error)
    answer = _answer(order, told)
    if answer.status is RefundStatus.succeeded:
        return RefundAnswer(status=RefundStatus.accepted, key=order.key)
    return answer


async def refund_status(gateway: Gateway, order: RefundOrder, authority: str) -> RefundAnswer:
    """Ask for one refund by its number; one that is not known (now) is `absent`, never a failure."""
    if _NUMBER.fullmatch(order.key) is None:
        return RefundAnswer(status=RefundStatus.absent, key=order.key)
    try:
        told = await gateway.get(f"/v3/refund/domestic/refunds/{order.key}", {"sub_mchid": authority}, RefundTold)
    except Refused as error:
        if error.facts.get("said") in _ABSENT:
            return RefundAnswer(status=RefundStatus.absent, key=order.key, code=str(error.facts["said"]))
        raise
    return _answer(order, told)


def _answer(order: RefundOrder, told: RefundTold) -> RefundAnswer:
    if (told.out_refund_no, told.transaction_id) != (order.key, order.trade_no):
        raise Unknown("reply_mismatch", field="out_refund_no, transaction_id")
    match told.status:
        case "SUCCESS":
            return RefundAnswer(
                status=RefundStatus.succeeded,
                key=order.key,
                amount_fen=told.amount.refund,
                moved_at=told.success_time,
            )
        case "PROCESSING":
            return RefundAnswer(status=RefundStatus.accepted, key=order.key)
        case "CLOSED":
            return RefundAnswer(status=RefundStatus.failed, key=order.key, code="CLOSED")
        case _:  # ABNORMAL: the money has left the merchant and found no way to the payer
            raise Unknown("refund_unsure", said=told.status)


def _refused(order: RefundOrder, error: Refused) -> RefundAnswer:
    said = str(error.facts["said"])
    if said in _MENDABLE:
        return RefundAnswer(status=RefundStatus.failed, key=order.key, code=said, retryable=True)
    if said in _FINAL:
        return RefundAnswer(status=RefundStatus.failed, key=order.key, code=said)
    raise Unknown("refund_unsure", said=said) from None


def _cut(reason: str) -> str:
    """As much of a reason as fits into 80 bytes, no character cut in two."""
    return reason.encode()[:_REASON_BYTES].decode(errors="ignore")
