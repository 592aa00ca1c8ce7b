"""The open platform: callbacks in, and JSON for those who act by programme."""

from __future__ import annotations

from hejie.api import callbacks, disputes

ROUTES = (callbacks.callback, *disputes.ROUTES)
"""Every handler of the open platform."""
