"""The open platform: callbacks in, and JSON for those who act by programme."""

from __future__ import annotations

from hejie.api import acquirer, callbacks, disputes, exchange, log, trace, witness

ROUTES = (
    callbacks.callback,
    *disputes.ROUTES,
    *trace.ROUTES,
    *acquirer.ROUTES,
    *exchange.ROUTES,
    *witness.ROUTES,
    *log.ROUTES,
)
"""Every handler of the open platform."""
