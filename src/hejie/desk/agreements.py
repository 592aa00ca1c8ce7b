"""The desk's book of agreements between merchants."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie.access import must_be_allowed
from hejie.agenda import Task
from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.desk.book import Situation
from hejie.merchants.agreements import Agreement, AnyEvent, Command, Ground, MakeAgreement, decide, evolve
from hejie.merchants.model import Merchant

_LOAD = "select body::text from agreement where city = %s and id = %s for update"
_OWN = "select (body - 'shops')::text from merchant where city = %s and id = %s"
_KNOWN = """
select coalesce(array_agg(m.id), '{}'),
  coalesce((select s.merchant from shop s where s.city = %s and s.id = %s), '')
from merchant m where m.city = %s and m.id = any(%s)
"""
_OVERLAPS = """
select exists (
  select 1 from agreement a where a.city = %s and a.scope = %s and (a.shop = %s or a.shop = '' or %s = '')
    and daterange(a.begins, a.ends, '[]') && daterange(%s::date, %s::date, '[]'))
"""
_SAVE = """
insert into agreement (city, id, version, kind, principal, member, scope, shop, begins, ends, changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set
  version = excluded.version, ends = excluded.ends, changed_at = excluded.changed_at, body = excluded.body
"""


class AgreementBook:
    """Agreements: rows and rules; a dispute asks for its agreement when it is filed."""

    noun = "agreement"

    async def load(self, at: Situation) -> Agreement | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Agreement)

    async def decide(self, at: Situation, row: Agreement | None, command: Command) -> list[AnyEvent]:
        """Ask who may, then the rules; what overlaps in another's transaction is refused by the table itself."""
        own = None
        if at.actor.role is Role.merchant:
            mine = row is not None and at.actor.organisation in {row.principal, row.member}
            found = await (await at.connection.execute(_OWN, [at.city, at.actor.organisation])).fetchone()
            if not mine or found is None:
                raise Missing("agreement_unknown")
            own = msgspec.json.decode(found[0], type=Merchant)
        must_be_allowed(at.actor, command, own)
        ground = Ground(city=at.city, now=at.now, actor=at.actor)
        if isinstance(command, MakeAgreement):
            ground = await _ground(at, command)
        return decide(row, command, ground)

    def evolve(self, row: Agreement | None, event: AnyEvent) -> Agreement:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Agreement) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Agreement, before: Agreement | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        body = msgspec.json.encode(row).decode()
        sides = [row.principal, row.member, row.scope, row.shop]
        values = [row.city, row.id, row.version, row.kind.value, *sides, row.begins, row.ends, row.changed_at, body]
        await at.writes.execute(_SAVE, values)

    def tasks(self, row: Agreement, event: AnyEvent) -> list[Task]:  # noqa: ARG002  as every book
        """None: both sides have agreed before it is entered, and see it in their settings."""
        return []


async def _ground(at: Situation, command: MakeAgreement) -> Ground:
    sides = [command.principal, command.member]
    found: Any = await (await at.connection.execute(_KNOWN, [at.city, command.shop, at.city, sides])).fetchone()
    known, owner = found
    scope = owner if command.shop else command.member
    values = [at.city, scope, command.shop, command.shop, command.begins, command.ends]
    overlaps = False
    if command.ends is None or command.ends >= command.begins:
        answer: Any = await (await at.connection.execute(_OVERLAPS, values)).fetchone()
        overlaps = bool(answer[0])
    return Ground(city=at.city, now=at.now, actor=at.actor, known=frozenset(known), shop_of=owner, overlaps=overlaps)


AGREEMENTS = AgreementBook()
