"""What may be asked of a dispute's home."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from hejie.cities.homes import Summary
from hejie.disputes import events as e

Because = Literal["shop_elsewhere", "not_competent", "given_back"]


class HandOver(Struct, frozen=True, kw_only=True):
    """Offer it to another city, which then answers."""

    to: str
    because: Because
    words: str = ""


class Stay(Struct, frozen=True, kw_only=True):
    """The other city does not take it."""

    handover: str
    because: str


class LetGo(Struct, frozen=True, kw_only=True):
    """The other city has taken it."""

    handover: str


class FollowHome(Struct, frozen=True, kw_only=True):
    """Word from its home."""

    handover: str
    number: int
    summary: Summary


class TakeOver(Struct, frozen=True, kw_only=True):
    """Take it with its record from another city: the hand-over was accepted here."""

    handover: str
    sender: str
    turn: int
    record: tuple[e.AnyEvent, ...]
    """All that has happened to it, in order, without what happened between the cities."""
    consumer: str
    merchant: str
    shop: str
    district: str


HomingCommand = HandOver | Stay | LetGo | FollowHome | TakeOver
