"""The question of more than the price, once an officer has opened it in a dispute: what it is about, and since when."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.law.entitlement_facts import Multiple


class Opened(Struct, frozen=True, kw_only=True):
    """An officer's question: it asserts nothing."""

    ground: Multiple
    at: datetime
