"""A great many disputes: a few real ones, made through the desk, are multiplied by SQL into the real tables."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from hejie.app import App
from hejie.base.actor import Actor, Role
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Remedy
from hejie.store.pool import Connection, city_transaction
from hejie_lab.bench.rig import CITY, WORDS, Consumer, Payment, bring

CHUNK = 50_000
"""Disputes in one transaction."""
AT_ONCE = 2
MERCHANTS = 2_000
"""Each with one shop."""
PROBLEMS = ("quality", "price", "promise_broken", "not_received")
COPIED = "copy-"
"""How the identifiers of copied merchants begin."""
CLOSED, RUNNING = 0.8, 4
"""The older part has ended; of the newer ones, one in so many is escalated and the others still talk."""


async def make_templates(app: App, consumer: Consumer, shop: tuple[str, str]) -> dict[str, list[str]]:
    """Real disputes by what became of them (`closed`, `running`, `escalated`), each with four events at least."""
    maker = _Maker(app, consumer, shop)
    return {
        "closed": [await maker.settled(), await maker.withdrawn()],
        "running": [await maker.asked(), await maker.answered()],
        "escalated": [await maker.escalated()],
    }


class _Maker:
    """Makes disputes by the desk, step by step."""

    def __init__(self, app: App, consumer: Consumer, shop: tuple[str, str]) -> None:
        self._app, self._consumer, self._shop = app, consumer, shop
        self._by_consumer = Actor(Role.consumer, consumer.person)
        self._by_merchant = Actor(Role.merchant, "owner", shop[0])

    async def asked(self) -> str:
        """Filed, and the consumer has said more, three times."""
        dispute = await self._filed()
        for _ in range(3):
            await self._say(dispute, self._by_consumer)
        return dispute

    async def answered(self) -> str:
        """Filed, talked about, and an offer stands."""
        dispute = await self._filed()
        await self._say(dispute, self._by_consumer)
        await self._say(dispute, self._by_merchant)
        await self._offer(dispute)
        return dispute

    async def escalated(self) -> str:
        """An offer was not enough: the officer is asked in."""
        dispute = await self.answered()
        await self._act(dispute, c.Escalate(), self._by_consumer)
        return dispute

    async def withdrawn(self) -> str:
        """Taken back."""
        dispute = await self.answered()
        await self._act(dispute, c.Withdraw(), self._by_consumer)
        return dispute

    async def settled(self) -> str:
        """An apology was offered, accepted and confirmed."""
        dispute = await self._filed()
        await self._say(dispute, self._by_merchant)
        offer = await self._offer(dispute)
        await self._act(dispute, c.AcceptOffer(offer=offer), self._by_consumer)
        await self._act(dispute, c.Confirm(), self._by_consumer)
        return dispute

    async def _filed(self) -> str:
        trade, dispute = os.urandom(12).hex(), self._app.desk.mint(CITY)
        await bring(self._app, self._consumer, *self._shop, [Payment(trade, 5000)])
        words = self._words()
        claim = Claim(remedy=Remedy.refund_full)
        command = c.File(id=dispute, trades=(trade,), problem="quality", claim=claim, words=words.id)
        await self._act(dispute, command, self._by_consumer, words)
        return dispute

    async def _say(self, dispute: str, actor: Actor) -> None:
        words = self._words()
        await self._act(dispute, c.Say(words=words.id), actor, words)

    async def _offer(self, dispute: str) -> str:
        words, offer = self._words(), self._app.desk.mint(CITY)
        command = c.MakeOffer(id=offer, remedy=Remedy.apology, words=words.id)
        await self._act(dispute, command, self._by_merchant, words)
        return offer

    def _words(self) -> Content:
        return Content(id=self._app.desk.mint(CITY), kind="text", plain=WORDS.encode())

    async def _act(self, dispute: str, command: c.Command, actor: Actor, *contents: Content) -> None:
        await self._app.desk.act(DISPUTES, CITY, dispute, command, actor, contents=contents)


# One row of `plan` for each new dispute: its template, its identifier, its merchant, how much earlier it was filed.
_PLAN = """
create temporary table plan on commit drop as
select i, ones[1 + i %% cardinality(ones)] as template,
  %(city)s || '-' || lpad(to_hex(i), 10, '0') || '-' || upper(substr(md5(i::text), 1, 12)) as id,
  %(copied)s || (i %% %(merchants)s) as merchant, 's-' || %(copied)s || (i %% %(shops)s) as shop,
  (%(problems)s::text[])[1 + i / 8 %% cardinality(%(problems)s::text[])] as problem,
  'person-' || i / 5 as consumer,
  make_interval(secs => (%(count)s - i) * 31536000.0 / %(count)s) as earlier
from generate_series(%(first)s::int, %(last)s::int) as i
cross join lateral (
  select case when i <= %(closed)s * %(count)s then %(closed_ones)s::text[]
    when i %% %(running)s = 0 then %(escalated_ones)s::text[] else %(running_ones)s::text[] end as ones
) as chosen
"""


def _stamp(column: str) -> str:
    """An instant of a template, as much earlier as the copy is, as rows write it."""
    return f"to_jsonb(to_char((d.{column} - p.earlier) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))"


_DISPUTES = f"""
insert into dispute (city, id, version, home, state, consumer, merchant, shop, district, origin, wallet, wallet_event,
  problem, claim_kind, claim_fen, currency, undue, filed_at, due_at, due_rule, officer, outcome, escalated_at,
  closed_at, changed_at, body)
