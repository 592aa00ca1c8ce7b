"""A letter from another city is opened and handed to whoever handles its kind, in the order of its subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from hejie.alliance.letter import Letter
from hejie.base.errors import Refused
from hejie.duties import alliance_letters, figures, handovers_in, histories, library, probe, units
from hejie.duties.items import close_here, close_items, open_item
from hejie.duties.letter_kinds import Ended, EndHandler, Handler, opened
from hejie.duties.tools import Tools
from hejie.store import letters_in
from hejie.store.pool import city_transaction
from hejie.worker import AgainError, Work

_LOOK, _KEY_AGAIN = timedelta(hours=6), timedelta(hours=1)
_KEY_SOUGHT = timedelta(days=3)
"""How long a person has to find the key that a letter was closed for."""


HANDLERS: Mapping[str, Handler] = {
    **handovers_in.HANDLERS,
    **units.HANDLERS,
    **histories.HANDLERS,
    **library.HANDLERS,
    **figures.HANDLERS,
    "probe": probe.take_probe,
    "bulletin": alliance_letters.take_bulletin,
    "bulletin_seen": alliance_letters.take_seen,
    "contact": alliance_letters.take_contacts,
}
"""What a letter asks for, by its kind."""
ENDS: Mapping[str, EndHandler] = {**handovers_in.ENDS, **histories.ENDS}
"""Who wants to know how a letter of ours ended, by its kind; a refusal that nobody takes becomes a work item."""


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
    if code == "letter_not_for_us" and tools.clock.now() < kept.received_at + _KEY_SOUGHT:
        body = {"code": code, "peer": peer, "about": kept.about}
        await open_item(tools, work.city, "letter_not_opened", "letter", work.subject, body)
        raise AgainError(tools.clock.now() + _KEY_AGAIN)
    async with city_transaction(tools.pool, work.city) as connection:
        await close_here(connection, work.city, "letter_not_opened", work.subject, tools.clock.now())
        await letters_in.finish(connection, work.city, peer, work.subject, tools.clock.now(), code)


async def _handle(tools: Tools, city: str, letter: Letter) -> None:
    handler = HANDLERS.get(letter.kind)
    if handler is None:
        raise Refused("kind_unknown")
    await handler(tools, city, opened(tools, city, letter))


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
