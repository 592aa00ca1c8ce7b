"""The register of promise units (放心消费单位) that member cities share: what one tells of a unit, and may tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from hejie.alliance.agreements import Agreement
from hejie.alliance.directory import Directory
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused

UNIT = "unit"
"""The kind of letter."""
MOST_ACCOUNTS = 200
_NUMBER = r"^[0-9a-z]{1,20}$"
_NAME = Annotated[str, Meta(min_length=1, max_length=200)]


class UnitState(StrEnum):
    """Where a unit stands with the city that vouches for it."""

    in_force = "in_force"
    suspended = "suspended"
    """Its promises are not shown for the time being."""
    withdrawn = "withdrawn"
    """The status was taken from the merchant."""
    ended = "ended"
    """It is over; what was paid before keeps its promises."""


class UnitPromise(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One promise, in the words of the city that vouches."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    zh: _NAME
    en: _NAME


class Unit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a city tells of one unit: the open members of the letter."""

    number: Annotated[str, Meta(pattern=_NUMBER)]
    """By which its payment code's page names it."""
    credit_code: Annotated[str, Meta(min_length=18, max_length=18)]
    name: _NAME
    shop: _NAME
    division: Annotated[str, Meta(pattern=r"^[0-9]{6}$")]
    promises: tuple[UnitPromise, ...]
    since: datetime
    until: datetime | None = None
    state: UnitState


class Account(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wallet's account of the unit's merchant; it travels sealed."""

    wallet: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    account: Annotated[str, Meta(pattern=r"^[0-9A-Za-z._-]{1,96}$")]


def must_be_theirs(unit: Unit, accounts: Iterable[Account], peer: str) -> None:
    """A city vouches for shops within its own divisions; `Refused("unit_not_theirs" | "letter_unreadable")`."""
    root = peer.removesuffix("0000") if peer.endswith("0000") else peer.removesuffix("00")
    if not unit.division.startswith(root) or len(list(accounts)) > MOST_ACCOUNTS:
        raise Refused("unit_not_theirs")
    if unit.since.tzinfo is None or (unit.until is not None and unit.until.tzinfo is None):
        raise Refused("letter_unreadable")


def readers(directory: Directory | None, kind: str, city: str, now: datetime) -> list[str]:
    """The members to whom this city may send letters of a kind today; none without the right or an agreement."""
    if directory is None or now >= directory.expires_at:
        return []
    try:
        own = directory.member(city)
    except Missing:
        return []
    if kind not in own.rights:
        return []
    day = now.astimezone(SHANGHAI).date()

    def agreed(line: Agreement, peer: str) -> bool:
        return line.covers(kind, city, peer, day)

    others = sorted(each.city for each in directory.members if each.city != city)
    return [peer for peer in others if any(agreed(line, peer) for line in directory.agreements)]
