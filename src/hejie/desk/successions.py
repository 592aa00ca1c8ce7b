"""The desk's book of registered successions."""

from __future__ import annotations

import msgspec

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.agenda import Task
from hejie.desk.book import Situation
from hejie.merchants.successions import AnyEvent, Command, Ground, Succeed, Succession, decide, evolve

_LOAD = "select body::text from succession where city = %s and id = %s for update"
_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_STANDING = "select body::text from succession where city = %s and not undone"
_CODES = "select id, credit_code from merchant where city = %s and id = any(%s)"
_SAVE = """
insert into succession (city, id, version, former, later, begins, undone, changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, undone = excluded.undone,
  changed_at = excluded.changed_at, body = excluded.body
"""


class SuccessionBook:
    """Successions: rows and rules; whoever registers one at once waits, so that no circle closes."""

    noun = "succession"

    async def load(self, at: Situation) -> Succession | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Succession)

    async def decide(self, at: Situation, row: Succession | None, command: Command) -> list[AnyEvent]:
        """Ask who may, then the rules."""
        must_be_allowed(at.actor, command)
        ground = Ground(city=at.city, now=at.now)
        if isinstance(command, Succeed):
            await at.connection.execute(_LOCK, [f"{at.city}/succession"])
            standing = await (await at.connection.execute(_STANDING, [at.city])).fetchall()
            codes = await at.connection.execute(_CODES, [at.city, [command.former, command.later]])
            ground = Ground(
                city=at.city,
                now=at.now,
                codes=dict(await codes.fetchall()),
                standing=tuple(msgspec.json.decode(body, type=Succession) for (body,) in standing),
            )
        return decide(row, command, ground)

    def evolve(self, row: Succession | None, event: AnyEvent) -> Succession:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Succession) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Succession, before: Succession | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        who = [row.city, row.id, row.version, row.former, row.later]
        told = [row.begins, row.undone, row.changed_at, msgspec.json.encode(row).decode()]
        await at.writes.execute(_SAVE, [*who, *told])

    def tasks(self, row: Succession, event: AnyEvent) -> list[Task]:
        """What the event brings."""
        return agenda.for_succession(row, event)


SUCCESSIONS = SuccessionBook()
