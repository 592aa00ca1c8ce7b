"""Cases of the library on their way: ours told to the members, theirs taken in where they name nobody."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import msgspec

from hejie.agenda import Task
from hejie.alliance.library import CASE, Arrive, Facts, LibraryCase
from hejie.alliance.units import readers
from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing, Refused
from hejie.desk.library import LIBRARY
from hejie.duties.items import open_item
from hejie.duties.letter_kinds import Handler, Incoming
from hejie.duties.tools import Tools
from hejie.edge.texts import clean_text
from hejie.queries.library import own_cases, read_case
from hejie.store import directories
from hejie.store.letters import next_number, put
from hejie.store.pool import city_transaction
from hejie.store.writing import write_tasks
from hejie.worker import Work


class _Told(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    summary: str
    withdrawn: bool


async def tell_case(work: Work, tools: Tools) -> None:
    """One letter to each member; a second one takes the case back where the first was written."""
    city, now = work.city, tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        row = await read_case(connection, city, work.subject)
        peers = readers(await directories.present(connection, city), CASE, city, now)
    for peer in peers:
        try:
            await _tell(tools, row, peer)
        except (Refused, Missing) as error:
            body = {"code": error.code, "peer": peer, "about": row.id}
            await open_item(tools, city, "letter_not_written", "library_case", f"{row.id}-{peer}", body)


async def _tell(tools: Tools, row: LibraryCase, peer: str) -> None:
    withdrawn = row.withdrawn_at is not None
    data = {**msgspec.to_builtins(row.facts), "summary": row.summary, "withdrawn": withdrawn}
    async with city_transaction(tools.pool, row.city) as connection:
        number = await next_number(connection, row.city, peer, row.id)
        if number == (2 if withdrawn else 1):
            values: list[Any] = [row.city, peer, row.id, number, CASE, data]
            await put(connection, *values, now=tools.clock.now(), chance=os.urandom)


async def tell_cases(work: Work, tools: Tools) -> None:
    """All of ours, for a member that has joined."""
    async with city_transaction(tools.pool, work.city) as connection:
        found = await own_cases(connection, work.city)
        tasks = [Task(kind="tell_case", noun="library_case", subject=each) for each in found]
        await write_tasks(connection, work.city, tools.clock.now(), tasks)


async def take_case(tools: Tools, city: str, letter: Incoming) -> None:
    """A member tells a case; `Refused` as `alliance.library.decide`, `letter_unreadable`: its sender is told."""
    told = letter.read(_Told)
    names = Facts.__struct_fields__
    facts = Facts(**{name: getattr(told, name) for name in names})
    summary = "" if told.withdrawn else clean_text(told.summary, needed=True)
    command = Arrive(source=letter.peer, facts=facts, summary=summary, withdrawn=told.withdrawn)
    await tools.desk.act(LIBRARY, city, letter.about, command, SYSTEM)


HANDLERS: Mapping[str, Handler] = {CASE: take_case}
