"""What has happened to a dispute between the cities; everything else in its log is its record, the same in all."""

from __future__ import annotations

from hejie.cities.dues import Due
from hejie.cities.homes import Summary
from hejie.disputes.event import Event
from hejie.disputes.model import Road


class Leaving(Event, frozen=True, kw_only=True, tag="Leaving"):
    """It is offered to another city and rests here until that has answered."""

    handover: str
    to: str
    turn: int
    because: str
    """A code: `shop_elsewhere`, `not_competent`, `given_back`."""
    words: str = ""
    """Content identifier of the officer's words."""
    officer: str = ""


class Stayed(Event, frozen=True, kw_only=True, tag="Stayed"):
    """The other city refused it, or gave it free again: it goes on here, and no clock begins anew."""

    handover: str
    because: str
    due: Due | None
    """The clock as it was."""


class Left(Event, frozen=True, kw_only=True, tag="Left"):
    """The other city has accepted it, and decides from now on."""

    handover: str
    to: str


class Followed(Event, frozen=True, kw_only=True, tag="Followed"):
    """Its home told how it stands."""

    number: int
    summary: Summary


class Arrived(Event, frozen=True, kw_only=True, tag="Arrived"):
    """It has its home here now; merchant, shop and consumer under their names here, the clock as it was."""

    city: str
    handover: str
    sender: str
    turn: int
    consumer: str
    merchant: str
    shop: str
    district: str
    claim_road: Road
    due: Due | None
    reach: Due | None = None
    """When a merchant whom nothing has reached by then is told to be unreachable."""


HomingEvent = Leaving | Stayed | Left | Followed | Arrived
