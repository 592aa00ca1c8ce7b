"""The open platform: callbacks in, and JSON for those who act by programme."""

from __future__ import annotations

from hejie.api import acquirer, callbacks, disputes, exchange, trace

ROUTES = (callbacks.callback, *disputes.ROUTES, *trace.ROUTES, *acquirer.ROUTES, *exchange.ROUTES)
"""Every handler of the open platform."""
