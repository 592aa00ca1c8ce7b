"""What handlers of other cities' letters are given: a letter that came, and how one of ours ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.duties.tools import Tools

T = TypeVar("T")


class Incoming(Struct, frozen=True, kw_only=True):
    """A letter as its handler sees it."""

    peer: str
    """The city it is from; it has been proven."""
    id: str
    kind: str
    about: str
    number: int
    at: datetime
    """When it was written."""
    data: dict[str, Any]
    """Open members; only those an agreement lists, of any shape: check them."""
    sealed: dict[str, Any]
    """Personal members, opened."""

    def read(self, kind: type[T]) -> T:
        """The open members as a Struct; `Refused("letter_unreadable")`."""
        try:
            return msgspec.convert(self.data, kind)
        except msgspec.ValidationError:
            raise Refused("letter_unreadable") from None


Handler = Callable[[Tools, str, Incoming], Awaitable[None]]
"""A handler bears repetition; `Refused(code)` ends the letter as refused and its sender is told the code; any other
error brings it again, and the letters after it wait."""


class Ended(Struct, frozen=True, kw_only=True):
    """How a letter of ours ended."""

    peer: str
    id: str
    kind: str
    about: str
    number: int
    refused: str = ""
    """The peer's code, where it has refused it; empty where it has done what the letter asks."""


EndHandler = Callable[[Tools, str, Ended], Awaitable[None]]
