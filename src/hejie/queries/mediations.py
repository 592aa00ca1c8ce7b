"""Mediations as their readers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.base.seals import Vault
from hejie.mediations.events import AnyEvent
from hejie.mediations.model import Mediation, mediation_of
from hejie.store.contents import read_contents
from hejie.store.pool import Connection

_ROW = "select body::text from mediation where city = %s and id = %s"
_LOG = "select version, at, body::text from log where city = %s and noun = 'mediation' and id = %s order by version"
_TOLD = """
select distinct audience from notice
where city = %s and dispute = %s and template = any(%s) and status = 'delivered' and channel <> 'page' and at >= %s
union
select 'consumer' from dispute d
where d.city = %s and d.id = %s and d.wallet_event is not null and d.closed_at is not null
  and not exists (select 1 from task t where t.city = d.city and t.kind = 'tell_wallet' and t.subject = d.id)
"""
"""Where the wallet holds the case it tells its payer, once it has taken the end from us."""
_ENDS = ("mediated", "settled", "withdrawn", "lapsed")
"""Messages that tell of an end."""
_BESIDE = """
select body::text from mediation
where city = %s and merchant = %s and authority = %s and state = 'accepted' and id <> %s
order by opened_at, id limit 20
"""


class Identity(Struct, frozen=True, kw_only=True):
    """Who complains, as it lies sealed."""

    name: str
    address: str
    document: str


class Step(Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    version: int
    at: datetime
    event: AnyEvent


class Course(Struct, frozen=True, kw_only=True):
    """A mediation with its steps and its words in plain."""

    row: Mediation
    steps: tuple[Step, ...]
    texts: dict[str, str]
    """Content identifier → words; erased ones are left out."""


async def read_mediation(connection: Connection, city: str, identifier: str) -> Mediation:
    """One row; `Missing("mediation_unknown")`."""
    row = await (await connection.execute(_ROW, [city, identifier])).fetchone()
    if row is None:
        raise Missing("mediation_unknown")
    return msgspec.json.decode(row[0], type=Mediation)


async def mediation_beside(connection: Connection, city: str, dispute: str) -> Mediation | None:
    """The mediation of a dispute, if it was escalated."""
    row = await (await connection.execute(_ROW, [city, mediation_of(dispute)])).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Mediation)


async def told_by_message(connection: Connection, city: str, dispute: str, since: datetime) -> frozenset[Role]:
    """The sides to whom a message of the dispute's end was delivered since an instant."""
    rows = await (await connection.execute(_TOLD, [city, dispute, list(_ENDS), since, city, dispute])).fetchall()
    return frozenset(Role(str(row[0])) for row in rows)


async def read_course(connection: Connection, vault: Vault, city: str, identifier: str) -> Course:
    """One mediation whole; `Missing("mediation_unknown")`."""
    row = await read_mediation(connection, city, identifier)
    found: list[Any] = await (await connection.execute(_LOG, [city, identifier])).fetchall()
    steps = tuple(
        Step(version=version, at=at, event=msgspec.json.decode(body, type=AnyEvent)) for version, at, body in found
    )
    names = {name for step in steps for name in _named(step.event)}
    texts = await read_contents(connection, vault, city, f"mediation:{identifier}", sorted(names))
    return Course(row=row, steps=steps, texts={name: plain.decode() for name, (_, plain) in texts.items()})


async def read_identity(connection: Connection, vault: Vault, row: Mediation) -> Identity | None:
    """Who complains; none where it was not given, or was erased."""
    if not row.identity:
        return None
    found = await read_contents(connection, vault, row.city, f"mediation:{row.id}", [row.identity])
    return msgspec.json.decode(found[row.identity][1], type=Identity) if row.identity in found else None


async def joinable(connection: Connection, row: Mediation) -> tuple[Mediation, ...]:
    """Others of the same merchant that this authority has accepted, the oldest first."""
    cursor = await connection.execute(_BESIDE, [row.city, row.merchant, row.authority, row.id])
    return tuple(msgspec.json.decode(body, type=Mediation) for (body,) in await cursor.fetchall())


def _named(event: AnyEvent) -> list[str]:
    names = [getattr(event, "words", ""), getattr(event, "facts", "")]
    return [name for name in (*names, *(term.what for term in getattr(event, "terms", ()))) if name]
