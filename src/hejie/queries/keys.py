"""Keys of pages as they come back in an address."""

from __future__ import annotations

from datetime import datetime

from hejie.base.clock import instant
from hejie.base.errors import Refused


def read_instant(text: str) -> datetime:
    """An instant of a page's key; `Refused("page_key_wrong")` for anything else, one without its zone included."""
    try:
        return instant(text)
    except ValueError:
        raise Refused("page_key_wrong") from None
