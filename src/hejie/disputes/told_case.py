"""What the case library may tell of a settled dispute."""

from __future__ import annotations

from hejie.alliance.library import MOST_DAYS, Facts, band, share
from hejie.base.clock import SHANGHAI
from hejie.disputes.model import NEEDS_AMOUNT, Dispute, Performance
from hejie.disputes.similar import settlement

_KEPT = {
    Performance.seen: True,
    Performance.confirmed: True,
    Performance.denied: False,
    Performance.failed: False,
}


def facts_of(dispute: Dispute, trade: str) -> Facts | None:
    """In bands and months; none where it has not settled in this city, or nobody knows at what.

    `trade` is two digits of GB/T 4754, empty for none.
    """
    found = settlement(dispute)
    if found is None or dispute.home != dispute.city or dispute.away is not None:
        return None
    return Facts(
        problem=dispute.problem,
        trade=trade,
        remedy=found.remedy.value,
        paid=band(found.paid_fen),
        share=share(found.agreed_fen, found.paid_fen) if found.remedy in NEEDS_AMOUNT else None,
        days=min(MOST_DAYS, max(0, (found.settled_at - dispute.filed_at).days)),
        kept=_KEPT.get(dispute.performance),
        month=f"{found.settled_at.astimezone(SHANGHAI):%Y-%m}",
    )
