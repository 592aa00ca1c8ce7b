"""The table of the gateway's methods: who answers, and whether money or cases may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hejie_sandbox.wallet import authority, bills, complaints, openings, refunds, trades

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


_CITY = "alipay.merchant.complain"
_MERCHANT = "alipay.merchant.tradecomplain"

METHODS: dict[str, Method] = {
    "alipay.open.auth.token.app": Method(authority.exchange, writes=True),
    "alipay.open.auth.token.app.query": Method(authority.query),
    "alipay.trade.query": Method(trades.query, unavailable="ACQ.SYSTEM_ERROR"),
    "alipay.trade.refund": Method(refunds.refund, writes=True, disturb=refunds.disturb, unavailable="ACQ.SYSTEM_ERROR"),
    "alipay.trade.fastpay.refund.query": Method(refunds.refund_query, unavailable="ACQ.SYSTEM_ERROR"),
    "alipay.data.dataservice.bill.downloadurl.query": Method(bills.download_url),
    f"{_CITY}.reconciliation.create": Method(openings.create, writes=True),
    f"{_CITY}.reconciliation.submit": Method(openings.submit, writes=True),
    f"{_CITY}.reconciliation.query": Method(openings.query),
    f"{_CITY}.reconciliation.close": Method(openings.close, writes=True),
    f"{_CITY}.government.query": Method(complaints.government_query),
    f"{_CITY}.government.submit": Method(complaints.government_feedback, writes=True),
    f"{_CITY}.government.finish": Method(complaints.government_finish, writes=True),
    f"{_MERCHANT}.batchquery": Method(complaints.batch_query),
    f"{_MERCHANT}.query": Method(complaints.query),
    f"{_MERCHANT}.feedback.submit": Method(complaints.feedback, writes=True),
    f"{_MERCHANT}.reply.submit": Method(complaints.reply, writes=True),
    f"{_MERCHANT}.supplement.submit": Method(complaints.supplement, writes=True),
    "alipay.merchant.image.upload": Method(openings.upload, writes=True),
}
