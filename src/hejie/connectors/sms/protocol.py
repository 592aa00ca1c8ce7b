"""What the house asks of an SMS provider."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Message(Struct, frozen=True, kw_only=True):
    """One text message; the same `key` is sent once, however often it is asked."""

    key: str
    to: str
    """E.164."""
    signature: str
    """The registered sender's name, as it stands in 【】."""
    template: str
    params: dict[str, str]
    text: str
    """The whole text as the receiver reads it, signature included."""


class Sms(Protocol):
    """A provider.

    `send` raises `Unknown(code)` for time-outs, 5xx and garbage (send again with the same key),
    and `Refused(code)` when the provider says no for good.
    """

    async def send(self, message: Message) -> str:
        """Hand over one message; the provider's own identifier for it."""
        ...
