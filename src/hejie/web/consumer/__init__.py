"""The consumer's portal: from the bill to the refund, on the phone."""

from hejie.web.consumer import (
    bids,
    bill,
    bring,
    calls,
    comeback,
    dispute,
    door,
    filing,
    handoff,
    hotline,
    mediation,
    paycode,
    proof,
    publicity,
    record,
    safety,
    slip,
    verify,
)

ROUTES = (
    *door.ROUTES,
    *comeback.ROUTES,
    *bill.ROUTES,
    *bring.ROUTES,
    *filing.ROUTES,
    *dispute.ROUTES,
    *record.ROUTES,
    *mediation.ROUTES,
    *bids.ROUTES,
    *hotline.ROUTES,
    *handoff.ROUTES,
    *safety.ROUTES,
    *calls.ROUTES,
    *slip.ROUTES,
    *paycode.ROUTES,
    *verify.ROUTES,
    *proof.ROUTES,
    *publicity.ROUTES,
)
"""Every route of this portal."""
