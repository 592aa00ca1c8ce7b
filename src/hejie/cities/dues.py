"""Due times that explain themselves: which rule, from when, how long, and who set it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from hejie.cities.settings import CitySettings


class Rule(StrEnum):
    """Why something is due."""

    merchant_answer = "merchant_answer"
    consumer_confirm = "consumer_confirm"
    performance = "performance"
    offer_expires = "offer_expires"
    filing_window = "filing_window"
    reopen = "reopen"
    survey = "survey"
    reach = "reach"
    """When a merchant that nothing has reached is told to be unreachable."""
    wallet_answer = "wallet_answer"
    """By when the wallet that holds the complaint wants a first answer."""
    wallet_done = "wallet_done"
    """By when it wants the complaint dealt with."""


class Source(Struct, frozen=True, kw_only=True):
    """Where a rule comes from, for the sentence beside a due time."""

    setting: str
    """The field of the city's clocks that gives the span."""
    begins: str
    """What the span runs from, as a key for portals: `filed`, `answered`, `agreed`, ..."""
    counting: str = "Civil Code art. 201(2)"
    """A span in hours runs from the instant itself, without pause for holidays."""


SOURCES: Mapping[Rule, Source] = MappingProxyType(
    {
        Rule.merchant_answer: Source(setting="answer_hours", begins="filed"),
        Rule.consumer_confirm: Source(setting="confirm_days", begins="answered"),
        Rule.performance: Source(setting="settle_hours", begins="agreed"),
        Rule.offer_expires: Source(setting="offer_days", begins="offered"),
        Rule.filing_window: Source(setting="filing_days", begins="paid"),
        Rule.reopen: Source(setting="reopen_days", begins="closed"),
        Rule.survey: Source(setting="survey_days", begins="closed"),
        Rule.reach: Source(setting="reach_hours", begins="filed"),
    }
)


WALLET_SOURCES: Mapping[Rule, Source] = MappingProxyType(
    {
        Rule.wallet_answer: Source(setting="first_answer_hours", begins="complained"),
        Rule.wallet_done: Source(setting="done_hours", begins="complained"),
    }
)
"""The same for a wallet's own rules; `setting` is a field of the city's record of that wallet's clock."""


class Due(Struct, frozen=True, kw_only=True):
    """An instant by which something must happen, with all that a page needs to explain it."""

    rule: Rule
    at: datetime
    """UTC."""
    start: datetime
    """UTC; what happened then is `begins` of the rule's source."""
    hours: int = 0
    """The span from `start`; 0 where a wallet told the instant itself."""
    set_by: str
    """The city's code, or the name of the wallet that leads this deadline."""
    settings_version: int = 0
    settings_from: date | None = None
    """First day of the settings that gave the span; none where a wallet told it."""
    provisional: bool = False
    """The city has not yet confirmed this span."""

    def passed(self, now: datetime) -> bool:
        """Whether the instant is reached: at the due instant itself the time has run out."""
        return now >= self.at


def due(rule: Rule, start: datetime, settings: CitySettings) -> Due:
    """When a step begun at `start` (aware) is due under a city's settings.

    Hours run from the instant and no holiday stops them (Civil Code art. 201(2)); the
    city's days are spans of 24 hours counted the same way, not the law's calendar days.
    """
    setting = SOURCES[rule].setting
    length: int = getattr(settings.clocks, setting)
    hours = length * 24 if setting.endswith("_days") else length
    begun = _utc(start)
    return Due(
        rule=rule,
        at=begun + timedelta(hours=hours),
        start=begun,
        hours=hours,
        set_by=settings.code,
        settings_version=settings.version,
        settings_from=settings.valid_from,
        provisional=setting in settings.clocks.provisional,
    )


def told_due(rule: Rule, start: datetime, at: datetime, wallet: str) -> Due:
    """A due time that a wallet leads: `at` is its own word, whatever the city's settings say."""
    return Due(rule=rule, at=_utc(at), start=_utc(start), set_by=wallet)


def confirm_reminders(start: datetime, settings: CitySettings) -> tuple[datetime, ...]:
    """Instants (UTC) at which a consumer who has not yet confirmed is reminded."""
    return tuple(_utc(start) + timedelta(days=days) for days in settings.clocks.confirm_reminder_days)


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        msg = "an instant needs its time zone"
        raise ValueError(msg)
    return instant.astimezone(UTC)
