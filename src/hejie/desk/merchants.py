"""The desk's book of merchants, with the tables by which payments find their shop and entity."""

from __future__ import annotations

import msgspec

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.desk.book import Situation
from hejie.merchants import commands as c
from hejie.merchants.decide import decide
from hejie.merchants.events import AnyEvent
from hejie.merchants.fold import evolve
from hejie.merchants.model import Merchant

_LOAD = "select body::text from merchant where city = %s and id = %s for update"
_SAVE = """
insert into merchant (city, id, version, credit_code, name, state, changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set
  version = excluded.version, name = excluded.name, state = excluded.state, changed_at = excluded.changed_at,
  body = excluded.body
"""
_SHOPS = """
insert into shop (city, id, merchant, name, district, trade, address)
select %s, i, %s, n, d, t, a
from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) as s (i, n, d, t, a)
on conflict (city, id) do update set
  name = excluded.name, district = excluded.district, trade = excluded.trade, address = excluded.address
where shop.merchant = excluded.merchant
"""
_ACCOUNTS = """
insert into account (city, wallet, account, merchant)
select %s, w, a, %s from unnest(%s::text[], %s::text[]) as n (w, a)
"""


class MerchantBook:
    """Merchants: rows, rules and tasks."""

    noun = "merchant"

    async def load(self, at: Situation) -> Merchant | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Merchant)

    async def decide(self, at: Situation, row: Merchant | None, command: c.Command) -> list[AnyEvent]:
        """Ask who may, then the rules."""
        must_be_allowed(at.actor, command, row)
        return decide(row, command, at.now)

    def evolve(self, row: Merchant | None, event: AnyEvent) -> Merchant:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Merchant) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Merchant, before: Merchant | None) -> None:
        """Row, shops and accounts; an account of another merchant is refused by its key."""
        body = msgspec.json.encode(row).decode()
        await at.writes.execute(
            _SAVE,
            [row.city, row.id, row.version, row.credit_code, row.name, row.state.value, row.changed_at, body],
        )
        shops = [shop for shop in row.shops if before is None or shop not in before.shops]
        if shops:
            columns = [[getattr(s, name) for s in shops] for name in ("id", "name", "district", "category", "address")]
            await at.writes.execute(_SHOPS, [row.city, row.id, *columns])
        known = {(a.wallet, a.account) for a in before.accounts} if before else set()
        accounts = [a for a in row.accounts if (a.wallet, a.account) not in known]
        if accounts:
            columns = [[a.wallet for a in accounts], [a.account for a in accounts]]
            await at.writes.execute(_ACCOUNTS, [row.city, row.id, *columns])

    def tasks(self, row: Merchant, event: AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_merchant(row, event)


MERCHANTS = MerchantBook()
