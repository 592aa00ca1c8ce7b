"""Who acts: a person in a role, a standing rule, a timer or a wallet."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """The side on which an actor stands."""

    consumer = "consumer"
    merchant = "merchant"
    officer = "officer"
    clerk = "clerk"
    """Files for others: of a hotline, a market's office, volunteers."""
    wallet = "wallet"
    system = "system"


class Actor(Struct, frozen=True):
    """One actor; `organisation` is the merchant's, the authority's or the clerk's office."""

    role: Role
    id: str
    organisation: str = ""


SYSTEM = Actor(Role.system, "hejie")
"""The house itself: timers and duties."""
