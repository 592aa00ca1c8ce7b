"""The desk's books of funds and of advances out of them; each writes the fund's ledger in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from hejie.access import must_be_allowed
from hejie.agenda import Task, for_advance
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing
from hejie.desk.book import Situation
from hejie.disputes.model import Dispute, Outcome
from hejie.payments import advance as a
from hejie.payments import fund as f
from hejie.payments.ledger import Entry, of_advance, of_fund

_FUND = "select body::text from fund where city = %s and id = %s for update"
_KNOWN = "select 1 from merchant where city = %s and id = %s"
_SAVE_FUND = """
insert into fund (city, id, version, name, promiser, principal, cap_fen, contributed_fen, begins, ends, changed_at,
  body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, contributed_fen = excluded.contributed_fen,
  ends = excluded.ends, changed_at = excluded.changed_at, body = excluded.body
"""
_ADVANCE = "select body::text from advance where city = %s and id = %s for update"
_DISPUTE = "select body::text from dispute where city = %s and id = %s for share"
_FREE = """
select coalesce((select sum(case when debit = 'cash' then amount_fen when credit = 'cash' then -amount_fen else 0 end)
    from fund_entry where city = %s and fund = %s), 0)
  - coalesce((select sum(amount_fen) from advance where city = %s and fund = %s and state = 'granted'), 0)
"""
_SAVE_ADVANCE = """
insert into advance (city, id, version, fund, merchant, amount_fen, state, recovered_fen, lost_fen, granted_at,
  changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, fund = excluded.fund, merchant = excluded.merchant,
  amount_fen = excluded.amount_fen, state = excluded.state, recovered_fen = excluded.recovered_fen,
  lost_fen = excluded.lost_fen, granted_at = excluded.granted_at, changed_at = excluded.changed_at, body = excluded.body
"""
_ENTER = """
insert into fund_entry (city, fund, advance, debit, credit, amount_fen, reference, at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
"""


class FundBook:
    """Funds: rows, rules, and what came in."""

    noun = "fund"

    async def load(self, at: Situation) -> f.Fund | None:
        """The row, locked."""
        return await _fund(at, at.id)

    async def decide(self, at: Situation, row: f.Fund | None, command: f.Command) -> list[f.AnyEvent]:
        """Ask who may, then the rules."""
        must_be_allowed(at.actor, command)
        known = False
        if isinstance(command, f.Found) and command.principal:
            known = await (await at.connection.execute(_KNOWN, [at.city, command.principal])).fetchone() is not None
        return f.decide(row, command, f.Ground(city=at.city, id=at.id, now=at.now, known=known))

    def evolve(self, row: f.Fund | None, event: f.AnyEvent) -> f.Fund:
        """The row after one event."""
        return f.evolve(row, event)

    def version(self, row: f.Fund) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: f.Fund, before: f.Fund | None) -> None:
        """The row, and in the ledger what came in."""
        who = [row.city, row.id, row.version, row.name, row.promiser.value, row.principal, row.cap_fen]
        rest = [row.contributed_fen, row.begins, row.ends, row.changed_at, msgspec.json.encode(row).decode()]
        await at.writes.execute(_SAVE_FUND, [*who, *rest])
        await _enter(at, row.id, "", of_fund(row, before))

    def tasks(self, row: f.Fund, event: f.AnyEvent) -> list[Task]:  # noqa: ARG002  as every book
        """None: nobody waits for a fund."""
        return []


class AdvanceBook:
    """Advances: rows, rules, and what they moved; the fund is locked, so that it never promises more than it has."""

    noun = "advance"

    async def load(self, at: Situation) -> a.Advance | None:
        """The row, locked."""
        row = await (await at.connection.execute(_ADVANCE, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=a.Advance)

    async def decide(self, at: Situation, row: a.Advance | None, command: a.Command) -> list[a.AnyEvent]:
        """Ask who may, then the rules."""
        must_be_allowed(at.actor, command)
        ground = a.Ground(city=at.city, id=at.id, now=at.now)
        if isinstance(command, a.GrantAdvance):
            ground = await _ground(at, command.fund)
        return a.decide(row, command, ground)

    def evolve(self, row: a.Advance | None, event: a.AnyEvent) -> a.Advance:
        """The row after one event."""
        return a.evolve(row, event)

    def version(self, row: a.Advance) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: a.Advance, before: a.Advance | None) -> None:
        """The row, and in the fund's ledger what it moved."""
        who = [row.city, row.id, row.version, row.fund, row.merchant, row.amount_fen, row.state.value]
        sums = [row.recovered_fen, row.lost_fen, row.granted_at, row.changed_at, msgspec.json.encode(row).decode()]
        await at.writes.execute(_SAVE_ADVANCE, [*who, *sums])
        await _enter(at, row.fund, row.id, of_advance(row, before))

    def tasks(self, row: a.Advance, event: a.AnyEvent) -> list[Task]:
        """Both sides of the dispute are told."""
        return for_advance(row, event)


async def _fund(at: Situation, identifier: str) -> f.Fund | None:
    row = await (await at.connection.execute(_FUND, [at.city, identifier])).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=f.Fund)


async def _ground(at: Situation, identifier: str) -> a.Ground:
    """What a grant rests on; `Missing("dispute_unknown")`."""
    found = await (await at.connection.execute(_DISPUTE, [at.city, at.id])).fetchone()
    if found is None:
        raise Missing("dispute_unknown")
    dispute, fund = msgspec.json.decode(found[0], type=Dispute), await _fund(at, identifier)
    free: Any = await (await at.connection.execute(_FREE, [at.city, identifier] * 2)).fetchone()
    under = dispute.under
    bound = {dispute.merchant, under.answers, under.other} if under else {dispute.merchant}
    return a.Ground(
        city=at.city,
        id=at.id,
        now=at.now,
        fund=fund,
        merchant=dispute.merchant,
        ended=dispute.outcome is Outcome.unsettled and not dispute.refund_under_way,
        covered=fund is not None and (not fund.principal or fund.principal in bound),
        paid_on=max(paid.paid_at.astimezone(SHANGHAI).date() for paid in dispute.payments),
        left_fen=dispute.left_fen,
        cash_fen=int(free[0]),
    )


async def _enter(at: Situation, fund: str, advance: str, entries: Iterable[Entry]) -> None:
    for entry in entries:
        values = [at.city, fund, advance, entry.debit.value, entry.credit.value, entry.amount_fen, entry.reference]
        await at.writes.execute(_ENTER, [*values, at.now])


FUNDS, ADVANCES = FundBook(), AdvanceBook()
