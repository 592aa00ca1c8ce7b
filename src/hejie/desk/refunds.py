"""The desk's book of refunds: what is left of a payment is read under that payment's row lock."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie import agenda
from hejie.base.errors import Refused
from hejie.desk.book import Situation
from hejie.payments import refund as r
from hejie.store.taken import TAKEN

_LOAD = "select body::text from refund where city = %s and id = %s for update"
_LOCK = "select source from payment where city = %s and wallet = %s and trade_no = %s for update"
_LEFT = f"select p.paid_fen - {TAKEN} from payment p where p.city = %s and p.wallet = %s and p.trade_no = %s"
"""A statement of its own: it sees what the lock was waited for."""
_SAVE = """
insert into refund (city, id, version, dispute, wallet, trade_no, amount_fen, currency, state, source, changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set
  version = excluded.version, state = excluded.state, changed_at = excluded.changed_at, body = excluded.body
"""


class RefundBook:
    """Refunds: rows, rules and tasks."""

    noun = "refund"

    async def load(self, at: Situation) -> r.Refund | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=r.Refund)

    async def decide(self, at: Situation, row: r.Refund | None, command: r.Command) -> list[r.AnyEvent]:
        """Ask the rules; beginnings look at what the payment still has."""
        left = 0
        if row is None and isinstance(command, r.Order | r.Note):
            left = await _left(at, command.wallet, command.trade_no)
        return r.decide(row, command, city=at.city, key=at.id, left_fen=left, now=at.now)

    def evolve(self, row: r.Refund | None, event: r.AnyEvent) -> r.Refund:
        """The row after one event."""
        return r.evolve(row, event)

    def version(self, row: r.Refund) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: r.Refund, before: r.Refund | None) -> None:
        """The row."""
        del before
        body = msgspec.json.encode(row).decode()
        await at.writes.execute(
            _SAVE,
            [
                row.city,
                row.id,
                row.version,
                row.dispute,
                row.wallet,
                row.trade_no,
                row.amount_fen,
                row.currency,
                row.state.value,
                row.source.value,
                row.changed_at,
                body,
            ],
        )

    def tasks(self, row: r.Refund, event: r.AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_refund(row, event)


async def _left(at: Situation, wallet: str, trade_no: str) -> int:
    where = [at.city, wallet, trade_no]
    found = await (await at.connection.execute(_LOCK, where)).fetchone()
    if found is None:
        raise Refused("payment_unknown")
    if found[0] == "assisted":
        raise Refused("payment_unverified")
    left: Any = await (await at.connection.execute(_LEFT, where)).fetchone()
    return int(left[0])


REFUNDS = RefundBook()
