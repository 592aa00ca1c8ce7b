"""Filing for somebody else: for officers at their desk, and for clerks, who reach nothing besides."""

from __future__ import annotations

from hejie.web.clerk import filing, slips, start
from hejie.web.shell import Route

ROUTES: tuple[Route, ...] = (*start.ROUTES, *filing.ROUTES, *slips.ROUTES)
"""Every route of this portal."""
