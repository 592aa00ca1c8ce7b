"""How a merchant is reached: an ordered ladder of dated contacts, and which of them may be used for what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

MOST_CONTACTS = 12
SETTLING_IN = timedelta(days=3)
"""A contact so new gets no one-time codes while an older one stands: whoever took an account over cannot use it yet."""


class Channel(StrEnum):
    """By what a contact is reached."""

    sms = "sms"
    voice = "voice"
    """A call that reads the message aloud: for a fixed line, or for whoever reads no messages."""
    email = "email"
    """A consumer's only, so far: no merchant enrols one."""
    market_office = "market_office"
    """A person of the market's office goes and tells them."""

    @property
    def is_number(self) -> bool:
        """Whether the provider reaches it by a telephone number."""
        return self in {Channel.sms, Channel.voice}


class How(StrEnum):
    """How a contact was verified."""

    enrolled = "enrolled"
    """An officer took it down with the merchant."""
    code = "code"
    """A one-time code that was sent there came back."""


class Contact(Struct, frozen=True, kw_only=True):
    """One rung of the ladder."""

    id: str
    channel: Channel
    shop: str = ""
    """The shop it serves; empty for all."""
    content: str = ""
    """Content identifier of the number, or of where the office is."""
    added_at: datetime
    verified_at: datetime | None = None
    how: How | None = None
    failed_at: datetime | None = None
    failed_why: str = ""
    """The provider's word: `number_gone`."""

    @property
    def usable(self) -> bool:
        """Whether anything is sent there: verified, and not failed since."""
        return self.verified_at is not None and self.failed_at is None


def ladder(contacts: Iterable[Contact], shop: str) -> tuple[Contact, ...]:
    """The usable rungs for one shop's disputes: its own first, then those of the whole merchant, each in order."""
    usable = [contact for contact in contacts if contact.usable and contact.shop in {shop, ""}]
    return tuple(sorted(usable, key=lambda contact: not contact.shop))


def code_contact(contacts: Iterable[Contact], shop: str, now: datetime) -> Contact | None:
    """Where one-time codes go: the first number for text messages, a settled-in one before a new one."""
    numbers = [contact for contact in ladder(contacts, shop) if contact.channel is Channel.sms]
    settled = [each for each in numbers if each.verified_at is not None and each.verified_at <= now - SETTLING_IN]
    oldest = sorted(numbers, key=lambda contact: contact.verified_at or now)
    return next(iter(settled or oldest), None)


def told_of_change(contacts: Iterable[Contact], shop: str, but: str = "") -> tuple[str, ...]:
    """Content identifiers of the numbers that hear of a change: those in use, without the changed one itself."""
    rungs = ladder(contacts, shop)
    return tuple(each.content for each in rungs if each.channel is Channel.sms and each.id != but)
