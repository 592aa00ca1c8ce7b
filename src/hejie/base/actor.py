"""Who acts: a person in a role, a standing rule, a timer or a wallet."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from hejie.base.errors import Refused

_ACQUIRER = "acquirer:"


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

    @property
    def acquirer(self) -> str:
        """The acquirer that acts for the merchant, where it is one; else empty."""
        return acquirer_in(self.id) if self.role is Role.merchant else ""


def for_merchant(acquirer: str, merchant: str) -> Actor:
    """An acquirer that acts in a merchant's name: on the merchant's side, under its own name."""
    return Actor(Role.merchant, f"{_ACQUIRER}{acquirer}", merchant)


def acquirer_in(identifier: str) -> str:
    """The acquirer that an actor's identifier names; empty for everybody else's."""
    return identifier.removeprefix(_ACQUIRER) if identifier.startswith(_ACQUIRER) else ""


def must_stand(actor: Actor, *roles: Role) -> None:
    """`Refused("not_allowed")` unless the actor stands on one of these sides."""
    if actor.role not in roles:
        raise Refused("not_allowed", role=actor.role.value)


SYSTEM = Actor(Role.system, "hejie")
"""The house itself: timers and duties."""
