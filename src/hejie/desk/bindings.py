"""The desk's book of bindings between payment identities and merchants."""

from __future__ import annotations

import msgspec

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.agenda import Task
from hejie.desk.book import Situation
from hejie.merchants.bindings import AnyEvent, Bind, Binding, Command, Ground, decide, evolve

_LOAD = "select body::text from binding where city = %s and id = %s for update"
_KNOWN = """
select 1 from merchant m where m.city = %s and m.id = %s
  and (%s = '' or exists (select 1 from shop s where s.city = m.city and s.merchant = m.id and s.id = %s))
"""
_SAVE = """
insert into binding (city, id, version, identity, merchant, shop, begins, ends, confidence, undone, changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, ends = excluded.ends, undone = excluded.undone,
  changed_at = excluded.changed_at, body = excluded.body
"""


class BindingBook:
    """Bindings: rows and rules; that no two hold at once is the table's own constraint."""

    noun = "binding"

    async def load(self, at: Situation) -> Binding | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Binding)

    async def decide(self, at: Situation, row: Binding | None, command: Command) -> list[AnyEvent]:
        """Ask who may, then the rules."""
        must_be_allowed(at.actor, command)
        known = False
        if isinstance(command, Bind):
            values = [at.city, command.merchant, command.shop, command.shop]
            known = await (await at.connection.execute(_KNOWN, values)).fetchone() is not None
        return decide(row, command, Ground(city=at.city, now=at.now, known=known))

    def evolve(self, row: Binding | None, event: AnyEvent) -> Binding:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Binding) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Binding, before: Binding | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        body = msgspec.json.encode(row).decode()
        who = [row.identity.key, row.merchant, row.shop]
        span = [row.begins, row.ends, row.confidence, row.undone, row.changed_at]
        await at.writes.execute(_SAVE, [row.city, row.id, row.version, *who, *span, body])

    def tasks(self, row: Binding, event: AnyEvent) -> list[Task]:
        """What the event brings."""
        return agenda.for_binding(row, event)


BINDINGS = BindingBook()
