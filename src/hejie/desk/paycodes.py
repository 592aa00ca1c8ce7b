"""The desk's book of paycodes."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.agenda import Task
from hejie.base.actor import Actor, Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk.act import Desk, Once
from hejie.desk.book import Situation
from hejie.merchants.model import Merchant
from hejie.payments.emvco_writer import acquired
from hejie.payments.paycode import (
    REPLACED,
    AnyEvent,
    Apply,
    Command,
    EndPaycode,
    Grant,
    Ground,
    Paycode,
    decide,
    evolve,
)
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at

_LOAD = "select body::text from paycode where city = %s and id = %s for update"
_OWN = "select body::text from merchant where city = %s and id = %s"
_KNOWN = "select 1 from shop where city = %s and merchant = %s and id = %s"
_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_TAKEN = """
select 1 from paycode where city = %s and state = 'granted' and merchant <> %s and accounts && %s::text[] limit 1
"""
_BARRED = """
select 1 from measure where city = %s and merchant = %s and step = 'status_withdrawn' and effective_at <= %s
  and (until is null or %s < until) limit 1
"""
_FORMER = """
select f.id from paycode p join paycode f on f.city = p.city and f.shop = p.shop and f.state = 'granted'
where p.city = %s and p.id = %s and p.state = 'applied'
"""
_SAVE = """
insert into paycode (city, id, version, number, merchant, shop, accounts, state, applied_at, granted_at, ended_at,
  changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, state = excluded.state,
  granted_at = excluded.granted_at, ended_at = excluded.ended_at, changed_at = excluded.changed_at, body = excluded.body
"""


class PaycodeBook:
    """Paycodes: rows and rules; that a shop has one at a time is the table's own constraint."""

    noun = "paycode"

    async def load(self, at: Situation) -> Paycode | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Paycode)

    async def decide(self, at: Situation, row: Paycode | None, command: Command) -> list[AnyEvent]:
        """Ask who may, then the rules."""
        own = None
        if at.actor.role is Role.merchant:
            own = await _own(at, row, command)
        must_be_allowed(at.actor, command, own)
        ground = Ground(city=at.city, now=at.now, by=at.actor.organisation if at.actor.role is Role.officer else "")
        match command:
            case Apply(merchant=merchant, shop=shop, payload=payload):
                ground = await _ground(at, merchant, shop, _accounts(payload))
            case Grant() if row is not None:
                ground = await _ground(at, row.merchant, row.shop, row.accounts)
        return decide(row, command, ground)

    def evolve(self, row: Paycode | None, event: AnyEvent) -> Paycode:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Paycode) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Paycode, before: Paycode | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        who = [row.city, row.id, row.version, row.number, row.merchant, row.shop, list(row.accounts), row.state.value]
        times = [row.applied_at, row.granted_at, row.ended_at, row.changed_at]
        await at.writes.execute(_SAVE, [*who, *times, msgspec.json.encode(row).decode()])

    def tasks(self, row: Paycode, event: AnyEvent) -> list[Task]:
        """What the event brings; officers find what waits in their list."""
        return agenda.for_paycode(row, event)


async def _own(at: Situation, row: Paycode | None, command: Command) -> Merchant:
    """The merchant that acts, if the paycode is its own and its person works for the shop.

    Errors: `Missing("paycode_unknown")` for another merchant's, `Refused("not_allowed")`.
    """
    mine = row.merchant if row is not None else command.merchant if isinstance(command, Apply) else ""
    found = await (await at.connection.execute(_OWN, [at.city, at.actor.organisation])).fetchone()
    if mine != at.actor.organisation or found is None:
        raise Missing("paycode_unknown")
    own = msgspec.json.decode(found[0], type=Merchant)
    staff = own.member(at.actor.id)
    shop = row.shop if row is not None else command.shop if isinstance(command, Apply) else ""
    if staff is None or not staff.works_for(shop):
        raise Refused("not_allowed", role=at.actor.role.value)
    return own


async def _ground(at: Situation, merchant: str, shop: str, accounts: tuple[str, ...]) -> Ground:
    """What a paycode rests on; whoever asks for the same accounts at once waits for the other's end."""
    for account in sorted(accounts):
        await at.connection.execute(_LOCK, [f"{at.city}/paycode/{account}"])
    known: Any = await (await at.connection.execute(_KNOWN, [at.city, merchant, shop])).fetchone()
    taken: Any = await (await at.connection.execute(_TAKEN, [at.city, merchant, list(accounts)])).fetchone()
    barred: Any = await (await at.connection.execute(_BARRED, [at.city, merchant, at.now, at.now])).fetchone()
    settings = await settings_at(at.connection, at.city, at.now)
    return Ground(
        city=at.city,
        now=at.now,
        by=at.actor.organisation,
        offered=frozenset(each.id for each in settings.promises_on(at.now)),
        known=known is not None,
        barred=barred is not None,
        taken=taken is not None,
    )


def _accounts(payload: str) -> tuple[str, ...]:
    """Where the money would go; nowhere for a code that the rules will refuse."""
    try:
        return acquired(payload).accounts
    except HejieError:
        return ()


PAYCODES = PaycodeBook()


async def grant_instead(desk: Desk, city: str, identifier: str, actor: Actor, once: Once | None = None) -> None:
    """Grant a paycode in the place of the one that its shop has so far: both are done, or neither.

    Errors: those of `Grant`; `Refused("paycode_granted_already")` where another one came into force meanwhile.
    """
    async with city_transaction(desk.pool, city) as connection:
        former: Any = await (await connection.execute(_FORMER, [city, identifier])).fetchone()
    acts: list[tuple[str, Command]] = [(identifier, Grant())]
    if former is not None:
        acts.insert(0, (former[0], EndPaycode(reason=REPLACED)))
    await desk.act_together(PAYCODES, city, acts, actor, once=once)
