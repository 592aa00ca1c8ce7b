"""The desk's book of the case library."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.alliance import library as k
from hejie.base.errors import Missing
from hejie.base.grams import grams
from hejie.desk.book import Situation
from hejie.disputes.model import Dispute
from hejie.disputes.told_case import facts_of
from hejie.store.pool import Connection
from hejie.store.settings import settings_at

_LOAD = "select body::text from library_case where city = %s and id = %s for update"
_DISPUTE = """
select d.body::text, coalesce(m.name, ''), coalesce(t.trade, ''),
  (select count(*) from settlement o where o.city = d.city and o.problem = d.problem and o.trade = t.trade),
  (select coalesce(array_agg(distinct p.payee), '{}') from payment p join dispute_payment x
    on x.city = p.city and x.wallet = p.wallet and x.trade_no = p.trade_no where x.city = d.city and x.dispute = d.id),
  (select coalesce(array_agg(distinct n.name), '{}') from (select unnest(array[s.name, s.address]) as name from shop s
    where s.city = d.city and s.merchant = d.merchant and d.shop in ('', s.id) limit 400) n)
from dispute d
left join merchant m on m.city = d.city and m.id = d.merchant
left join settlement t on t.city = d.city and t.dispute = d.id
where d.city = %s and d.id = %s
"""
_SAVE = """
insert into library_case (city, id, version, source, dispute, problem, trade, published_at, withdrawn_at, changed_at,
  grams, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, withdrawn_at = excluded.withdrawn_at,
  changed_at = excluded.changed_at, grams = excluded.grams, body = excluded.body
"""


async def told_of(
    connection: Connection, city: str, dispute: str, least: int
) -> tuple[k.Facts | None, tuple[str, ...]]:
    """What may be told of a dispute, and the names that may not; `Missing("dispute_unknown")`.

    Its trade is told where at least `least` settled disputes share it with the problem.
    """
    row: Any = await (await connection.execute(_DISPUTE, [city, dispute])).fetchone()
    if row is None:
        raise Missing("dispute_unknown")
    body, merchant, trade, alike, payees, shops = row
    facts = facts_of(msgspec.json.decode(body, type=Dispute), trade if alike >= least else "")
    return facts, tuple(sorted({merchant, *payees, *shops} - {""}))


class LibraryBook:
    """Cases of the library, written here and elsewhere."""

    noun = "library_case"

    async def load(self, at: Situation) -> k.LibraryCase | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=k.LibraryCase)

    async def decide(self, at: Situation, row: k.LibraryCase | None, command: k.Command) -> list[k.AnyEvent]:
        """Ask who may, then the rules; `Missing("dispute_unknown")`."""
        must_be_allowed(at.actor, command)
        ground = k.Ground(city=at.city, id=at.id, now=at.now)
        if isinstance(command, k.Publish) and row is None:
            least = (await settings_at(at.connection, at.city, at.now)).publicity.least_cell
            facts, known = await told_of(at.connection, at.city, command.dispute, least)
            ground = msgspec.structs.replace(ground, facts=facts, known=known)
        return k.decide(row, command, ground)

    def evolve(self, row: k.LibraryCase | None, event: k.AnyEvent) -> k.LibraryCase:
        """The row after one event."""
        return k.evolve(row, event)

    def version(self, row: k.LibraryCase) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: k.LibraryCase, before: k.LibraryCase | None) -> None:  # noqa: ARG002  as every book
        """The row, and the pieces by which it is found."""
        who = [row.city, row.id, row.version, row.source, row.dispute, row.facts.problem, row.facts.trade]
        when = [row.published_at, row.withdrawn_at, row.changed_at]
        await at.writes.execute(_SAVE, [*who, *when, grams(row.summary), msgspec.json.encode(row).decode()])

    def tasks(self, row: k.LibraryCase, event: k.AnyEvent) -> list[agenda.Task]:  # noqa: ARG002  as every book
        """What the event brings."""
        return agenda.for_library_case(row)


LIBRARY = LibraryBook()
