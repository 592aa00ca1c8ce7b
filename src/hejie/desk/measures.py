"""The desk's book of measures against merchants."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing
from hejie.cities.settings import CitySettings
from hejie.desk.book import Situation
from hejie.merchants.measures import (
    AnnounceMeasure,
    AnyEvent,
    Command,
    Days,
    Ground,
    Measure,
    Step,
    decide,
    evolve,
)
from hejie.merchants.model import Merchant
from hejie.store.settings import settings_at

_LOAD = "select body::text from measure where city = %s and id = %s for update"
_MERCHANT = "select body::text from merchant where city = %s and id = %s"
_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_PAST = "select body::text from measure where city = %s and merchant = %s"
_OWN = "select id from dispute where city = %s and merchant = %s and id = any(%s)"
_SAVE = """
insert into measure (city, id, version, merchant, step, state, announced_at, effective_at, until, ended_at, changed_at,
  body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, state = excluded.state, until = excluded.until,
  ended_at = excluded.ended_at, changed_at = excluded.changed_at, body = excluded.body
"""


class MeasureBook:
    """Measures: rows and rules; whoever announces two against one merchant at once waits for the other's end."""

    noun = "measure"

    async def load(self, at: Situation) -> Measure | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Measure)

    async def decide(self, at: Situation, row: Measure | None, command: Command) -> list[AnyEvent]:
        """Ask who may, then the rules; another merchant's is unknown to a merchant."""
        own = None
        if at.actor.role is Role.merchant:
            if row is None or row.merchant != at.actor.organisation:
                raise Missing("measure_unknown")
            own = await _merchant(at, at.actor.organisation)
        must_be_allowed(at.actor, command, own)
        ground = Ground(city=at.city, now=at.now, agency=at.actor.organisation, person=at.actor.id)
        if isinstance(command, AnnounceMeasure):
            ground = await _against(at, command, ground)
        return decide(row, command, ground)

    def evolve(self, row: Measure | None, event: AnyEvent) -> Measure:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Measure) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Measure, before: Measure | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        who = [row.city, row.id, row.version, row.merchant, row.step.value, row.state.value]
        times = [row.announced_at, row.effective_at, row.until, row.ended_at, row.changed_at]
        await at.writes.execute(_SAVE, [*who, *times, msgspec.json.encode(row).decode()])

    def tasks(self, row: Measure, event: AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_measure(row, event)


async def _against(at: Situation, command: AnnounceMeasure, ground: Ground) -> Ground:
    """What a new measure against a merchant rests on."""
    await at.connection.execute(_LOCK, [f"{at.city}/measure/{command.merchant}"])
    past = await (await at.connection.execute(_PAST, [at.city, command.merchant])).fetchall()
    own = await at.connection.execute(_OWN, [at.city, command.merchant, list(command.disputes)])
    settings = await settings_at(at.connection, at.city, at.now)
    return replace(
        ground,
        known=await _merchant(at, command.merchant) is not None,
        own=frozenset(str(each[0]) for each in await own.fetchall()),
        ladder=steps_of(settings) if settings.ladder.holds(at.now.astimezone(SHANGHAI).date()) else (),
        span_days=settings.ladder.span_days,
        past=tuple(msgspec.json.decode(body, type=Measure) for (body,) in past),
    )


def steps_of(settings: CitySettings) -> tuple[Days, ...]:
    """The steps of a city's ladder, as the rules take them."""
    return tuple(
        Days(step=Step(each.step), announce=each.announce_days, appeal=each.appeal_days, lasts=each.lasts_days)
        for each in settings.ladder.steps
    )


async def _merchant(at: Situation, identifier: str) -> Merchant | None:
    row: Any = await (await at.connection.execute(_MERCHANT, [at.city, identifier])).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Merchant)


MEASURES = MeasureBook()
