"""The desk's book of publicity about merchants."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing
from hejie.cities.settings import CitySettings
from hejie.desk.book import Situation
from hejie.merchants.model import Merchant
from hejie.merchants.publicity import Announce, AnyEvent, Command, Ground, Publicity, decide, evolve
from hejie.store.settings import settings_at

_LOAD = "select body::text from publicity where city = %s and id = %s for update"
_MERCHANT = "select body::text from merchant where city = %s and id = %s"
_ALLOWED = """
select 1 from measure where city = %s and merchant = %s and step = 'publication' and effective_at <= %s
  and (until is null or %s < until) limit 1
"""
_SAVE = """
insert into publicity (city, id, version, merchant, state, announced_at, objection_until, published_at, ended_at,
  changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, state = excluded.state,
  published_at = excluded.published_at, ended_at = excluded.ended_at, changed_at = excluded.changed_at,
  body = excluded.body
"""


class PublicityBook:
    """Publicity: rows and rules; that a merchant has one at a time is the table's own constraint."""

    noun = "publicity"

    async def load(self, at: Situation) -> Publicity | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Publicity)

    async def decide(self, at: Situation, row: Publicity | None, command: Command) -> list[AnyEvent]:
        """Ask who may, then the rules; another merchant's is unknown to a merchant."""
        own = None
        if at.actor.role is Role.merchant:
            if row is None or row.merchant != at.actor.organisation:
                raise Missing("publicity_unknown")
            own = await _merchant(at, at.actor.organisation)
        must_be_allowed(at.actor, command, own)
        settings = await settings_at(at.connection, at.city, at.now)
        rules = settings.publicity
        ground = Ground(
            city=at.city,
            now=at.now,
            agency=at.actor.organisation,
            known=not isinstance(command, Announce) or await _merchant(at, command.merchant) is not None,
            on=rules.holds(at.now.astimezone(SHANGHAI).date()),
            objection_days=rules.objection_days,
            allowed=not isinstance(command, Announce) or await _allowed(at, settings, command.merchant),
        )
        return decide(row, command, ground)

    def evolve(self, row: Publicity | None, event: AnyEvent) -> Publicity:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Publicity) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Publicity, before: Publicity | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        times = [row.announced_at, row.objection_until, row.published_at, row.ended_at, row.changed_at]
        body = msgspec.json.encode(row).decode()
        await at.writes.execute(_SAVE, [row.city, row.id, row.version, row.merchant, row.state.value, *times, body])

    def tasks(self, row: Publicity, event: AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_publicity(row, event)


async def _allowed(at: Situation, settings: CitySettings, merchant: str) -> bool:
    """Whether a measure lets the figures be published; always where that is no step of the city's ladder."""
    ladder = settings.ladder
    steps = {each.step for each in ladder.steps} if ladder.holds(at.now.astimezone(SHANGHAI).date()) else set()
    if "publication" not in steps:
        return True
    return await (await at.connection.execute(_ALLOWED, [at.city, merchant, at.now, at.now])).fetchone() is not None


async def _merchant(at: Situation, identifier: str) -> Merchant | None:
    row: Any = await (await at.connection.execute(_MERCHANT, [at.city, identifier])).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Merchant)


PUBLICITIES = PublicityBook()
