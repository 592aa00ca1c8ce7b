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
    home_link,
    hotline,
    mediation,
    paycode,
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
    *home_link.ROUTES,
    *paycode.ROUTES,
    *verify.ROUTES,
    *publicity.ROUTES,
)
"""Every route of this portal."""
