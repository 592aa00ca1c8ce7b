"""Pages of the emulated wallet: payer's bill, shop, merchant's own tool, knobs and SMS outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hejie_sandbox.pages import desk, merchant, national, others, payer

if TYPE_CHECKING:
    from litestar import Router


def routers() -> list[Router]:
    """Return every router of pages."""
    return [desk.router(), payer.router(), merchant.router(), others.router(), national.router()]
