"""The desk's book of questions to acquirers."""

from __future__ import annotations

import msgspec

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.agenda import Task
from hejie.desk.book import Situation
from hejie.merchants.bindings import ACQUIRER
from hejie.payments.trace_request import AnyEvent, AskAcquirer, Command, Ground, TraceRequest, decide, evolve

_LOAD = "select body::text from trace_request where city = %s and id = %s for update"
_DISPUTED = "select 1 from dispute_payment where city = %s and dispute = %s and wallet = %s and trade_no = %s"
_SAVE = """
insert into trace_request (city, id, version, dispute, trade_no, state, asked_at, changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, state = excluded.state,
  changed_at = excluded.changed_at, body = excluded.body
"""


class TraceRequestBook:
    """Questions to acquirers: rows and rules; that one is open per payment is the table's own constraint."""

    noun = "trace_request"

    async def load(self, at: Situation) -> TraceRequest | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=TraceRequest)

    async def decide(self, at: Situation, row: TraceRequest | None, command: Command) -> list[AnyEvent]:
        """Ask who may, then the rules."""
        must_be_allowed(at.actor, command)
        disputed = False
        if isinstance(command, AskAcquirer):
            values = [at.city, command.dispute, ACQUIRER, command.trade_no]
            disputed = await (await at.connection.execute(_DISPUTED, values)).fetchone() is not None
        return decide(row, command, Ground(city=at.city, now=at.now, by=at.actor.id, disputed=disputed))

    def evolve(self, row: TraceRequest | None, event: AnyEvent) -> TraceRequest:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: TraceRequest) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: TraceRequest, before: TraceRequest | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        what = [row.city, row.id, row.version, row.dispute, row.trade_no, row.state.value]
        await at.writes.execute(_SAVE, [*what, row.asked_at, row.changed_at, msgspec.json.encode(row).decode()])

    def tasks(self, row: TraceRequest, event: AnyEvent) -> list[Task]:
        """What the event brings."""
        return agenda.for_trace_request(row, event)


TRACE_REQUESTS = TraceRequestBook()
