"""What the house asks of whoever carries its e-mail."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Letter(Struct, frozen=True, kw_only=True):
    """One e-mail in plain text; every try to send it carries the same `key`."""

    key: str
    to: str
    subject: str
    text: str
    sender: str
    """The name beside the address that it comes from."""
    language: str = "zh"


class Mail(Protocol):
    """A carrier of e-mail."""

    async def send(self, letter: Letter) -> str:
        """Hand over one letter; the Message-ID under which it travels.

        Errors: `Unknown(code)` where nobody knows or later may do (send again with the same key);
        `Refused("email_refused")` for a no to this very letter, another `Refused` for what is ours to mend.
        """
        ...
