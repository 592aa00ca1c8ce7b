"""The consumer's portal: from the bill to the refund, on the phone."""

from hejie.web.consumer import bill, bring, dispute, door, filing, hotline

ROUTES = (*door.ROUTES, *bill.ROUTES, *bring.ROUTES, *filing.ROUTES, *dispute.ROUTES, *hotline.ROUTES)
"""Every route of this portal."""
