"""What the house asks of an SMS provider."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Protocol

from msgspec import Struct


class Message(Struct, frozen=True, kw_only=True):
    """One text message or call; the same `key` is sent once, however often it is asked."""

    key: str
    to: str
    """E.164."""
    signature: str
    """The registered sender's name, as it stands in 【】."""
    template: str
    params: dict[str, str]
    text: str
    """The whole text as the receiver reads it, signature included."""
    channel: Literal["text", "voice"] = "text"
    """A voice call reads the text aloud."""


class Arrival(StrEnum):
    """What became of a message that was handed over."""

    waiting = "waiting"
    """No word yet from the receiver's network."""
    delivered = "delivered"
    failed = "failed"


class Receipt(Struct, frozen=True, kw_only=True):
    """The provider's word on one message."""

    id: str
    """The receipt's own; the same one may come twice. Empty for an answer to a question."""
    account: str
    key: str
    arrival: Arrival
    code: str = ""
    """Why it failed: `number_gone` for a number that nobody has, else the provider's word."""


class Sms(Protocol):
    """A provider."""

    async def send(self, message: Message) -> str:
        """Hand over one message; the provider's own identifier for it.

        Errors: `Unknown(code)` for time-outs, 5xx and garbage (send again with the same key), with
        `sms_limit` and `seconds` where the provider's limits say later; `Refused(code)` for a no for good.
        """
        ...

    async def ask(self, key: str) -> Receipt:
        """What became of a message; errors as in `send`, and `Refused("sms_key_unknown")`."""
        ...

    def receipt(self, headers: Mapping[str, str], raw: bytes) -> Receipt:
        """A receipt the provider pushed; `Refused` with `signature_wrong`, `callback_stale`, `callback_unreadable`."""
        ...
