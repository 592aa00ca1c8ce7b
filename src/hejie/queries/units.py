"""Promise units: one of our own as others are told of it, and the registers of all member cities, searched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.alliance.units import Account, Unit, UnitPromise, UnitState
from hejie.base.grams import wanted
from hejie.cities.settings import owed
from hejie.merchants.measures import SUSPENDS, Step
from hejie.payments.paycode import Paycode
from hejie.queries.keys import read_instant
from hejie.store.pool import Connection
from hejie.store.settings import all_settings

PAGE = 30
_OWN = """
select c.body::text, m.credit_code, m.name, s.name, s.district from paycode c
join merchant m on m.city = c.city and m.id = c.merchant
join shop s on s.city = c.city and s.id = c.shop
where c.city = %s and c.id = %s and c.granted_at is not null
"""
_ACCOUNTS = "select wallet, account from account where city = %s and merchant = %s order by wallet, account"
_STEPS = """
select distinct step from measure where city = %s and merchant = %s and step = any(%s) and effective_at <= %s
  and (until is null or %s < until)
"""
_EVER = "select id from paycode where city = %s and granted_at is not null and id > %s order by id limit %s"
_OF_MERCHANT = "select id from paycode where city = %s and merchant = %s and granted_at is not null order by id"
_FOUND = """
select u.peer, u.id, u.code, u.credit_code, u.name, u.shop, u.division, u.promises::text, u.since, u.until, u.state,
  u.told_at
from peer_unit u where u.city = %s
"""
_ELSEWHERE = """
select 1 from peer_unit u where u.city = %s and u.code = %s and u.peer <> u.city
  and not exists (select 1 from paycode c where c.city = u.city and c.number = u.code)
"""


class Found(Struct, frozen=True, kw_only=True):
    """One unit of a register."""

    peer: str
    """The city that vouches."""
    id: str
    code: str
    credit_code: str
    name: str
    shop: str
    division: str
    promises: tuple[UnitPromise, ...]
    since: datetime
    until: datetime | None
    state: UnitState
    told_at: datetime


class Page(Struct, frozen=True):
    """One page, newest first, and the key after which the next begins."""

    rows: tuple[Found, ...]
    after: str = ""


async def own_unit(
    connection: Connection, city: str, paycode: str, now: datetime
) -> tuple[Unit, tuple[Account, ...]] | None:
    """One of ours as others are told of it; none before it was granted."""
    row = await (await connection.execute(_OWN, [city, paycode])).fetchone()
    if row is None:
        return None
    code = msgspec.json.decode(row[0], type=Paycode)
    steps = [each.value for each in SUSPENDS]
    measures = await (await connection.execute(_STEPS, [city, code.merchant, steps, now, now])).fetchall()
    promises = owed(await all_settings(connection, city), code.promises, code.ended_at or now)
    accounts: list[Any] = await (await connection.execute(_ACCOUNTS, [city, code.merchant])).fetchall()
    unit = Unit(
        number=code.number,
        credit_code=row[1],
        name=row[2],
        shop=row[3],
        division=row[4],
        promises=tuple(UnitPromise(id=each.id, zh=each.zh.title, en=each.en.title) for each in promises),
        since=code.granted_at or code.applied_at,
        until=code.ended_at,
        state=_state(code, {step for (step,) in measures}),
    )
    return unit, tuple(Account(wallet=wallet, account=account) for wallet, account in accounts)


def _state(code: Paycode, steps: set[str]) -> UnitState:
    if code.ended_at is not None:
        return UnitState.ended
    if Step.status_withdrawn.value in steps:
        return UnitState.withdrawn
    return UnitState.suspended if steps else UnitState.in_force


async def ever_granted(connection: Connection, city: str, after: str, most: int) -> list[str]:
    """Paycodes that were ever in force, in the order of their identifiers, beginning after one."""
    return [each for (each,) in await (await connection.execute(_EVER, [city, after, most])).fetchall()]


async def granted_to(connection: Connection, city: str, merchant: str) -> list[str]:
    """A merchant's paycodes that were ever in force."""
    return [each for (each,) in await (await connection.execute(_OF_MERCHANT, [city, merchant])).fetchall()]


async def find_units(connection: Connection, city: str, words: str, after: str = "", size: int = PAGE) -> Page:
    """Units whose name or shop holds these words, or whose credit code or payment code's number they are; all for none.

    Errors: `Refused("page_key_wrong")`.
    """
    query, values = _FOUND, list[object]([city])
    if words:
        query += " and (u.credit_code = upper(%s) or u.code = lower(%s) or (%s <> '{}' and u.grams @> %s))"
        pieces = wanted(words)
        values += [words, words, pieces, pieces]
    if after:
        instant, _, identifier = after.partition("~")
        query += " and (u.since, u.id) < (%s, %s)"
        values += [read_instant(instant), identifier]
    query += " order by u.since desc, u.id desc limit %s"
    rows: list[Any] = await (await connection.execute(query, [*values, size + 1])).fetchall()
    found = [_row(row) for row in rows[:size]]
    last = found[-1] if len(rows) > size else None
    return Page(tuple(found), f"{last.since.isoformat()}~{last.id}" if last else "")


async def vouched_elsewhere(connection: Connection, city: str, number: str) -> bool:
    """Whether a payment code's number is another member city's, and none of ours."""
    return await (await connection.execute(_ELSEWHERE, [city, number])).fetchone() is not None


def _row(row: Any) -> Found:
    peer, identifier, code, credit_code, name, shop, division, promises, since, until, state, told_at = row
    return Found(
        peer=peer,
        id=identifier,
        code=code,
        credit_code=credit_code,
        name=name,
        shop=shop,
        division=division,
        promises=msgspec.json.decode(promises, type=tuple[UnitPromise, ...]),
        since=since,
        until=until,
        state=UnitState(state),
        told_at=told_at,
    )
