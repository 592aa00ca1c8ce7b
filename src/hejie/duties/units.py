"""Promise units on their way: ours told to the members where something has changed, theirs kept as they came."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hejie.agenda import Task
from hejie.alliance.letter import digest_of
from hejie.alliance.units import MOST_ACCOUNTS, UNIT, Account, Unit, must_be_theirs, readers
from hejie.base.errors import Missing, Refused
from hejie.base.seals import canonical
from hejie.duties.items import open_item
from hejie.duties.letter_kinds import Handler, Incoming
from hejie.duties.tools import Tools
from hejie.edge.texts import clean_text
from hejie.merchants.uscc import credit_code
from hejie.queries.units import ever_granted, granted_to, own_unit
from hejie.store import directories
from hejie.store import units as store
from hejie.store.letters import next_number, put
from hejie.store.pool import city_transaction
from hejie.store.writing import write_tasks
from hejie.worker import Work

_BATCH = 200


async def tell_unit(work: Work, tools: Tools) -> None:
    """Our own register and every member that may know hear how a unit of ours stands, unless they heard just that."""
    city, now = work.city, tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        told = await own_unit(connection, city, work.subject, now)
        if told is None:
            return
        unit, accounts = told
        data, sealed = _letter(unit, accounts)
        digest = digest_of(canonical({"data": data, "sealed": sealed}))
        known = await store.told_so(connection, city, work.subject, digest)
        peers = readers(await directories.present(connection, city), UNIT, city, now)
        if city not in known:
            number = await store.last_number(connection, city, city, work.subject) + 1
            await store.keep_unit(connection, city, city, work.subject, number, unit, accounts, now)
            await store.note_told(connection, city, city, work.subject, digest, now)
    for peer in (each for each in peers if each not in known):
        try:
            async with city_transaction(tools.pool, city) as connection:
                number = await next_number(connection, city, peer, work.subject)
                values: list[Any] = [city, peer, work.subject, number, UNIT, data, sealed]
                await put(connection, *values, now=now, chance=os.urandom)
                await store.note_told(connection, city, peer, work.subject, digest, now)
        except (Refused, Missing) as error:
            body = {"code": error.code, "peer": peer, "about": work.subject}
            await open_item(tools, city, "letter_not_written", "paycode", f"{work.subject}-{peer}", body)


def _letter(unit: Unit, accounts: Sequence[Account]) -> tuple[dict[str, Any], dict[str, Any]]:
    return msgspec.to_builtins(unit), {"accounts": msgspec.to_builtins(accounts[:MOST_ACCOUNTS])}


async def tell_units(work: Work, tools: Tools) -> None:
    """All of our units, each by a task of its own, so many at a time."""
    city, now = work.city, tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        found = await ever_granted(connection, city, work.payload.get("after", ""), _BATCH)
        tasks = [_task(each) for each in found]
        if len(found) == _BATCH:
            tasks.append(Task(kind="tell_units", noun="city", subject=city, payload={"after": found[-1]}))
        await write_tasks(connection, city, now, tasks)


async def tell_units_of(work: Work, tools: Tools) -> None:
    """All units of one merchant: a measure or an account of its has changed."""
    async with city_transaction(tools.pool, work.city) as connection:
        found = await granted_to(connection, work.city, work.subject)
        await write_tasks(connection, work.city, tools.clock.now(), [_task(each) for each in found])


def _task(paycode: str) -> Task:
    return Task(kind="tell_unit", noun="paycode", subject=paycode)


async def take_unit(tools: Tools, city: str, letter: Incoming) -> None:
    """A member tells how a unit of its stands.

    Errors: `Refused` with `letter_unreadable`, `unit_not_theirs` and the codes of `credit_code`: its sender is told.
    """
    unit = letter.read(Unit)
    try:
        accounts = msgspec.convert(letter.sealed.get("accounts"), tuple[Account, ...])
    except msgspec.ValidationError:
        raise Refused("letter_unreadable") from None
    must_be_theirs(unit, accounts, letter.peer)
    kept = msgspec.structs.replace(
        unit,
        credit_code=credit_code(unit.credit_code),
        name=_line(unit.name),
        shop=_line(unit.shop),
    )
    async with city_transaction(tools.pool, city) as connection:
        values: list[Any] = [city, letter.peer, letter.about, letter.number, kept, accounts, letter.at]
        await store.keep_unit(connection, *values)


def _line(text: str) -> str:
    return " ".join(clean_text(text, needed=True).split())


HANDLERS: Mapping[str, Handler] = {UNIT: take_unit}
