"""What has happened at the wallet beside its word on state and deadlines."""

from __future__ import annotations

from hejie.cities.dues import Rule
from hejie.disputes.event import Event


class WalletTimeOver(Event, frozen=True, kw_only=True, tag="WalletTimeOver"):
    """A time that the wallet itself gives the merchant ran out: noted and shown, nothing here follows from it."""

    rule: Rule


class WalletPictures(Event, frozen=True, kw_only=True, tag="WalletPictures"):
    """Pictures that the payer gave the wallet are evidence here now; what was no picture was not taken."""

    pictures: tuple[str, ...]
    seen: tuple[str, ...]
    """Keyed digests of all that was looked at, so that nothing is taken twice."""
    refused: int = 0


WalletEvent = WalletTimeOver | WalletPictures