select d.city, p.id, d.version, d.home, d.state, p.consumer, p.merchant, p.shop, '33010' || 2 + p.i %% 8, d.origin,
  d.wallet, null, p.problem, d.claim_kind, d.claim_fen, d.currency, d.undue, d.filed_at - p.earlier,
  d.due_at - p.earlier, d.due_rule, d.officer, d.outcome, d.escalated_at - p.earlier, d.closed_at - p.earlier,
  d.changed_at - p.earlier,
  jsonb_set(
    replace(d.body::text, d.id, p.id)::jsonb || jsonb_build_object(
      'consumer', p.consumer, 'merchant', p.merchant, 'shop', p.shop, 'problem', p.problem,
      'filed_at', {_stamp("filed_at")}, 'changed_at', {_stamp("changed_at")}),
    case when d.due_at is null then '{{}}'::text[] else '{{due,at}}' end,
    case when d.due_at is null then 'null' else {_stamp("due_at")} end, false)
from plan p join dispute d on d.city = %(city)s and d.id = p.template
"""
_COPIES = (
    """
insert into log (city, noun, id, version, at, actor_role, actor, event, body, salt, digest)
select l.city, l.noun, p.id, l.version, l.at - p.earlier, l.actor_role, l.actor, l.event,
  replace(l.body::text, l.id, p.id)::jsonb, l.salt, l.digest
from plan p join log l on l.city = %(city)s and l.noun = 'dispute' and l.id = p.template
""",
    """
insert into data_key (city, subject, wrapped)
select k.city, 'dispute:' || p.id, k.wrapped
from plan p join data_key k on k.city = %(city)s and k.subject = 'dispute:' || p.template
""",
    """
insert into content (city, subject, id, kind, sealed, made_at)
select c.city, 'dispute:' || p.id, c.id, c.kind, c.sealed, c.made_at - p.earlier
from plan p join content c on c.city = %(city)s and c.subject = 'dispute:' || p.template
""",
    """
insert into notice (city, id, dispute, audience, template, channel, status, provider_id, at)
select %(city)s, p.id || '-' || n, p.id, 'merchant', 'filed', 'sms', 'sent', '', d.filed_at - p.earlier
from plan p join dispute d on d.city = %(city)s and d.id = p.template cross join generate_series(1, 2) as n
""",
)
_MERCHANTS = """
insert into merchant (city, id, version, credit_code, name, state, changed_at, body)
select m.city, %(copied)s || i, m.version, 'BENCH' || lpad(i::text, 13, '0'), m.name || i, m.state, m.changed_at,
  replace(m.body::text, m.id, %(copied)s || i)::jsonb
from merchant m cross join generate_series(0, %(merchants)s - 1) as i where m.city = %(city)s and m.id = %(merchant)s
"""
_SHOPS = """
insert into shop (city, id, merchant, name, district, trade, address)
select s.city, 's-' || %(copied)s || i, %(copied)s || (i %% %(merchants)s), s.name || i, s.district, s.trade, s.address
from shop s cross join generate_series(0, %(shops)s - 1) as i where s.city = %(city)s and s.merchant = %(merchant)s
"""


class Spread(Struct, frozen=True, kw_only=True):
    """Over how many merchants and shops the copies are spread."""

    merchants: int = MERCHANTS
    shops: int = MERCHANTS


MANY_MERCHANTS = Spread()


async def multiply(
    app: App, templates: dict[str, list[str]], merchant: str, count: int, spread: Spread = MANY_MERCHANTS
) -> None:
    """`count` disputes of the last year, with their logs, sealed words and notices, and the merchants they name.

    Rows and logs agree in version; the copied salts, digests and ciphertexts are those of the templates.
    """
    among = {"merchants": spread.merchants, "shops": spread.shops, "copied": COPIED}
    async with city_transaction(app.pool, CITY) as connection:
        for statement in (_MERCHANTS, _SHOPS):
            await connection.execute(statement, {**among, "city": CITY, "merchant": merchant})
    gate = asyncio.Semaphore(AT_ONCE)

    async def chunk(first: int) -> None:
        async with gate, city_transaction(app.pool, CITY) as connection:
            await _copy(connection, templates, among, count, (first, min(first + CHUNK, count + 1) - 1))

    await asyncio.gather(*(chunk(first) for first in range(1, count + 1, CHUNK)))


async def _copy(
    connection: Connection,
    templates: dict[str, list[str]],
    among: Mapping[str, object],
    count: int,
    span: tuple[int, int],
) -> None:
    values: dict[str, object] = {**among, "city": CITY, "count": count, "first": span[0], "last": span[1]}
    values |= {"problems": list(PROBLEMS)}
    values |= {"closed": CLOSED, "running": RUNNING}
    values |= {f"{name}_ones": identifiers for name, identifiers in templates.items()}
    await connection.execute("set local synchronous_commit = off")
    await connection.execute(_PLAN, values)
    await connection.execute("analyze plan")
    for statement in (_DISPUTES, *_COPIES):
        await connection.execute(statement, values)


async def sealed_anew(app: App, disputes: Sequence[str]) -> None:
    """Give these copies data keys and ciphertexts of their own, so that their words can be opened."""
    vault = app.house.vaults(CITY)
    async with city_transaction(app.pool, CITY) as connection:
        for dispute in disputes:
            subject = f"dispute:{dispute}"
            plain, wrapped = vault.new_data_key()
            cursor = await connection.execute(
                "update data_key set wrapped = %s where city = %s and subject = %s", [wrapped, CITY, subject]
            )
            cursor = await connection.execute(
                "select id from content where city = %s and subject = %s", [CITY, subject]
            )
            rows: list[Any] = await cursor.fetchall()
            for (identifier,) in rows:
                sealed = vault.seal(plain, f"content/{subject}/{identifier}", WORDS.encode())
                await connection.execute(
                    "update content set sealed = %s where city = %s and subject = %s and id = %s",
                    [sealed, CITY, subject, identifier],
                )
