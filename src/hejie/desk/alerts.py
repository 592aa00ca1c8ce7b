"""The desk's book of safety reports."""

from __future__ import annotations

import msgspec

from hejie import agenda
from hejie.alerts import safety as s
from hejie.desk.book import Situation
from hejie.store.settings import ask_settings

_LOAD = "select body::text from safety_report where city = %s and id = %s for update"
_SAVE = """
insert into safety_report (city, id, version, state, district, reported_at, body)
values (%s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, state = excluded.state, body = excluded.body
"""


class SafetyBook:
    """Safety reports: rows, rules and tasks."""

    noun = "safety_report"

    async def load(self, at: Situation) -> s.SafetyReport | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=s.SafetyReport)

    async def decide(self, at: Situation, row: s.SafetyReport | None, command: s.Command) -> list[s.AnyEvent]:
        """Ask the rules under the city's settings."""
        settings = await (await ask_settings(at.connection, at.city)).at(at.now)
        return s.decide(row, command, key=at.id, settings=settings, actor=at.actor, now=at.now)

    def evolve(self, row: s.SafetyReport | None, event: s.AnyEvent) -> s.SafetyReport:
        """The row after one event."""
        return s.evolve(row, event)

    def version(self, row: s.SafetyReport) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: s.SafetyReport, before: s.SafetyReport | None) -> None:
        """The row."""
        del before
        body = msgspec.json.encode(row).decode()
        values = [row.city, row.id, row.version, row.state.value, row.district, row.reported_at, body]
        await at.writes.execute(_SAVE, values)

    def tasks(self, row: s.SafetyReport, event: s.AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_safety(row, event)


SAFETY = SafetyBook()
