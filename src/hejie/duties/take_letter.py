"""A letter from another city is opened and handed to whoever handles its kind, in the order of its subject."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from hejie.alliance.letter import Letter
from hejie.alliance.sealing import unseal
from hejie.base.errors import Refused
from hejie.duties.items import close_items, open_item
from hejie.duties.tools import Tools
from hejie.store import letters_in
from hejie.store.pool import city_transaction
from hejie.worker import AgainError, Work

_LOOK = timedelta(hours=6)


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

    def read(self, kind: type[Any]) -> Any:
        """The open members as a Struct; `Refused("letter_unreadable")`."""
        try:
            return msgspec.convert(self.data, kind)
        except msgspec.ValidationError:
            raise Refused("letter_unreadable") from None


Handler = Callable[[Tools, str, Incoming], Awaitable[None]]
HANDLERS: dict[str, Handler] = {}
"""By kind. A handler bears repetition; `Refused(code)` ends the letter as refused and its sender is told the code; any
other error brings it again, and the letters after it wait."""


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
ENDS: dict[str, EndHandler] = {}
"""By kind; a refusal that nobody here takes becomes a work item."""


async def letter_over(work: Work, tools: Tools) -> None:
    """A letter of ours has ended at its receiver's: whoever wrote it is told, or a person."""
    end = msgspec.convert({**work.payload, "id": work.subject}, Ended)
    handler = ENDS.get(end.kind)
    if handler is not None:
        await handler(tools, work.city, end)
    elif end.refused:
        body = {"code": end.refused, "peer": end.peer, "about": end.about}
        await open_item(tools, work.city, "letter_refused", "letter", end.id, body)


async def take_letter(work: Work, tools: Tools) -> None:
    """Handle one letter, once it is its turn; then the next one's turn comes."""
    peer = work.payload["peer"]
    async with city_transaction(tools.pool, work.city) as connection:
        kept = await letters_in.read_kept(connection, work.city, peer, work.subject)
    if kept is None or kept.state != "received":
        return
    letter = msgspec.json.decode(kept.raw, type=Letter)
    code = ""
    try:
        await _handle(tools, work.city, letter)
    except Refused as error:
        code = error.code
    async with city_transaction(tools.pool, work.city) as connection:
        await letters_in.finish(connection, work.city, peer, work.subject, tools.clock.now(), code)


async def _handle(tools: Tools, city: str, letter: Letter) -> None:
    handler = HANDLERS.get(letter.kind)
    if handler is None:
        raise Refused("kind_unknown")
    await handler(tools, city, opened(tools, city, letter))


def opened(tools: Tools, city: str, letter: Letter) -> Incoming:
    """A letter with its personal members opened; `Refused("letter_not_for_us" | "letter_seal_broken")`."""
    own = tools.exchange.get(city)
    return Incoming(
        peer=letter.source,
        id=letter.id,
        kind=letter.kind,
        about=letter.about,
        number=letter.number,
        at=letter.time,
        data=letter.data,
        sealed=unseal(letter.sealed, own.opening if own else {}, letter.id) if letter.sealed else {},
    )


async def watch_gap(work: Work, tools: Tools) -> None:
    """A letter has waited for an earlier one: a person is told while it is missing, and that it has come."""
    about = work.payload["about"]
    async with city_transaction(tools.pool, work.city) as connection:
        absent = await letters_in.gaps(connection, work.city, work.subject, about)
    if not absent:
        await close_items(tools, work.city, "letter_gap", about)
        return
    body = {"peer": work.subject, "about": about, "number": absent[0]}
    await open_item(tools, work.city, "letter_gap", "letter", about, body)
    raise AgainError(tools.clock.now() + _LOOK)
