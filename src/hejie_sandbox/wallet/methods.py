"""The table of the gateway's methods: who answers, and whether money or cases may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hejie_sandbox.wallet import authority, refunds, trades

if TYPE_CHECKING:
    from collections.abc import Callable

    from hejie_sandbox.wallet.wire import Call


class Method(NamedTuple):
    """One method of the gateway."""

    answer: Callable[[Call], dict[str, Any]]
    writes: bool = False
    disturb: Callable[[Call], None] | None = None
    """Faults of its own, injected before it answers."""
    unavailable: str = "SYSTEM_ERROR"
    """The sub code by which its business says that it does not know."""


METHODS: dict[str, Method] = {
    "alipay.open.auth.token.app": Method(authority.exchange, writes=True),
    "alipay.open.auth.token.app.query": Method(authority.query),
    "alipay.trade.query": Method(trades.query, unavailable="ACQ.SYSTEM_ERROR"),
    "alipay.trade.refund": Method(refunds.refund, writes=True, disturb=refunds.disturb, unavailable="ACQ.SYSTEM_ERROR"),
    "alipay.trade.fastpay.refund.query": Method(refunds.refund_query, unavailable="ACQ.SYSTEM_ERROR"),
}
