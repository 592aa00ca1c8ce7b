"""What UnionPay pushes: a form, verified over its own values, and only ever a hint."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl

from hejie.base.errors import Refused
from hejie.connectors.unionpay.gateway import Gateway
from hejie.connectors.unionpay.trade import PAY, REFUND, VOID
from hejie.connectors.wallet import Callback

_MOST_BYTES = 64 * 1024


def callback(gateway: Gateway, raw: bytes) -> Callback:
    """Read one push; it is told again up to five times until it is answered with a bare 200.

    UnionPay numbers no push: the digest of what it says stands for it.
    Errors: `Refused("signature_wrong" | "callback_unreadable")`.
    """
    told = _form(raw)
    try:
        gateway.verified(told)
    except Refused:
        raise Refused("signature_wrong") from None
    kind = told.get("txnType", "")
    trade_no = told.get("queryId", "") if kind == PAY else told.get("origQryId", "")
    return Callback(
        application=gateway.member,
        delivery_id=hashlib.sha256(told["signature"].encode()).hexdigest()[:40],
        kind="trade_changed" if kind in {PAY, REFUND, VOID} and trade_no else "other",
        trade_no=trade_no,
    )


def _form(raw: bytes) -> dict[str, str]:
    if not 0 < len(raw) <= _MOST_BYTES:
        raise Refused("callback_unreadable")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=200)
    except ValueError:
        raise Refused("callback_unreadable") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("callback_unreadable")
    return found
