"""The time that a wallet itself gives a merchant, where its interface tells none: known from the wallet's own pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hejie.cities.dues import WALLET_SOURCES, Due, Rule
from hejie.cities.settings import CitySettings


def wallet_dues(wallet: str, start: datetime, settings: CitySettings, *, answered: bool) -> tuple[Due, ...]:
    """What a wallet asks of the merchant after a complaint begun at `start` (aware), the earlier first.

    Hours run from the instant. Once it is answered there, only the time to be done with it is left.
    """
    clock = settings.wallet_clock(wallet)
    rules = (Rule.wallet_done,) if answered else (Rule.wallet_answer, Rule.wallet_done)
    begun = start.astimezone(UTC)
    return tuple(
        Due(
            rule=rule,
            at=begun + timedelta(hours=hours),
            start=begun,
            hours=hours,
            set_by=wallet,
            settings_version=settings.version,
            settings_from=settings.valid_from,
            provisional=clock.provisional,
        )
        for rule in rules
        for hours in [getattr(clock, WALLET_SOURCES[rule].setting)]
    )


def kept(fresh: Sequence[Due], running: Sequence[Due]) -> tuple[Due, ...]:
    """`fresh`, with what runs already left as it is: new settings change no time that has begun."""
    known = {(each.rule, each.start): each for each in running}
    return tuple(known.get((each.rule, each.start), each) for each in fresh)


def wallet_reminders(dues: Sequence[Due], settings: CitySettings) -> tuple[tuple[Rule, datetime], ...]:
    """When (UTC) the merchant is reminded of each of these, so many hours before as the settings say."""
    return tuple(
        (each.rule, each.at - timedelta(hours=settings.wallet_clock(each.set_by).remind_hours)) for each in dues
    )


def earliest(dues: Sequence[Due | None]) -> Due | None:
    """The one that ends first; none of none."""
    return min((each for each in dues if each is not None), key=lambda each: each.at, default=None)
