"""What WeChat Pay pushes: verified over its own bytes, opened with our key, and only ever a hint."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.connectors.wallet import Callback
from hejie.connectors.wechatpay.gateway import Gateway
from hejie.connectors.wechatpay.signing import Sealed, unsealed, verified

_MOST_BYTES = 64 * 1024
_REFUNDS, _COMPLAINTS = "REFUND.", "COMPLAINT."


class Push(Struct, frozen=True):
    """A callback as it comes."""

    id: str
    event_type: str
    resource: Sealed


class RefundPush(Struct, frozen=True):
    """What is inside one about a refund."""

    sp_mchid: str
    transaction_id: str


class ComplaintPush(Struct, frozen=True):
    """What is inside one about a complaint; what happened to it is asked, not believed."""

    complaint_id: str


def callback(gateway: Gateway, headers: Mapping[str, str], raw: bytes) -> Callback:
    """Read one push; replays are told by `delivery_id`, which the caller keeps. It is answered with a bare 200.

    Events that we do not know are `other`: duplicates and new kinds happen (WeChat Pay says so).
    Errors: `Refused("signature_wrong" | "callback_stale" | "callback_unreadable" | "callback_misdirected")`.
    """
    small = {name.lower(): value for name, value in headers.items()}
    if len(raw) > _MOST_BYTES:
        raise Refused("callback_unreadable")
    try:
        sent = verified(gateway.trust.keys, small, raw, gateway.clock.now())
    except Refused as error:
        if error.code == "callback_stale":
            raise
        raise Refused("signature_wrong") from None
    try:
        push = msgspec.json.decode(raw, type=Push)
        inside = unsealed(gateway.api_key, push.resource)
        refund = msgspec.json.decode(inside, type=RefundPush) if push.event_type.startswith(_REFUNDS) else None
        about = push.event_type.startswith(_COMPLAINTS)
        complaint = msgspec.json.decode(inside, type=ComplaintPush).complaint_id if about else ""
    except msgspec.DecodeError:
        raise Refused("callback_unreadable") from None
    if refund and refund.sp_mchid != gateway.mchid:
        raise Refused("callback_misdirected")
    if about and not complaint:
        raise Refused("callback_unreadable")
    return Callback(
        application=gateway.mchid,
        delivery_id=push.id,
        kind="trade_changed" if refund else "case_changed" if complaint else "other",
        event_id=complaint,
        trade_no=refund.transaction_id if refund else "",
        sent_at=sent,
    )
